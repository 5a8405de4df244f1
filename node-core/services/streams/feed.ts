/**
 * Streams that can be taken up again, and that never hold the node.
 *
 * The node pushes events into a feed: a ring with a number for each, of which the newest few thousand are kept. A client of a stream is nothing but a
 * place in the ring, so that a slow one costs no memory. Each message carries a cursor, which names the place behind it; whoever comes back with it goes on
 * there without a gap. One that falls too far behind while it is served is ended with SERVICE_CLIENT_TOO_SLOW and its cursor.
 */
import { randomBytes } from 'node:crypto'
import { ServiceError } from '../errors.ts'

export interface FeedLimits {
  readonly keptEvents: number
  readonly waitingEvents: number
}

export class Feed<T> {
  readonly limits: FeedLimits
  /** Another one for each start: numbers of an earlier one mean nothing. */
  readonly #life = randomBytes(4).toString('hex')
  readonly #items: (T | undefined)[]
  readonly #waiting = new Set<() => void>()
  #next = 0

  constructor(limits: FeedLimits) {
    this.limits = limits
    this.#items = new Array<T | undefined>(limits.keptEvents)
  }

  /** Number of the event that comes next. */
  get next(): number {
    return this.#next
  }

  /** Number of the oldest event that is kept. */
  get first(): number {
    return Math.max(0, this.#next - this.#items.length)
  }

  push(event: T): void {
    this.#items[this.#next % this.#items.length] = event
    this.#next++
    for (const wake of [...this.#waiting]) wake()
  }

  at(number: number): T {
    return this.#items[number % this.#items.length] as T
  }

  cursorOf(number: number): string {
    return `${this.#life}-${number}`
  }

  /** The place that a cursor names. Throws SERVICE_CURSOR_INVALID, SERVICE_CURSOR_EXPIRED. */
  placeOf(cursor: string): number {
    const match = /^([0-9a-f]{8})-(\d{1,15})$/.exec(cursor)
    if (match === null) throw new ServiceError('SERVICE_CURSOR_INVALID', 'This is no cursor of a stream.', { hint: 'Pass on the cursor of the last message as it was.' })
    const number = Number(match[2])
    if (match[1] !== this.#life || number < this.first || number > this.#next) throw expired()
    return number
  }

  /** Resolves when there is something at this place, or when the signal aborts. */
  async wait(number: number, signal: AbortSignal): Promise<void> {
    if (number < this.#next || signal.aborted) return
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake)
        signal.removeEventListener('abort', wake)
        resolve()
      }
      this.#waiting.add(wake)
      signal.addEventListener('abort', wake)
    })
  }
}

function expired(): ServiceError {
  return new ServiceError('SERVICE_CURSOR_EXPIRED', 'The events since this cursor are not kept any more, or the node was started again.', { hint: 'Begin a new stream without a cursor, and read what you missed.' })
}

export interface Told<T> {
  /** Behind this event. */
  readonly cursor: string
  readonly event: T
}

/** The events from a place on, for as long as the signal lets. Throws SERVICE_CLIENT_TOO_SLOW, SERVICE_CURSOR_EXPIRED, or the signal's own reason. */
export async function* follow<T>(feed: Feed<T>, from: number, signal: AbortSignal): AsyncGenerator<Told<T>, void, undefined> {
  const { waitingEvents } = feed.limits
  let place = from
  // Who takes a stream up again begins with what it missed.
  let allowed = feed.next - place + waitingEvents
  for (;;) {
    await feed.wait(place, signal)
    signal.throwIfAborted()
    const behind = feed.next - place
    if (behind > allowed || place < feed.first) {
      if (place < feed.first) throw expired()
      throw new ServiceError('SERVICE_CLIENT_TOO_SLOW', `The client is ${behind} events behind.`, { hint: 'Open the stream again with the cursor, and read faster.', data: { cursor: feed.cursorOf(place) } })
    }
    allowed = Math.min(allowed, behind + waitingEvents)
    const event = feed.at(place)
    place++
    yield { cursor: feed.cursorOf(place), event }
  }
}
