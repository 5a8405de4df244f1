/** How long blocks took to be made and to be imported, since the start. */
import { Durations } from '../../base/durations.ts'
import type { MetricDefinition } from '../../base/metric.ts'

export class CoreTimings {
  readonly #made = new Durations()
  readonly #imported = new Durations()
  #transactions: number | undefined

  /** A block was put together, with so many transactions of the pool. */
  made(ms: number, transactions: number): void {
    this.#made.observe(ms)
    this.#transactions = transactions
  }

  /** A block was checked, executed and stored; the wait for those before it is part of that. */
  imported(ms: number): void {
    this.#imported.observe(ms)
  }

  metrics(): readonly MetricDefinition[] {
    return [
      ...this.#made.metrics('substrate_proposer_block_constructed', 'Time to put a block together.'),
      { name: 'substrate_proposer_number_of_transactions', help: 'Transactions in the last block that was made here.', type: 'gauge', read: () => this.#transactions },
      ...this.#imported.metrics('substrate_block_verification_and_import_time', 'Time to check and import a block.'),
    ]
  }
}
