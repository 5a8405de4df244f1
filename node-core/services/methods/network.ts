/** `nodestead.v1.Network`: how this node is in a network. */
import type { MessageInitShape } from '@bufbuild/protobuf'
import type { ServiceImpl } from '@connectrpc/connect'
import { findRunning } from '../../manager/asking.ts'
import type { NodeView } from '../../manager/kinds/kind.ts'
import type { TopicDetails } from '../../network/types.ts'
import { networkOf, type ServiceContext } from '../context.ts'
import type { Network, TopicTrafficSchema } from '../proto/nodestead/v1/network_pb.ts'

export function networkMethods(ctx: ServiceContext): ServiceImpl<typeof Network> {
  const running = (request: { readonly network: string }): NodeView => findRunning(ctx.manager, networkOf(ctx, request).id)
  return {
    reachability: (request) => {
      const { network } = running(request)
      const { status, reachable, mappings, problem } = network.nat()
      const { direct, failed } = network.holePunching()
      const relay = network.relay()
      return {
        peerId: network.localPeerId,
        listenAddresses: [...network.listenAddresses()],
        nat: status, reachable,
        mappings: mappings.map(({ internalPort, externalPort, externalAddress }) => ({ internalPort, externalPort, externalAddress })),
        problemCode: problem?.code ?? '', problem: problem?.message ?? '', hint: problem?.hint ?? '',
        quic: network.quic().state,
        holesPunched: BigInt(direct), holesFailed: BigInt(failed),
        ...(relay === undefined ? {} : { relay: { reservations: relay.reservations.length, maxReservations: relay.maxReservations, relayedBytes: BigInt(relay.relayedBytes) } }),
      }
    },
    traffic: (request) => {
      const { network } = running(request)
      const { bytesIn, bytesOut } = network.bandwidth()
      const { messages, bytes } = network.queued()
      return {
        bytesIn: BigInt(bytesIn), bytesOut: BigInt(bytesOut), queuedMessages: BigInt(messages), queuedBytes: BigInt(bytes),
        protocols: network.protocolTraffic().map((of) => ({ protocol: of.protocol, bytesIn: BigInt(of.bytesIn), bytesOut: BigInt(of.bytesOut) })),
        topics: network.topicStatistics().map(topicTraffic),
      }
    },
    reconnect: (request) => {
      const { surroundings } = running(request)
      surroundings.reconnect()
      surroundings.askRouter()
      return {}
    },
  }
}

function topicTraffic({ topic, subscribers, messagesIn, messagesOut, bytesIn, bytesOut, accepted, duplicates, ignored, rejected, limited, dropped }: TopicDetails): MessageInitShape<typeof TopicTrafficSchema> {
  return {
    topic, peers: subscribers,
    messagesIn: BigInt(messagesIn), messagesOut: BigInt(messagesOut), bytesIn: BigInt(bytesIn), bytesOut: BigInt(bytesOut),
    accepted: BigInt(accepted), duplicates: BigInt(duplicates), ignored: BigInt(ignored), rejected: BigInt(rejected), limited: BigInt(limited), dropped: BigInt(dropped),
  }
}
