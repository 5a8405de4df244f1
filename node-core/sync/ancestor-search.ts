/**
 * Where a peer's chain leaves ours: a binary search by height, downwards in growing steps first, because the answer is
 * mostly near the top. What is final here is where it must end; a peer that differs there is on another chain for good.
 */
export type SearchResult = { readonly kind: 'probe' } | { readonly kind: 'found'; readonly number: number } | { readonly kind: 'foreign' }

export class AncestorSearch {
  readonly peer: string
  readonly #finalized: number
  /** Highest height known to agree; undefined before the first that does. */
  #agrees: number | undefined
  /** Lowest height known to differ. */
  #differs: number | undefined
  #step = 1
  #probe: number

  constructor(peer: string, finalized: number, top: number) {
    this.peer = peer
    this.#finalized = finalized
    this.#probe = Math.max(finalized, top)
  }

  /** The height to ask for next. */
  get probe(): number {
    return this.#probe
  }

  /** Takes the answer for {@link probe}: whether the peer's block there is ours. */
  answer(agrees: boolean): SearchResult {
    if (agrees) this.#agrees = this.#probe
    else if (this.#probe <= this.#finalized) return { kind: 'foreign' }
    else this.#differs = this.#probe
    if (this.#differs === undefined) return { kind: 'found', number: this.#probe }
    if (this.#agrees === undefined) {
      this.#probe = Math.max(this.#finalized, this.#differs - this.#step)
      this.#step *= 2
      return { kind: 'probe' }
    }
    if (this.#differs - this.#agrees === 1) return { kind: 'found', number: this.#agrees }
    this.#probe = Math.floor((this.#agrees + this.#differs) / 2)
    return { kind: 'probe' }
  }
}
