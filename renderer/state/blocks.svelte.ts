/** The latest blocks of the network on screen. */
import { applyBatch } from '../text/block-list.ts'
import type { BlocksBatch } from '../../node-core/api/network/blocks.ts'
import type { BlockSummary } from '../../node-core/manager/kinds/kind.ts'

export const SHOWN_BLOCKS = 50

export class Blocks {
  #list = $state.raw<readonly BlockSummary[]>([])

  /** Newest first. */
  get list(): readonly BlockSummary[] {
    return this.#list
  }

  apply(batch: BlocksBatch): void {
    this.#list = applyBatch(this.#list, batch, SHOWN_BLOCKS)
  }

  clear(): void {
    this.#list = []
  }
}
