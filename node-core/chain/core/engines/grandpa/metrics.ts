/** Where the voter is. */
import type { MetricDefinition } from '../../../../base/metric.ts'

export function grandpaMetrics(voter: { readonly position: { readonly round: number; readonly setId: number } }): readonly MetricDefinition[] {
  return [
    { name: 'substrate_finality_grandpa_round', help: 'Round that the voter is in.', type: 'gauge', read: () => voter.position.round },
    { name: 'nodestead_grandpa_set_id', help: 'Authority set whose votes count.', type: 'gauge', read: () => voter.position.setId },
  ]
}
