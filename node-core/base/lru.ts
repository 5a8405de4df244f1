/** A map that forgets what was used longest ago, bounded by the sum of its entries' weights. */
export class Lru<K, V> {
  readonly #limit: number
  readonly #weigh: (value: V) => number
  readonly #map = new Map<K, V>()
  #weight = 0

  /** `limit` is in the unit of `weigh`; without `weigh` every entry counts one. */
  constructor(limit: number, weigh: (value: V) => number = () => 1) {
    this.#limit = limit
    this.#weigh = weigh
  }

  get size(): number {
    return this.#map.size
  }

  get weight(): number {
    return this.#weight
  }

  get(key: K): V | undefined {
    const value = this.#map.get(key)
    if (value === undefined) return undefined
    this.#map.delete(key)
    this.#map.set(key, value)
    return value
  }

  set(key: K, value: V): void {
    this.delete(key)
    this.#map.set(key, value)
    this.#weight += this.#weigh(value)
    while (this.#weight > this.#limit && this.#map.size > 1) this.delete(this.#map.keys().next().value as K)
  }

  delete(key: K): void {
    const value = this.#map.get(key)
    if (value === undefined) return
    this.#map.delete(key)
    this.#weight -= this.#weigh(value)
  }

  clear(): void {
    this.#map.clear()
    this.#weight = 0
  }
}
