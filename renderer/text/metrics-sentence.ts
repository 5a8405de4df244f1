/** The sentence of the metrics screen: the means of the span on screen, as far as it was measured. */
import { m } from '../i18n/language.ts'
import { formatByteRate, formatPercent } from './format.ts'
import { mean } from './history-table.ts'
import { formatFigure, formatSeconds, formatShare } from './metrics-charts.ts'
import type { Sentence } from './status-sentence.ts'
import type { HistoryTable } from '../../node-core/metrics/history/history-series.ts'

/** Less than this share of the span is said to be so. */
const MOSTLY = 0.95

export function metricsSentence(table: HistoryTable | undefined): Sentence {
  const { sentence, last } = m.metrics
  if (table === undefined) return { text: sentence.reading, tone: 'busy' }
  const span = last[table.span]
  const { series } = table
  const of = (id: keyof typeof series): number | undefined => mean(series[id].avg)
  const bytesIn = of('bytesIn')
  const bytesOut = of('bytesOut')
  const blockTime = of('blockTime')
  const lag = of('finalityLag')
  const cpu = of('cpu')
  const facts = [
    ...(bytesIn === undefined || bytesOut === undefined ? [] : [sentence.traffic(formatByteRate(bytesIn), formatByteRate(bytesOut))]),
    ...(blockTime === undefined ? [] : [sentence.block(formatSeconds(blockTime))]),
    ...(lag === undefined ? [] : [sentence.finality(formatFigure(Math.round(lag * 10) / 10))]),
    ...(cpu === undefined ? [] : [sentence.cpu(formatShare(cpu))]),
  ]
  if (facts.length === 0) return { text: sentence.nothing(span), tone: 'off' }
  // Memory is always measured while a node runs.
  const covered = series.memory.avg.filter((value) => value !== null).length / table.times.length
  if (covered < MOSTLY) facts.push(sentence.coverage(covered < 0.01 ? `< ${formatPercent(0.01)}` : formatPercent(covered)))
  return { text: sentence.facts(span, facts.join(', ')), tone: 'well' }
}
