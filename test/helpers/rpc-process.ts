/** JSON-RPC over a small chain, in a process of its own whose memory a test watches: it says its port, and when it is asked what it holds after a collection. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { RpcService } from '../../node-core/chain/rpc/rpc-service.ts'
import { fakeNode } from '../unit/chain/rpc/fakes.ts'

export interface ToRpcProcess {
  readonly memory: true
}
/** Bytes: what JavaScript holds, and the most that the process has taken. */
export type FromRpcProcess = { readonly port: number } | { readonly held: number; readonly peak: number }

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const say = (message: FromRpcProcess): void => void process.send?.(message)

const service = new RpcService(fakeNode(), { port: 0, maxConnections: 200, maxTotalBytes: 64 * 1024 * 1024 })
await service.start()
process.on('message', (_message: ToRpcProcess) => {
  collect()
  const { heapUsed, external } = process.memoryUsage()
  say({ held: heapUsed + external, peak: process.resourceUsage().maxRSS * 1024 })
})
process.once('disconnect', () => process.exit(0))
say({ port: service.port as number })
