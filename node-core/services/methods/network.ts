/** `nodestead.v1.Network`: how this node is in a network. */
import type { ServiceImpl } from '@connectrpc/connect'
import { findRunning } from '../../manager/asking.ts'
import type { NodeView } from '../../manager/kinds/kind.ts'
import { networkOf, type ServiceContext } from '../context.ts'
import type { Network } from '../proto/nodestead/v1/network_pb.ts'

export function networkMethods(ctx: ServiceContext): ServiceImpl<typeof Network> {
  const running = (request: { readonly network: string }): NodeView => findRunning(ctx.manager, networkOf(ctx, request).id)
  return {
    reachability: (request) => {
      const { network } = running(request)
      const { status, reachable, mappings, problem } = network.nat()
      return {
        peerId: network.localPeerId,
        listenAddresses: [...network.listenAddresses()],
        nat: status, reachable,
        mappings: mappings.map(({ internalPort, externalPort, externalAddress }) => ({ internalPort, externalPort, externalAddress })),
        problemCode: problem?.code ?? '', problem: problem?.message ?? '', hint: problem?.hint ?? '',
        quic: network.quic().state,
      }
    },
    traffic: (request) => {
      const { network } = running(request)
      const { bytesIn, bytesOut } = network.bandwidth()
      const { messages, bytes } = network.queued()
      return {
        bytesIn: BigInt(bytesIn), bytesOut: BigInt(bytesOut), queuedMessages: BigInt(messages), queuedBytes: BigInt(bytes),
        protocols: network.protocolTraffic().map((of) => ({ protocol: of.protocol, bytesIn: BigInt(of.bytesIn), bytesOut: BigInt(of.bytesOut) })),
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
