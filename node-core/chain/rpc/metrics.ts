/** Metrics of JSON-RPC. Calls are counted by the family of their method, which is what stands before the `_`. */
import type { MetricDefinition } from '../../base/metric.ts'
import type { CallCounts } from './server/dispatcher.ts'
import type { SessionCounts } from './server/server.ts'

export interface MeasuredRpc {
  readonly connectionCount: number
  callCounts(): readonly CallCounts[]
  sessionCounts(): SessionCounts
}

export function rpcMetrics(rpc: MeasuredRpc): readonly MetricDefinition[] {
  return [
    { name: 'nodestead_rpc_connections', help: 'Open WebSocket connections of JSON-RPC clients.', type: 'gauge', read: () => rpc.connectionCount },
    { name: 'substrate_rpc_sessions_opened', help: 'WebSocket connections of JSON-RPC clients that were opened.', type: 'counter', read: () => rpc.sessionCounts().opened },
    { name: 'substrate_rpc_sessions_closed', help: 'WebSocket connections of JSON-RPC clients that ended.', type: 'counter', read: () => rpc.sessionCounts().closed },
    {
      name: 'nodestead_rpc_calls_total',
      help: 'JSON-RPC calls that were answered, by the family of their method; unknown methods are one family.',
      type: 'counter',
      labels: ['family', 'outcome'],
      read: () =>
        rpc.callCounts().flatMap(({ family, succeeded, failed }) => [
          { labels: { family, outcome: 'succeeded' }, value: succeeded },
          { labels: { family, outcome: 'failed' }, value: failed },
        ]),
    },
  ]
}
