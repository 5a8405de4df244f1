/** Gap sync's runner, under a clock that moves on between any two readings. */
import { expect, it } from 'vitest'
import type { Clock } from '../../../../../node-core/base/clock.ts'
import { silentLogger } from '../../../../../node-core/base/logger.ts'
import { GapRunner } from '../../../../../node-core/chain/sync/gap/gap-runner.ts'
import { DEFAULT_GAP_OPTIONS, type GapResult } from '../../../../../node-core/chain/sync/gap/types.ts'
import { GapStore, wholeChain, type WholeBlock } from './gap-world.ts'

const HEIGHT = 40

/** Each reading is half a millisecond after the last; timers fire when they are told to. */
function creepingClock(): { clock: Clock; timers: Set<() => void> } {
  let now = 1_000
  const timers = new Set<() => void>()
  return {
    timers,
    clock: {
      now: () => (now += 0.5),
      schedule: (_ms, callback) => {
        timers.add(callback)
        return () => timers.delete(callback)
      },
    },
  }
}

it.each(Array.from({ length: 16 }, (_, i) => 0.3 + i / 2))('always has a request or a timer to go on with: %f ms a request', async (costMs) => {
  const chain = wholeChain(HEIGHT)
  const store = new GapStore(chain, HEIGHT)
  const { clock, timers } = creepingClock()
  const runner = new GapRunner(
    {
      blocks: store, clock, logger: silentLogger, freePeers: () => ['a', 'b'], report: () => undefined,
      filler: { fill: async (blocks) => store.fill(blocks.map(({ hash, header }) => chain.find((block) => block.hash === hash && block.header.number === header.number) as WholeBlock)) as Exclude<GapResult, { kind: 'failed' }> },
      source: {
        requestBlocks: async (_peer, { from, maxBlocks }) => {
          const start = chain.findIndex(({ hash }) => hash === from)
          return chain.slice(Math.max(0, start + 1 - maxBlocks), start + 1).reverse()
        },
      },
    },
    { ...DEFAULT_GAP_OPTIONS, keep: undefined, batch: 2, blocksPerSecond: 2_000 / costMs, bytesPerSecond: Number.POSITIVE_INFINITY },
  )
  runner.start()
  runner.advance()
  await runner.idle()
  while (store.missing !== undefined) {
    const [due] = timers
    if (due === undefined) expect.fail(`nothing goes on below block ${store.missing.to}`)
    timers.delete(due)
    due()
    await runner.idle()
  }
  expect(runner.status()).toBeUndefined()
})
