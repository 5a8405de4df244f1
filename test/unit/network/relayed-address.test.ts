/** Addresses of peers behind a relay, as tables hand them out: without the peer's own id. */
import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { withPeerId } from '../../../node-core/network/peers/address.ts'

const PEER = '12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5'
const RELAY = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN'

test('the id of a peer is added behind a relay, whose own id is not taken for it', () => {
  const circuit = `/ip4/45.33.32.1/tcp/30400/p2p/${RELAY}/p2p-circuit`
  expect(withPeerId(multiaddr(circuit), PEER).toString()).toBe(`${circuit}/p2p/${PEER}`)
  expect(withPeerId(multiaddr(`${circuit}/p2p/${PEER}`), PEER).toString()).toBe(`${circuit}/p2p/${PEER}`)
  expect(withPeerId(multiaddr('/ip4/45.33.32.11/tcp/61001'), PEER).toString()).toBe(`/ip4/45.33.32.11/tcp/61001/p2p/${PEER}`)
})
