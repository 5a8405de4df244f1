/** Events and figures of the net as they come over the socket. Pure. */
import type { ChannelMetrics, Count } from '../../channels/types.ts'
import type { NetEvent } from '../../events/net-events.ts'
import type { ChannelMetrics as ChannelInfo, Count as CountInfo, Event, NetMetricsResponse } from '../../ipc/proto/nodestead/net/v1/ipc_pb.ts'
import { PATHS, WAYS } from '../../ipc/words.ts'
import type { NetMetrics } from '../../surface.ts'

/** Undefined for one that this software does not know. */
export function eventOf({ event }: Event): NetEvent | undefined {
  switch (event.case) {
    case 'connected':
      return { kind: 'peer-connected', peer: event.value.peer, path: PATHS.word(event.value.path) }
    case 'pathChanged':
      return { kind: 'peer-path', peer: event.value.peer, path: PATHS.word(event.value.path) }
    case 'disconnected':
      return { kind: 'peer-disconnected', peer: event.value.peer }
    case 'channelOpened': {
      const { channel, peer, service, inbound, path } = event.value
      return { kind: 'channel-opened', channel, peer, service, direction: inbound ? 'inbound' : 'outbound', path: PATHS.word(path) }
    }
    case 'channelMoved': {
      const { channel, peer, service, path } = event.value
      return { kind: 'channel-moved', channel, peer, service, path: PATHS.word(path) ?? 'direct' }
    }
    case 'channelClosed': {
      const { channel, peer, service, code } = event.value
      return { kind: 'channel-closed', channel, peer, service, code: code === '' ? undefined : code }
    }
    case 'serviceFound': {
      const { service, peer, addresses } = event.value
      return { kind: 'service-found', service, peer, addresses }
    }
    case 'serviceLost': {
      const { service, peer, reason } = event.value
      return { kind: 'service-lost', service, peer, reason: reason === 'refused' ? 'refused' : 'expired' }
    }
    default:
      return undefined
  }
}

export function metricsOf({ peers, topics, serving }: NetMetricsResponse): NetMetrics {
  return {
    peers: peers.map(({ peer, channels, path, sums, inFlight, window, bytesPerSecond, resumed, moved }) => ({
      ...channelMetricsOf(sums),
      peer,
      channels,
      path: PATHS.word(path),
      inFlight: Number(inFlight),
      window: Number(window),
      bytesPerSecond,
      resumed: Number(resumed),
      moved: Number(moved),
    })),
    topics: topics.map(({ topic, peers: open, services, ways }) => ({
      topic,
      peers: open,
      services: services.map(({ service, received, dropped, waiting, waitingBytes }) => ({ service, received: Number(received), dropped: Number(dropped), waiting: Number(waiting), waitingBytes: Number(waitingBytes) })),
      ways: ways.flatMap(({ way, delivered, duplicates }) => {
        const word = WAYS.word(way)
        return word === undefined ? [] : [{ way: word, delivered: Number(delivered), duplicates: Number(duplicates) }]
      }),
    })),
    serving: { bytes: Number(serving?.bytes ?? 0n), peers: serving?.peers ?? 0, streams: serving?.streams ?? 0 },
  }
}

export function channelMetricsOf(metrics: ChannelInfo | undefined): ChannelMetrics {
  return {
    sent: countOf(metrics?.sent),
    received: countOf(metrics?.received),
    queued: countOf(metrics?.queued),
    unread: countOf(metrics?.unread),
    credit: Number(metrics?.credit ?? 0n),
    dropped: Number(metrics?.dropped ?? 0n),
    rttMs: metrics?.roundTripMs,
  }
}

export function countOf(count: CountInfo | undefined): Count {
  return { messages: Number(count?.messages ?? 0n), bytes: Number(count?.bytes ?? 0n) }
}
