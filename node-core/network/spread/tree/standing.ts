/**
 * Which peers to hand a subtree to: near ones, and not those on whom it was lost before.
 *
 * A peer that does not answer a copy, or whose subtree has to ask for the message, failed once; every answer makes good a part of it. Failures
 * lengthen the distance at which the peer counts, so others of its bucket go before it; alone in its bucket it is chosen all the same.
 * That is a preference and no judgement: a failure may be somebody else's fault, or a lie, and nobody is charged for it.
 */

/** What a peer counts as whose round trip was not measured yet, in ms. */
export const UNKNOWN_DISTANCE_MS = 150
const MOST_FAILURES = 8
const MADE_GOOD = 0.2
/** How much further one failure makes a peer. */
const WEIGHT = 3

export interface StandingDependencies {
  /** 0 to 1, without 1. */
  readonly random: () => number
  /** Round trip to the peer in ms, as last measured; undefined where it was not. */
  distance(peer: string): number | undefined
}

export class Standing {
  readonly #deps: StandingDependencies
  readonly #blur: number
  /** Open peers that failed. */
  readonly #failures = new Map<string, number>()

  /** `blur`: how much chance there is in the choice, a part of the distance. */
  constructor(dependencies: StandingDependencies, blur: number) {
    this.#deps = dependencies
    this.#blur = blur
  }

  failed(peer: string): void {
    this.#failures.set(peer, Math.min(MOST_FAILURES, (this.#failures.get(peer) ?? 0) + 1))
  }

  answered(peer: string): void {
    const left = (this.#failures.get(peer) ?? 0) - MADE_GOOD
    if (left > 0) this.#failures.set(peer, left)
    else this.#failures.delete(peer)
  }

  closed(peer: string): void {
    this.#failures.delete(peer)
  }

  /** Up to `count` of them, the best first. */
  best(peers: readonly string[], count: number): string[] {
    const ranked = peers.map((peer) => ({
      peer,
      cost: this.distance(peer) * (1 + this.#blur * this.#deps.random()) * (1 + WEIGHT * (this.#failures.get(peer) ?? 0)),
    }))
    return ranked.sort((a, b) => a.cost - b.cost).slice(0, count).map(({ peer }) => peer)
  }

  /** Round trip in ms, or what is supposed where it is not known. */
  distance(peer: string): number {
    return this.#deps.distance(peer) ?? UNKNOWN_DISTANCE_MS
  }
}
