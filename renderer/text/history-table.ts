/** A span of history as it moves on: a sample joins it, time passes, and what is too old leaves. Pure. */
import type { HistoryColumns, HistoryPoint, HistoryTable, SeriesId } from '../../node-core/metrics/history/history-series.ts'

/** The table up to `seconds`: what has not been measured by then is a gap. The same object where nothing moved. */
export function advance(table: HistoryTable, seconds: number): HistoryTable {
  const last = table.times.at(-1) ?? 0
  const steps = Math.floor((seconds - last) / table.stepSeconds)
  if (steps <= 0) return table
  const added = Math.min(steps, table.times.length)
  const gaps = new Array<null>(added).fill(null)
  const end = last + steps * table.stepSeconds
  const times = table.times.map((_, i) => end - (table.times.length - 1 - i) * table.stepSeconds)
  const shift = (column: readonly (number | null)[]): (number | null)[] => [...column.slice(added), ...gaps]
  return { ...table, times, series: mapColumns(table, (columns) => mapStats(columns, shift)) }
}

/** A chart has at least so many slots: five minutes of the shortest span. */
const LEAST_SLOTS = 30

/** The table from where something was measured for the first time: charts of a node's first minutes are not empty but for their right edge. */
export function measuredPart(table: HistoryTable): HistoryTable {
  const columns = Object.values(table.series).map(({ avg }) => avg)
  const first = table.times.findIndex((_, i) => columns.some((avg) => (avg[i] ?? null) !== null))
  const start = first < 0 ? 0 : Math.max(0, Math.min(first - 1, table.times.length - LEAST_SLOTS))
  if (start === 0) return table
  return { ...table, times: table.times.slice(start), series: mapColumns(table, (columns) => mapStats(columns, (column) => column.slice(start))) }
}

/** Puts a sample into its slot. */
export function applyPoint(table: HistoryTable, { time, values }: HistoryPoint): HistoryTable {
  const moved = advance(table, time)
  const index = moved.times.indexOf(time)
  if (index < 0) return moved
  return {
    ...moved,
    series: mapColumns(moved, (columns, id) => {
      const bounds = values[id]
      return mapStats(columns, (column, stat) => column.map((value, i) => (i === index ? (bounds?.[stat] ?? null) : value)))
    }),
  }
}

function mapColumns(table: HistoryTable, map: (columns: HistoryColumns, id: SeriesId) => HistoryColumns): Record<SeriesId, HistoryColumns> {
  const ids = Object.keys(table.series) as SeriesId[]
  return Object.fromEntries(ids.map((id) => [id, map(table.series[id], id)])) as Record<SeriesId, HistoryColumns>
}

type Column = readonly (number | null)[]

function mapStats({ min, avg, max }: HistoryColumns, map: (column: Column, stat: 'min' | 'avg' | 'max') => Column): HistoryColumns {
  return { min: min && map(min, 'min'), avg: map(avg, 'avg'), max: max && map(max, 'max') }
}

/** The mean of what was measured; undefined where nothing was. */
export function mean(values: Column): number | undefined {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0) / known.length
}
