/** Figures of the net for programs: of all services and programs together, and of topics those that the program may use. */
import type { MessageInitShape } from '@bufbuild/protobuf'
import type { Disposer } from '../../../base/disposers.ts'
import type { ChannelMetrics, PeerMetrics } from '../../channels/types.ts'
import type { NetApi } from '../../net-api.ts'
import type { TopicMetrics } from '../../surface.ts'
import { Node, type ChannelMetricsSchema, type PeerMetricsSchema, type TopicMetricsSchema } from '../proto/nodestead/net/v1/ipc_pb.ts'
import type { Methods } from '../session/methods.ts'
import { countOf, PATHS, WAYS } from '../words.ts'

export function registerMetricsMethods(methods: Methods, api: Pick<NetApi, 'metrics'>): Disposer {
  return methods.register(Node.method.netMetrics, { scopes: ['metrics'] }, (_request, { program }) => {
    const { peers, topics, serving } = api.metrics()
    return {
      peers: peers.map(peerMetricsOf),
      topics: topics.filter(({ topic }) => program.may.allows('topics', topic)).map(topicMetricsOf),
      serving: { bytes: BigInt(serving.bytes), peers: serving.peers, streams: serving.streams },
    }
  })
}

export function channelMetricsOf({ sent, received, queued, unread, credit, dropped, rttMs }: ChannelMetrics): MessageInitShape<typeof ChannelMetricsSchema> {
  return {
    sent: countOf(sent),
    received: countOf(received),
    queued: countOf(queued),
    unread: countOf(unread),
    credit: BigInt(Math.max(0, credit)),
    dropped: BigInt(dropped),
    ...(rttMs === undefined ? {} : { roundTripMs: rttMs }),
  }
}

function peerMetricsOf(metrics: PeerMetrics): MessageInitShape<typeof PeerMetricsSchema> {
  const { peer, channels, path, inFlight, window, bytesPerSecond, resumed, moved } = metrics
  return {
    peer,
    channels,
    path: PATHS.number(path),
    sums: channelMetricsOf(metrics),
    inFlight: BigInt(Math.round(inFlight)),
    window: BigInt(Math.round(window)),
    ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }),
    resumed: BigInt(resumed),
    moved: BigInt(moved),
  }
}

function topicMetricsOf({ topic, peers, services, ways }: TopicMetrics): MessageInitShape<typeof TopicMetricsSchema> {
  return {
    topic,
    peers,
    services: services.map(({ service, received, dropped, waiting, waitingBytes }) => ({ service, received: BigInt(received), dropped: BigInt(dropped), waiting: BigInt(waiting), waitingBytes: BigInt(waitingBytes) })),
    ways: ways.map(({ way, delivered, duplicates }) => ({ way: WAYS.number(way), delivered: BigInt(delivered), duplicates: BigInt(duplicates) })),
  }
}
