/** Runs a development node for some seconds and prints what it cost, as one line of JSON. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { silentLogger } from '../../node-core/base/logger.ts'
import { loadChainSpec } from '../../node-core/chain/spec/load.ts'
import { Node } from '../../node-core/chain/node/node.ts'
import { nodeOptionsSchema } from '../../node-core/chain/node/options.ts'

const seconds = Number(process.argv[2])
const basePath = await mkdtemp(join(tmpdir(), 'nodestead-idle-'))
const spec = await loadChainSpec('dev', { chainsPath: join(import.meta.dirname, '../../out/chains') })
const options = nodeOptionsSchema.parse({ chain: 'dev', basePath, validator: true, account: 'alice', rpc: { port: 0 }, network: { port: 0 } })
const node = await Node.create({ spec, options, logger: silentLogger })
await node.start()
await pause(7000)

const delay = monitorEventLoopDelay({ resolution: 1 })
const first = node.blocks.best().number
const cpu = process.cpuUsage()
delay.enable()
await pause(seconds * 1000)
delay.disable()
const { user, system } = process.cpuUsage(cpu)
const sample = {
  // The histogram includes the millisecond of its own timer.
  delayP99Ms: delay.percentile(99) / 1e6,
  delayMaxMs: delay.max / 1e6,
  rssMegabytes: process.memoryUsage().rss / 1e6,
  cpuPercent: (user + system) / 1e4 / seconds,
  blocks: node.blocks.best().number - first,
}
await node.stop()
await rm(basePath, { recursive: true })
process.stdout.write(`${JSON.stringify(sample)}\n`)

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
