/** What is held for one client, as a part of what may be held for all: told as a sum, which rises and falls. Where all is too much, whoever holds most is hung up on. */
import type { Holder, MemoryBudget } from '../base/memory-budget.ts'

export class Held implements Holder {
  readonly #budget: MemoryBudget
  readonly #end: () => void
  #bytes = 0
  #isOver = false

  /** `end` hangs up on the client. */
  constructor(budget: MemoryBudget, end: () => void) {
    this.#budget = budget
    this.#end = end
  }

  /** `bytes` more, or less where negative. */
  add(bytes: number): void {
    this.set(this.#bytes + bytes)
  }

  /** All in all. May hang up, on this client or on another one. */
  set(bytes: number): void {
    if (this.#isOver) return
    const more = bytes - this.#bytes
    this.#bytes = bytes
    if (more > 0) this.#budget.hold(this, more)
    else this.#budget.release(this, -more)
  }

  /** The client is gone. Idempotent. */
  forget(): void {
    this.#isOver = true
    this.#budget.forget(this)
  }

  evict(): void {
    this.#isOver = true
    this.#end()
  }
}
