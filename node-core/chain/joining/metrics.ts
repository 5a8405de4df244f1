/** Metrics of joining a chain: which stage it is in, and how far. */
import { oneOf, type MetricDefinition } from '../../base/metric.ts'
import type { JoiningStatus, JoinStage } from './types.ts'

const STAGES: readonly JoinStage[] = ['peers', 'proofs', 'state', 'anchor']

export function joiningMetrics(joining: { status(): JoiningStatus | undefined }): readonly MetricDefinition[] {
  const gauge = (name: string, help: string, value: (status: JoiningStatus) => number | undefined): MetricDefinition => ({
    name,
    help,
    type: 'gauge',
    read() {
      const status = joining.status()
      return status === undefined ? undefined : value(status)
    },
  })
  return [
    {
      name: 'nodestead_joining_stage',
      help: 'Stage of joining the chain: 1 for the present one; none once the node follows the chain.',
      type: 'gauge',
      labels: ['stage'],
      read: () => oneOf('stage', STAGES, joining.status()?.stage),
    },
    gauge('nodestead_joining_proof_fragments', 'Proven steps of finality.', ({ proofs }) => proofs?.fragments),
    gauge('nodestead_joining_state_bytes', 'Keys and values of the state that are here.', ({ state }) => state?.bytes),
    gauge('nodestead_joining_state_entries', 'Entries of the state that are here.', ({ state }) => state?.entries),
    gauge('nodestead_joining_state_share', 'How much of the state is here, 0 to 1: an estimate.', ({ state }) => state?.share),
  ]
}
