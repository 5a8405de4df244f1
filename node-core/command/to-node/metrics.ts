/** What `metrics` shows: every figure of a network's node by its name in Prometheus. */
import { Metrics, ReadMetricsResponseSchema, type MetricFamily, type MetricSample } from '../../services/proto/nodestead/v1/metrics_pb.ts'
import { tableOf, type Column } from '../terminal/table.ts'
import type { PlaceValues } from './flags.ts'
import { withNode, type Caller } from './line.ts'
import { jsonOf } from './messages.ts'

interface Row {
  readonly family: MetricFamily
  readonly sample: MetricSample
}

const COLUMNS: readonly Column<Row>[] = [
  { name: 'METRIC', value: ({ family, sample: { labels } }) => `${family.name}${Object.keys(labels).length === 0 ? '' : `{${Object.entries(labels).map(([name, value]) => `${name}="${value}"`).join(',')}}`}` },
  { name: 'VALUE', value: ({ sample }) => String(sample.value), right: true },
  { name: 'MEANS', value: ({ family }) => family.help },
]

export async function showMetrics(caller: Caller & { readonly values: PlaceValues & { readonly text?: true } }, prefix: string): Promise<undefined> {
  const { terminal, values } = caller
  return withNode(caller, async (line) => {
    const { network } = await line.network(values.network)
    const metrics = line.client(Metrics)
    if (values.text === true) {
      const { text } = await metrics.metricsText({ network }, line.options)
      terminal.result({ text }, text)
      return undefined
    }
    const answer = await metrics.readMetrics({ network, prefix }, line.options)
    const rows = answer.families.flatMap((family) => family.samples.map((sample) => ({ family, sample })))
    if (rows.length === 0) terminal.note(`No metric has a name that begins with "${prefix}".`)
    terminal.result(jsonOf(ReadMetricsResponseSchema, answer), rows.length === 0 ? '' : tableOf(COLUMNS, rows, terminal.sheet))
    return undefined
  })
}
