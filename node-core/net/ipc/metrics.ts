/** Figures of the local socket. */
import { byLabel, type MetricDefinition } from '../../base/metric.ts'
import type { ClientKind, Clients } from './clients.ts'

const KINDS: readonly ClientKind[] = ['waiting', 'requests', 'stream', 'topic', 'session']

export function ipcMetrics(service: { readonly clients: Pick<Clients, 'list' | 'refused'>; readonly dropped: number }): readonly MetricDefinition[] {
  return [
    {
      name: 'nodestead_ipc_clients',
      help: 'Connections of local programs, by what they are used for.',
      type: 'gauge',
      labels: ['kind'],
      read: () => {
        const all = service.clients.list()
        return byLabel('kind', Object.fromEntries(KINDS.map((kind) => [kind, all.filter((client) => client.kind === kind).length])))
      },
    },
    { name: 'nodestead_ipc_clients_refused_total', help: 'Connections of local programs for which there was no place.', type: 'counter', read: () => service.clients.refused },
    { name: 'nodestead_ipc_dropped_total', help: 'Messages that local programs took too slowly and lost.', type: 'counter', read: () => service.dropped },
  ]
}
