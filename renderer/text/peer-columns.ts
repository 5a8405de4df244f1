/** The columns of the table of peers, in the language in use: what they are sorted by and how wide they are. */
import { m } from '../i18n/language.ts'
import { placeName, shortAddress } from './peers.ts'
import type { Column } from '../components/table.ts'
import type { PeerEntry } from '../../node-core/api/network/peer-changes.ts'

export function peerColumns(): readonly Column<PeerEntry>[] {
  const { peers } = m
  return [
    { id: 'name', title: peers.name, hint: peers.nameHint, width: '152px', sortBy: ({ peerId }) => peerId.slice(-6) },
    { id: 'address', title: peers.address, width: 'minmax(232px,1fr)', sortBy: ({ address }) => shortAddress(address) },
    { id: 'direction', title: peers.direction, hint: peers.directionHint, width: '98px', sortBy: ({ direction }) => direction },
    { id: 'best', title: peers.best, hint: peers.bestHint, numeric: true, width: '110px', sortBy: ({ best }) => best?.number },
    { id: 'latency', title: peers.latency, hint: peers.latencyHint, numeric: true, width: '98px', sortBy: ({ latencyMs }) => latencyMs },
    { id: 'received', title: peers.received, hint: peers.receivedHint, numeric: true, width: '144px', sortBy: ({ bytesIn }) => bytesIn },
    { id: 'sent', title: peers.sent, hint: peers.sentHint, numeric: true, width: '144px', sortBy: ({ bytesOut }) => bytesOut },
    // From here on a small window has them beyond its edge.
    { id: 'place', title: peers.place, hint: peers.mapHint, width: '110px', sortBy: ({ place }) => place && placeName(place) },
    { id: 'role', title: peers.role, hint: peers.roleHint, width: '124px', sortBy: ({ roles }) => roles && peers.roles[roles] },
    { id: 'agent', title: peers.agent, width: '190px', sortBy: ({ agent }) => agent },
    { id: 'reputation', title: peers.reputation, hint: peers.reputationHint, numeric: true, width: '116px', sortBy: ({ reputation }) => reputation },
    // The longest connected have come first.
    { id: 'since', title: peers.since, hint: peers.sinceHint, numeric: true, width: '148px', sortBy: ({ connectedSince }) => -connectedSince },
  ]
}
