/**
 * `npm run fuzz`: a million mutated messages for every decoder that a stranger's bytes reach.
 *
 *   npm run fuzz -- --frames 100000 --seed 7 --only proof
 *   npm run fuzz -- --seed 7 --only header --frame 1234      one frame again
 *   npm run fuzz -- --only header --hex 0x…                  any message
 *
 * Prints what each decoder took and refused, and ends with 1 where one failed, or where memory grew.
 */
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { fromHex } from '../../node-core/base/bytes.ts'
import { chainMaterial } from './corpus.ts'
import { frameOf, fuzz, tryOne, type Target } from './fuzz.ts'
import { allTargets } from './targets.ts'

/** What may be left on the heap behind a million frames: nothing but compiled code and caches of the engine. */
const MAX_GROWTH_BYTES = 32 * 1024 * 1024
const WARM_UP_FRAMES = 20_000

const print = (text: string): void => void process.stdout.write(`${text}\n`)

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    frames: { type: 'string', default: '1000000' },
    only: { type: 'string', default: '' },
    frame: { type: 'string' },
    hex: { type: 'string' },
  },
})
const seed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed)
const targets = allTargets(await chainMaterial()).filter(({ name }) => name.includes(values.only))
if (targets.length === 0) throw new Error(`no decoder is called ${values.only}`)
process.exitCode = values.hex !== undefined || values.frame !== undefined ? playAgain(targets) : runAll(targets)

function playAgain([target]: readonly Target[]): number {
  if (target === undefined) return 1
  const input = values.hex === undefined ? frameOf(target, seed, Number(values.frame)) : fromHex(values.hex)
  const report = { name: target.name, accepted: 0, refused: 0, slowestMs: 0 }
  const reason = tryOne(target, input, report)
  print(`${target.name}, ${input.length} bytes: ${reason ?? (report.accepted === 1 ? 'accepted' : 'refused')} (${report.slowestMs.toFixed(2)} ms)`)
  return reason === undefined ? 0 : 1
}

function runAll(list: readonly Target[]): number {
  const frames = Number(values.frames)
  fuzz(list, { seed: seed + 1, frames: Math.min(WARM_UP_FRAMES, frames) })
  const before = heapBytes()
  const begin = performance.now()
  let shown = begin
  const { targets: reports, failures } = fuzz(list, {
    seed,
    frames,
    onProgress(done) {
      if (performance.now() - shown < 10_000) return
      shown = performance.now()
      print(`  ${done} frames, ${Math.round(done / ((shown - begin) / 1000))}/s`)
    },
  })
  const seconds = (performance.now() - begin) / 1000
  const growth = heapBytes() - before
  const done = reports.reduce((sum, { accepted, refused }) => sum + accepted + refused, 0)
  for (const { name, accepted, refused, slowestMs } of reports) {
    print(`  ${name.padEnd(20)} ${String(accepted).padStart(8)} accepted ${String(refused).padStart(8)} refused   slowest ${slowestMs.toFixed(1)} ms`)
  }
  print(`seed ${seed}: ${done} frames, ${list.length} decoders, ${seconds.toFixed(1)} s, ${Math.round(done / seconds)} frames/s, heap ${(growth / 2 ** 20).toFixed(1)} MiB`)
  for (const { target, frame, reason, hex } of failures) {
    print(`\nFAILED ${target}: ${reason}\n  npm run fuzz -- --seed ${seed} --only '${target}' --frame ${frame}\n  ${hex.slice(0, 4000)}`)
  }
  if (growth > MAX_GROWTH_BYTES) print(`\nFAILED: ${growth} bytes are left on the heap`)
  return failures.length > 0 || growth > MAX_GROWTH_BYTES ? 1 : 0
}

/** What is in use once the garbage is gone. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  for (let i = 0; i < 3; i++) collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
