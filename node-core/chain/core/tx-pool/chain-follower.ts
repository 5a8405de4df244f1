/**
 * Keeps the pool in step with the best chain.
 *
 * With each new best block: what abandoned blocks held comes back, also transactions that came from others and were
 * never in this pool; what went in leaves; what the block has overtaken (the same nonce, signed anew) is asked about and
 * goes; what waited for it becomes ready; the expired go. Then a bounded share of the rest is asked about again, longest
 * ago first, so that everything in both queues has its turn.
 *
 * A transaction that somebody may watch never gets lost on the way: it is in the pool, in a block, or has had its last
 * status.
 */
import type { Hash } from '../../../base/bytes.ts'
import { errorMessage } from '../../../base/errors.ts'
import type { Logger } from '../../../base/logger.ts'
import { blake2Hash } from '../../../crypto/hashes/hashing.ts'
import type { Extrinsic, BlockRef } from '../../scale/block.ts'
import type { BlockStateEvents, BlockStateReader } from '../../state/types.ts'
import type { TransactionStatus } from '../types.ts'
import type { BanList } from './ban-list.ts'
import { statusOfRefusal, type TransactionGraph } from './graph.ts'
import type { InBlock } from './in-block.ts'
import type { PoolOptions } from './options.ts'
import type { RecentTags } from './recent-tags.ts'
import { toTransaction, type PoolTransaction, type TransactionSource, type TransactionValidity, type ValidateTransaction } from './transaction.ts'

export interface FollowerDependencies {
  readonly blocks: BlockStateReader
  readonly validate: ValidateTransaction
  readonly graph: TransactionGraph
  readonly inBlock: InBlock
  readonly recentTags: RecentTags
  readonly bans: BanList
  readonly logger: Logger
  readonly nextSequence: () => number
  readonly notify: (hash: Hash, status: TransactionStatus) => void
}

export type FollowerOptions = Pick<PoolOptions, 'revalidateLimit' | 'foreignLimit' | 'readyLimit'>

export class ChainFollower {
  readonly #dependencies: FollowerDependencies
  readonly #options: FollowerOptions

  constructor(dependencies: FollowerDependencies, options: FollowerOptions) {
    this.#dependencies = dependencies
    this.#options = options
  }

  async follow({ best, retracted, enacted }: BlockStateEvents['bestChanged']): Promise<void> {
    const { graph, inBlock, recentTags } = this.#dependencies
    const returning = new Set<Hash>()
    for (const block of retracted) {
      recentTags.retract(block.hash)
      for (const hash of inBlock.retract(block)) returning.add(hash)
    }
    if (!graph.isEmpty || retracted.length > 0) {
      const included = await this.#enact(enacted, best, returning)
      await this.#bringBack(retracted, best, included, returning)
    }
    this.#expire(best.number)
    inBlock.giveUp(best.number)
  }

  /** `stale` says that a newer best block waits: what is left has its turn there. */
  async revalidate(best: BlockRef, forkHeight: number | undefined, stale: () => boolean): Promise<void> {
    for (const { hash, source, extrinsic } of this.#due(forkHeight)) {
      if (stale()) return
      if (this.#dependencies.graph.has(hash)) this.#judge(hash, await this.#ask(best, extrinsic, source), best)
    }
  }

  /** What went into blocks leaves, and so does what these blocks have overtaken. Returns everything that is in them. */
  async #enact(enacted: readonly BlockRef[], best: BlockRef, returning: Set<Hash>): Promise<Set<Hash>> {
    const { blocks, graph, inBlock, recentTags, bans } = this.#dependencies
    const included = new Set<Hash>()
    const provided = new Set<string>()
    let questions = this.#options.foreignLimit
    for (const block of enacted) {
      const tags: string[] = []
      for (const [index, extrinsic] of ((await blocks.body(block.hash)) ?? []).entries()) {
        const hash = blake2Hash(extrinsic)
        included.add(hash)
        bans.ban(hash)
        const held = graph.take(hash)
        if (returning.delete(hash) || held !== undefined) inBlock.include(block, hash, index)
        if (held !== undefined) tags.push(...held.provides)
        else if (!graph.isEmpty && questions-- > 0) tags.push(...(await this.#tagsInBlock(block, extrinsic)))
      }
      recentTags.add(block.hash, tags)
      for (const tag of tags) provided.add(tag)
    }
    for (const { hash, extrinsic, source } of graph.overtaken(provided)) this.#judge(hash, await this.#ask(best, extrinsic, source), best, 'overtaken')
    graph.satisfy([...provided])
    return included
  }

  /** What a transaction provides that was never in this pool, as the runtime says before the block that it is in. */
  async #tagsInBlock(block: BlockRef, extrinsic: Extrinsic): Promise<readonly string[]> {
    const parent = this.#dependencies.blocks.header(block.hash)?.parentHash
    if (parent === undefined) return []
    const validity = await this.#ask({ hash: parent, number: block.number - 1 }, extrinsic, 'inBlock')
    return validity.kind === 'valid' ? toTransaction(block.hash, extrinsic, 'external', validity, block.number, 0).provides : []
  }

  /** Offers the pool what abandoned blocks held, oldest first, so that nonces come in their order. */
  async #bringBack(retracted: readonly BlockRef[], best: BlockRef, included: ReadonlySet<Hash>, returning: Set<Hash>): Promise<void> {
    const { blocks, graph, notify } = this.#dependencies
    let places = this.#options.readyLimit
    for (const block of [...retracted].reverse()) {
      for (const extrinsic of (await blocks.body(block.hash)) ?? []) {
        const hash = blake2Hash(extrinsic)
        const ours = returning.delete(hash)
        if (included.has(hash) || graph.has(hash)) continue
        const refused: TransactionStatus | undefined = places-- > 0 ? await this.#offer(hash, extrinsic, best) : { kind: 'dropped' }
        // Nobody watches what this pool never held; for the others this is the last that they hear.
        if (ours && refused !== undefined) notify(hash, refused)
      }
    }
    for (const hash of returning) notify(hash, { kind: 'dropped' })
  }

  /** Undefined where the pool has taken it. */
  async #offer(hash: Hash, extrinsic: Extrinsic, best: BlockRef): Promise<TransactionStatus | undefined> {
    const { graph, bans, nextSequence } = this.#dependencies
    bans.lift(hash)
    const validity = await this.#ask(best, extrinsic, 'external')
    if (validity.kind === 'invalid') bans.ban(hash)
    if (validity.kind !== 'valid') return { kind: 'invalid' }
    if (graph.has(hash)) return undefined
    try {
      graph.insert(toTransaction(hash, extrinsic, 'external', validity, best.number, nextSequence()))
      return undefined
    } catch (error) {
      return statusOfRefusal(error)
    }
  }

  /**
   * Does what follows from an answer of the runtime about one that is in the pool. Where blocks have overtaken it, what
   * required it stays: they provide that now. Otherwise its dependents go with it, and may come again.
   */
  #judge(hash: Hash, validity: TransactionValidity, best: BlockRef, why?: 'overtaken'): void {
    const { graph, bans, notify } = this.#dependencies
    const held = graph.get(hash)
    if (held === undefined) return
    if (validity.kind === 'unknown') return graph.postpone(hash)
    if (validity.kind === 'valid') return graph.renew(toTransaction(hash, held.extrinsic, held.source, validity, best.number, held.sequence))
    bans.ban(hash)
    if (why !== 'overtaken' && validity.reason !== 'Stale') {
      for (const removed of graph.remove([hash])) notify(removed.hash, { kind: 'invalid' })
      return
    }
    graph.take(hash)
    notify(hash, { kind: 'invalid' })
    graph.satisfy(held.provides)
  }

  #expire(number: number): void {
    const { graph, bans, notify } = this.#dependencies
    const expired = [...graph.ready.values(), ...graph.future.values()].filter(({ validTill }) => validTill < number).map(({ hash }) => hash)
    for (const hash of expired) bans.ban(hash)
    for (const { hash } of graph.remove(expired)) notify(hash, { kind: 'invalid' })
  }

  /** After a reorganization first those that were asked about on the abandoned fork, then those that have waited longest. */
  #due(forkHeight = Infinity): Iterable<PoolTransaction> {
    const { ready, future } = this.#dependencies.graph
    const due = new Map<Hash, PoolTransaction>()
    for (const queue of [future, ready]) {
      const { revalidateLimit, foreignLimit } = this.#options
      const oldest: PoolTransaction[] = []
      for (const transaction of queue.values()) {
        if (transaction.validatedAt > forkHeight && due.size < foreignLimit) due.set(transaction.hash, transaction)
        else if (oldest.length < revalidateLimit) oldest.push(transaction)
        else if (forkHeight === Infinity) break
      }
      for (const transaction of oldest) due.set(transaction.hash, transaction)
    }
    return due.values()
  }

  /** A runtime that fails says nothing about a transaction. */
  async #ask(at: BlockRef, extrinsic: Extrinsic, source: TransactionSource | 'inBlock'): Promise<TransactionValidity> {
    try {
      return await this.#dependencies.validate(at, extrinsic, source)
    } catch (error) {
      this.#dependencies.logger.debug('a transaction could not be validated', { block: at.number, reason: errorMessage(error) })
      return { kind: 'unknown', reason: errorMessage(error) }
    }
  }
}
