/**
 * A span of history as CSV (RFC 4180, UTF-8): lines that begin with `#` say what it is, then a header, then a row for
 * each step with its start as ISO 8601 in UTC. Numbers have a decimal point in every language, and their unit stands in
 * the column's name; what was not measured is empty. Spans longer than an hour have the mean, the least and the most.
 */
import { m } from '../i18n/language.ts'
import type { HistoryTable, SeriesId } from '../../node-core/metrics/history/history-series.ts'

/** Names of columns stay the same in every language: programs read them. */
const COLUMNS: Readonly<Record<SeriesId, string>> = {
  bytesIn: 'bytes_in_per_second',
  bytesOut: 'bytes_out_per_second',
  blockTime: 'block_time_seconds',
  finalityLag: 'finality_lag_blocks',
  poolReady: 'pool_ready_transactions',
  poolFuture: 'pool_future_transactions',
  cpu: 'cpu_cores',
  memory: 'memory_bytes',
  loopDelay: 'event_loop_delay_p99_seconds',
  dataSize: 'data_bytes',
  peers: 'peers',
  syncRate: 'sync_blocks_per_second',
}

export function metricsCsv(table: HistoryTable, network: string): string {
  const { csv, last } = m.metrics
  const columns = (Object.keys(COLUMNS) as SeriesId[]).flatMap((id) => {
    const { avg, min, max } = table.series[id]
    const name = COLUMNS[id]
    return min === undefined || max === undefined
      ? [{ name, values: avg }]
      : [
          { name: `${name}_mean`, values: avg },
          { name: `${name}_min`, values: min },
          { name: `${name}_max`, values: max },
        ]
  })
  const rows = table.times.map((time, i) => [new Date(time * 1000).toISOString(), ...columns.map(({ values }) => String(values[i] ?? ''))])
  const lines = [
    `# ${csv.title}`,
    `# ${csv.network}: ${network.replace(/[\r\n]+/g, ' ')}`,
    `# ${csv.span}: ${csv.step(last[table.span], table.stepSeconds)}`,
    `# ${csv.units}: ${csv.unitList}`,
    ['time', ...columns.map(({ name }) => name)].join(','),
    ...rows.map((row) => row.join(',')),
  ]
  return `${lines.join('\r\n')}\r\n`
}
