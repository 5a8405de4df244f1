/**
 * The open table: a Kademlia table of this network beside the one in which its nodes find each other (routing-table.ts), for those who look for
 * services and resources. Here nodes keep records for others, in a room that has an end (record-room.ts). Who does not speak its protocol is
 * not in it, so that nodes of other software are never asked.
 */
import { kadDHT, passthroughMapper, type KadDHT, type KadDHTComponents } from '@libp2p/kad-dht'
import type { PeerInfo } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import * as Digest from 'multiformats/hashes/digest'
import { errorMessage, NodeError } from '../../base/errors.ts'
import type { NamedProtocol, ProtocolNames } from '../protocol-names.ts'
import type { FoundPeer, RoutingTable, StreamErrorCode } from '../streams.ts'
import { instead } from './instead.ts'
import { RecordRoom } from './record-room.ts'

export const OPEN_TABLE: NamedProtocol = { protocol: '/net/kad' }
/** A search that finds nothing ends by itself. */
const SEARCH_MS = 30_000

/** The service of the libp2p host. */
export function openTable(names: ProtocolNames): (components: KadDHTComponents) => KadDHT {
  const create = kadDHT({
    protocol: names.present(OPEN_TABLE),
    clientMode: false,
    peerInfoMapper: passthroughMapper,
    logPrefix: 'libp2p:open-table',
    datastorePrefix: '/open-table',
    metricsPrefix: 'libp2p_open_table',
  })
  return (components) => create(instead(components, { datastore: new RecordRoom(() => components.peerId.toString()) }))
}

/** What the rest of the node asks of it. `table` is undefined while the host does not run, or keeps none. */
export function routingOf(table: () => KadDHT | undefined): RoutingTable {
  const required = (): KadDHT => {
    const found = table()
    if (found === undefined) throw new NodeError<StreamErrorCode>('NETWORK_NO_TABLE', 'This node keeps no table in which services and resources are found.', { hint: 'Switch the net API on, and start the node.' })
    return found
  }
  return {
    async findPeer(peer, signal) {
      for await (const event of required().findPeer(peerIdFromString(peer), within(signal))) {
        if (event.name === 'FINAL_PEER' && event.peer.id.toString() === peer) return foundPeer(event.peer)
      }
      throw notFound(`The peer ${peer} is not in the table of this network.`)
    },
    async *closestPeers(key, signal) {
      for await (const event of required().getClosestPeers(key, within(signal))) if (event.name === 'FINAL_PEER') yield foundPeer(event.peer)
    },
    async provide(key, signal) {
      for await (const event of required().provide(cidOf(key), within(signal))) void event
    },
    async stopProviding(key) {
      await required().cancelReprovide(cidOf(key))
    },
    async *findProviders(key, signal) {
      const told = new Set<string>()
      for await (const event of required().findProviders(cidOf(key), within(signal))) {
        for (const provider of event.name === 'PROVIDER' ? event.providers : []) {
          const found = foundPeer(provider)
          if (told.has(found.peer)) continue
          told.add(found.peer)
          yield found
        }
      }
    },
    async put(key, value, signal) {
      for await (const event of required().put(key, value, within(signal))) void event
    },
    async get(key, signal) {
      try {
        for await (const event of required().get(key, within(signal))) if (event.name === 'VALUE') return event.value
      } catch (error) {
        throw notFound(`No value was found: ${errorMessage(error)}.`, error)
      }
      throw notFound('No value was found under this key.')
    },
  }
}

function within(signal: AbortSignal | undefined): { signal: AbortSignal } {
  const timeout = AbortSignal.timeout(SEARCH_MS)
  return { signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]) }
}

/** `key`: a multihash. Throws a NodeError NETWORK_NOT_FOUND where it is none. */
function cidOf(key: Uint8Array): CID {
  try {
    return CID.createV1(raw.code, Digest.decode(key))
  } catch (error) {
    throw notFound('The key is no multihash.', error)
  }
}

function foundPeer({ id, multiaddrs }: PeerInfo): FoundPeer {
  return { peer: id.toString(), addresses: multiaddrs.map((address) => address.toString()) }
}

function notFound(message: string, cause?: unknown): NodeError<StreamErrorCode> {
  return new NodeError<StreamErrorCode>('NETWORK_NOT_FOUND', message, { cause })
}
