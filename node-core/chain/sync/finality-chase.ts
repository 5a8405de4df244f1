/**
 * What is final elsewhere and not here.
 *
 * Normally finality comes by itself: by gossip near the top, and beside the blocks further down. Both fail a node that missed the
 * proof of a block that *changed the authorities*: it knows only the set before, so that gossip of the set after tells it nothing,
 * and nothing above that block can be made final here, however far the chain has gone on. Such a block was justified by itself, for
 * exactly this reason, and whoever followed the chain keeps that justification. So it is asked for by the block's hash, of one peer
 * after the other, as many may not have it; when it has come, the next block that changes the set is the matter, up to the set in
 * force now. What is missing follows from the chain alone, so that a restart goes on where this one was.
 *
 * Where no set change is in the way and finality lags all the same, or nobody has the justification of the change, the headers
 * above the finalized block are asked for with their justifications, stretch by stretch.
 *
 * Nobody is blamed for a justification that is not there. One that is wrong is charged, and asked for elsewhere.
 */
import type { BlockRef } from '../scale/block.ts'
import type { SyncContext } from './context.ts'
import type { SyncPeer } from './peers/peer-table.ts'
import type { FetchedBlock, Question } from './types.ts'

/** Finality that lags by more blocks than this, for longer than that, is asked for. */
const LAG = 16
const PATIENCE_MS = 30_000
/** A set change with so many blocks on top should have been final by now: nothing is waited for. */
const OVERDUE = 8
/** When all of the chain was looked through in vain, it is done again after so long. */
const REST_MS = 120_000
/** While nothing becomes final, what is to change the authorities is looked up again after so long: it takes a walk along the forks. */
const CHANGES_MS = 5_000
/** A justification that has come is being checked for so long at the most. */
const CHECKING_MS = 10_000

/** `in-vain`: whoever could have it was asked already. */
type Asking = 'sent' | 'later' | 'in-vain'

export class FinalityChase {
  readonly #context: SyncContext
  /** What is final, and since when. */
  #at: { readonly number: number; readonly since: number }
  /** The height that the search for justifications goes on with, and when it may. */
  #scan = { next: 0, notBefore: 0 }
  #changes: { readonly blocks: readonly BlockRef[]; readonly until: number } = { blocks: [], until: 0 }
  #checkedUntil = 0

  constructor(context: SyncContext, now: number) {
    this.#context = context
    this.#at = { number: -1, since: now }
  }

  /** `isDownloading`: blocks are on their way, and may bring what is missing. */
  tick(now: number, isDownloading: boolean): void {
    const { blocks, requests, knowledge } = this.#context
    const finalized = blocks.finalized().number
    const best = blocks.best().number
    if (finalized !== this.#at.number) {
      this.#at = { number: finalized, since: now }
      this.#scan = { next: finalized + 1, notBefore: 0 }
      this.#changes = { blocks: [], until: 0 }
      this.#checkedUntil = 0
    }
    if (best - finalized <= OVERDUE || now < this.#checkedUntil || requests.isOut('finality')) return
    const isEarly = now < this.#at.since + PATIENCE_MS
    if (now >= this.#changes.until) this.#changes = { blocks: knowledge.setChanges(), until: now + CHANGES_MS }
    const changes = this.#changes.blocks.filter(({ number }) => number > finalized)
    for (const change of changes) {
      if (isEarly && best - change.number < OVERDUE) continue
      if (this.#askForChange(change, now) === 'sent') return
    }
    if (!isEarly && !isDownloading && best - finalized > LAG) this.#lookThrough(Math.min(best, changes[0]?.number ?? best), now)
  }

  /** What came last proves nothing: somebody else is asked. */
  disproved(): void {
    this.#checkedUntil = 0
  }

  #askForChange({ hash, number }: BlockRef, now: number): Asking {
    const question: Question = { from: hash, direction: 'ascending', maxBlocks: 1, body: false, justifications: true }
    return this.#ask(question, number, now, ([answer], at) => {
      if (answer !== undefined && answer.justifications.length > 0) this.#checkedUntil = at + CHECKING_MS
    })
  }

  #lookThrough(last: number, now: number): void {
    if (now < this.#scan.notBefore) return
    const { next } = this.#scan
    if (next > last) {
      this.#scan = { next: this.#at.number + 1, notBefore: now + REST_MS }
      return
    }
    const maxBlocks = Math.min(this.#context.options.batch, last - next + 1)
    const goOn = (at: number): void => {
      if (this.#scan.next === next) this.#scan.next = at
    }
    const asking = this.#ask({ from: next, direction: 'ascending', maxBlocks, body: false, justifications: true }, next, now, (answer) => {
      const top = answer.at(-1)
      if (top !== undefined) goOn(top.ref.number + 1)
    })
    // Nobody has these headers any more.
    if (asking === 'in-vain') goOn(next + maxBlocks)
  }

  #ask(question: Question, height: number, now: number, used: (answer: readonly FetchedBlock[], at: number) => void): Asking {
    const { peers, requests } = this.#context
    const ahead = peers.believed(now).filter(({ best }) => best.number >= height)
    const askable = ahead.filter(({ id }) => requests.mayAsk(id, question, now))
    if (ahead.length > 0 && askable.length === 0) return 'in-vain'
    const peer = peers.fastestFree(askable, now)
    if (peer === undefined) return 'later'
    const use = (answer: readonly FetchedBlock[], _: SyncPeer, at: number): void => {
      this.#use(answer)
      used(answer, at)
      this.tick(at, false)
    }
    requests.send(peer, question, { kind: 'finality', subject: this, mayBeEmpty: true, use, drop: () => undefined }, now)
    return 'sent'
  }

  #use(answer: readonly FetchedBlock[]): void {
    const { blocks } = this.#context
    for (const { ref, justifications, peer } of answer) {
      if (!blocks.hasBlock(ref.hash)) return
      for (const justification of justifications) this.#context.act({ kind: 'justify', block: ref, justification, peer })
    }
  }
}
