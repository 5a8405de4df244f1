/**
 * A turnstile: so much may be inside at once, of everybody together, of each peer, and of each address (peers/address-block.ts).
 *
 * Others ask, and what they ask for takes room while it is made and sent: bytes, or one of a few places. Whoever finds no
 * room waits, because an honest node that is refused holds it against us. Two things must not happen: that one peer, or
 * one address under many identities, fills the room; and that whoever comes first with a great need keeps everybody out. So
 * each has a share; who has reached it is passed over and holds up nobody; and where the room as a whole is full, the next
 * one in is who has least inside, and of those who came first. What somebody left standing is held against it for a while
 * there, or whoever lets go of nothing would come in again and again. Those who wait are bounded too: the address with most
 * of them makes way.
 *
 * What somebody needs may be known only inside. So a part of the room is kept for those who are in and need more; they
 * go before everybody who waits outside, and what one of them alone needs is always there, so that they never all wait.
 */
import type { Clock } from '../../../base/clock.ts'
import { Lru } from '../../../base/lru.ts'
import { isNearby, subnetOf, subscriberOf } from '../../peers/address-block.ts'
import type { Party } from '../../peers/rate-limit.ts'

export interface TurnstileLimits {
  readonly total: number
  /** What of it is kept for those inside who turn out to need more: what one may need more at most. */
  readonly forGrowth?: number
  readonly perPeer: number
  readonly perSubscriber: number
  readonly perSite: number
  /** Who may wait outside at the same time. */
  readonly waiting: number
}

/** What somebody took of the room, until it is left. */
export interface Pass {
  /**
   * Takes another amount instead: less at once, more as soon as there is room. False, and nothing changes, where `signal` aborts
   * before. Shares do not count here: two of one party would wait for each other.
   */
  resize(amount: number, signal: AbortSignal): Promise<boolean>
  /** `owing` says that it was not used: who comes next goes behind others for a while. */
  leave(owing?: boolean): void
}

/** Keys of the peer, its subscriber and its site; those of an address that tells nothing are undefined. */
type Keys = readonly (string | undefined)[]

/** How long it is held against somebody, and against how many at most. */
const DEBT_MS = 30_000
const MAX_DEBTS = 1024

interface Debt {
  readonly amount: number
  readonly until: number
}

interface Waiting {
  readonly keys: Keys
  readonly amount: number
  /** Lets it in, or sends it away. */
  readonly settle: (isAdmitted: boolean) => void
}

export class Turnstile {
  readonly #clock: Clock
  readonly #limits: TurnstileLimits
  /** What the parties have taken, by the levels of their keys. */
  readonly #levels: readonly { readonly limit: number; readonly taken: Map<string, number> }[]
  readonly #onWait: () => void
  /** Outside, in the order in which they came. */
  readonly #waiting = new Set<Waiting>()
  /** Inside, in need of more. */
  readonly #growing = new Set<Waiting>()
  /** By group. */
  readonly #debts = new Lru<string, Debt>(MAX_DEBTS)
  #taken = 0

  /** `onWait` hears that somebody has to wait. */
  constructor(clock: Clock, limits: TurnstileLimits, onWait: () => void = () => undefined) {
    this.#clock = clock
    this.#limits = limits
    this.#levels = [limits.perPeer, limits.perSubscriber, limits.perSite].map((limit) => ({ limit, taken: new Map<string, number>() }))
    this.#onWait = onWait
  }

  get taken(): number {
    return this.#taken
  }

  get waiting(): number {
    return this.#waiting.size + this.#growing.size
  }

  /** Somebody waits who has a share left, and so for room alone. */
  get isAwaited(): boolean {
    if (this.#growing.size > 0) return true
    return this.#next() !== undefined
  }

  /** A pass, where there is room at once and nobody waits for it. */
  tryEnter(party: Party, amount: number): Pass | undefined {
    const keys = keysOf(party)
    if (!this.#hasShare(keys, amount) || !this.#hasRoom(amount) || this.isAwaited) return undefined
    this.#take(keys, amount)
    return this.#pass(keys, amount)
  }

  /** Resolves with a pass as soon as there is room; undefined where too many wait, or `signal` aborts. */
  async enter(party: Party, amount: number, signal: AbortSignal): Promise<Pass | undefined> {
    if (signal.aborted) return undefined
    const pass = this.tryEnter(party, amount)
    if (pass !== undefined) return pass
    const keys = keysOf(party)
    if (this.#waiting.size >= this.#limits.waiting && !this.#makeWay(keys)) return undefined
    return (await this.#wait(this.#waiting, keys, amount, signal)) ? this.#pass(keys, amount) : undefined
  }

  /** For what was taken already. */
  #pass(keys: Keys, amount: number): Pass {
    let mine = amount
    let isInside = true
    const give = (by: number): void => {
      mine -= by
      this.#take(keys, -by)
      this.#admit()
    }
    return {
      resize: async (to, signal) => {
        const by = to - mine
        if (by <= 0) {
          give(-by)
          return true
        }
        if (this.#growing.size === 0 && this.#canGrow(by)) this.#take(keys, by)
        else if (signal.aborted || !(await this.#wait(this.#growing, keys, by, signal))) return false
        mine += by
        if (!isInside) give(mine)
        return isInside
      },
      leave: (owing = false) => {
        if (!isInside) return
        isInside = false
        if (owing) this.#debts.set(groupOf(keys), { amount: mine + this.#debtOf(keys), until: this.#clock.now() + DEBT_MS })
        give(mine)
      },
    }
  }

  /** Resolves with true when the amount was taken. */
  #wait(queue: Set<Waiting>, keys: Keys, amount: number, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const onAbort = (): void => settle(false)
      const settle = (isAdmitted: boolean): void => {
        queue.delete(one)
        signal.removeEventListener('abort', onAbort)
        if (isAdmitted) this.#take(keys, amount)
        resolve(isAdmitted)
        // Others may have waited behind it.
        if (!isAdmitted) this.#admit()
      }
      const one: Waiting = { keys, amount, settle }
      queue.add(one)
      signal.addEventListener('abort', onAbort)
      this.#onWait()
    })
  }

  #admit(): void {
    for (const one of this.#growing) {
      if (!this.#canGrow(one.amount)) return
      one.settle(true)
    }
    for (let next = this.#next(); next !== undefined && this.#hasRoom(next.amount); next = this.#next()) next.settle(true)
  }

  /** Of those who have a share left, the one with least inside; of several the one that came first. */
  #next(): Waiting | undefined {
    let next: Waiting | undefined
    let least = Infinity
    for (const one of this.#waiting) {
      const inside = this.#inside(one.keys)
      if (inside >= least || !this.#hasShare(one.keys, one.amount)) continue
      next = one
      least = inside
    }
    return next
  }

  /** What a party's site has inside or owes, or the peer where there is no site to tell. */
  #inside(keys: Keys): number {
    const level = keys[2] === undefined ? 0 : 2
    return (this.#levels[level]?.taken.get(keys[level] ?? '') ?? 0) + this.#debtOf(keys)
  }

  #debtOf(keys: Keys): number {
    const debt = this.#debts.get(groupOf(keys))
    return debt === undefined || debt.until <= this.#clock.now() ? 0 : debt.amount
  }

  #take(keys: Keys, by: number): void {
    this.#taken += by
    for (const [i, { taken }] of this.#levels.entries()) {
      const key = keys[i]
      if (key === undefined) continue
      const sum = (taken.get(key) ?? 0) + by
      if (sum === 0) taken.delete(key)
      else taken.set(key, sum)
    }
  }

  /** One alone always has room, however much it needs. */
  #hasRoom(amount: number): boolean {
    const { total, forGrowth = 0 } = this.#limits
    return this.#taken === 0 || this.#taken + amount <= total - forGrowth
  }

  #canGrow(by: number): boolean {
    return this.#taken + by <= this.#limits.total
  }

  #hasShare(keys: Keys, amount: number): boolean {
    return this.#levels.every(({ taken, limit }, i) => {
      const key = keys[i]
      const used = key === undefined ? 0 : (taken.get(key) ?? 0)
      return used === 0 || used + amount <= limit
    })
  }

  /** The group with most waiting loses its last one to the newcomer, unless the newcomer's own would be the largest. */
  #makeWay(newcomer: Keys): boolean {
    const counts = new Map<string, number>()
    for (const { keys } of this.#waiting) counts.set(groupOf(keys), (counts.get(groupOf(keys)) ?? 0) + 1)
    const own = (counts.get(groupOf(newcomer)) ?? 0) + 1
    const [largest, count] = [...counts].reduce((most, one) => (one[1] > most[1] ? one : most), ['', 0])
    if (count <= own) return false
    ;[...this.#waiting].findLast(({ keys }) => groupOf(keys) === largest)?.settle(false)
    return true
  }
}

function keysOf({ peer, ip }: Party): Keys {
  return ip === undefined || isNearby(ip) ? [peer, undefined, undefined] : [peer, subscriberOf(ip), subnetOf(ip)]
}

/** The site, or the peer where there is none to tell. */
function groupOf([peer, , site]: Keys): string {
  return site ?? peer ?? ''
}
