/** `nodestead.v1.Metrics`: figures of a network's node. */
import type { MessageInitShape } from '@bufbuild/protobuf'
import type { Timestamp } from '@bufbuild/protobuf/wkt'
import type { ServiceImpl } from '@connectrpc/connect'
import { findRunning } from '../../manager/asking.ts'
import type { HistoryReader } from '../../metrics/history/history.ts'
import { SERIES, type HistoryColumns, type HistoryPoint, type SpanId } from '../../metrics/history/history-series.ts'
import { endOf, networkOf, timeOf, type ServiceContext } from '../context.ts'
import { HistorySpan, type HistoryPointSchema, type Metrics, type WatchHistoryResponseSchema } from '../proto/nodestead/v1/metrics_pb.ts'


export function metricsMethods(ctx: ServiceContext): ServiceImpl<typeof Metrics> {
  return {
    readMetrics: (request) => {
      const families = findRunning(ctx.manager, networkOf(ctx, request).id).metrics.read()
      return {
        families: families
          .filter(({ name }) => name.startsWith(request.prefix))
          .map(({ name, help, type, samples }) => ({ name, help, type, samples: samples.map(({ labels, value }) => ({ labels: { ...labels }, value })) })),
      }
    },
    metricsText: async (request) => ({ text: await findRunning(ctx.manager, networkOf(ctx, request).id).metrics.text() }),
    history: async (request) => {
      const history = ctx.manager.history(networkOf(ctx, request).id)
      await history.load()
      const { stepSeconds, times, series } = history.table(spanOf(request))
      const wanted = SERIES.filter((name) => request.series.length === 0 || request.series.includes(name))
      return { stepSeconds, from: secondsOf(times[0]), to: secondsOf(times.at(-1)), series: wanted.map((name) => ({ name, points: pointsOf(times, series[name]) })) }
    },
    async *watchHistory(request, context) {
      const history = ctx.manager.history(networkOf(ctx, request).id)
      await history.load()
      const signal = endOf(context)
      // A client that is slow gets the newest sample next: one missed is in the history.
      for (let sampled = nextSample(history, signal); ; sampled = nextSample(history, signal)) {
        await sampled
        signal.throwIfAborted()
        const newest = history.newest(spanOf(request))
        if (newest !== undefined) yield latest(newest)
      }
    },
    disk: async (request) => {
      const { dataBytes, freeBytes, totalBytes } = await ctx.manager.disk(networkOf(ctx, request).id)
      return { dataBytes: BigInt(dataBytes), freeBytes: BigInt(freeBytes ?? 0), totalBytes: BigInt(totalBytes ?? 0) }
    },
  }
}

/** The hour, where nothing is said. */
function spanOf({ span }: { readonly span: HistorySpan }): SpanId {
  if (span === HistorySpan.WEEK) return 'week'
  return span === HistorySpan.DAY ? 'day' : 'hour'
}

function secondsOf(seconds: number | undefined): Timestamp | undefined {
  return timeOf(seconds === undefined ? undefined : seconds * 1000)
}

function pointsOf(times: readonly number[], { avg, min, max }: HistoryColumns): MessageInitShape<typeof HistoryPointSchema>[] {
  return times.flatMap((time, index) => {
    const average = avg[index] ?? undefined
    return average === undefined ? [] : [{ time: secondsOf(time), average, minimum: min?.[index] ?? average, maximum: max?.[index] ?? average }]
  })
}

function latest({ time, values }: HistoryPoint): MessageInitShape<typeof WatchHistoryResponseSchema> {
  const named = SERIES.flatMap((name) => {
    const bounds = values[name]
    return bounds === undefined ? [] : [{ name, points: [{ time: secondsOf(time), average: bounds.avg, minimum: bounds.min, maximum: bounds.max }] }]
  })
  return { time: secondsOf(time), series: named }
}

function nextSample({ events }: Pick<HistoryReader, 'events'>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stop()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const stop = events.on('sample', done)
    signal.addEventListener('abort', done)
    if (signal.aborted) done()
  })
}
