/** What a proof leaves out first, and what its branches say of what is further on. */

/** A branch on the way to a gap. */
export interface FrontierLevel {
  /** Nibbles from the trie's root to the branch. */
  readonly depth: number
  /** Children right of the way: bit n is nibble n. */
  readonly right: number
}

export interface Gap {
  /** Nibbles from the trie's root to what is missing, one to a byte. */
  readonly path: Uint8Array
  /** From the root down. */
  readonly levels: readonly FrontierLevel[]
}
