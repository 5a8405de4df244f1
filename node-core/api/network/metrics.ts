/** The figures of a network, now and as they went, and the room that it takes: `metrics.*`. Histories outlast the node. */
import { z } from 'zod'
import { runningNode } from '../running.ts'
import { networkId, procedure, requireNetwork, router } from '../trpc.ts'
import { watch } from '../watch.ts'
import { SPAN_IDS, type HistoryPoint, type HistoryTable } from '../../metrics/history/history-series.ts'
import type { NetworkDisk } from '../../manager/types.ts'
import type { MetricFamily } from '../../metrics/registry.ts'

export interface HistoryBatch {
  /** The span as it stands: in the first batch. */
  readonly table: HistoryTable | undefined
  /** Slots that changed since, oldest first. */
  readonly points: readonly HistoryPoint[]
}

/** Samples that wait for a client that is slow; the oldest go first. */
const MAX_WAITING = 60

const networkInput = z.strictObject({ network: networkId })
const historyInput = z.strictObject({ network: networkId, span: z.enum(SPAN_IDS) })

export const metricsRouter = router({
  /** Every metric as it is now: the same that Prometheus gets. */
  latest: procedure.input(networkInput).query(({ ctx, input }): readonly MetricFamily[] => runningNode(ctx, input.network)?.metrics.read() ?? []),

  /** The last hour, day or week, whether the node runs or not. */
  history: procedure.input(historyInput).query(async ({ ctx, input }): Promise<HistoryTable> => {
    const history = ctx.manager.history(requireNetwork(ctx, input.network).id)
    await history.load()
    return history.table(input.span)
  }),

  watch: procedure.input(historyInput).subscription(async function* ({ ctx, input, signal }) {
    const history = ctx.manager.history(requireNetwork(ctx, input.network).id)
    await history.load()
    const waiting = new Map<number, HistoryPoint>()
    let isFirst = true
    yield* watch<HistoryBatch>({
      clock: ctx.clock,
      signal,
      open: (wake) =>
        history.events.on('sample', () => {
          const point = history.newest(input.span)
          if (point === undefined) return
          waiting.set(point.time, point)
          const oldest = waiting.keys().next()
          if (waiting.size > MAX_WAITING && oldest.done !== true) waiting.delete(oldest.value)
          wake()
        }),
      take: () => {
        const points = [...waiting.values()]
        waiting.clear()
        if (!isFirst) return points.length === 0 ? undefined : { table: undefined, points }
        isFirst = false
        return { table: history.table(input.span), points: [] }
      },
    })
  }),

  /** The size of the network's data, a few minutes old at the most, and the free space beside it as it is now. */
  disk: procedure.input(networkInput).query(({ ctx, input }): Promise<NetworkDisk> => ctx.manager.disk(requireNetwork(ctx, input.network).id)),
})
