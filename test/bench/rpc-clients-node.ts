/** The server of the bench rpc-clients.ts: JSON-RPC over a small chain (`ours`), or nothing but WebSockets (`bare`). It says its port and, when it is asked, its memory. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { WebSocketServer } from 'ws'
import { RpcService } from '../../node-core/chain/rpc/rpc-service.ts'
import { fakeNode } from '../unit/chain/rpc/fakes.ts'
import type { FromRpcNode, ToRpcNode } from './rpc-clients.ts'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void
const say = (message: FromRpcNode): void => void process.send?.(message)

async function portOf(mode: string | undefined): Promise<number> {
  if (mode === 'ours') {
    const service = new RpcService(fakeNode(), { port: 0, maxConnections: 5_000 })
    await service.start()
    return service.port as number
  }
  const server = createServer()
  new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket) => socket.on('message', (data) => socket.send(data)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

process.on('message', (_message: ToRpcNode) => {
  gc()
  gc()
  const { heapUsed, external, rss } = process.memoryUsage()
  say({ held: heapUsed + external, rss })
})
process.on('disconnect', () => process.exit(0))
say({ port: await portOf(process.argv[2]) })
