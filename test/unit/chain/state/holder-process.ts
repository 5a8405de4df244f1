/** Run as a process of its own: opens the state in the folder given, imports as many blocks as asked, says so, and waits to be killed. */
import { silentLogger } from '../../../../node-core/base/logger.ts'
import { StateService } from '../../../../node-core/chain/state/state-service.ts'
import { genesis, makeChain } from './chain-blocks.ts'

const [dataPath, count] = process.argv.slice(2)
const service = new StateService({ logger: silentLogger }, { dataPath: dataPath as string, genesis })
await service.start()
const blocks = makeChain(genesis.header, Number(count))
for (const [i, block] of blocks.entries()) {
  await service.writer.importBlock(block)
  if (i === 1) await service.writer.finalize(block.hash)
}
process.stdout.write('ready\n')
setInterval(() => undefined, 60_000)
