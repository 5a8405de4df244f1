/**
 * What stands in the place of a stream where this node offers the file itself: one program may fetch what another shares. It answers as a peer would, in
 * order, and what it says is verified as a peer's is.
 */
import { uninitializedBytes } from '../../../base/bytes.ts'
import { leafCount, LEAF_BYTES } from '../tree.ts'
import { ServeError, type OpenResource } from '../types.ts'
import { MAX_DATA_LEAVES, type Answer, type Question } from '../wire.ts'
import type { FetchLink } from './fetch-link.ts'

export interface OwnLinkEvents {
  onAnswer(answer: Answer): void
}

export class OwnLink implements Pick<FetchLink, 'ask' | 'end'> {
  readonly #resource: OpenResource
  readonly #events: OwnLinkEvents
  /** Questions that are not answered, and that nobody took back. */
  readonly #open = new Set<number>()
  #line: Promise<void> = Promise.resolve()
  #ended = false

  /** The resource is closed with the link. */
  constructor(resource: OpenResource, events: OwnLinkEvents) {
    this.#resource = resource
    this.#events = events
  }

  /** Whoever asks keeps to the protocol's limits of open questions. */
  ask(question: Question): void {
    if (question.kind === 'cancel') return void this.#open.delete(question.id)
    const { id } = question
    this.#open.add(id)
    this.#line = this.#line
      .then(() => this.#answer(question))
      .catch((error: unknown) => this.#say({ kind: 'refused', id, reason: error instanceof ServeError ? error.reason : 'changed', afterMs: 0 }))
      .then(() => void this.#open.delete(id))
  }

  end(): void {
    if (this.#ended) return
    this.#ended = true
    void this.#line.then(() => this.#resource.close()).catch(() => undefined)
  }

  async #answer(question: Exclude<Question, { kind: 'cancel' }>): Promise<void> {
    if (this.#ended) return
    const { id } = question
    const { length, ranges } = this.#resource
    if (question.kind === 'ask') return this.#say({ kind: 'have', id, length, ranges })
    if (question.kind === 'hashes') return this.#say({ kind: 'proof', id, ...(await this.#resource.proof(question.group)) })
    const end = question.index + question.count
    if (end > leafCount(length)) throw new ServeError('outside', `Leaf ${end - 1} is not here.`)
    for (let index = question.index; index < end && !this.#ended; index += MAX_DATA_LEAVES) {
      if (!this.#open.has(id)) return this.#say({ kind: 'refused', id, reason: 'cancelled', afterMs: 0 })
      const bytes = uninitializedBytes(Math.min(length, Math.min(index + MAX_DATA_LEAVES, end) * LEAF_BYTES) - index * LEAF_BYTES)
      await this.#resource.read(index, [bytes])
      this.#say({ kind: 'data', id, index, bytes })
    }
  }

  #say(answer: Answer): void {
    if (!this.#ended) this.#events.onAnswer(answer)
  }
}
