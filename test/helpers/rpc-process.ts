/** JSON-RPC over a small chain, in a process of its own whose memory a test watches: it says its port, and when it is asked what it holds after a collection. */
import { RpcService } from '../../node-core/chain/rpc/rpc-service.ts'
import { fakeNode } from '../unit/chain/rpc/fakes.ts'
import { watchMemory, type HeldMemory } from './held-memory.ts'

export interface ToRpcProcess {
  readonly memory: true
}
export type FromRpcProcess = { readonly port: number } | HeldMemory

const measure = watchMemory()
const say = (message: FromRpcProcess): void => void process.send?.(message)

const service = new RpcService(fakeNode(), { port: 0, maxConnections: 200, maxTotalBytes: 64 * 1024 * 1024 })
await service.start()
process.on('message', (_message: ToRpcProcess) => {
  say(measure())
})
process.once('disconnect', () => process.exit(0))
say({ port: service.port as number })
