/**
 * The network's Kademlia table, used for one thing: to find peers. Others may also ask its nodes to keep records for them, of who
 * provides what and of values; nobody in these networks needs that from us, and what strangers can put
 * into a node without limit is memory that they can take. So it has nowhere to keep them, and such a request ends its stream. Who looks for services and
 * resources has a table beside it, open-table.ts.
 */
import { kadDHT, passthroughMapper, type KadDHTComponents } from '@libp2p/kad-dht'
import { NodeError } from '../../base/errors.ts'
import type { NamedProtocol, ProtocolNames } from '../protocol-names.ts'
import { instead } from './instead.ts'

type Datastore = KadDHTComponents['datastore']

/** Has nothing, and takes nothing. */
class NoDatastore implements Datastore {
  put(): never {
    throw new NodeError('NETWORK_NO_RECORDS', 'This node stores no DHT records for others.')
  }

  get(): never {
    throw Object.assign(new Error('Not Found'), { name: 'NotFoundError' })
  }

  has(): boolean {
    return false
  }

  delete(): void {}

  async *putMany(): AsyncGenerator<never> {
    this.put()
  }

  async *getMany(): AsyncGenerator<never> {}

  async *deleteMany(): AsyncGenerator<never> {}

  async *query(): AsyncGenerator<never> {}

  async *queryKeys(): AsyncGenerator<never> {}

  batch(): ReturnType<Datastore['batch']> {
    return { put: () => this.put(), delete: () => undefined, commit: () => undefined }
  }
}

export const KAD: NamedProtocol = { protocol: '/kad' }

/**
 * libp2p's table speaks under one name; ours answers and asks under the older one too. Only who says the present name comes
 * into the table: the older one does not tell networks apart, and a node of another network is of no use here.
 */
export function routingTable(names: ProtocolNames): (components: KadDHTComponents) => ReturnType<ReturnType<typeof kadDHT>> {
  const create = kadDHT({ protocol: names.present(KAD), clientMode: false, peerInfoMapper: passthroughMapper })
  const all = [...names.of(KAD)]
  return (components) => {
    const { registrar, connectionManager } = components
    return create(
      instead(components, {
        datastore: new NoDatastore(),
        registrar: instead(registrar, {
          handle: async (_name, handler, options) => {
            for (const name of all) await registrar.handle(name, handler, options)
          },
          unhandle: async (_name, options) => {
            for (const name of all) await registrar.unhandle(name, options)
          },
        }),
        connectionManager: instead(connectionManager, { openStream: (peer, _name, options) => connectionManager.openStream(peer, all, options) }),
      }),
    )
  }
}
