/** Which runtime the chain runs, as a metric. */
import type { MetricDefinition } from '../../base/metric.ts'
import type { UpgradeBlocks, UpgradeStorage } from './chain.ts'
import { madeBy } from './chain-facts.ts'

export interface MeasuredRuntime {
  readonly blocks: Pick<UpgradeBlocks, 'best' | 'header'>
  readonly storage: UpgradeStorage
}

export function runtimeMetrics({ blocks, storage }: MeasuredRuntime): readonly MetricDefinition[] {
  return [
    {
      name: 'nodestead_runtime_spec_version',
      help: 'Version of the runtime that made the best block.',
      type: 'gauge',
      read() {
        const stateRoot = blocks.header(blocks.best().hash)?.stateRoot
        return stateRoot !== undefined && storage.has(stateRoot) ? madeBy(storage, stateRoot)?.specVersion : undefined
      },
    },
  ]
}
