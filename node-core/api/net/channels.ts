/** Channels with peers, and what goes over them: `net.channels.*`. */
import { networkInput, openNet, openingOf, type Opening } from './open-net.ts'
import { Rates } from '../network/rates.ts'
import { following, sample } from '../running.ts'
import { procedure, router } from '../trpc.ts'
import type { ChannelMetrics, ChannelState, PeerMetrics } from '../../net/channels/types.ts'
import type { NetView } from '../../manager/kinds/net-view.ts'

type Counted = 'bytesIn' | 'bytesOut'

export interface ChannelEntry extends ChannelState {
  readonly metrics: ChannelMetrics
  /** Bytes per second, over the last few seconds. */
  readonly perSecond: Readonly<Record<Counted, number>>
}

export interface ChannelsBatch {
  readonly opening: Opening
  readonly channels: readonly ChannelEntry[]
  /** Sums of each peer with whom there is a session, and its line. */
  readonly peers: readonly PeerMetrics[]
}

export const channelsRouter = router({
  watch: procedure.input(networkInput).subscription(({ ctx, input, signal }) =>
    sample<ChannelsBatch>(
      ctx,
      signal,
      following<NetView, ChannelsBatch>(() => openNet(ctx, input.network), () => {
        let meters = new Map<string, Rates<Counted>>()
        return (net) => {
          const open = net?.channels.channels() ?? []
          const kept = new Map<string, Rates<Counted>>()
          const channels = open.map(({ state, metrics }) => {
            const meter = meters.get(state.id) ?? new Rates<Counted>(ctx.clock)
            kept.set(state.id, meter)
            return { ...state, metrics, perSecond: meter.add({ bytesIn: metrics.received.bytes, bytesOut: metrics.sent.bytes }) }
          })
          meters = kept
          return { opening: openingOf(ctx, input.network), channels, peers: net?.channels.peers() ?? [] }
        }
      }),
    ),
  ),
})
