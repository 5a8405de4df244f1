/**
 * The chain's Kademlia table, used for one thing: to find peers. Others may also ask its nodes to keep records for them, of who
 * provides what and of values; nobody in this family of networks needs that from us, and what strangers can put
 * into a node without limit is memory that they can take. So it has nowhere to keep them, and such a request ends its stream.
 */
import { kadDHT, passthroughMapper, type KadDHTComponents } from '@libp2p/kad-dht'
import { NodeError } from '../base/errors.ts'

type Datastore = KadDHTComponents['datastore']

/** Has nothing, and takes nothing. */
class NoDatastore implements Datastore {
  put(): never {
    throw new NodeError('NETWORK_NO_RECORDS', 'This node keeps no records for others.')
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

/** `genesisHex` is without `0x`. */
export function routingTable(genesisHex: string): (components: KadDHTComponents) => ReturnType<ReturnType<typeof kadDHT>> {
  const create = kadDHT({ protocol: `/${genesisHex}/kad`, clientMode: false, peerInfoMapper: passthroughMapper })
  const datastore = new NoDatastore()
  // libp2p hands its components over as one object that answers for each by name.
  return (components) => create(new Proxy(components, { get: (all, name) => (name === 'datastore' ? datastore : (Reflect.get(all, name) as unknown)) }))
}
