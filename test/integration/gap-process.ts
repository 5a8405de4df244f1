/**
 * Run as a process of its own: fills the gap of the database in the folder given from a made-up peer, a few blocks at a time, and says
 * `step` after each batch and `done` in the end.
 */
import { systemClock } from '../../node-core/base/clock.ts'
import { silentLogger } from '../../node-core/base/logger.ts'
import { GapFiller } from '../../node-core/chain/core/import/gap-filler.ts'
import { StateService } from '../../node-core/chain/state/state-service.ts'
import { GapRunner } from '../../node-core/chain/sync/gap/gap-runner.ts'
import { genesis } from '../unit/chain/state/chain-blocks.ts'
import { answerFrom, storedChain } from '../unit/chain/sync/gap/stored-chain.ts'

const [dataPath = '', height = '0'] = process.argv.slice(2)
const say = (line: string): void => void process.stdout.write(`${line}\n`)
const { blocks } = storedChain(Number(height))
const state = new StateService({ logger: silentLogger }, { dataPath, genesis })
await state.start()
const filler = new GapFiller(state.filling, async () => false)
const gap = new GapRunner(
  {
    blocks: state.blocks,
    filler: {
      fill: async (batch) => {
        say('step')
        return filler.fill(batch)
      },
    },
    source: { requestBlocks: async (_peer, request) => answerFrom(blocks, request) },
    freePeers: () => ['a', 'b'],
    report: (_peer, { code }) => say(`fault ${code}`),
    clock: systemClock, logger: silentLogger,
  },
  { keep: undefined, batch: 3, timeoutMs: 10_000, blocksPerSecond: 1e9, bytesPerSecond: 1e9, proofBytesPerSecond: 1e9 },
)
gap.start()
gap.advance()
while (gap.status() !== undefined) await new Promise((resolve) => setTimeout(resolve, 1))
await gap.stop()
await state.stop()
say('done')
