/** What the metrics screen says, draws and exports, from a span of history. */
import { afterEach, describe, expect, it } from 'vitest'
import { useLanguage } from '../../../renderer/i18n/language.ts'
import { fileName } from '../../../renderer/services/save-file.ts'
import { axisSteps, yRange } from '../../../renderer/components/charts/chart.ts'
import { advance, applyPoint, mean, measuredPart } from '../../../renderer/text/history-table.ts'
import { chartSeries, CHARTS, formatFigure, formatSeconds, formatShare, recent, SERIES_COLORS } from '../../../renderer/text/metrics-charts.ts'
import { metricsCsv } from '../../../renderer/text/metrics-csv.ts'
import { metricsSentence } from '../../../renderer/text/metrics-sentence.ts'
import { SERIES, type HistoryColumns, type HistoryTable, type SeriesId, type SpanId } from '../../../node-core/metrics/history/history-series.ts'

afterEach(() => void useLanguage('en'))

/** Four slots that end at 1,030 s. */
function table(values: Partial<Record<SeriesId, (number | null)[]>>, span: SpanId = 'hour'): HistoryTable {
  const times = [1000, 1010, 1020, 1030]
  const columns = (id: SeriesId): HistoryColumns => {
    const avg = values[id] ?? times.map(() => null)
    return span === 'hour' ? { avg, min: undefined, max: undefined } : { avg, min: avg.map((v) => v && v - 1), max: avg.map((v) => v && v + 1) }
  }
  return { span, stepSeconds: 10, times, series: Object.fromEntries(SERIES.map((id) => [id, columns(id)])) as Record<SeriesId, HistoryColumns> }
}

/** The values that stand on an axis for these, as uPlot chooses them: the smallest step that leaves room for five at the most. */
function axisOf(format: (value: number) => string, highest: number): string[] {
  const steps = axisSteps(format)
  const [, top] = yRange(0, highest, steps[0] ?? 1)
  const step = steps.find((one) => top / one <= 5) ?? 1
  return Array.from({ length: Math.floor(top / step) + 1 }, (_, i) => format(i * step))
}

describe('axes', () => {
  it.each(CHARTS.map(({ id, format }) => [id, format] as const))('no value stands twice on that of %s, however low the figures are', (_, format) => {
    for (const highest of [0, 0.004, 0.3, 1, 1.6, 7, 48, 730, 4_300, 92_000, 1_500_000, 2.4e9]) {
      const axis = axisOf(format, highest)
      expect(axis.length).toBeGreaterThan(1)
      expect(new Set(axis).size, `${highest}: ${axis.join(', ')}`).toBe(axis.length)
    }
  })

  it('counts bytes in whole ones', () => {
    const { format } = CHARTS.find(({ id }) => id === 'bandwidth') as (typeof CHARTS)[number]
    expect(axisOf(format, 1)).toEqual(['0 B/s', '1 B/s', '2 B/s'])
  })
})

describe('the first hour', () => {
  const slots = 360
  const times = Array.from({ length: slots }, (_, i) => i * 10)
  const measuredFrom = (first: number): HistoryTable => {
    const columns = (id: SeriesId): HistoryColumns => ({ avg: times.map((_, i) => (id === 'memory' && i >= first ? i : null)), min: undefined, max: undefined })
    return { span: 'hour', stepSeconds: 10, times, series: Object.fromEntries(SERIES.map((id) => [id, columns(id)])) as Record<SeriesId, HistoryColumns> }
  }

  it('is drawn from where something was measured', () => {
    const part = measuredPart(measuredFrom(200))
    expect([part.times[0], part.times.at(-1), part.times.length]).toEqual([1990, 3590, 161])
    expect(part.series.memory.avg.slice(0, 3)).toEqual([null, 200, 201])
    expect(part.series.peers.avg).toHaveLength(161)
  })

  it('has five minutes at least, and all of the span once it is full', () => {
    expect(measuredPart(measuredFrom(355)).times).toHaveLength(30)
    expect(measuredPart(measuredFrom(0)).times).toHaveLength(slots)
    expect(measuredPart(measuredFrom(slots)).times).toHaveLength(slots)
  })
})

describe('a span that moves on', () => {
  const start = table({ peers: [1, 2, 3, 4] })

  it('has gaps for the time that nothing was measured', () => {
    expect(advance(start, 1039)).toBe(start)
    const later = advance(start, 1052)
    expect([later.times, later.series.peers.avg]).toEqual([[1020, 1030, 1040, 1050], [3, 4, null, null]])
    expect(advance(start, 90_000).series.peers.avg).toEqual([null, null, null, null])
    expect(advance(start, 90_000).times.at(-1)).toBe(90_000)
  })

  it('takes samples into their slots', () => {
    const point = (time: number, avg: number) => ({ time, values: { peers: { min: avg - 1, avg, max: avg + 1 } } })
    expect(applyPoint(start, point(1030, 9)).series.peers.avg).toEqual([1, 2, 3, 9])
    expect(applyPoint(start, point(1050, 9)).series.peers.avg).toEqual([3, 4, null, 9])
    expect(applyPoint(start, point(10, 9)).series.peers.avg).toEqual([1, 2, 3, 4])
    const day = applyPoint(table({ peers: [1, 2, 3, 4] }, 'day'), point(1040, 9)).series.peers
    expect([day.min?.at(-1), day.avg.at(-1), day.max?.at(-1)]).toEqual([8, 9, 10])
    expect(applyPoint(start, { time: 1030, values: {} }).series.peers.avg).toEqual([1, 2, 3, null])
  })

  it('has a mean of what is known', () => {
    expect([mean([1, null, 3]), mean([null])]).toEqual([2, undefined])
  })
})

describe('the sentence', () => {
  const full = {
    bytesIn: [12_000, 12_000, 12_000, 12_000],
    bytesOut: [9_000, 9_000, 9_000, 9_000],
    blockTime: [6, 6, 6, 6],
    finalityLag: [2, 2, 2, 2],
    cpu: [0.012, 0.012, 0.012, 0.012],
    memory: [1, 1, 1, 1],
  }

  it('tells the means of the span', () => {
    expect(metricsSentence(table(full))).toEqual({ text: 'Last hour: 12 kB/s in, 9.0 kB/s out, a block every 6.0 s, finality 2 behind, 1.2 % CPU.', tone: 'well' })
    useLanguage('de')
    expect(metricsSentence(table(full, 'week')).text).toBe('Letzte Woche: 12 kB/s ein, 9,0 kB/s aus, alle 6,0 s ein Block, Finalität 2 zurück, 1,2 % CPU.')
  })

  it('says how much was measured, and nothing that was not', () => {
    const half = { ...full, blockTime: [null, null, null, null], memory: [1, 1, null, null] }
    expect(metricsSentence(table(half)).text).toBe('Last hour: 12 kB/s in, 9.0 kB/s out, finality 2 behind, 1.2 % CPU, recorded 50 % of the time.')
    expect(metricsSentence(table({}, 'day'))).toEqual({ text: 'Last day: no data. Metrics are recorded while the node runs.', tone: 'off' })
    expect(metricsSentence(undefined).tone).toBe('busy')
  })
})

describe('the charts', () => {
  it('show every figure once, each in a colour of its own', () => {
    expect(CHARTS.flatMap(({ series }) => series).toSorted()).toEqual([...SERIES].toSorted())
    expect(new Set(Object.values(SERIES_COLORS)).size).toBe(SERIES.length)
  })

  it('draw the least and the most where the span has them', () => {
    expect(chartSeries(table({ peers: [1, 2, 3, 4] }), ['peers'])).toEqual([{ label: 'Connected', color: 'series-peers', values: [1, 2, 3, 4], low: undefined, high: undefined }])
    expect(chartSeries(table({ peers: [1, 2, 3, 4] }, 'week'), ['peers'])[0]?.high).toEqual([2, 3, 4, 5])
  })

  it('give a tile its last values', () => {
    expect(recent(table({ peers: [1, 2, null, 4] }), 'peers', 3)).toEqual([2, undefined, 4])
    expect(recent(undefined, 'peers', 3)).toEqual([])
  })

  it('write values with as many digits as they need', () => {
    expect([formatFigure(2), formatFigure(2.25), formatFigure(230.4), formatSeconds(6.04), formatSeconds(31.2), formatShare(0.012), formatShare(0.25), formatShare(0)]).toEqual([
      '2', '2.3', '230', '6.0 s', '31 s', '1.2 %', '25 %', '0 %',
    ])
  })
})

describe('the export', () => {
  it('says what it is, then has a row for each step; gaps are empty', () => {
    const lines = metricsCsv(table({ peers: [1, null, 3, 4], cpu: [0.5, 0.25, null, 0] }), 'My\nnetwork').split('\r\n')
    expect(lines.slice(0, 4).every((line) => line.startsWith('# '))).toBe(true)
    expect(lines[1]).toBe('# Network: My network')
    expect(lines[4]).toMatch(/^time,bytes_in_per_second,bytes_out_per_second,block_time_seconds,.*,peers,sync_blocks_per_second$/)
    const names = lines[4]?.split(',') ?? []
    const row = (i: number) => lines[5 + i]?.split(',') ?? []
    expect(row(0)[0]).toBe('1970-01-01T00:16:40.000Z')
    expect([0, 1, 2, 3].map((i) => row(i)[names.indexOf('peers')])).toEqual(['1', '', '3', '4'])
    expect([0, 1, 2, 3].map((i) => row(i)[names.indexOf('cpu_cores')])).toEqual(['0.5', '0.25', '', '0'])
    expect(lines).toHaveLength(4 + 1 + 4 + 1)
  })

  it('has mean, least and most of longer spans, with a decimal point in every language', () => {
    useLanguage('de')
    const lines = metricsCsv(table({ peers: [1.5, 2, 3, 4] }, 'day'), 'dev').split('\r\n')
    expect(lines[0]).toBe('# Nodestead-Metriken')
    expect(lines[4]).toContain(',peers_mean,peers_min,peers_max,')
    expect(lines[5]).toContain(',1.5,0.5,2.5,')
  })

  it('goes into a file whose name any system takes', () => {
    expect(fileName(['My Network/é', 'metrics', 'day'], 'csv', new Date('2026-11-21T07:15:54Z'))).toBe('nodestead-my-network-metrics-day-2026-11-21T07-15-54.csv')
  })
})
