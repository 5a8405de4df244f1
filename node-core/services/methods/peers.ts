/** `nodestead.v1.Peers`: who is connected, and what can be done to them. */
import type { MessageInitShape } from '@bufbuild/protobuf'
import type { ServiceImpl } from '@connectrpc/connect'
import { findRunning } from '../../manager/asking.ts'
import type { ChainPeerStatus } from '../../manager/kinds/chain/types.ts'
import type { NodeView } from '../../manager/kinds/kind.ts'
import type { PeerDetails } from '../../network/types.ts'
import { endOf, networkOf, timeOf, type ServiceContext } from '../context.ts'
import { ServiceError } from '../errors.ts'
import type { Peers, PeerSchema } from '../proto/nodestead/v1/peers_pb.ts'
import { follow } from '../streams/feed.ts'

export function peersMethods(ctx: ServiceContext): ServiceImpl<typeof Peers> {
  const running = (request: { readonly network: string }): NodeView => findRunning(ctx.manager, networkOf(ctx, request).id)
  return {
    listPeers: (request) => {
      const { network } = running(request)
      return { peers: network.peerDetails().map(peerOf), reserved: [...network.reservedPeers()] }
    },
    async *watchPeers(request, context) {
      const { id } = networkOf(ctx, request)
      const feed = ctx.feeds.peers(id)
      const place = request.cursor === '' ? feed.next : feed.placeOf(request.cursor)
      const known = (peerId: string): PeerDetails | undefined => ctx.manager.node(id)?.network.peerDetails().find((peer) => peer.peerId === peerId)
      if (request.cursor === '') {
        for (const peer of ctx.manager.node(id)?.network.peerDetails() ?? []) yield { cursor: feed.cursorOf(place), peerId: peer.peerId, connected: true, peer: peerOf(peer) }
      }
      for await (const { cursor, event: { peer: peerId, connected } } of follow(feed, place, endOf(context))) {
        const peer = connected ? known(peerId) : undefined
        yield { cursor, peerId, connected, ...(peer === undefined ? {} : { peer: peerOf(peer) }) }
      }
    },
    connect: async (request, { signal }) => ({ already: (await running(request).peerActions.call(request.address, signal)) === 'already' }),
    disconnect: (request) => {
      const { network, peerActions } = running(request)
      if (!network.peerDetails().some(({ peerId }) => peerId === request.peerId)) throw new ServiceError('SERVICE_PEER_UNKNOWN', 'This peer is not connected.', { hint: 'See who is by Peers.ListPeers.' })
      peerActions.disconnect(request.peerId, 'disconnected by a program')
      return {}
    },
    ban: (request) => {
      running(request).peerActions.ban(request.peerId, request.minutes * 60_000)
      return {}
    },
    pardon: (request) => {
      running(request).peerActions.pardon(request.peerId)
      return {}
    },
    listBans: (request) => ({ bans: running(request).network.bans().map(({ peerId, until, reason }) => ({ peerId, until: timeOf(until), reason })) }),
    release: (request) => {
      running(request).peerActions.removeReserved(request.peerId)
      return {}
    },
  }
}

function peerOf({ peerId, address, direction, slot, agent, latencyMs, bytesIn, bytesOut, reputation, connectedSince, topics, status }: PeerDetails): MessageInitShape<typeof PeerSchema> {
  const said = isChainStatus(status) ? status : undefined
  return {
    peerId, address, inbound: direction === 'inbound', slot: slot ?? '', agent: agent ?? '',
    ...(latencyMs === undefined ? {} : { latencyMs }),
    bytesIn: BigInt(bytesIn), bytesOut: BigInt(bytesOut), reputation: Math.round(reputation), connectedSince: timeOf(connectedSince), topics: [...topics],
    roles: said?.roles ?? '',
    ...(said === undefined ? {} : { best: said.best }),
  }
}

/** What a kind of node knows of a peer is its own; that of a chain has these. */
function isChainStatus(status: unknown): status is ChainPeerStatus {
  return typeof status === 'object' && status !== null && 'roles' in status && 'best' in status
}
