/**
 * Where a peer's chain leaves ours: a binary search by height, downwards in growing steps first, because the answer is
 * mostly near the top. What is final here is where it must end; a peer that differs there is on another chain for good.
 *
 * A height cannot always be asked for: the same question was out a short while ago. Its neighbours lead on as well, only a
 * little slower.
 */
export type SearchResult = { readonly kind: 'probe' } | { readonly kind: 'found'; readonly number: number } | { readonly kind: 'foreign' }

/** How far from the best height to ask for another one may lie. */
const NEIGHBOURS = 16

export class AncestorSearch {
  readonly peer: string
  readonly #finalized: number
  readonly #top: number
  /** Highest height known to agree; undefined before the first that does. */
  #agrees: number | undefined
  /** Lowest height known to differ. */
  #differs: number | undefined
  #step = 1
  #wish: number

  constructor(peer: string, finalized: number, top: number) {
    this.peer = peer
    this.#finalized = finalized
    this.#top = Math.max(finalized, top)
    this.#wish = this.#top
  }

  /** The heights to ask for next, one of which is enough: the best first. */
  *probes(): Generator<number> {
    const lowest = this.#agrees === undefined ? this.#finalized : this.#agrees + 1
    const highest = this.#differs === undefined ? this.#top : this.#differs - 1
    yield this.#wish
    for (let distance = 1; distance <= NEIGHBOURS; distance++) {
      if (this.#wish - distance >= lowest) yield this.#wish - distance
      if (this.#wish + distance <= highest) yield this.#wish + distance
    }
  }

  /** Takes the answer for a height of {@link probes}: whether the peer's block there is ours. */
  answer(height: number, agrees: boolean): SearchResult {
    if (agrees) this.#agrees = height
    else if (height <= this.#finalized) return { kind: 'foreign' }
    else this.#differs = height
    if (this.#differs === undefined) return { kind: 'found', number: height }
    if (this.#agrees === undefined) {
      this.#wish = Math.max(this.#finalized, this.#differs - this.#step)
      this.#step *= 2
      return { kind: 'probe' }
    }
    if (this.#differs - this.#agrees === 1) return { kind: 'found', number: this.#agrees }
    this.#wish = Math.floor((this.#agrees + this.#differs) / 2)
    return { kind: 'probe' }
  }
}
