/** The newest of many names, each once. */
export const LIMIT_OF_NAMES = 1024

export class RecentNames {
  readonly #limit: number
  readonly #names = new Set<string>()

  constructor(limit: number) {
    this.#limit = limit
  }

  /** False where it was there. */
  add(name: string): boolean {
    if (this.#names.has(name)) return false
    this.#names.add(name)
    if (this.#names.size > this.#limit) this.#names.delete(this.#names.keys().next().value as string)
    return true
  }
}
