/** A queue of fixed capacity that keeps the newest: pushing into a full one drops the oldest and counts it. */
export class RingBuffer<T> {
  readonly capacity: number
  readonly #items: (T | undefined)[]
  #start = 0
  #length = 0
  #dropped = 0

  constructor(capacity: number) {
    if (!Number.isInteger(capacity) || capacity < 1) throw new RangeError(`capacity must be a positive integer, not ${capacity}`)
    this.capacity = capacity
    this.#items = new Array<T | undefined>(capacity)
  }

  get length(): number {
    return this.#length
  }

  /** How many items were pushed out by newer ones since the start. */
  get dropped(): number {
    return this.#dropped
  }

  /** Returns the item that had to go, if one had to. */
  push(item: T): T | undefined {
    let evicted: T | undefined
    if (this.#length === this.capacity) {
      evicted = this.#items[this.#start]
      this.#start = (this.#start + 1) % this.capacity
      this.#length--
      this.#dropped++
    }
    this.#items[(this.#start + this.#length) % this.capacity] = item
    this.#length++
    return evicted
  }

  /** Takes the oldest. */
  shift(): T | undefined {
    if (this.#length === 0) return undefined
    const item = this.#items[this.#start]
    this.#items[this.#start] = undefined
    this.#start = (this.#start + 1) % this.capacity
    this.#length--
    return item
  }

  /** Oldest first. */
  toArray(): T[] {
    return Array.from({ length: this.#length }, (_, i) => this.#items[(this.#start + i) % this.capacity] as T)
  }

  clear(): void {
    this.#items.fill(undefined)
    this.#start = 0
    this.#length = 0
  }
}
