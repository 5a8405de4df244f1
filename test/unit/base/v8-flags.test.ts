/** What V8 leaves undone once it is asked to, seen in its own traces. */
import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'

const FLAGS = new URL('../../../node-core/base/v8-flags.ts', import.meta.url)

/** A module whose function calls an imported one: each instance that goes leaves a wrapper behind that nobody uses. */
const WASM = '0061736d0100000001040160000002070101650166000003020100070501016700010a0601040010000b'
const INSTANCES = `
  const module = new WebAssembly.Module(Buffer.from('${WASM}', 'hex'))
  for (let round = 0; round < 20; round++) {
    const { exports } = new WebAssembly.Instance(module, { e: { f() {} } })
    for (let call = 0; call < 5; call++) exports.g()
    gc()
    await new Promise(setImmediate)
  }`
/** Many functions that become warm at once. */
const FUNCTIONS = `
  const functions = Array.from({ length: 200 }, (_, i) => new Function('a', 'let s = ' + i + '; for (let j = 0; j < 10; j++) s += a * j % ' + (i + 2) + '; return s'))
  for (let round = 0; round < 200; round++) {
    for (const each of functions) each(round)
    if (round % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 1))
  }`
/** What a line gives: buffers that are dropped at once, 2.5 GiB of them. */
const BUFFERS = `
  for (let i = 0; i < 40_000; i++) {
    Buffer.allocUnsafeSlow(65_536)
    if (i % 100 === 0) await new Promise(setImmediate)
  }`

const FREEING = { flags: ['--expose-gc', '--trace-wasm-code-gc', '--stress-wasm-code-gc', '--wasm-wrapper-tiering-budget=1'], work: INSTANCES, trace: '[wasm-gc]' }
const COMPILING = { flags: ['--trace-baseline', '--no-maglev', '--no-opt'], work: FUNCTIONS, trace: '[Concurrent Sparkplug Off Thread]' }
const MARKING = { flags: ['--trace-gc'], work: BUFFERS, trace: 'Mark-Compact' }
const SET = `const { setV8Flags } = await import('${FLAGS}'); setV8Flags()`

/** What V8 says while the work is done. */
function traceOf({ flags, work }: typeof FREEING, before = ''): string {
  const script = `${before}; console.log('from here'); ${work}; console.log('done')`
  const { stdout } = spawnSync(process.execPath, [...flags, '--input-type=module', '-e', script], { encoding: 'utf8', maxBuffer: 2 ** 26 })
  expect(stdout).toContain('done')
  return stdout.slice(stdout.indexOf('from here'))
}

it.each([
  ['code of Wasm instances that are gone is freed', FREEING],
  ['JavaScript is first compiled in the background', COMPILING],
])('%s, and is not once the flags are set', (_, what) => {
  expect(traceOf(what)).toContain(what.trace)
  expect(traceOf(what, SET)).not.toContain(what.trace)
})

it('the whole heap is marked for buffers that die young, and hardly ever once the flags are set', () => {
  const marks = (before?: string): number => traceOf(MARKING, before).split(MARKING.trace).length - 1
  const without = marks()
  expect(without).toBeGreaterThan(4)
  expect(marks(SET)).toBeLessThan(without / 3)
})
