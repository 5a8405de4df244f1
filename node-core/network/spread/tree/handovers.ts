/**
 * Subtrees that were handed over: who answers for each, and who is next where no answer comes.
 *
 * Whoever gets a copy with a height says at once that it has it. A peer that does not within its round trip and a little more has left, or is silent,
 * and the next of its bucket gets a copy for the same subtree: the whole subtree waits for that, so it is worth more than the bytes of a copy too
 * many. Who answers and then does nothing is found out by others: a spare of its subtree asks for the message.
 */
import type { Hash } from '../../../base/bytes.ts'
import type { Clock } from '../../../base/clock.ts'
import type { Disposer } from '../../../base/disposers.ts'
import type { CopyJob } from './lanes.ts'
import { BOUNDS } from './options.ts'

interface Handover {
  readonly job: CopyJob
  readonly at: number
  readonly timer: Disposer
}

export class Handovers {
  readonly #clock: Clock
  readonly #onSilence: (job: CopyJob) => void
  /** By message and peer; those that were sent first come first. */
  readonly #open = new Map<string, Handover>()

  constructor(clock: Clock, onSilence: (job: CopyJob) => void) {
    this.#clock = clock
    this.#onSilence = onSilence
  }

  /** A copy is on its way; an answer is due within `patienceMs`. */
  sent(job: CopyJob, patienceMs: number): void {
    const key = keyOf(job.id, job.peer)
    this.#open.get(key)?.timer()
    if (this.#open.size >= BOUNDS.handovers) return
    const timer = this.#clock.schedule(patienceMs, () => {
      this.#open.delete(key)
      this.#onSilence(job)
    })
    this.#open.set(key, { job, at: this.#clock.now(), timer })
  }

  /** How long the answer took since the copy was sent, in ms; undefined where none was due. */
  answered(id: Hash, peer: string): number | undefined {
    const key = keyOf(id, peer)
    const handover = this.#open.get(key)
    if (handover === undefined) return undefined
    handover.timer()
    this.#open.delete(key)
    return this.#clock.now() - handover.at
  }

  /** The peer is gone: the next ones take over what it was handed. */
  closed(peer: string): void {
    for (const [key, { job, timer }] of [...this.#open]) {
      if (job.peer !== peer) continue
      timer()
      this.#open.delete(key)
      this.#onSilence(job)
    }
  }

  stop(): void {
    for (const { timer } of this.#open.values()) timer()
    this.#open.clear()
  }
}

function keyOf(id: Hash, peer: string): string {
  return `${id} ${peer}`
}
