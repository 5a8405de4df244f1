/** What is exported of private links. */
import type { MetricDefinition } from '../../base/metric.ts'
import type { TrafficFigures } from './traffic.ts'

/** As much of the links as is measured: what peers reach here, and what programs here reach there. */
export interface MeasuredLinks {
  readonly totals: { readonly inbound: LinkTotals; readonly outbound: LinkTotals }
}

/** Since the start, those that were taken away among them. */
export type LinkTotals = Omit<TrafficFigures, 'lastRefusal'>

export function linkMetrics(links: MeasuredLinks): readonly MetricDefinition[] {
  const bySide = (of: (totals: LinkTotals) => number): (() => { readonly labels: { readonly side: string }; readonly value: number }[]) => () => [
    { labels: { side: 'inbound' }, value: of(links.totals.inbound) },
    { labels: { side: 'outbound' }, value: of(links.totals.outbound) },
  ]
  return [
    { name: 'nodestead_link_connections', help: 'Open connections of private links.', type: 'gauge', labels: ['side'], read: bySide(({ connections }) => connections) },
    { name: 'nodestead_link_opened_total', help: 'Connections of private links that were opened.', type: 'counter', labels: ['side'], read: bySide(({ opened }) => opened) },
    { name: 'nodestead_link_refused_total', help: 'Connections of private links that were refused, by either side.', type: 'counter', labels: ['side'], read: bySide(({ refused }) => refused) },
    { name: 'nodestead_link_sent_bytes_total', help: 'Bytes that private links carried to peers.', type: 'counter', labels: ['side'], read: bySide(({ sentBytes }) => sentBytes) },
    { name: 'nodestead_link_received_bytes_total', help: 'Bytes that private links carried from peers.', type: 'counter', labels: ['side'], read: bySide(({ receivedBytes }) => receivedBytes) },
  ]
}
