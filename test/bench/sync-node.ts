/**
 * A full node in a process of its own, for sync.ts.
 *
 *   sync-node.ts serve <folder>                            prints its address; serves until its input ends
 *   sync-node.ts follow <folder> <address> <block number>  prints what catching up cost, as one line of JSON
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { join } from 'node:path'
import { silentLogger } from '../../node-core/base/logger.ts'
import { loadChainSpec } from '../../node-core/chain/spec/load.ts'
import { Node } from '../../node-core/chain/node/node.ts'
import { nodeOptionsSchema } from '../../node-core/chain/node/options.ts'

export interface FollowSample {
  readonly blocks: number
  readonly seconds: number
  readonly cpuMsPerBlock: number
  readonly delayP99Ms: number
  readonly delayMaxMs: number
}

const [, , role, basePath, address = '', target = '0'] = process.argv
const spec = await loadChainSpec('dev', { chainsPath: join(import.meta.dirname, '../../out/chains') })
const options = nodeOptionsSchema.parse({
  chain: 'dev', basePath, rpc: { port: 0 },
  network: { port: 0, listenAddrs: ['/ip4/127.0.0.1/tcp/0'], mdns: false, upnp: false, bootnodes: role === 'follow' ? [address] : [] },
})
const node = await Node.create({ spec, options, logger: silentLogger })
await node.start()
if (role === 'serve') {
  process.stdout.write(`${node.network.listenAddresses()[0] ?? ''}\n`)
  process.stdin.resume()
  await new Promise((resolve) => process.stdin.once('end', resolve))
} else {
  process.stdout.write(`${JSON.stringify(await follow(Number(target)))}\n`)
}
await node.stop()

/** From the first block that is imported: dialling is not what is measured. */
async function follow(height: number): Promise<FollowSample> {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const imported = (least: number): Promise<void> =>
    new Promise((resolve) => {
      const dispose = node.blocks.events.on('imported', ({ block }) => {
        if (block.number < least) return
        dispose()
        resolve()
      })
    })
  await imported(1)
  const first = node.blocks.best().number
  const start = performance.now()
  const cpu = process.cpuUsage()
  delay.enable()
  await imported(height)
  delay.disable()
  const { user, system } = process.cpuUsage(cpu)
  const blocks = height - first
  return {
    blocks,
    seconds: (performance.now() - start) / 1000,
    cpuMsPerBlock: (user + system) / 1000 / blocks,
    // The histogram includes the millisecond of its own timer.
    delayP99Ms: delay.percentile(99) / 1e6,
    delayMaxMs: delay.max / 1e6,
  }
}
