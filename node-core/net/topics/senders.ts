/** Who sends on a topic, and how much: a bounded number of senders; where there are more, the one that was silent longest goes. */
import type { Clock } from '../../base/clock.ts'
import type { TopicMessage } from './descriptor.ts'

const MOST = 128

export interface SenderFigures {
  readonly peer: string
  readonly messages: number
  readonly bytes: number
  /** Milliseconds since the Unix epoch. */
  readonly lastAt: number
}

export class Senders {
  readonly #clock: Clock
  /** Who spoke last is at the end. */
  readonly #senders = new Map<string, SenderFigures>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  note({ source, payload }: TopicMessage): void {
    const { messages = 0, bytes = 0 } = this.#senders.get(source) ?? {}
    this.#senders.delete(source)
    if (this.#senders.size >= MOST) this.#senders.delete(this.#senders.keys().next().value as string)
    this.#senders.set(source, { peer: source, messages: messages + 1, bytes: bytes + payload.length, lastAt: this.#clock.now() })
  }

  /** The most recent first. */
  figures(): readonly SenderFigures[] {
    return [...this.#senders.values()].reverse()
  }
}
