/** Who serves blocks, as people see it: what each peer is asked for, what it delivered, and what went wrong with it. */
import type { SyncPeer } from './peer-table.ts'
import type { Pending, Requests } from './requests.ts'
import type { OpenRequest, SyncPeerDetails } from '../types.ts'

const ORDER: readonly SyncPeerDetails['state'][] = ['serving', 'free', 'resting', 'disbelieved']

/** Those who serve first, among equals those who delivered most. */
export function servingPeers(peers: readonly SyncPeer[], requests: Pick<Requests, 'of'>, now: number): SyncPeerDetails[] {
  return peers
    .map((peer) => details(peer, requests.of(peer.id), now))
    .sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || b.delivered - a.delivered)
}

function details(peer: SyncPeer, pending: readonly Pending[], now: number): SyncPeerDetails {
  const { id, best, delivered, lastRange, timeouts, otherFailures, msPerBlock } = peer
  const requests = pending.map(({ purpose, request, sentAt }): OpenRequest => {
    return { kind: purpose.kind, from: request.from, blocks: request.maxBlocks, forMs: now - sentAt }
  })
  return {
    peer: id,
    best,
    ...standing(peer, requests.length > 0, now),
    requests,
    delivered,
    lastRange,
    timeouts,
    failures: otherFailures,
    blocksPerSecond: msPerBlock === 0 ? undefined : 1000 / msPerBlock,
  }
}

function standing({ disbelievedUntil, restsUntil }: SyncPeer, isAsked: boolean, now: number): Pick<SyncPeerDetails, 'state' | 'forMs'> {
  if (disbelievedUntil > now) return { state: 'disbelieved', forMs: disbelievedUntil - now }
  if (restsUntil > now) return { state: 'resting', forMs: restsUntil - now }
  return { state: isAsked ? 'serving' : 'free', forMs: 0 }
}
