/**
 * To how many peers a message goes at once.
 *
 * With 1,000 voters and fifty peers, to send every vote to everybody would be 100,000 messages a round, most of them known to their
 * receiver by then. As in polkadot-sdk, a few peers drawn at random in each round get them at once, authorities preferred; where a
 * round does not end for want of votes, some more get them, and then all. With eight peers or fewer everybody gets everything.
 *
 * Commits go to the first two groups, and to light clients, who follow nothing else: where there are many of those, to a part of them in
 * each round, in turn. A commit proves all blocks below it, so that one left out costs nothing but time.
 */
import type { Role } from '../../../../protocols/roles.ts'

/** The second group from one and a half rounds of five gossip durations on, all from three. */
const STAGES_MS = [7_500, 15_000] as const
const FIRST_GROUP = 8
/** As many light clients get each commit; of more, a fifth, but no fewer. */
const LIGHT_GROUP = 50
const LIGHT_TURNS = 5

export class Spread {
  readonly #random: () => number
  /** Full nodes in the order in which they came, each with the place of its turn. */
  readonly #places = new Map<string, number>()
  #lights: string[] = []
  /** Where the light clients of this round begin. */
  #firstLight = 0
  #begun = 0
  /** Asked for with every vote. */
  #reached: { readonly reach: number; readonly ids: readonly string[] } | undefined

  /** `random` answers like Math.random. */
  constructor(random: () => number) {
    this.#random = random
  }

  /** A round begins: who gets its messages first is drawn anew. */
  begin(roleOf: (id: string) => Role | undefined, now: number): void {
    this.#begun = now
    this.#reached = undefined
    const drawn = [...this.#places.keys()].map((id) => ({ id, lot: this.#random() })).sort((a, b) => a.lot - b.lot).map(({ id }) => id)
    // Half of the first group are authorities, where there are as many.
    const authorities = drawn.filter((id) => roleOf(id) === 'AUTHORITY').slice(0, FIRST_GROUP / 2)
    for (const [place, id] of [...new Set([...authorities, ...drawn])].entries()) this.#places.set(id, place)
    this.#lights.sort()
    this.#firstLight = (this.#firstLight + this.#lightGroup) % Math.max(1, this.#lights.length)
  }

  join(id: string, isLight: boolean): void {
    this.#reached = undefined
    if (isLight) this.#lights.push(id)
    else this.#places.set(id, this.#places.size)
  }

  leave(id: string): void {
    this.#reached = undefined
    this.#lights = this.#lights.filter((other) => other !== id)
    const free = this.#places.get(id)
    if (free === undefined) return
    this.#places.delete(id)
    for (const [other, place] of this.#places) if (place > free) this.#places.set(other, place - 1)
  }

  /** How long it is until more peers have their turn; undefined where everybody has. */
  untilMore(now: number): number | undefined {
    if (this.#places.size <= FIRST_GROUP) return undefined
    const at = STAGES_MS.map((ms) => this.#begun + ms).find((time) => time > now)
    return at === undefined ? undefined : at - now
  }

  /** The full nodes that get votes now. */
  voters(now: number): readonly string[] {
    const reach = this.#reach(now)
    if (this.#reached?.reach !== reach) this.#reached = { reach, ids: [...this.#places].filter(([, place]) => place < reach).map(([id]) => id) }
    return this.#reached.ids
  }

  /** Whether it is a full node's turn for votes. */
  hasVotes(id: string, now: number): boolean {
    return (this.#places.get(id) ?? Infinity) < this.#reach(now)
  }

  /** Whether it is a peer's turn for a commit. */
  hasCommits(id: string, now: number): boolean {
    const place = this.#places.get(id)
    if (place !== undefined) return place < Math.max(this.#reach(now), FIRST_GROUP + this.#second)
    const light = this.#lights.indexOf(id)
    const count = this.#lights.length
    return light >= 0 && (light - this.#firstLight + count) % count < this.#lightGroup
  }

  get #second(): number {
    return Math.max(FIRST_GROUP, Math.floor(Math.sqrt(this.#places.size)))
  }

  get #lightGroup(): number {
    return Math.max(LIGHT_GROUP, Math.ceil(this.#lights.length / LIGHT_TURNS))
  }

  #reach(now: number): number {
    const [second, all] = STAGES_MS
    const elapsed = now - this.#begun
    return elapsed >= all ? Infinity : elapsed >= second ? FIRST_GROUP + this.#second : FIRST_GROUP
  }
}
