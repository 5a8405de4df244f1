/** `nodestead.v1.Channels`: messages both ways with one peer, as they are seen from outside. */
import type { MessageInitShape } from '@bufbuild/protobuf'
import type { ServiceImpl } from '@connectrpc/connect'
import { unlessAborted } from '../../net/channels/unless-aborted.ts'
import type { ChannelMetrics, PeerMetrics } from '../../net/channels/types.ts'
import type { NetView } from '../../manager/kinds/net-view.ts'
import { endOf, type ServiceContext } from '../context.ts'
import { ServiceError } from '../errors.ts'
import type { ChannelFiguresSchema, ChannelPeerSchema, Channels, OpenChannelSchema } from '../proto/nodestead/v1/channels_pb.ts'
import { openNet, type OfNetwork } from './open-net.ts'

type Seen = ReturnType<NetView['channels']['channels']>[number]

export function channelsMethods(ctx: ServiceContext): ServiceImpl<typeof Channels> {
  const named = (request: OfNetwork & { readonly id: string }): Seen => {
    const found = openNet(ctx, request).channels.channels().find(({ state }) => state.id === request.id)
    if (found !== undefined) return found
    throw new ServiceError('SERVICE_CHANNEL_UNKNOWN', 'No open channel has this id.', { hint: 'See which are open by Channels.ListChannels.' })
  }
  return {
    listChannels: (request) => ({
      channels: openNet(ctx, request).channels.channels().filter(({ state }) => request.peerId === '' || state.peer === request.peerId).map(openChannel),
    }),
    channel: (request) => ({ channel: openChannel(named(request)) }),
    channelPeers: (request) => ({ peers: openNet(ctx, request).channels.peers().map(channelPeer) }),
    closeChannel: async (request, context) => {
      const channel = named(request)
      if (request.reset) channel.reset()
      else await unlessAborted(channel.close(), endOf(context))
      return {}
    },
  }
}

function openChannel({ state, metrics }: Pick<Seen, 'state' | 'metrics'>): MessageInitShape<typeof OpenChannelSchema> {
  const { id, peer, service, class: name, direction, phase, found, path } = state
  return { id, peerId: peer, service, class: name, inbound: direction === 'inbound', phase, found, path: path ?? '', figures: channelFigures(metrics) }
}

function channelPeer(metrics: PeerMetrics): MessageInitShape<typeof ChannelPeerSchema> {
  const { peer, channels, path, inFlight, window, bytesPerSecond, resumed, moved } = metrics
  return {
    peerId: peer, channels, path: path ?? '', figures: channelFigures(metrics), inFlight: whole(inFlight), window: whole(window),
    ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }),
    resumed: whole(resumed), moved: whole(moved),
  }
}

function channelFigures({ sent, received, queued, unread, credit, dropped, rttMs }: ChannelMetrics): MessageInitShape<typeof ChannelFiguresSchema> {
  return {
    messagesSent: whole(sent.messages), bytesSent: whole(sent.bytes), messagesReceived: whole(received.messages), bytesReceived: whole(received.bytes),
    messagesQueued: whole(queued.messages), bytesQueued: whole(queued.bytes), messagesUnread: whole(unread.messages), bytesUnread: whole(unread.bytes),
    credit: whole(credit), dropped: whole(dropped),
    ...(rttMs === undefined ? {} : { roundTripMs: rttMs }),
  }
}

/** A figure may be a fraction, and infinite where nothing limits it; 64 bits hold neither. */
function whole(figure: number): bigint {
  return BigInt(Math.max(0, Math.min(Math.round(figure), Number.MAX_SAFE_INTEGER)))
}
