/** What goes over the network: `topics.*`, `traffic.*`. */
import { z } from 'zod'
import { inspectTopic } from './inspector.ts'
import { Rates } from './rates.ts'
import { following, runningNode, sample } from '../running.ts'
import { networkId, procedure, router } from '../trpc.ts'
import type { Bandwidth, NatState, ProtocolTraffic, QuicState, RelayState, TopicDetails } from '../../network/types.ts'

type Counted = 'messagesIn' | 'messagesOut' | 'bytesIn' | 'bytesOut' | 'duplicates' | 'dropped' | 'rejected'

export interface TopicEntry extends TopicDetails {
  /** Per second, over the last few seconds. */
  readonly perSecond: Readonly<Record<Counted, number>>
}

export interface TopicsBatch {
  readonly topics: readonly TopicEntry[]
}

export interface TrafficBatch {
  readonly total: Bandwidth
  /** Bytes per second, over the last few seconds. */
  readonly perSecond: Bandwidth
  /** Messages and bytes that wait for slow peers. */
  readonly queued: { readonly messages: number; readonly bytes: number }
  readonly protocols: readonly ProtocolTraffic[]
  /** Multiaddresses at which the node listens. */
  readonly addresses: readonly string[]
  /** Whether others reach this node through the router; undefined while it does not run. */
  readonly nat: NatState | undefined
  /** Undefined while it does not run. */
  readonly quic: QuicState | undefined
  /** What the node gives as a relay; undefined where it is none. */
  readonly relay: RelayState | undefined
}

const networkInput = z.strictObject({ network: networkId })

export const topicsRouter = router({
  inspect: inspectTopic,

  watch: procedure.input(networkInput).subscription(({ ctx, input, signal }) =>
    sample<TopicsBatch>(
      ctx,
      signal,
      following(() => runningNode(ctx, input.network), () => {
        const rates = new Map<string, Rates<Counted>>()
        return (node) => ({
          topics: (node?.network.topicStatistics() ?? []).map((topic) => {
            const meter = rates.get(topic.topic) ?? new Rates<Counted>(ctx.clock)
            rates.set(topic.topic, meter)
            const { messagesIn, messagesOut, bytesIn, bytesOut, duplicates, dropped, rejected } = topic
            return { ...topic, perSecond: meter.add({ messagesIn, messagesOut, bytesIn, bytesOut, duplicates, dropped, rejected }) }
          }),
        })
      }),
    ),
  ),
})

export const trafficRouter = router({
  watch: procedure.input(networkInput).subscription(({ ctx, input, signal }) =>
    sample<TrafficBatch>(
      ctx,
      signal,
      following(() => runningNode(ctx, input.network), () => {
        const rates = new Rates<keyof Bandwidth>(ctx.clock)
        return (node) => {
          const { bytesIn, bytesOut } = node?.network.bandwidth() ?? { bytesIn: 0, bytesOut: 0 }
          return {
            total: { bytesIn, bytesOut },
            perSecond: rates.add({ bytesIn, bytesOut }),
            queued: node?.network.queued() ?? { messages: 0, bytes: 0 },
            protocols: node?.network.protocolTraffic() ?? [],
            addresses: node?.network.listenAddresses() ?? [],
            nat: node?.network.nat(),
            quic: node?.network.quic(),
            relay: node?.network.relay(),
          }
        }
      }),
    ),
  ),
})
