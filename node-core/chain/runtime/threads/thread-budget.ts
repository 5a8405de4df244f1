/**
 * How much time of a thread strangers may have.
 *
 * A light client may ask for any call, and a call may take seconds: whoever counts calls alone lets one peer keep a processor
 * busy for good. So what is counted is processor time, which other programs of a busy computer do not lengthen. Each peer, and all of them together, have an account that fills at a steady
 * rate up to a burst; what a call took is taken off afterwards, since nobody knows it before. An account below zero has its
 * owner wait until it is filled again. Identities are free, so the account of all is what protects the machine, and the
 * peers' own are what keeps one of them from having all of it. Whoever would have to wait too long is told so.
 */
import type { Clock } from '../../../base/clock.ts'
import { Lru } from '../../../base/lru.ts'
import { RuntimeError } from '../errors.ts'

export interface ThreadRate {
  /** Milliseconds of the thread per second. */
  readonly msPerSecond: number
  /** Milliseconds that may be taken at once, after a while in which none were. */
  readonly burstMs: number
}

export interface ThreadBudgetLimits {
  readonly total: ThreadRate
  readonly perPeer: ThreadRate
  /** Requests that may wait for their time. */
  readonly maxWaiting: number
  /** Milliseconds that a request may have to wait. */
  readonly maxWaitMs: number
}

/** Peers that are remembered; all at once are far fewer. */
const REMEMBERED_PEERS = 2048

class Account {
  readonly #clock: Clock
  readonly #rate: ThreadRate
  #ms: number
  #at: number

  constructor(clock: Clock, rate: ThreadRate) {
    this.#clock = clock
    this.#rate = rate
    this.#ms = rate.burstMs
    this.#at = clock.now()
  }

  /** Milliseconds until there is time again; 0 where there is some. */
  get wait(): number {
    this.#fill()
    return this.#ms > 0 ? 0 : Math.ceil((1 - this.#ms) / this.#rate.msPerSecond * 1000)
  }

  spend(ms: number): void {
    this.#fill()
    this.#ms -= ms
  }

  #fill(): void {
    const now = this.#clock.now()
    this.#ms = Math.min(this.#rate.burstMs, this.#ms + (Math.max(0, now - this.#at) * this.#rate.msPerSecond) / 1000)
    this.#at = now
  }
}

export class ThreadBudget {
  readonly #clock: Clock
  readonly #limits: ThreadBudgetLimits
  readonly #total: Account
  readonly #peers = new Lru<string, Account>(REMEMBERED_PEERS)
  #waiting = 0

  constructor(clock: Clock, limits: ThreadBudgetLimits) {
    this.#clock = clock
    this.#limits = limits
    this.#total = new Account(clock, limits.total)
  }

  /** Runs a request as soon as there is time for it, and counts what it took. Throws RUNTIME_TIMEOUT where that is not soon. */
  async run<T extends { readonly workMs: number }>(peer: string, request: () => Promise<T>): Promise<T> {
    const account = this.#account(peer)
    await this.#turn(account)
    const since = this.#clock.now()
    try {
      const answer = await request()
      this.#spend(account, answer.workMs)
      return answer
    } catch (error) {
      // It may have waited for others for a part of this: a failure is no reason to measure exactly.
      this.#spend(account, this.#clock.now() - since)
      throw error
    }
  }

  async #turn(account: Account): Promise<void> {
    const until = this.#clock.now() + this.#limits.maxWaitMs
    for (let ms = this.#wait(account); ms > 0; ms = this.#wait(account)) {
      if (this.#waiting >= this.#limits.maxWaiting || this.#clock.now() + ms > until) {
        throw new RuntimeError('RUNTIME_TIMEOUT', 'the processor share for light client proofs is used up for now', {
          hint: 'Ask another peer, or retry later.',
        })
      }
      this.#waiting++
      await new Promise<void>((resolve) => this.#clock.schedule(ms, resolve))
      this.#waiting--
    }
  }

  #wait(account: Account): number {
    return Math.max(account.wait, this.#total.wait)
  }

  #spend(account: Account, ms: number): void {
    account.spend(ms)
    this.#total.spend(ms)
  }

  #account(peer: string): Account {
    const account = this.#peers.get(peer) ?? new Account(this.#clock, this.#limits.perPeer)
    this.#peers.set(peer, account)
    return account
  }
}
