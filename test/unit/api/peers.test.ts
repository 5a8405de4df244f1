/** Where peers are, what they carry per second, and that thousands of them stay cheap to watch. */
import { beforeAll, describe, expect, it } from 'vitest'
import { MAX_CHANGED, PeerChanges } from '../../../node-core/api/network/peer-changes.ts'
import { countries, loadCountries, placeOf } from '../../../node-core/api/network/places.ts'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { FakeNetwork, PEERS, fakePeer } from '../../helpers/fake-network.ts'
import { afterASecond, fakePeers } from '../../helpers/fake-peers.ts'

const [peer] = PEERS

beforeAll(loadCountries)

describe('the place of an address', () => {
  it.each([
    ['/ip4/8.8.8.8/tcp/30333', 'US'],
    ['/ip4/88.198.1.1/tcp/30333/ws', 'DE'],
    ['/ip4/203.0.178.191/udp/30333/quic-v1', 'AU'],
    ['/ip6/::ffff:88.198.1.1/tcp/1', 'DE'],
    ['/ip4/127.0.0.1/tcp/30333', 'local'],
    ['/ip4/10.1.2.3/tcp/30333', 'local'],
    ['/ip4/100.64.9.9/tcp/30333', 'local'],
    ['/ip4/192.168.0.2/tcp/30333', 'local'],
    ['/ip6/::1/tcp/30333', 'local'],
    ['/ip6/fe80::1/tcp/30333', 'local'],
    ['/ip6/fd12:3456::1/tcp/30333', 'local'],
    ['/ip4/192.0.2.1/tcp/30333', undefined],
    ['/ip4/255.255.255.255/tcp/1', undefined],
    ['/ip6/2001:db8::1/tcp/30333', undefined],
    ['/dns4/boot.example.org/tcp/30333', undefined],
    ['/ip4/8.8.8.8/tcp/30333/p2p/x/p2p-circuit', undefined],
    ['nonsense', undefined],
  ])('%s: %s', (address, place) => {
    expect(placeOf(address, countries())).toBe(place)
  })

  it('is told for local ones before the table is read', () => {
    expect(placeOf('/ip4/10.0.0.1/tcp/1', undefined)).toBe('local')
    expect(placeOf('/ip4/8.8.8.8/tcp/1', undefined)).toBeUndefined()
  })
})

describe('changes', () => {
  function setUp() {
    const clock = new FakeClock(1_000_000)
    const node = { kind: 'chain', network: new FakeNetwork() }
    return { clock, node, changes: new PeerChanges(clock) }
  }

  it('carry rates over the last seconds, which end when the traffic does', () => {
    const { clock, node, changes } = setUp()
    node.network.details = [fakePeer(peer, { bytesIn: 1000, bytesOut: 0 })]
    expect(changes.take(node).batch.changed[0]?.perSecond).toEqual({ bytesIn: 0, bytesOut: 0 })
    clock.advance(1000)
    node.network.details = [fakePeer(peer, { bytesIn: 3000, bytesOut: 500 })]
    expect(changes.take(node).batch.changed[0]?.perSecond).toEqual({ bytesIn: 2000, bytesOut: 500 })
    for (let second = 0; second < 5; second++) {
      clock.advance(1000)
      changes.take(node)
    }
    clock.advance(1000)
    expect(changes.take(node).isEmpty).toBe(true)
    clock.advance(1000)
    node.network.details = [fakePeer(peer, { bytesIn: 10, bytesOut: 0 })]
    expect(changes.take(node).batch.changed[0]?.perSecond.bytesIn).toBe(0)
  })

  it('tell bans and reserved peers only where they changed', () => {
    const { node, changes } = setUp()
    node.network.details = [fakePeer(peer)]
    expect(changes.take(node).batch).toMatchObject({ bans: [], reserved: [] })
    expect(changes.take(node)).toMatchObject({ isEmpty: true })
    node.network.addReserved(`/ip4/192.0.2.1/tcp/30333/p2p/${peer}`)
    const { batch } = changes.take(node)
    expect(batch).toMatchObject({ reserved: [peer], changed: [{ peerId: peer, reserved: true }] })
    expect(batch).not.toHaveProperty('bans')
    node.network.ban(peer, 60_000)
    expect(changes.take(node).batch).toMatchObject({ bans: [{ peerId: peer, reason: 'by-hand', times: 1 }], left: [peer], changed: [] })
  })

  it('of ten thousand peers come in bounded batches, and nobody is left behind', () => {
    const { clock, node, changes } = setUp()
    node.network.details = fakePeers(10_000, clock.now())
    const seen = new Set<string>()
    let batches = 0
    for (let more = true; more; batches++) {
      const taken = changes.take(node)
      expect(taken.batch.changed.length).toBeLessThanOrEqual(MAX_CHANGED)
      for (const { peerId } of taken.batch.changed) seen.add(peerId)
      more = taken.more
    }
    expect([seen.size, batches]).toEqual([10_000, 10_000 / MAX_CHANGED])
    seen.clear()
    for (let second = 0; second < 10; second++) {
      clock.advance(1000)
      node.network.details = afterASecond(node.network.details)
      const { batch, more } = changes.take(node)
      expect([batch.changed.length, more]).toEqual([MAX_CHANGED, false])
      for (const { peerId } of batch.changed) seen.add(peerId)
    }
    expect(seen.size).toBeGreaterThanOrEqual(8000)
    node.network.details = node.network.details.slice(5000)
    expect(changes.take(node).batch.left).toHaveLength(5000)
  })
})
