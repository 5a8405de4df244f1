/**
 * Run as a process of its own: downloads a made-up state into the folder given, slowly, and says `step` at each request and `assembling` when all
 * of it is there. Ends by itself with what came out, as one line of JSON.
 */
import { toHex } from '../../node-core/base/bytes.ts'
import { systemClock } from '../../node-core/base/clock.ts'
import { silentLogger } from '../../node-core/base/logger.ts'
import { StateDownload } from '../../node-core/chain/joining/state/state-download.ts'
import { StateThread } from '../../node-core/chain/joining/state/state-thread.ts'
import { DEFAULT_RANGES_OPTIONS } from '../../node-core/chain/joining/state/types.ts'
import { StateService } from '../../node-core/chain/state/state-service.ts'
import { servingLittle } from '../unit/chain/joining/state/peers.ts'
import { BLOCK, makeState } from '../unit/chain/joining/state/states.ts'
import { genesis } from '../unit/chain/state/chain-blocks.ts'

const [dataPath = '', seed = '0'] = process.argv.slice(2)
const say = (line: string): void => void process.stdout.write(`${line}\n`)
const state = makeState(Number(seed), { entries: 6000, children: 5, versions: [0, 1], largest: 5000 })
const peer = servingLittle(state, () => 150)
const service = new StateService({ logger: silentLogger }, { dataPath, genesis })
await service.start()
const work = new StateThread({ logger: silentLogger }, { dataPath })
const download = new StateDownload(
  {
    request: async (_, bytes, signal) => {
      say('step')
      await new Promise((resolve) => setTimeout(resolve, 2))
      return peer(bytes, signal)
    },
    peers: () => ['a', 'b', 'c'],
    judge: { report: (_, fault) => say(`fault ${fault.code}`) },
    work: {
      open: (root) => work.open(root),
      piece: (start, response) => work.piece(start, response),
      assemble: (onProgress) => {
        say('assembling')
        return work.assemble(onProgress)
      },
      clear: (withState) => work.clear(withState),
    },
    clock: systemClock, logger: silentLogger,
  },
  { ...DEFAULT_RANGES_OPTIONS, leastSplitBytes: 20_000, smallPieceBytes: 0 },
)
const made = await download.run({ hash: BLOCK, number: 1, stateRoot: toHex(state.root) }, new AbortController().signal)
say(JSON.stringify({ ...made, entries: download.status()?.entries }))
await work.close()
await service.stop()
