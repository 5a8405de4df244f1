/**
 * Streams that can be taken up again, and that never hold the node.
 *
 * The node pushes events into a feed: a ring with a number for each, of which the newest few thousand are kept. A client of a stream is nothing but a
 * place in the ring, so that a slow one costs no memory. Each message carries a cursor, which names the place behind it; whoever comes back with it goes on
 * there without a gap. One that falls too far behind while it is served is ended with SERVICE_CLIENT_TOO_SLOW and its cursor; where what it needs next is gone by then,
 * with the cursor of the oldest event that is kept, and how many are lost to it.
 */
import { randomBytes } from 'node:crypto'
import { ServiceError } from '../errors.ts'

export interface FeedLimits {
  readonly keptEvents: number
  readonly waitingEvents: number
}

/** Where events differ in size: how many bytes of them are kept. The newest event is kept, however long it is. */
export interface FeedBytes<T> {
  readonly keptBytes: number
  sizeOf(event: T): number
}

/** How far a client is behind, and how far it may be. */
export interface Behind {
  readonly events: number
  readonly bytes: number
}

interface Item<T> {
  readonly event: T
  /** Bytes of all events before it. */
  readonly before: number
}

export class Feed<T> {
  readonly #limits: FeedLimits
  readonly #bytes: FeedBytes<T> | undefined
  /** Another one for each start: numbers of an earlier one mean nothing. */
  readonly #life = randomBytes(4).toString('hex')
  readonly #items: (Item<T> | undefined)[]
  readonly #waiting = new Set<() => void>()
  #next = 0
  #first = 0
  /** Of all events that there were. */
  #allBytes = 0

  constructor(limits: FeedLimits, bytes?: FeedBytes<T>) {
    this.#limits = limits
    this.#bytes = bytes
    this.#items = new Array<Item<T> | undefined>(limits.keptEvents)
  }

  /** Number of the event that comes next. */
  get next(): number {
    return this.#next
  }

  /** Number of the oldest event that is kept. */
  get first(): number {
    return this.#first
  }

  push(event: T): void {
    const bytes = this.#bytes?.sizeOf(event) ?? 0
    const keptBytes = this.#bytes?.keptBytes ?? Infinity
    while (this.#first < this.#next && (this.#next - this.#first === this.#items.length || this.behind(this.#first).bytes + bytes > keptBytes)) this.#forgetFirst()
    this.#items[this.#next % this.#items.length] = { event, before: this.#allBytes }
    this.#next++
    this.#allBytes += bytes
    for (const wake of [...this.#waiting]) wake()
  }

  at(number: number): T {
    return this.#item(number).event
  }

  /** How far it is from a place to the newest event. */
  behind(place: number): Behind {
    const from = Math.max(place, this.#first)
    return { events: this.#next - place, bytes: from === this.#next ? 0 : this.#allBytes - this.#item(from).before }
  }

  /** What a client may fall behind further than it is. */
  allowedFrom({ events, bytes }: Behind): Behind {
    return { events: events + this.#limits.waitingEvents, bytes: bytes + (this.#bytes?.keptBytes ?? 0) / 2 }
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

  #item(number: number): Item<T> {
    return this.#items[number % this.#items.length] as Item<T>
  }

  #forgetFirst(): void {
    this.#items[this.#first % this.#items.length] = undefined
    this.#first++
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

function tooSlow<T>(feed: Feed<T>, place: number, behind: number, lost: number): ServiceError {
  const gone = lost === 0 ? '' : `, and ${lost} of them are not kept any more`
  return new ServiceError('SERVICE_CLIENT_TOO_SLOW', `The client is ${behind} events behind${gone}.`, { hint: 'Open the stream again with the cursor, and read faster.', data: { cursor: feed.cursorOf(place + lost), lost } })
}

export interface Told<T> {
  /** Behind this event. */
  readonly cursor: string
  readonly event: T
}

/** The events from a place on, for as long as the signal lets. Throws SERVICE_CLIENT_TOO_SLOW, or the signal's own reason. */
export async function* follow<T>(feed: Feed<T>, from: number, signal: AbortSignal): AsyncGenerator<Told<T>, void, undefined> {
  let place = from
  // Who takes a stream up again begins with what it missed.
  let allowed = feed.allowedFrom(feed.behind(place))
  for (;;) {
    await feed.wait(place, signal)
    signal.throwIfAborted()
    const behind = feed.behind(place)
    const lost = Math.max(0, feed.first - place)
    if (lost > 0 || behind.events > allowed.events || (behind.events > 1 && behind.bytes > allowed.bytes)) throw tooSlow(feed, place, behind.events, lost)
    const next = feed.allowedFrom(behind)
    allowed = { events: Math.min(allowed.events, next.events), bytes: Math.min(allowed.bytes, next.bytes) }
    const event = feed.at(place)
    place++
    yield { cursor: feed.cursorOf(place), event }
  }
}
