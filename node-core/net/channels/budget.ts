/**
 * Bytes that may be given away at the same time: what peers are granted is promised memory. Budgets stand in each other,
 * a peer's in that of all, and what is taken from one is taken from both, or from neither.
 */
export class Budget {
  readonly #limit: number
  readonly #parent: Budget | undefined
  #taken = 0

  constructor(limit: number, parent?: Budget) {
    this.#limit = limit
    this.#parent = parent
  }

  get taken(): number {
    return this.#taken
  }

  /** False where there is not so much left; then nothing was taken. */
  take(bytes: number): boolean {
    if (this.#taken + bytes > this.#limit || this.#parent?.take(bytes) === false) return false
    this.#taken += bytes
    return true
  }

  give(bytes: number): void {
    this.#taken -= bytes
    this.#parent?.give(bytes)
  }
}
