/**
 * Messages that wait for one member of a group, bounded by number and bytes; what goes when it is full, the group's rule says. Pure.
 *
 * - `drop-oldest`: a newer message is worth more, as with positions or prices.
 * - `drop-newest`: what was begun is finished.
 * - `hold`: nothing is dropped while whoever sends waits for room. One that does not is stopped at twice the bound.
 */
export type WhenFull = 'drop-oldest' | 'drop-newest' | 'hold'

/** `delivered`: the member's node has it; `dropped`: there was no room; `failed`: the member left, or its channel broke with it under way. */
export type Outcome = 'delivered' | 'dropped' | 'failed'

export interface WaitingMessage {
  readonly message: Uint8Array
  readonly settle: (outcome: Outcome) => void
}

export interface QueueBounds {
  readonly messages: number
  readonly bytes: number
  readonly whenFull: WhenFull
}

export class MemberQueue {
  readonly #bounds: QueueBounds
  #waiting: WaitingMessage[] = []
  #bytes = 0
  #dropped = 0
  #senders: (() => void)[] = []

  constructor(bounds: QueueBounds) {
    this.#bounds = bounds
  }

  get length(): number {
    return this.#waiting.length
  }

  get bytes(): number {
    return this.#bytes
  }

  /** For want of room. */
  get dropped(): number {
    return this.#dropped
  }

  push(entry: WaitingMessage): void {
    const { whenFull } = this.#bounds
    const isFull = (times: number): boolean => this.#isFull(entry.message.length, times)
    if (whenFull === 'drop-oldest') while (this.#waiting.length > 0 && isFull(1)) this.#drop(this.shift() as WaitingMessage)
    else if (this.#waiting.length > 0 && isFull(whenFull === 'hold' ? 2 : 1)) return this.#drop(entry)
    this.#waiting.push(entry)
    this.#bytes += entry.message.length
  }

  /** The oldest; whoever waits for room is told of it. */
  shift(): WaitingMessage | undefined {
    const entry = this.#waiting.shift()
    if (entry === undefined) return undefined
    this.#bytes -= entry.message.length
    if (!this.#isFull(0, 1)) for (const call of this.#senders.splice(0)) call()
    return entry
  }

  /** Resolves when whoever sends need not wait: at once but where messages are held. */
  room(): Promise<void> {
    if (this.#bounds.whenFull !== 'hold' || !this.#isFull(0, 1)) return Promise.resolve()
    return new Promise((resolve) => this.#senders.push(resolve))
  }

  /** Nothing here will be sent any more. */
  clear(outcome: Outcome): void {
    for (const { settle } of this.#waiting.splice(0)) settle(outcome)
    this.#bytes = 0
    for (const call of this.#senders.splice(0)) call()
  }

  #isFull(more: number, times: number): boolean {
    return this.#waiting.length >= this.#bounds.messages * times || this.#bytes + more > this.#bounds.bytes * times
  }

  #drop(entry: WaitingMessage): void {
    this.#dropped++
    entry.settle('dropped')
  }
}
