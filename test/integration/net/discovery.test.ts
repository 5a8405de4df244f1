/** Services that are found, and peers that are reached by what was found, between nodes on loopback. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../../node-core/base/clock.ts'
import { Discovery } from '../../../node-core/net/discovery/discovery.ts'
import { AddressBook } from '../../../node-core/net/routing/address-book.ts'
import { parseNetAddress } from '../../../node-core/net/routing/addresses.ts'
import { RouteFinder } from '../../../node-core/net/routing/finder.ts'
import { addressBookRouter, connectedRouter, kademliaRouter, relayRouter } from '../../../node-core/net/routing/routers.ts'
import { eventually, TestNetwork, type TestPeer } from '../../helpers/network.ts'

let net: TestNetwork
const discoveries: Discovery[] = []
beforeEach(() => {
  net = new TestNetwork()
})
afterEach(async () => {
  for (const discovery of discoveries.splice(0)) await discovery.stop()
  await net.stop()
})

function netOf({ network, id }: TestPeer, relays: readonly string[] = []): { readonly discovery: Discovery; readonly finder: RouteFinder } {
  const door = network.streams
  const book = new AddressBook(systemClock)
  const discovery = new Discovery({ table: door.routing, clock: systemClock, peerId: () => id, learn: (peer, addresses, ttlMs) => book.learn(peer, addresses, ttlMs) })
  discoveries.push(discovery)
  return { discovery, finder: new RouteFinder({ door, clock: systemClock }, [connectedRouter(door), addressBookRouter(book), kademliaRouter(door.routing), relayRouter(() => relays)]) }
}

test('a service is found by its name, and its provider reached, each time by the cheapest way', async () => {
  const options = { openTable: true }
  const [middle, provider, seeker] = [await net.start([], options), await net.start([], options), await net.start([], options)]
  for (const peer of [provider, seeker]) await peer.network.streams.reach(middle.id, [middle.address])
  const [offering, seeking] = [netOf(provider), netOf(seeker)]
  await eventually(async () => {
    // Who speaks the table's protocol is learnt a moment after the connection: until then nobody is told.
    offering.discovery.advertise('chess')()
    offering.discovery.advertise('chess')
    for await (const { peer, addresses } of seeking.discovery.find('chess', { limit: 1 })) return peer === provider.id && addresses.every((address) => address.endsWith(`/p2p/${peer}`))
    return false
  }, 'the provider')
  const { peer } = parseNetAddress(`/nodestead/chess/p2p/${provider.id}`) as { readonly peer: string }
  // The search may have connected to it; each of these begins without a connection.
  const alone = async (): Promise<void> => {
    await seeker.network.streams.disconnect(provider.id)
    await eventually(() => seeker.network.streams.connections(provider.id).length === 0, 'the end of the connection')
  }
  await alone()
  await expect(seeking.finder.reach(peer)).resolves.toMatchObject({ path: 'direct', router: 'address book' })
  await expect(seeking.finder.reach(peer)).resolves.toMatchObject({ path: 'direct', router: 'connected' })
  await alone()
  // With an empty address book the table is asked.
  await expect(netOf(seeker).finder.reach(peer)).resolves.toMatchObject({ path: 'direct', router: 'kademlia' })
})

test('a peer that nobody knows but a relay is reached over it', async () => {
  const relay = await net.start([], { relayServer: true })
  const hidden = await net.start([], { listenAddrs: [`${relay.address}/p2p-circuit`] })
  await eventually(() => hidden.network.state.listenAddresses().length > 0, 'the reservation')
  const seeker = await net.start([])
  const { finder } = netOf(seeker, [relay.address])
  const reached = await finder.reach(hidden.id, { relayed: true })
  expect(reached).toMatchObject({ path: 'relayed', router: 'relay' })
  expect(reached.attempts.map(({ router, outcome }) => [router, outcome])).toEqual([['connected', 'unknown'], ['address book', 'unknown'], ['kademlia', 'failed'], ['relay', 'reached']])
})
