/** The network's metrics. `sub_libp2p` is what Substrate calls its own network, whatever library it uses. */
import { byLabel, oneOf, type MetricDefinition, type Sample } from '../base/metric.ts'
import type { Bandwidth, NetworkStateReader, NatState, TopicDetails } from './types.ts'

/** As much of the network service as is measured. */
export type MeasuredNetwork = Pick<
  NetworkStateReader,
  'peers' | 'peerDetails' | 'topicStatistics' | 'queued' | 'bans' | 'bandwidth' | 'protocolTraffic' | 'listenAddresses' | 'nat' | 'holePunching'
>

const NAT_STATES: readonly NatState['status'][] = ['off', 'searching', 'mapped', 'verified', 'double-nat', 'failed']
const SLOTS = ['inbound', 'outbound', 'reserved', 'light', 'none']

/** Counters of a topic that say what became of the messages that came. */
const OUTCOMES = ['accepted', 'duplicates', 'ignored', 'rejected', 'limited'] as const

export function networkMetrics(network: MeasuredNetwork): readonly MetricDefinition[] {
  const perTopic = (samples: (topic: TopicDetails) => readonly Sample[]) => (): readonly Sample[] =>
    network.topicStatistics().flatMap((topic) => samples(topic).map(({ labels, value }) => ({ labels: { topic: topic.topic, ...labels }, value })))
  return [
    {
      name: 'substrate_sub_libp2p_peers_count',
      help: 'Peers with whom topics are open.',
      type: 'gauge',
      read: () => network.peers().length,
    },
    {
      name: 'substrate_sub_libp2p_network_bytes_total',
      help: 'Bytes of all connections to peers, encryption and multiplexing included.',
      type: 'counter',
      labels: ['direction'],
      read: () => directions(network.bandwidth()),
    },
    {
      name: 'substrate_sub_libp2p_listeners_local_addresses',
      help: 'Addresses at which the node listens for peers.',
      type: 'gauge',
      read: () => network.listenAddresses().length,
    },
    {
      name: 'nodestead_network_connections',
      help: 'Connected peers by direction, with or without topics.',
      type: 'gauge',
      labels: ['direction'],
      read: () => byLabel('direction', countBy(['inbound', 'outbound'], network.peerDetails().map(({ direction }) => direction))),
    },
    {
      name: 'nodestead_network_slots',
      help: 'Connected peers by the slot that they hold.',
      type: 'gauge',
      labels: ['slot'],
      read: () => byLabel('slot', countBy(SLOTS, network.peerDetails().map(({ slot }) => slot ?? 'none'))),
    },
    {
      name: 'nodestead_network_peer_latency_seconds',
      help: 'Median of the round trips to the peers that hold a slot, as last measured.',
      type: 'gauge',
      read: () => median(network.peerDetails().flatMap(({ latencyMs }) => (latencyMs === undefined ? [] : [latencyMs / 1000]))),
    },
    {
      name: 'nodestead_network_nat',
      help: 'State of the port mapping at the router: 1 for the present one.',
      type: 'gauge',
      labels: ['state'],
      read: () => oneOf('state', NAT_STATES, network.nat().status),
    },
    {
      name: 'nodestead_network_reachable',
      help: 'Whether a peer outside confirmed that it reaches this node.',
      type: 'gauge',
      read: () => Number(network.nat().reachable),
    },
    {
      name: 'nodestead_network_hole_punching_total',
      help: 'Attempts to reach a peer directly that was met over a relay, by what became of them.',
      type: 'counter',
      labels: ['outcome'],
      read: () => byLabel('outcome', { ...network.holePunching() }),
    },
    { name: 'nodestead_network_banned_peers', help: 'Bans that are in force.', type: 'gauge', read: () => network.bans().length },
    { name: 'nodestead_network_queued_messages', help: 'Messages that wait for slow peers.', type: 'gauge', read: () => network.queued().messages },
    { name: 'nodestead_network_queued_bytes', help: 'Bytes of the messages that wait for slow peers.', type: 'gauge', read: () => network.queued().bytes },
    {
      name: 'nodestead_network_protocol_bytes_total',
      help: 'Bytes of all streams of a protocol, as the protocol sees them.',
      type: 'counter',
      labels: ['protocol', 'direction'],
      read: () => network.protocolTraffic().flatMap(({ protocol, ...bytes }) => directions(bytes).map(({ labels, value }) => ({ labels: { protocol, ...labels }, value }))),
    },
    {
      name: 'nodestead_network_topic_messages_total',
      help: 'Messages on a topic.',
      type: 'counter',
      labels: ['topic', 'direction'],
      read: perTopic(({ messagesIn, messagesOut }) => byLabel('direction', { in: messagesIn, out: messagesOut })),
    },
    {
      name: 'nodestead_network_topic_bytes_total',
      help: 'Bytes of the messages on a topic.',
      type: 'counter',
      labels: ['topic', 'direction'],
      read: perTopic(directions),
    },
    {
      name: 'nodestead_network_topic_outcomes_total',
      help: 'What became of the messages that came on a topic; limited ones were above the rate and went unread.',
      type: 'counter',
      labels: ['topic', 'outcome'],
      read: perTopic((topic) => OUTCOMES.map((outcome) => ({ labels: { outcome }, value: topic[outcome] }))),
    },
    {
      name: 'nodestead_network_topic_dropped_total',
      help: 'Messages of ours that waited for a slow peer until there was no room.',
      type: 'counter',
      labels: ['topic'],
      read: perTopic(({ dropped }) => [{ labels: {}, value: dropped }]),
    },
    {
      name: 'nodestead_network_topic_reasons_total',
      help: 'Why messages were ignored or rejected.',
      type: 'counter',
      labels: ['topic', 'reason'],
      read: perTopic(({ reasons }) => byLabel('reason', reasons)),
    },
    {
      name: 'nodestead_network_topic_subscribers',
      help: 'Peers with whom a topic is open.',
      type: 'gauge',
      labels: ['topic'],
      read: perTopic(({ subscribers }) => [{ labels: {}, value: subscribers }]),
    },
  ]
}

function directions({ bytesIn, bytesOut }: Bandwidth): readonly Sample[] {
  return byLabel('direction', { in: bytesIn, out: bytesOut })
}

/** How often each of `all` occurs; none is left out. */
function countBy(all: readonly string[], values: readonly string[]): Record<string, number> {
  return Object.fromEntries(all.map((one) => [one, values.filter((value) => value === one).length]))
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
}
