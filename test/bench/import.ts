/**
 * Importing a chain of empty development blocks with every check (VRF, seal, execution, state root, storage) against
 * executing the same blocks alone, and the main thread's event-loop delay meanwhile.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { splitSeal } from '../../node-core/chain/scale/header.ts'
import type { Block } from '../../node-core/chain/scale/block.ts'
import { DevNode } from '../helpers/dev-node.ts'
import type { Report } from './report.ts'

const BLOCKS = 600
const WARM_UP = 100

export async function benchImport(report: Report): Promise<void> {
  const author = await DevNode.start()
  await author.leaps(BLOCKS, 2)
  const { blocks } = author.node
  const chain: Block[] = []
  for (const { hash } of blocks.route(blocks.genesisHash, blocks.best().hash)) {
    const header = blocks.header(hash)
    if (header !== undefined) chain.push({ header, body: (await blocks.body(hash)) ?? [] })
  }

  const follower = await DevNode.start({ validator: false, clock: author.clock })
  const { importer } = follower.node.core
  await Promise.all(chain.slice(0, WARM_UP).map((block) => importer.importBlock(block, 'sync')))
  const measured = chain.slice(WARM_UP)
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  let start = performance.now()
  await Promise.all(measured.map((block) => importer.importBlock(block, 'sync')))
  const importing = measured.length / ((performance.now() - start) / 1000)
  delay.disable()

  start = performance.now()
  for (const { header, body } of measured) {
    const parent = follower.node.blocks.header(header.parentHash)
    const unsealed = splitSeal(header, 'BABE')?.unsealed
    if (parent !== undefined && unsealed !== undefined) await follower.node.runtime.executeBlock(parent.stateRoot, unsealed, body)
  }
  const executing = measured.length / ((performance.now() - start) / 1000)
  await follower.stop()
  await author.stop()
  report('import with every check / execution alone', importing / executing, `${importing.toFixed(0)} blocks/s against ${executing.toFixed(0)} blocks/s`)
  report('event-loop delay p99 while importing / 50 ms (goal <= 1)', delay.percentile(99) / 1e6 / 50, `p99 ${(delay.percentile(99) / 1e6).toFixed(1)} ms`)
}
