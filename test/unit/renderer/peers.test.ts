/** What the screen of peers says, the discs on its map, and that the table of countries is the atlas's. */
import { readFile } from 'node:fs/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { CENTROIDS_FILE, computeCentroids, formatCentroids } from '../../../build/centroids.ts'
import { clustersOf, radiusOf } from '../../../renderer/map/clusters.ts'
import { loadWorld, MAP_HEIGHT, MAP_WIDTH } from '../../../renderer/map/world.ts'
import { useLanguage } from '../../../renderer/i18n/language.ts'
import { sortRows } from '../../../renderer/components/table.ts'
import { shortId } from '../../../renderer/text/format.ts'
import { peerColumns } from '../../../renderer/text/peer-columns.ts'
import { addressFault, callSentence, countPeers, peerIdIn, peerMatches, peersSentence, placeName, shortAddress, wordsOf } from '../../../renderer/text/peers.ts'
import { peerEntry, type PeerEntry } from '../../../node-core/api/network/peer-changes.ts'
import type { DialErrorCode } from '../../../node-core/network/host/dial.ts'
import { fakePeer, PEERS } from '../../helpers/fake-network.ts'
import { chainDetails } from '../../helpers/chain-status.ts'

const [peerId, second] = PEERS
const NOW = 1_000_000
const entry = (change: Partial<PeerEntry> = {}): PeerEntry => ({ ...peerEntry(fakePeer(peerId), { reserved: false, place: 'DE', perSecond: { bytesIn: 0, bytesOut: 0 } }), ...change })

afterEach(() => {
  useLanguage('en')
})

describe('the sentence', () => {
  const say = (inbound: number, outbound: number, bare = 0, banned = 0, authoring = false, upMs = 5_000) =>
    peersSentence({ inbound, outbound, bare, banned }, { producing: authoring, details: undefined, startedAt: NOW - upMs }, NOW)

  it('counts inbound, outbound and banned ones', () => {
    expect(say(8, 4, 0, 2)).toEqual({ text: '12 peers: 8 inbound, 4 outbound; 2 banned.', tone: 'well' })
    expect(say(1, 0).text).toBe('1 peer: 1 inbound.')
    expect(say(0, 3, 1)).toEqual({ text: '3 peers: 3 outbound; 1 without a slot.', tone: 'well' })
    expect(say(2, 0, 2).tone).toBe('attention')
    expect(say(6000, 4000).text).toContain('10,000 peers: 6,000')
  })

  it('says why there are none and what to do', () => {
    expect(peersSentence({ inbound: 0, outbound: 0, bare: 0, banned: 0 }, { producing: true, details: chainDetails({ hold: { kind: 'alone', authorities: 2 } }), startedAt: NOW }, NOW))
      .toEqual({ text: 'No peers. This node produces no blocks while it is alone. Start another node of the network or connect to one by its address.', tone: 'attention' })
    expect(peersSentence(undefined, { producing: false, details: undefined, startedAt: NOW }, NOW).tone).toBe('busy')
    expect(say(0, 0)).toMatchObject({ text: expect.stringContaining('No peers yet'), tone: 'busy' })
    expect(peersSentence({ inbound: 0, outbound: 0, bare: 0, banned: 0 }, { producing: false, details: chainDetails({ isPublic: false }), startedAt: NOW - 120_000 }, NOW).text).toMatch(/^Still no peers: no other node of this network answered/)
    expect(say(0, 0, 0, 1, false, 120_000)).toMatchObject({ text: expect.stringMatching(/^Still no peers; 1 banned\. .*internet connection/), tone: 'attention' })
    expect(say(0, 0, 0, 0, true)).toMatchObject({ text: expect.stringContaining('produces blocks alone'), tone: 'off' })
  })

  it('is said in the other languages', () => {
    useLanguage('de')
    expect(say(1, 4, 0, 2).text).toBe('5 Peers: 1 eingehend, 4 ausgehend; 2 gebannt.')
    useLanguage('es')
    expect(say(8, 1, 0, 1).text).toBe('9 pares: 8 entrantes, 1 saliente; 1 bloqueado.')
  })

  it('counts by direction', () => {
    const peers = [entry(), entry({ direction: 'inbound', slot: 'inbound' }), entry({ direction: 'inbound', slot: undefined })]
    expect(countPeers(peers, 1)).toEqual({ inbound: 2, outbound: 1, bare: 1, banned: 1 })
  })
})

describe('a call', () => {
  const failed = (code: DialErrorCode, reserved = true) => callSentence(peerId, { kind: 'failed', code, found: second, reserved })

  it('that reached the peer says so', () => {
    expect(callSentence(peerId, { kind: 'connected' })).toEqual({ text: `Connected to ${shortId(peerId)}.`, tone: 'well' })
    expect(callSentence(peerId, { kind: 'already' }).text).toContain('already connected')
  })

  it('that failed says why, what to do, and whether the place stays reserved', () => {
    expect(failed('NETWORK_DIAL_REFUSED')).toEqual({
      text: 'The connection was refused: nothing listens at this address. Check the port and whether the node is running. The peer stays reserved: the node retries at least once a minute. To end this, remove it from the reserved peers below.',
      tone: 'attention',
    })
    expect(failed('NETWORK_DIAL_OTHER_PEER').text).toContain(`${second} instead of ${shortId(peerId)}`)
    expect(failed('NETWORK_DIAL_BANNED', false).text).toMatch(/Lift the ban .* not added to the reserved peers\.$/)
    expect(failed('NETWORK_DIAL_CANCELLED').tone).toBe('off')
    useLanguage('de')
    expect(failed('NETWORK_DIAL_OTHER_NETWORK').text).toMatch(/anderen Netzwerk.*bleibt reserviert/)
    useLanguage('es')
    expect(failed('NETWORK_DIAL_SILENT').text).toMatch(/no responde como un nodo.*sigue reservado/)
  })
})

describe('the table', () => {
  it('filters by every word in what is shown', () => {
    const peer = entry({ agent: 'Parity Polkadot/v1.18.0', address: '/ip4/88.198.1.1/tcp/30333', roles: 'AUTHORITY' })
    for (const filter of ['', 'parity', '88.198', 'GERMANY', 'authority outbound', peerId.slice(-6).toLowerCase()]) expect(peerMatches(peer, wordsOf(filter))).toBe(true)
    for (const filter of ['kagome', 'germany kagome', 'light']) expect(peerMatches(peer, wordsOf(filter))).toBe(false)
    expect(peerMatches(entry({ reserved: true }), ['reserved'])).toBe(true)
  })

  it('shortens names and addresses', () => {
    expect(shortId(peerId)).toBe('12D3Koo…c6iDEp')
    expect(shortAddress('/ip4/88.198.1.1/tcp/30333')).toBe('88.198.1.1:30333')
    expect(shortAddress(`/ip4/88.198.1.1/tcp/30333/ws/p2p/${peerId}`)).toBe('88.198.1.1:30333')
    expect(shortAddress('/ip6/2001:db8::1/tcp/30333')).toBe('[2001:db8::1]:30333')
    expect(shortAddress('/ip6/2a01:4f8:c17:b0f:a8bb:ccff:fe00:2/tcp/30333')).toBe('[2a01:4f8…:fe00:2]:30333')
    expect(shortAddress('/dns4/boot.example.org/tcp/443/wss')).toBe('boot.example.org:443')
    expect(shortAddress(`/p2p/${peerId}`)).toBe(`/p2p/${peerId}`)
  })

  it('sorts by what stands there, unknown last', () => {
    const peers = [entry({ peerId: second, latencyMs: undefined }), entry({ latencyMs: 90 })]
    expect(sortRows(peers, peerColumns(), { column: 'latency', descending: false }).map(({ latencyMs }) => latencyMs)).toEqual([90, undefined])
    expect(new Set(peerColumns().map(({ id }) => id)).size).toBe(12)
  })

  it('names places in the language in use', () => {
    expect([placeName('DE'), placeName('local'), placeName(undefined)]).toEqual(['Germany', 'local network', 'unknown'])
    useLanguage('de')
    expect(placeName('DE')).toBe('Deutschland')
  })
})

describe('an address that was typed', () => {
  it.each([
    ['', 'empty'],
    ['   ', 'empty'],
    ['192.0.2.1:30333', 'form'],
    ['/ip4/192.0.2.1/tcp/30333 /p2p/x', 'form'],
    ['/http/example.org', 'form'],
    ['/ip4/192.0.2.1/tcp/30333', 'peer'],
    ['/ip4/192.0.2.1/tcp/30333/p2p/0OIl', 'peer'],
    [`/ip4/192.0.2.1/tcp/30333/p2p/${peerId}`, undefined],
    [` /dns4/boot.example.org/tcp/443/wss/p2p/${peerId} `, undefined],
  ])('%j: %s', (text, fault) => {
    expect(addressFault(text)).toBe(fault)
  })

  it('ends with whose it is', () => {
    expect(peerIdIn(` /ip4/192.0.2.1/tcp/1/p2p/${peerId}\n`)).toBe(peerId)
  })
})

describe('the map', () => {
  it('has the middles of the countries from the atlas', async () => {
    expect(await readFile(CENTROIDS_FILE, 'utf8')).toBe(formatCentroids(await computeCentroids()))
  })

  it('puts countries where they are', async () => {
    const { land, borders, pointOf } = await loadWorld()
    expect([land.length > 10_000, borders.length > 5_000, pointOf('local')]).toEqual([true, true, undefined])
    const at = (country: string): readonly [number, number] => pointOf(country) as [number, number]
    for (const country of ['DE', 'SG', 'US', 'AU', 'NZ', 'HK', 'XK']) {
      const [x, y] = at(country)
      expect(x > 0 && x < MAP_WIDTH && y > 0 && y < MAP_HEIGHT).toBe(true)
    }
    expect(at('US')[0]).toBeLessThan(at('DE')[0])
    expect(at('AU')[1]).toBeGreaterThan(at('JP')[1])
  })

  it('merges discs that would cover each other, and sizes them by count', () => {
    const points: Record<string, readonly [number, number]> = { A: [100, 100], B: [103, 101], C: [300, 100] }
    const clusters = clustersOf(new Map([['B', 2], ['A', 30], ['C', 1], ['local', 9]]), (country) => points[country])
    expect(clusters).toEqual([
      { x: 100, y: 100, radius: radiusOf(32), count: 32, countries: ['A', 'B'] },
      { x: 300, y: 100, radius: radiusOf(1), count: 1, countries: ['C'] },
    ])
    expect(radiusOf(1000)).toBeGreaterThan(radiusOf(10))
  })
})
