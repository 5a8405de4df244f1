/** The syncer's metrics: all of them are in its status. One has the name under which Substrate's network tells it. */
import { oneOf, type MetricDefinition } from '../../base/metric.ts'
import type { StallReason, SyncReader, SyncStatus } from './types.ts'

const STATES: readonly SyncStatus['state'][] = ['idle', 'syncing', 'major-sync']
const STALLS: readonly StallReason[] = ['import-is-slow', 'peers-do-not-answer', 'no-usable-peers', 'blocks-do-not-execute']

/** `isJoining`: the chain is still being joined, and synced afterwards. */
export function syncMetrics(sync: SyncReader, isJoining: () => boolean): readonly MetricDefinition[] {
  const gauge = (name: string, help: string, value: (status: SyncStatus) => number | undefined): MetricDefinition => ({
    name,
    help,
    type: 'gauge',
    read() {
      const status = sync.status()
      return status === undefined ? undefined : value(status)
    },
  })
  return [
    {
      name: 'substrate_sub_libp2p_is_major_syncing',
      help: 'Whether the node is far behind the others.',
      type: 'gauge',
      read: () => Number(isJoining() || sync.status()?.state === 'major-sync'),
    },
    gauge('substrate_sync_peers', 'Peers that the syncer knows.', ({ peers }) => peers),
    gauge('substrate_sync_queued_blocks', 'Blocks that are here and wait for import.', ({ queuedBlocks }) => queuedBlocks),
    gauge('nodestead_sync_queued_bytes', 'Memory that the waiting blocks take.', ({ queuedBytes }) => queuedBytes),
    gauge('nodestead_sync_pending_requests', 'Requests for blocks that are under way.', ({ pendingRequests }) => pendingRequests),
    gauge('nodestead_sync_blocks_per_second', 'Blocks imported per second, over the last seconds.', ({ blocksPerSecond }) => blocksPerSecond),
    gauge('nodestead_sync_left_seconds', 'Time that the sync will take at this pace.', ({ secondsLeft }) => secondsLeft),
    gauge('nodestead_sync_gap_blocks', 'Blocks below the one on which the chain began here that are still to be fetched.', ({ gap }) => (gap === undefined ? 0 : gap.to - gap.from + 1)),
    {
      name: 'nodestead_sync_state',
      help: 'State of the sync: 1 for the present one.',
      type: 'gauge',
      labels: ['state'],
      read: () => oneOf('state', STATES, sync.status()?.state),
    },
    {
      name: 'nodestead_sync_stalled',
      help: 'Why nothing moves, where nothing does: 1 for the present reason.',
      type: 'gauge',
      labels: ['reason'],
      read: () => oneOf('reason', STALLS, sync.status()?.stalled?.reason),
    },
  ]
}
