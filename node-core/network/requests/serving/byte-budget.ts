/**
 * Bytes over time. Requests are counted, but one of them may cost a few bytes or megabytes: so whoever has had more than its
 * share waits for the next answer, and is refused only where the wait would be too long. Waiting costs nobody anything, and a
 * node that fetches a whole state is slowed down instead of being turned away.
 *
 * A peer has a share, and so have the subscriber and the site that it comes from (peers/address-block.ts), as in
 * peers/rate-limit.ts: a new connection or a new identity gives nobody more.
 */
import type { Clock } from '../../../base/clock.ts'
import { Lru } from '../../../base/lru.ts'
import type { AnswerBudget } from '../../contracts.ts'
import { isNearby, subnetOf, subscriberOf } from '../../peers/address-block.ts'
import type { Party } from '../../peers/rate-limit.ts'

/** Accounts of one kind that are remembered; those in use at once are far fewer. */
const REMEMBERED = 2048

interface Account {
  readonly share: number
  /** Below zero where the last answers took more than there was. */
  bytes: number
  at: number
}

export class ByteBudget {
  readonly #clock: Clock
  readonly #limits: AnswerBudget
  readonly #peers = new Lru<string, Account>(REMEMBERED)
  readonly #subscribers = new Lru<string, Account>(REMEMBERED)
  readonly #sites = new Lru<string, Account>(REMEMBERED)

  constructor(clock: Clock, limits: AnswerBudget) {
    this.#clock = clock
    this.#limits = limits
  }

  /** True as soon as the party may have another answer; false where that takes more than `maxWaitMs`, or `signal` aborts. */
  async admit(party: Party, maxWaitMs: number, signal: AbortSignal): Promise<boolean> {
    const until = this.#clock.now() + maxWaitMs
    for (;;) {
      if (signal.aborted) return false
      const waitMs = Math.max(...this.#accounts(party).map((account) => this.#waitOf(account)))
      if (waitMs <= 0) return true
      if (this.#clock.now() + waitMs > until) return false
      await this.#wait(waitMs, signal)
    }
  }

  /** After the fact: how large an answer becomes is known when it is there. */
  spend(party: Party, bytes: number): void {
    for (const account of this.#accounts(party)) account.bytes -= bytes
  }

  #accounts({ peer, ip }: Party): readonly Account[] {
    const { shares } = this.#limits
    const accounts = peer === undefined ? [] : [this.#account(this.#peers, peer, 1)]
    if (ip !== undefined && !isNearby(ip)) {
      accounts.push(this.#account(this.#subscribers, subscriberOf(ip), shares.subscriber), this.#account(this.#sites, subnetOf(ip), shares.site))
    }
    return accounts
  }

  #account(accounts: Lru<string, Account>, key: string, share: number): Account {
    const { bytesPerSecond, burstBytes } = this.#limits
    const now = this.#clock.now()
    const account = accounts.get(key) ?? { share, bytes: burstBytes * share, at: now }
    account.bytes = Math.min(burstBytes * share, account.bytes + (Math.max(0, now - account.at) * bytesPerSecond * share) / 1000)
    account.at = now
    accounts.set(key, account)
    return account
  }

  /** Milliseconds until there is a byte again. */
  #waitOf({ bytes, share }: Account): number {
    return bytes > 0 ? 0 : Math.ceil(((1 - bytes) / (this.#limits.bytesPerSecond * share)) * 1000)
  }

  #wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        cancel()
        signal.removeEventListener('abort', done)
        resolve()
      }
      const cancel = this.#clock.schedule(ms, done)
      signal.addEventListener('abort', done, { once: true })
    })
  }
}
