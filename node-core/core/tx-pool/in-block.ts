/** Transactions of this pool that are in blocks which are not final yet: they may come back, and somebody may wait for the end. */
import type { Hash } from '../../base/bytes.ts'
import type { BlockRef } from '../../state/types.ts'
import type { TransactionStatus } from '../types.ts'
import type { PoolTransaction } from './transaction.ts'

/** After so many blocks without finality a watcher is told that it takes too long. */
const FINALITY_TIMEOUT_BLOCKS = 512

interface Inclusion {
  readonly block: BlockRef
  readonly transactions: { readonly transaction: PoolTransaction; readonly index: number }[]
}

export class InBlock {
  readonly #notify: (hash: Hash, status: TransactionStatus) => void
  readonly #blocks = new Map<Hash, Inclusion>()

  constructor(notify: (hash: Hash, status: TransactionStatus) => void) {
    this.#notify = notify
  }

  /** True where a transaction in one of these blocks provides the tag. */
  provides(tag: string): boolean {
    for (const { transactions } of this.#blocks.values()) {
      if (transactions.some(({ transaction }) => transaction.provides.includes(tag))) return true
    }
    return false
  }

  include(block: BlockRef, transaction: PoolTransaction, index: number): void {
    let inclusion = this.#blocks.get(block.hash)
    if (inclusion === undefined) this.#blocks.set(block.hash, (inclusion = { block, transactions: [] }))
    inclusion.transactions.push({ transaction, index })
    this.#notify(transaction.hash, { kind: 'inBlock', block: block.hash, index })
    this.#giveUp(block.number - FINALITY_TIMEOUT_BLOCKS)
  }

  /** The block is not on the best chain any more: its transactions are returned to be tried again. */
  retract(block: BlockRef): PoolTransaction[] {
    const inclusion = this.#blocks.get(block.hash)
    this.#blocks.delete(block.hash)
    return (inclusion?.transactions ?? []).map(({ transaction }) => {
      this.#notify(transaction.hash, { kind: 'retracted', block: block.hash })
      return transaction
    })
  }

  finalize(blocks: readonly BlockRef[]): void {
    for (const { hash } of blocks) {
      for (const { transaction, index } of this.#blocks.get(hash)?.transactions ?? []) {
        this.#notify(transaction.hash, { kind: 'finalized', block: hash, index })
      }
      this.#blocks.delete(hash)
    }
    const head = blocks.at(-1)
    if (head === undefined) return
    // What is left at or below the finalized height was on a fork that died.
    for (const [hash, { block }] of this.#blocks) if (block.number <= head.number) this.#blocks.delete(hash)
  }

  #giveUp(number: number): void {
    for (const [hash, { block, transactions }] of this.#blocks) {
      if (block.number > number) continue
      for (const { transaction } of transactions) this.#notify(transaction.hash, { kind: 'finalityTimeout', block: hash })
      this.#blocks.delete(hash)
    }
  }
}
