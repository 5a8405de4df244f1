/**
 * Which transactions of this pool are in blocks that are not final yet: somebody may wait for the end of them. Only their
 * hashes are kept; where a block is abandoned, they come back out of its body.
 */
import type { Hash } from '../../../base/bytes.ts'
import type { BlockRef } from '../../scale/block.ts'
import type { TransactionStatus } from '../types.ts'

/** After so many blocks without finality a watcher is told that it takes too long. */
export const FINALITY_TIMEOUT_BLOCKS = 512

interface Inclusion {
  readonly block: BlockRef
  readonly transactions: { readonly hash: Hash; readonly index: number }[]
}

export class InBlock {
  readonly #notify: (hash: Hash, status: TransactionStatus) => void
  readonly #blocks = new Map<Hash, Inclusion>()

  constructor(notify: (hash: Hash, status: TransactionStatus) => void) {
    this.#notify = notify
  }

  include(block: BlockRef, hash: Hash, index: number): void {
    let inclusion = this.#blocks.get(block.hash)
    if (inclusion === undefined) this.#blocks.set(block.hash, (inclusion = { block, transactions: [] }))
    inclusion.transactions.push({ hash, index })
    this.#notify(hash, { kind: 'inBlock', block: block.hash, index })
  }

  /** The block is not on the best chain any more. Returns what it held of ours. */
  retract(block: BlockRef): Hash[] {
    const inclusion = this.#blocks.get(block.hash)
    this.#blocks.delete(block.hash)
    return (inclusion?.transactions ?? []).map(({ hash }) => {
      this.#notify(hash, { kind: 'retracted', block: block.hash })
      return hash
    })
  }

  finalize(blocks: readonly BlockRef[]): void {
    for (const { hash: block } of blocks) {
      for (const { hash, index } of this.#blocks.get(block)?.transactions ?? []) this.#notify(hash, { kind: 'finalized', block, index })
      this.#blocks.delete(block)
    }
  }

  /** To be called as the best block moves: what is in blocks that are too old without being final is not waited for any longer. */
  giveUp(best: number): void {
    for (const [hash, { block, transactions }] of this.#blocks) {
      if (block.number > best - FINALITY_TIMEOUT_BLOCKS) continue
      this.#blocks.delete(hash)
      for (const transaction of transactions) this.#notify(transaction.hash, { kind: 'finalityTimeout', block: hash })
    }
  }
}
