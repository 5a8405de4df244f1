/**
 * Which sealed messages were taken before: so that who records one cannot have it taken again.
 *
 * Each sender numbers what it sends to a recipient. Of each sender the window knows the highest number and which of the 4,096 up to it were taken;
 * a lower number is refused, because nobody can tell. A message that comes straight from its sender must be of the last two minutes by the sender's
 * clock. One that was kept for the recipient may be as old as things are kept; the numbers alone decide about it.
 *
 * Senders cost nothing to make up, so only so many are remembered. Whoever was quiet the longest is forgotten first, and leaves the time of its newest
 * message behind: from somebody who is not remembered, only what is newer than that is taken, also later, when it is known again. So forgetting
 * never opens the door to a replay. Who floods it with senders can only have others' first messages refused: those that were kept, and, where the flood comes with
 * clocks that are ahead, those of the next two minutes.
 *
 * Pure. {@link ReplayWindow.snapshot} goes to disk and {@link ReplayWindow.restore} reads it: a restart forgets nothing.
 */

/** How far the sender's clock and ours may be apart, and how long a message that was not kept is on its way. */
export const SKEW_MS = 120_000
/** Numbers of a sender of which it is known whether they were taken. */
export const WINDOW = 4096
const WORDS = WINDOW / 32

export type Admission = 'fresh' | 'replayed' | 'late' | 'early' | 'crowded'

export interface ReplayWindowOptions {
  readonly maxSenders: number
  /** How old a message that was kept may be, in milliseconds. */
  readonly maxAgeMs: number
}

/** Of one sender; `taken` are {@link WORDS} words of 32 bits, bit `n % WINDOW` for number n. */
interface Seen {
  highest: number
  /** The sender's time of its newest message. */
  latest: number
  /** Nothing is taken of it that is as old: it may have been here before, and been forgotten. */
  readonly floor: number
  taken: Uint32Array
}

export interface ReplaySnapshot {
  /** From whom is not listed, nothing is taken that is as old. */
  readonly floor: number
  readonly senders: readonly { readonly sender: string; readonly highest: number; readonly latest: number; readonly floor: number; readonly taken: readonly number[] }[]
}

export interface Stamp {
  readonly sender: string
  readonly counter: number
  readonly time: number
}

export class ReplayWindow {
  readonly #options: ReplayWindowOptions
  /** The one that was quiet the longest, by when it was heard, is the first. */
  readonly #senders = new Map<string, Seen>()
  #floor = Number.NEGATIVE_INFINITY

  constructor(options: ReplayWindowOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#senders.size
  }

  /** What {@link take} would say; changes nothing. `kept`: it did not come straight from its sender. */
  judge({ sender, counter, time }: Stamp, now: number, kept: boolean): Admission {
    const seen = this.#senders.get(sender)
    if (seen !== undefined && counter <= seen.highest && counter > seen.highest - WINDOW && has(seen, counter)) return 'replayed'
    if (time > now + SKEW_MS) return 'early'
    if (time < now - (kept ? this.#options.maxAgeMs : SKEW_MS)) return 'late'
    if (time <= (seen ?? { floor: this.#floor }).floor) return 'crowded'
    return seen !== undefined && counter <= seen.highest - WINDOW ? 'late' : 'fresh'
  }

  /** Notes a message as taken, whatever its age: its judgement was 'fresh', or it is read from a journal of those whose was. */
  take({ sender, counter, time }: Stamp): void {
    const seen = this.#senders.get(sender) ?? { highest: 0, latest: time, floor: this.#floor, taken: new Uint32Array(WORDS) }
    this.#senders.delete(sender)
    this.#senders.set(sender, seen)
    if (counter > seen.highest) {
      forget(seen, seen.highest + 1, counter)
      seen.highest = counter
    }
    seen.latest = Math.max(seen.latest, time)
    if (counter > seen.highest - WINDOW) mark(seen, counter)
    while (this.#senders.size > this.#options.maxSenders) this.#forgetQuietest()
  }

  snapshot(): ReplaySnapshot {
    return {
      floor: Math.max(0, this.#floor),
      senders: [...this.#senders].map(([sender, { highest, latest, floor, taken }]) => ({ sender, highest, latest, floor: Math.max(0, floor), taken: [...taken] })),
    }
  }

  restore({ floor, senders }: ReplaySnapshot): void {
    this.#floor = Math.max(this.#floor, floor)
    for (const { sender, highest, latest, floor: ownFloor, taken } of senders) this.#senders.set(sender, { highest, latest, floor: ownFloor, taken: Uint32Array.from({ length: WORDS }, (_, i) => taken[i] ?? 0) })
    while (this.#senders.size > this.#options.maxSenders) this.#forgetQuietest()
  }

  #forgetQuietest(): void {
    for (const [sender, { latest }] of this.#senders) {
      this.#senders.delete(sender)
      this.#floor = Math.max(this.#floor, latest)
      return
    }
  }
}

const has = ({ taken }: Seen, counter: number): boolean => ((taken[wordOf(counter)] as number) & bitOf(counter)) !== 0

function mark({ taken }: Seen, counter: number): void {
  taken[wordOf(counter)] = (taken[wordOf(counter)] as number) | bitOf(counter)
}

/** The numbers from `first` to `last` stand where older ones stood. */
function forget({ taken }: Seen, first: number, last: number): void {
  if (last - first >= WINDOW - 1) return void taken.fill(0)
  for (let counter = first; counter <= last; counter++) taken[wordOf(counter)] = (taken[wordOf(counter)] as number) & ~bitOf(counter)
}

const wordOf = (counter: number): number => Math.floor((counter % WINDOW) / 32)
const bitOf = (counter: number): number => 1 << (counter % 32)
