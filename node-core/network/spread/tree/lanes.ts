/**
 * Copies on their way out, a few at a time.
 *
 * A line divides what it carries among all who send on it. Were every copy of a message sent at once, all of them would arrive when the
 * last one does; one after the other, the first arrives eleven times sooner where there are eleven, and its recipient sends on
 * meanwhile. So a copy has a *place*, of which there are few, for as long as it takes on this node's line (line.ts). Copies go in the order of the subtree that they are for, the largest first; answers to those who asked take turns with them.
 *
 * Bounded: what does not fit is dropped, the smallest subtree first, and counted; repair brings such a message another way.
 */
import type { Hash } from '../../../base/bytes.ts'
import type { Clock } from '../../../base/clock.ts'
import type { Disposer } from '../../../base/disposers.ts'
import { BOUNDS, type TreeOptions } from './options.ts'

/** A copy for a subtree of this height. Behind it the message is offered to the spares, and they are next where the peer does not answer. */
export interface CopyJob {
  readonly id: Hash
  readonly height: number
  readonly peer: string
  readonly spares: readonly string[]
  /** The spares were offered it already. */
  readonly isSecond?: boolean
}

export interface AnswerJob {
  readonly id: Hash
  readonly peer: string
}

export interface LanesDependencies {
  readonly clock: Clock
  /** Sends, and returns how long it takes, in ms; 0 where there was nothing to send. */
  copy(job: CopyJob): number
  answer(job: AnswerJob): number
}

export class Lanes {
  readonly #deps: LanesDependencies
  readonly #options: TreeOptions
  /** Highest bucket first; the oldest first among equals. */
  readonly #copies: CopyJob[] = []
  readonly #answers: AnswerJob[] = []
  readonly #places = new Set<Disposer>()
  #answerNext = false
  dropped = 0

  constructor(dependencies: LanesDependencies, options: TreeOptions) {
    this.#deps = dependencies
    this.#options = options
  }

  get waiting(): number {
    return this.#copies.length + this.#answers.length
  }

  /** Jobs of one message, highest bucket first. */
  addCopies(jobs: readonly CopyJob[]): void {
    for (const job of jobs) {
      let at = this.#copies.length
      while (at > 0 && (this.#copies[at - 1] as CopyJob).height < job.height) at--
      this.#copies.splice(at, 0, job)
    }
    while (this.#copies.length > BOUNDS.copies) {
      this.#copies.pop()
      this.dropped++
    }
    this.#go()
  }

  /** False where there is no room. */
  addAnswer(job: AnswerJob): boolean {
    if (this.#answers.length >= BOUNDS.answers || this.#answers.filter(({ peer }) => peer === job.peer).length >= BOUNDS.answersPerPeer) {
      this.dropped++
      return false
    }
    this.#answers.push(job)
    this.#go()
    return true
  }

  stop(): void {
    this.#copies.length = 0
    this.#answers.length = 0
    for (const cancel of this.#places) cancel()
    this.#places.clear()
  }

  #go(): void {
    while (this.#places.size < this.#options.parallel && this.waiting > 0) {
      const takesAnswer = this.#answers.length > 0 && (this.#answerNext || this.#copies.length === 0)
      this.#answerNext = !takesAnswer
      const ms = takesAnswer ? this.#deps.answer(this.#answers.shift() as AnswerJob) : this.#deps.copy(this.#copies.shift() as CopyJob)
      if (ms > 0) this.#takePlace(ms)
    }
  }

  #takePlace(ms: number): void {
    const cancel = this.#deps.clock.schedule(ms, () => {
      this.#places.delete(cancel)
      this.#go()
    })
    this.#places.add(cancel)
  }
}
