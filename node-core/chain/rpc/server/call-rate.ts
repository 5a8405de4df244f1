/**
 * How many calls a connection may make a minute, as Substrate's nodes count them: a full minute's calls at once, then one each time that a
 * minute's share of one has passed. A call too many waits for its turn; where {@link MAX_WAITING} wait already it is refused, and the connection
 * goes on.
 */
import { SteadyClock, type Clock } from '../../../base/clock.ts'
import { CODE, RpcError } from '../errors.ts'

/** A client that asks for one thing after the other is only slowed down; one that asks for all at once hears a refusal. */
export const MAX_WAITING = 10

export class CallRate {
  readonly #perMinute: number
  readonly #clock: Clock
  readonly #waiting = new Set<() => void>()
  /** When all that was admitted is paid for, in the clock's milliseconds. */
  #paidAt = 0
  #closed = false

  /** `perMinute` is at least 1. */
  constructor(perMinute: number, clock: Clock) {
    this.#perMinute = perMinute
    this.#clock = new SteadyClock(clock)
  }

  /** The next call has to wait for its turn, or is refused. */
  get isExhausted(): boolean {
    return this.#waitFor(this.#clock.now()) > 0
  }

  /** Resolves when the call may run. Throws an RpcError where too many wait, or the connection is closed. */
  async admit(): Promise<void> {
    const now = this.#clock.now()
    const wait = this.#waitFor(now)
    if (this.#closed || (wait > 0 && this.#waiting.size >= MAX_WAITING)) throw this.#refusal()
    this.#paidAt = Math.max(now, this.#paidAt) + this.#share
    if (wait > 0) await this.#turn(wait)
    if (this.#closed) throw this.#refusal()
  }

  /** Whoever waits is refused: the connection is gone. Idempotent. */
  close(): void {
    this.#closed = true
    for (const release of [...this.#waiting]) release()
  }

  /** A minute's share of one call, in milliseconds. */
  get #share(): number {
    return 60_000 / this.#perMinute
  }

  #waitFor(now: number): number {
    return Math.max(0, this.#paidAt - (60_000 - this.#share) - now)
  }

  #turn(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const release = (): void => {
        cancel()
        this.#waiting.delete(release)
        resolve()
      }
      const cancel = this.#clock.schedule(ms, release)
      this.#waiting.add(release)
    })
  }

  #refusal(): RpcError {
    return new RpcError(CODE.rateLimited, 'RPC rate limit exceeded', `A connection may make ${this.#perMinute} calls a minute here: wait, and ask for less at once.`)
  }
}
