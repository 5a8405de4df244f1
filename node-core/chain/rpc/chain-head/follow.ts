/**
 * One `chainHead_v1_follow` subscription: turns what the state announces into the events of the JSON-RPC interface
 * specification, and holds the blocks that the client has pinned (pinned.ts).
 *
 * Its promises to the client: a block is told of after its parent; only blocks told of become best, finalized or
 * pruned; the best block is never among the pruned. They are kept here whatever order the state announces things in: a
 * block that is named before it was announced is looked up and told of first. Where that is impossible (a gap in the
 * chain), or when too many blocks or too old ones stay pinned, the subscription says `stop` and is over.
 *
 * Everything but the runtime's version is decided synchronously, when the state announces it.
 */
import type { Hash } from '../../../base/bytes.ts'
import type { Disposer } from '../../../base/disposers.ts'
import type { Header } from '../../scale/header.ts'
import type { BlockRef } from '../../scale/block.ts'
import type { Subscription } from '../subscription.ts'
import type { MethodDeps } from '../types.ts'
import { ReportedTree } from './block-tree.ts'
import { EventQueue } from './event-queue.ts'
import { PinnedBlocks, type Pinboard } from './pinned.ts'

/** Finalized blocks in `initialized`: about a minute's worth. */
const INITIAL_FINALIZED = 10

export interface FollowLimits {
  /** Pinned blocks that are finalized or pruned from the chain; the others are in the node's memory anyway. */
  readonly maxPinned: number
  /** How far below the finalized block a pinned one may be: no state above it is given up. */
  readonly maxPinnedDepth: number
}

export class Follow {
  readonly withRuntime: boolean
  readonly #blocks: MethodDeps['blocks']
  readonly #events: MethodDeps['events']
  readonly #subscription: Subscription
  readonly #limits: FollowLimits
  readonly #queue: EventQueue
  readonly #board: Pinboard
  readonly #pinned: PinnedBlocks
  #tree: ReportedTree
  #best: Hash | undefined

  constructor(
    { blocks, events, runtime }: Pick<MethodDeps, 'blocks' | 'events' | 'runtime'>,
    subscription: Subscription,
    withRuntime: boolean,
    limits: FollowLimits,
    board: Pinboard,
  ) {
    this.withRuntime = withRuntime
    this.#blocks = blocks
    this.#events = events
    this.#subscription = subscription
    this.#limits = limits
    this.#board = board
    this.#pinned = new PinnedBlocks(board, () => this.#stop())
    this.#queue = new EventQueue(withRuntime ? runtime : undefined, (body) => subscription.notify(body), () => this.#stop())
    this.#tree = new ReportedTree(blocks.finalized().hash, blocks.finalized().number)
  }

  /** Tells of the present, and listens from now on. */
  start(): void {
    const events = this.#events
    const subscription = this.#subscription
    subscription.onEnd(() => this.#queue.close())
    subscription.onEnd(() => this.#pinned.clear())
    this.#initialize()
    subscription.onEnd(events.on('imported', ({ block, header }) => void this.#report(block, header)))
    subscription.onEnd(events.on('bestChanged', ({ best }) => this.#onBest(best)))
    subscription.onEnd(events.on('finalized', ({ head, finalized }) => this.#onFinalized(head, finalized)))
  }

  /** Header of a pinned block. */
  pinned(hash: Hash): Header | undefined {
    return this.#pinned.header(hash)
  }

  unpin(hashes: readonly Hash[]): void {
    for (const hash of hashes) this.#pinned.unpin(hash)
  }

  /** An operation reads the block until it calls the disposer, which is also where the client unpins it before. */
  use(hash: Hash): Disposer {
    return this.#pinned.use(hash)
  }

  #initialize(): void {
    const finalized = this.#blocks.finalized()
    this.#tree = new ReportedTree(finalized.hash, finalized.number)
    const recent: Hash[] = []
    let head: Header | undefined
    for (let hash = finalized.hash; recent.length < INITIAL_FINALIZED; ) {
      const header = this.#blocks.header(hash)
      // Older blocks whose state is given up are not told of: they could not be read.
      if (header === undefined || !this.#pinned.pin(hash, header)) break
      head ??= header
      recent.unshift(hash)
      if (header.number === 0) break
      hash = header.parentHash
    }
    if (head === undefined) return this.#stop()
    this.#queue.push({
      body: { event: 'initialized', finalizedBlockHashes: recent },
      runtime: { field: 'finalizedBlockRuntime', hash: finalized.hash, header: head, parent: undefined },
    })
    const waiting = [...this.#blocks.children(finalized.hash)]
    for (let block = waiting.shift(); block !== undefined; block = waiting.shift()) {
      this.#report(block, undefined)
      waiting.push(...this.#blocks.children(block.hash))
    }
    this.#onBest(this.#blocks.best())
  }

  /** Makes sure that the client knows of a block. False where it cannot be told of: it is on a dead fork, or there is a gap. */
  #report(block: BlockRef, header: Header | undefined): boolean {
    const missing: { hash: Hash; header: Header }[] = []
    let known = header
    for (let { hash, number } = block; !this.#tree.has(hash); number--) {
      if (number <= this.#tree.finalizedNumber) return false
      known ??= this.#blocks.header(hash)
      if (known === undefined) {
        this.#stop()
        return false
      }
      missing.unshift({ hash, header: known })
      hash = known.parentHash
      known = undefined
    }
    for (const entry of missing) {
      const { hash, header: own } = entry
      if (!this.#pinned.pin(hash, own)) {
        this.#stop()
        return false
      }
      this.#tree.add(hash, own.parentHash)
      this.#queue.push({
        body: { event: 'newBlock', blockHash: hash, parentBlockHash: own.parentHash },
        runtime: { field: 'newRuntime', hash, header: own, parent: own.parentHash },
      })
    }
    return true
  }

  #onBest(best: BlockRef): void {
    if (this.#subscription.ended || !this.#report(best, undefined)) return
    this.#tellBest(best.hash)
  }

  #tellBest(hash: Hash): void {
    if (this.#best === hash) return
    this.#best = hash
    this.#queue.push({ body: { event: 'bestBlockChanged', bestBlockHash: hash } })
  }

  #onFinalized(head: BlockRef, finalized: readonly BlockRef[]): void {
    const news = finalized.filter((block) => block.number > this.#tree.finalizedNumber)
    for (const block of news) if (this.#subscription.ended || !this.#report(block, undefined)) return
    if (news.length === 0) return
    const best = this.#blocks.best()
    const bestKnown = best.number > head.number ? this.#report(best, undefined) : best.hash === head.hash
    if (this.#subscription.ended) return
    const hashes = news.map((block) => block.hash)
    const before = this.#tree.finalizedHash
    const pruned = this.#tree.finalize(hashes, head.number)
    // The best block must not be among those that are over; where it is, another one takes its place first.
    if (this.#best !== head.hash && !this.#tree.isUnfinalized(this.#best ?? head.hash)) {
      this.#tellBest(bestKnown && this.#tree.has(best.hash) ? best.hash : head.hash)
    }
    this.#queue.push({
      body: { event: 'finalized', finalizedBlockHashes: hashes, prunedBlockHashes: pruned },
      forget: [before, ...hashes.slice(0, -1), ...pruned],
    })
    this.#checkPinned()
  }

  #checkPinned(): void {
    const { maxPinned, maxPinnedDepth } = this.#limits
    const lowest = this.#tree.finalizedNumber - maxPinnedDepth
    let settled = 0
    for (const { hash, number } of this.#pinned.held()) {
      if (this.#tree.isUnfinalized(hash)) continue
      if (++settled > maxPinned || number < lowest) return this.#stop()
    }
    this.#board.enforce(this.#tree.finalizedNumber)
  }

  #stop(): void {
    this.#queue.close()
    this.#subscription.notify({ event: 'stop' })
    this.#subscription.end()
  }
}
