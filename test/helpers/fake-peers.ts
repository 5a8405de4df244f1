/** Many peers, the same ones each time: in all the world, of every kind, with traffic that grows when it is told to. */
import { base58 } from '@scure/base'
import { fakePeer } from './fake-network.ts'
import type { ChainPeerStatus } from '../../node-core/chain/protocols/roles.ts'
import type { PeerDetails } from '../../node-core/network/types.ts'

/** What stands before an Ed25519 key in a peer id. */
const ED25519 = [0x00, 0x24, 0x08, 0x01, 0x12, 0x20]
const AGENTS = ['Parity Polkadot/v1.18.0', 'Parity Polkadot/v1.17.1', 'Nodestead/0.1.0', 'smoldot-light/2.0.34', 'kagome/1.0.0', undefined] as const
const TOPICS = ['block-announces', 'transactions', 'grandpa'] as const
/** First two numbers of addresses in countries far apart; the last three are private ones. */
const NETWORKS = ['8.8', '88.198', '5.9', '51.15', '185.199', '52.192', '54.251', '13.236', '18.228', '41.76', '49.36', '95.217', '142.44', '192.168', '10.0', '127.0']
const ROLES = ['FULL', 'FULL', 'FULL', 'AUTHORITY', 'LIGHT'] as const

/** Numbers from 0 to 1 in an order that is the same each time. */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state / 2 ** 31
  }
}

/** A well-formed peer id; nobody knows its secret. */
export function fakePeerId(n: number): string {
  const next = randomNumbers(n * 7919 + 17)
  return base58.encode(Uint8Array.from([...ED25519, ...Array.from({ length: 32 }, () => Math.floor(next() * 256))]))
}

/** `now` in milliseconds since the Unix epoch. */
export function fakePeers(count: number, now: number): PeerDetails<ChainPeerStatus>[] {
  return Array.from({ length: count }, (_, n) => {
    const next = randomNumbers(n + 1)
    const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T
    next()
    const inbound = next() < 0.6
    const host = `${pick(NETWORKS)}.${Math.floor(next() * 250) + 1}.${Math.floor(next() * 250) + 1}`
    const bare = next() < 0.08
    return fakePeer(fakePeerId(n), {
      address: `/ip4/${host}/tcp/${inbound ? 32_768 + Math.floor(next() * 28_000) : 30_333}`,
      direction: inbound ? 'inbound' : 'outbound',
      slot: bare ? undefined : inbound ? 'inbound' : 'outbound',
      agent: pick(AGENTS),
      status: bare ? undefined : { roles: pick(ROLES), best: { hash: `0x${(n + 1).toString(16).padStart(64, '7')}`, number: 48_120 - Math.floor(next() ** 4 * 900) } },
      latencyMs: bare ? undefined : Math.round(12 + next() ** 2 * 320),
      bytesIn: Math.floor(next() ** 3 * 80_000_000),
      bytesOut: Math.floor(next() ** 3 * 40_000_000),
      streams: bare ? 1 : 6 + Math.floor(next() * 6),
      reputation: next() < 0.85 ? Math.floor(next() * 120) : -Math.floor(next() * 700),
      connectedSince: now - Math.floor(next() ** 2 * 86_400_000),
      topics: bare ? [] : TOPICS.slice(0, 1 + Math.floor(next() * 3)),
    })
  })
}

/** The same peers a second later: most have said something. */
export function afterASecond(peers: readonly PeerDetails<ChainPeerStatus>[]): PeerDetails<ChainPeerStatus>[] {
  return peers.map((peer, n) => (n % 5 === 0 ? peer : { ...peer, bytesIn: peer.bytesIn + 300 + ((n * 7919) % 40_000), bytesOut: peer.bytesOut + 200 + ((n * 104_729) % 20_000) }))
}
