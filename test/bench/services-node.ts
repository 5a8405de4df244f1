/** A child of services.ts: the service API around a manager without a node, or a bare Connect server that answers the same. */
import { createServer } from 'node:http2'
import { connectNodeAdapter } from '@connectrpc/connect-node'
import { create } from '@bufbuild/protobuf'
import { LogLevel, NetworksResponseSchema, Node, NodeState, type WatchLogsResponse } from '../../node-core/services/proto/nodestead/v1/node_pb.ts'
import { TestService, TOKEN } from '../helpers/service-client.ts'
import type { FromServicesNode, ToServicesNode } from './services.ts'

process.once('disconnect', () => process.exit())

const send = (message: FromServicesNode): void => void process.send?.(message)

if (process.argv[2] === 'ours') {
  const service = await TestService.start()
  await service.manager.start('dev')
  process.on('message', ({ lines }: ToServicesNode) => {
    for (let line = 0; line < lines; line++) service.manager.log('info', 'bench', 'a line that is told to everybody')
    send({ told: lines })
  })
  send({ address: service.api.address, token: TOKEN })
} else {
  const waiting = new Set<() => void>()
  let told = 0
  // As long as what the service API says of two networks.
  const network = { name: 'Development', kind: 'chain', chainName: 'Development', newest: { hash: `0x${'5a'.repeat(32)}`, number: 7 }, settled: { hash: `0x${'5a'.repeat(32)}`, number: 7 }, genesisHash: `0x${'5a'.repeat(32)}`, rpcAddress: 'ws://127.0.0.1:9944' }
  const answer = create(NetworksResponseSchema, { networks: [{ ...network, network: 'dev', state: NodeState.RUNNING }, { name: 'Local', kind: 'chain', chainName: 'Local', network: 'local', state: NodeState.STOPPED }] })
  const handler = connectNodeAdapter({
    routes: (router) => {
      router.service(Node, {
        networks: () => answer,
        async *watchLogs(_, { signal }): AsyncGenerator<Partial<WatchLogsResponse> & Pick<WatchLogsResponse, 'cursor'>> {
          for (let at = told; !signal.aborted; ) {
            while (at < told) yield { cursor: `12345678-${++at}`, line: { level: LogLevel.INFO, module: 'bench', message: 'a line that is told to everybody', fields: {}, network: '' } as never }
            await new Promise<void>((resolve) => waiting.add(resolve))
          }
        },
      })
    },
  })
  const server = createServer(handler)
  server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    if (typeof address === 'object' && address !== null) send({ address: `http://127.0.0.1:${address.port}`, token: 'none' })
  })
  process.on('message', ({ lines }: ToServicesNode) => {
    told += lines
    for (const wake of waiting) wake()
    waiting.clear()
    send({ told: lines })
  })
}
