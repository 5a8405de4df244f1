/** Metrics of core: the transaction pool, and what the consensus engine measures of itself once there is one. */
import type { MetricDefinition } from '../../base/metric.ts'
import type { PoolStatus } from './types.ts'

export interface MeasuredCore {
  readonly pool: { status(): PoolStatus }
  readonly timings: { metrics(): readonly MetricDefinition[] }
  /** There is an engine. */
  readonly isRunning: boolean
  readonly engine: { metrics(): readonly MetricDefinition[] }
}

/** Bits of a node's roles, as Substrate counts them. */
const ROLE_BITS = { full: 1, authority: 4 }

export function coreMetrics(core: Pick<MeasuredCore, 'pool' | 'timings'>, role: keyof typeof ROLE_BITS): readonly MetricDefinition[] {
  const pool = (name: string, help: string, value: (status: PoolStatus) => readonly [ready: number, future: number]): MetricDefinition => ({
    name,
    help,
    type: 'gauge',
    labels: ['queue'],
    read() {
      const [ready, future] = value(core.pool.status())
      return [
        { labels: { queue: 'ready' }, value: ready },
        { labels: { queue: 'future' }, value: future },
      ]
    },
  })
  return [
    { name: 'substrate_node_roles', help: 'What the node is: 1 full, 4 authority.', type: 'gauge', read: () => ROLE_BITS[role] },
    { name: 'substrate_ready_transactions_number', help: 'Transactions that a block could take.', type: 'gauge', read: () => core.pool.status().ready },
    pool('nodestead_pool_transactions', 'Transactions in the pool.', ({ ready, future }) => [ready, future]),
    pool('nodestead_pool_bytes', 'Bytes of the transactions in the pool.', ({ readyBytes, futureBytes }) => [readyBytes, futureBytes]),
    ...core.timings.metrics(),
  ]
}
