/**
 * Reputation: what each peer's behaviour adds up to, and who is banned.
 *
 * Points run from -1000 to 1000 and fade by half every ten minutes, so that an old mistake is forgiven. Who reaches -1000
 * (or commits a fault that bans at once) is banned for a while, longer each time. Bans are kept in a file of the data
 * folder and outlive a restart; points do not.
 */
import type { Clock } from '../../base/clock.ts'
import { Lru } from '../../base/lru.ts'
import type { PeerFault } from '../contracts.ts'

export const BAN_THRESHOLD = -1000
const MAX_POINTS = 1000
const HALF_LIFE_MS = 10 * 60_000
const FIRST_BAN_MS = 10 * 60_000
const LONGEST_BAN_MS = 24 * 60 * 60_000
const MAX_PEERS = 4096
const MAX_BANS = 1024

export interface Ban {
  readonly peerId: string
  /** Milliseconds since the Unix epoch. */
  readonly until: number
  /** Code of the fault that was the last straw. */
  readonly reason: string
  /** Which ban of this peer this is. */
  readonly times: number
}

/** Where bans are kept; see ban-file.ts. */
export interface BanStore {
  load(): Promise<readonly Ban[]>
  /** Takes the whole list; does not throw. */
  save(bans: readonly Ban[]): void
}

interface Score {
  readonly points: number
  readonly at: number
}

export class Reputation {
  readonly #clock: Clock
  readonly #store: BanStore
  readonly #scores = new Lru<string, Score>(MAX_PEERS)
  /** Over bans stay for a while, for the count of times. */
  readonly #bans = new Map<string, Ban>()

  constructor(clock: Clock, store: BanStore) {
    this.#clock = clock
    this.#store = store
  }

  async load(): Promise<void> {
    for (const ban of await this.#store.load()) this.#bans.set(ban.peerId, ban)
  }

  /** Points as they have faded by now. */
  points(peerId: string): number {
    const score = this.#scores.get(peerId)
    return score === undefined ? 0 : Math.round(this.#faded(score))
  }

  /** Adds or takes points; returns what the peer has now. */
  add(peerId: string, points: number): number {
    const score = this.#scores.get(peerId)
    const sum = Math.max(BAN_THRESHOLD, Math.min(MAX_POINTS, (score === undefined ? 0 : this.#faded(score)) + points))
    this.#scores.set(peerId, { points: sum, at: this.#clock.now() })
    return sum
  }

  /** Charges a fault. Returns the ban where that was one too many. */
  charge(peerId: string, fault: PeerFault): Ban | undefined {
    const points = this.add(peerId, -Math.abs(fault.cost))
    return fault.ban === true || points <= BAN_THRESHOLD ? this.ban(peerId, fault.code) : undefined
  }

  ban(peerId: string, reason: string, durationMs?: number): Ban {
    const now = this.#clock.now()
    const times = (this.#bans.get(peerId)?.times ?? 0) + 1
    const ban = { peerId, reason, times, until: now + (durationMs ?? Math.min(FIRST_BAN_MS * 2 ** (times - 1), LONGEST_BAN_MS)) }
    this.#bans.delete(peerId)
    this.#bans.set(peerId, ban)
    // A clean slate for when it is over.
    this.#scores.delete(peerId)
    for (const [id, { until }] of this.#bans) if (until + LONGEST_BAN_MS < now) this.#bans.delete(id)
    while (this.#bans.size > MAX_BANS) this.#bans.delete(this.#bans.keys().next().value as string)
    this.#store.save([...this.#bans.values()])
    return ban
  }

  /** Lifts a ban, e.g. because a person says so. */
  pardon(peerId: string): void {
    this.#scores.delete(peerId)
    if (this.#bans.delete(peerId)) this.#store.save([...this.#bans.values()])
  }

  isBanned(peerId: string): boolean {
    const ban = this.#bans.get(peerId)
    return ban !== undefined && ban.until > this.#clock.now()
  }

  /** Bans that are in force. */
  bans(): readonly Ban[] {
    const now = this.#clock.now()
    return [...this.#bans.values()].filter(({ until }) => until > now)
  }

  /** The newest ban of a peer, in force or over, while it is remembered. */
  lastBan(peerId: string): Ban | undefined {
    return this.#bans.get(peerId)
  }

  #faded({ points, at }: Score): number {
    return points * 0.5 ** (Math.max(0, this.#clock.now() - at) / HALF_LIFE_MS)
  }
}
