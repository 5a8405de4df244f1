/** Sums of channels' metrics, and what is exported of them. */
import type { MetricDefinition } from '../../base/metric.ts'
import type { ChannelMetrics, Count, PeerMetrics } from './types.ts'

const NONE: Count = { messages: 0, bytes: 0 }
export const NO_METRICS: ChannelMetrics = { sent: NONE, received: NONE, queued: NONE, unread: NONE, credit: 0, dropped: 0, rttMs: undefined }

export function addMetrics(a: ChannelMetrics, b: ChannelMetrics): ChannelMetrics {
  return {
    sent: addCounts(a.sent, b.sent),
    received: addCounts(a.received, b.received),
    queued: addCounts(a.queued, b.queued),
    unread: addCounts(a.unread, b.unread),
    credit: a.credit + b.credit,
    dropped: a.dropped + b.dropped,
    rttMs: a.rttMs ?? b.rttMs,
  }
}

export function addCounts(a: Count, b: Count): Count {
  return { messages: a.messages + b.messages, bytes: a.bytes + b.bytes }
}

/** As much of channels as is measured. */
export interface MeasuredChannels {
  peers(): readonly PeerMetrics[]
  readonly memory: { readonly promised: number; readonly limit: number }
}

export function channelMetrics(channels: MeasuredChannels): readonly MetricDefinition[] {
  const sum = (of: (peer: PeerMetrics) => number): number => channels.peers().reduce((total, peer) => total + of(peer), 0)
  return [
    {
      name: 'nodestead_channels',
      help: 'Open channels with peers.',
      type: 'gauge',
      read: () => sum((peer) => peer.channels),
    },
    {
      name: 'nodestead_channel_sessions',
      help: 'Peers with whom there is a session of channels, by the path that its bytes take.',
      type: 'gauge',
      labels: ['path'],
      read: () => ['direct', 'relayed', 'none'].map((path) => ({ labels: { path }, value: sum((peer) => ((peer.path ?? 'none') === path ? 1 : 0)) })),
    },
    {
      name: 'nodestead_channel_queued_bytes',
      help: 'Bytes of messages in channels that wait: to be sent, and for their reader.',
      type: 'gauge',
      labels: ['side'],
      read: () => [
        { labels: { side: 'sender' }, value: sum((peer) => peer.queued.bytes) },
        { labels: { side: 'reader' }, value: sum((peer) => peer.unread.bytes) },
      ],
    },
    {
      name: 'nodestead_channel_promised_bytes',
      help: 'Memory that channels promised to peers: what these may send before somebody reads.',
      type: 'gauge',
      read: () => channels.memory.promised,
    },
  ]
}
