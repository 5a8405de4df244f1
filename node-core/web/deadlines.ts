/**
 * Time limits of a request's body and of an answer that nobody reads. HTTP/1.1 has limits of its own for headers; what a client sends slowly, in either version, and what
 * it does not take, is watched here, so that no connection holds memory for ever.
 */
import type { Clock } from '../base/clock.ts'
import type { Disposer } from '../base/disposers.ts'
import type { Request, Response } from './exchange.ts'

export interface Deadlines {
  readonly bodyMs: number
  readonly silenceMs: number
  readonly unreadMs: number
}

/** How often open answers are looked at. */
const LOOK_EVERY_MS = 5_000

/** Calls `end` after so long, but not before what has come meanwhile was read: where this process was busy, nobody else is late. */
export function deadline(clock: Clock, ms: number, end: () => void): Disposer {
  let looking: NodeJS.Immediate | undefined
  const cancel = clock.schedule(ms, () => {
    looking = setImmediate(end)
  })
  return () => {
    cancel()
    clearImmediate(looking)
  }
}

/** Ends a request whose body does not come in time: all of it, or where it is a stream of messages each part after the other. */
export function limitBody(request: Request, end: () => void, clock: Clock, { isStream, bodyMs, silenceMs }: Pick<Deadlines, 'bodyMs' | 'silenceMs'> & { readonly isStream: boolean }): void {
  let cancel: Disposer = deadline(clock, isStream ? silenceMs : bodyMs, end)
  const done = (): void => cancel()
  if (isStream) {
    request.on('data', () => {
      cancel()
      cancel = deadline(clock, silenceMs, end)
    })
    // Listening for data starts the flow; whoever reads it says when.
    request.pause()
  }
  request.once('end', done)
  request.once('close', done)
}

/** Answers of which a part waits to be read. */
export class Unread {
  readonly #clock: Clock
  readonly #unreadMs: number
  readonly #open = new Map<Response, { since: number | undefined; end: () => void }>()
  #cancel: Disposer | undefined

  constructor(clock: Clock, unreadMs: number) {
    this.#clock = clock
    this.#unreadMs = unreadMs
  }

  /** Looks after an answer until it is closed. */
  watch(response: Response, end: () => void): void {
    this.#open.set(response, { since: undefined, end })
    response.once('close', () => this.#open.delete(response))
    this.#cancel ??= this.#clock.schedule(LOOK_EVERY_MS, () => this.#look())
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#open.clear()
  }

  #look(): void {
    const now = this.#clock.now()
    for (const [response, answer] of this.#open) {
      const stuck = 'stream' in response ? response.stream.writableNeedDrain : response.writableNeedDrain
      if (!stuck) answer.since = undefined
      else if (answer.since === undefined) answer.since = now
      else if (now - answer.since >= this.#unreadMs) answer.end()
    }
    this.#cancel = this.#open.size === 0 ? undefined : this.#clock.schedule(LOOK_EVERY_MS, () => this.#look())
  }
}
