/** The charts of the metrics screen: which figures each shows, in which colour, and how their values read. */
import { m } from '../i18n/language.ts'
import { formatByteRate, formatBytes, formatNumber, formatPercent } from './format.ts'
import type { HistoryTable, SeriesId } from '../../node-core/metrics/history/history-series.ts'
import type { Series } from '../components/charts/chart.ts'

/** The colour token of each figure, wherever it is drawn. */
export const SERIES_COLORS: Readonly<Record<SeriesId, string>> = {
  bytesIn: 'series-in',
  bytesOut: 'series-out',
  blockTime: 'series-block-time',
  finalityLag: 'series-lag',
  poolReady: 'series-ready',
  poolFuture: 'series-future',
  cpu: 'series-cpu',
  memory: 'series-memory',
  loopDelay: 'series-delay',
  dataSize: 'series-data',
  peers: 'series-peers',
  syncRate: 'series-sync',
}

export type ChartId = keyof typeof m.metrics.charts

export interface ChartOf {
  readonly id: ChartId
  readonly series: readonly SeriesId[]
  readonly format: (value: number) => string
}

export const CHARTS: readonly ChartOf[] = [
  { id: 'bandwidth', series: ['bytesIn', 'bytesOut'], format: formatByteRate },
  { id: 'blockTime', series: ['blockTime'], format: formatSeconds },
  { id: 'finality', series: ['finalityLag'], format: formatFigure },
  { id: 'peers', series: ['peers'], format: formatFigure },
  { id: 'pool', series: ['poolReady', 'poolFuture'], format: formatFigure },
  { id: 'sync', series: ['syncRate'], format: (value) => m.metrics.perSecond(formatFigure(value)) },
  { id: 'cpu', series: ['cpu'], format: formatShare },
  { id: 'memory', series: ['memory'], format: formatBytes },
  { id: 'loopDelay', series: ['loopDelay'], format: (value) => m.metrics.milliseconds(formatFigure(value * 1000)) },
  { id: 'data', series: ['dataSize'], format: formatBytes },
]

/** Whole numbers without digits after the point, others with one. */
export function formatFigure(value: number): string {
  return formatNumber(value, Number.isInteger(value) || Math.abs(value) >= 100 ? 0 : 1)
}

export function formatSeconds(value: number): string {
  return m.metrics.seconds(formatNumber(value, Math.abs(value) < 10 ? 1 : 0))
}

export function formatShare(value: number): string {
  return formatPercent(value, value > 0 && value < 0.095 ? 1 : 0)
}

export function chartSeries(table: HistoryTable, ids: readonly SeriesId[]): Series[] {
  return ids.map((id) => {
    const { avg, min, max } = table.series[id]
    return { label: m.metrics.series[id], color: SERIES_COLORS[id], values: avg, low: min, high: max }
  })
}

/** The newest `count` values of a figure, for a sparkline. */
export function recent(table: HistoryTable | undefined, id: SeriesId, count: number): (number | undefined)[] {
  return table?.series[id].avg.slice(-count).map((value) => value ?? undefined) ?? []
}
