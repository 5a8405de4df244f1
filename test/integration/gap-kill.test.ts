/**
 * A process that fills the gap below its chain is killed at random moments: each time what is stored and what is marked as missing agree.
 * `npm run campaign -- kills` does it to whole nodes, fifty times.
 */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, it } from 'vitest'
import { silentLogger } from '../../node-core/base/logger.ts'
import { StateService } from '../../node-core/chain/state/state-service.ts'
import { anchorDatabase } from '../unit/chain/state/anchored.ts'
import { genesis } from '../unit/chain/state/chain-blocks.ts'
import { storedChain } from '../unit/chain/sync/gap/stored-chain.ts'
import { randomFrom } from '../unit/chain/sync/world.ts'

const HEIGHT = 600
const KILLS = 15

/** Lets it run until it has said `step` so often, and kills it a moment later; tells its last word. */
async function fillFor(dataPath: string, steps: number, thenMs: number): Promise<string> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'gap-process.ts'), dataPath, String(HEIGHT)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  let last = ''
  let left = steps
  for await (const line of createInterface({ input: child.stdout })) {
    last = line
    if (line === 'step' && --left === 0) setTimeout(() => child.kill('SIGKILL'), thenMs)
  }
  await exited
  return last
}

it(`is killed ${KILLS} times and ends with every block`, { timeout: 180_000 }, async () => {
  const dataPath = await mkdtemp(join(tmpdir(), 'nodestead-gap-'))
  const { blocks: chain, anchor } = storedChain(HEIGHT)
  await anchorDatabase(dataPath, anchor)
  const random = randomFrom(17)
  try {
    const edges = [HEIGHT - 1]
    for (let kill = 0; ; kill++) {
      const last = await fillFor(dataPath, kill < KILLS ? 1 + Math.floor(random() * 12) : Infinity, random() * 4)
      const state = new StateService({ logger: silentLogger }, { dataPath, genesis })
      await state.start()
      const gap = state.blocks.gap()
      for (const { hash, header: { number } } of chain) {
        const isHere = gap === undefined || number > gap.to
        expect([state.blocks.hashByNumber(number), state.blocks.header(hash)?.number, (await state.blocks.body(hash))?.length]).toEqual(isHere ? [hash, number, 1] : [undefined, undefined, undefined])
      }
      await state.stop()
      expect(gap?.to ?? 0).toBeLessThanOrEqual(edges.at(-1) as number)
      edges.push(gap?.to ?? 0)
      if (gap === undefined) {
        expect([last, kill]).toEqual(['done', KILLS])
        break
      }
    }
    // Each start goes on: nearly every one of them got further.
    expect(new Set(edges).size).toBeGreaterThan(KILLS * 0.8)
  } finally {
    await rm(dataPath, { recursive: true, force: true })
  }
})
