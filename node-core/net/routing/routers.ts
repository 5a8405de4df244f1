/** The routers that every node has: connections, address book, Kademlia, relays. */
import type { RoutingTable, StreamDoor } from '../../network/streams.ts'
import type { AddressBook } from './address-book.ts'
import { CONNECTED, type Router } from './finder.ts'

const MAX_RELAYS = 4

/** Whoever is connected is there. */
export function connectedRouter(door: Pick<StreamDoor, 'connections'>): Router {
  return { name: CONNECTED, find: (peer) => Promise.resolve(door.connections(peer).length > 0 ? { kind: 'connected' } : undefined) }
}

export function addressBookRouter(book: Pick<AddressBook, 'addressesOf'>): Router {
  return { name: 'address book', find: (peer) => Promise.resolve(direct(book.addressesOf(peer))) }
}

/** Asks the peers that are nearest to the id. */
export function kademliaRouter(table: Pick<RoutingTable, 'findPeer'>): Router {
  return {
    name: 'kademlia',
    async find(peer, signal) {
      return direct((await table.findPeer(peer, signal)).addresses)
    },
  }
}

/** Asks whether one of these relays has the peer, by trying; `relays` are their multiaddresses with `/p2p/<id>` at the end, the best first. */
export function relayRouter(relays: () => readonly string[]): Router {
  return {
    name: 'relay',
    find(peer) {
      const known = relays().filter((address) => !address.endsWith(`/p2p/${peer}`)).slice(0, MAX_RELAYS)
      return Promise.resolve(known.length === 0 ? undefined : { kind: 'addresses', addresses: known.map((address) => `${address}/p2p-circuit/p2p/${peer}`) })
    },
  }
}

function direct(addresses: readonly string[]): Awaited<ReturnType<Router['find']>> {
  return addresses.length === 0 ? undefined : { kind: 'addresses', addresses }
}
