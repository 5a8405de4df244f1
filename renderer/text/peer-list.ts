/** The list of peers and how a batch of news changes it, and how many there are where. No part of it is reactive. */
import type { PeerEntry, PeersBatch } from '../../node-core/api/network/peer-changes.ts'

export class PeerList {
  readonly #byId = new Map<string, PeerEntry>()

  /** Everybody after the batch, in the order in which they came. */
  apply({ reset, changed, left }: PeersBatch): readonly PeerEntry[] {
    if (reset) this.#byId.clear()
    for (const peerId of left) this.#byId.delete(peerId)
    for (const peer of changed) this.#byId.set(peer.peerId, peer)
    return [...this.#byId.values()]
  }
}

/** Peers by place; those whose place is not known are under `unknown`. */
export function placesOf(peers: readonly PeerEntry[]): ReadonlyMap<string, number> {
  const places = new Map<string, number>()
  for (const { place = 'unknown' } of peers) places.set(place, (places.get(place) ?? 0) + 1)
  return places
}
