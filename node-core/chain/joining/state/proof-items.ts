/** The items of a compact proof, a SCALE vector of byte strings, one after the other and in place. */
import { malformed } from './errors.ts'

/** Throws a PieceError where the bytes are no such vector. */
export class ProofItems {
  readonly #proof: Uint8Array
  #at = 0
  #left: number
  /** Where the item at hand begins and ends. */
  start = 0
  end = 0

  constructor(proof: Uint8Array) {
    this.#proof = proof
    this.#left = this.#length()
  }

  /** No item is left. Throws where bytes are. */
  get atEnd(): boolean {
    if (this.#left === 0 && this.#at !== this.#proof.length) throw malformed('bytes behind its end')
    return this.#left === 0
  }

  /** Moves to the next item. */
  next(): void {
    if (this.#left === 0) throw malformed('it is cut off')
    this.#left--
    const size = this.#length()
    this.start = this.#at
    this.end = this.#at + size
    if (this.end > this.#proof.length) throw malformed('it is cut off')
    this.#at = this.end
  }

  /** Passes over the next item where it is the trie without keys: a single zero. */
  passEmptyTrie(): boolean {
    if (this.#left === 0 || this.#proof[this.#at] !== 4 || this.#proof[this.#at + 1] !== 0) return false
    this.#at += 2
    this.#left--
    return true
  }

  /** A compact integer below 2^30, as all lengths are. */
  #length(): number {
    const proof = this.#proof
    const at = this.#at
    const first = at < proof.length ? (proof[at] as number) : 3
    const mode = first & 3
    const next = at + (mode === 2 ? 4 : mode + 1)
    if (mode === 3 || next > proof.length) throw malformed('it is cut off')
    this.#at = next
    let length = first >> 2
    if (mode > 0) length |= (proof[at + 1] as number) << 6
    if (mode > 1) length = (length | ((proof[at + 2] as number) << 14)) + (proof[at + 3] as number) * 2 ** 22
    return length
  }
}
