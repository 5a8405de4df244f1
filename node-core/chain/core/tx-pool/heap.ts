/** A binary heap: `pop` gives the item that sorts first. */
export class Heap<T> {
  readonly #items: T[] = []
  readonly #compare: (a: T, b: T) => number

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare
  }

  push(item: T): void {
    const items = this.#items
    let at = items.push(item) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (this.#compare(items[at] as T, items[parent] as T) >= 0) break
      this.#swap(at, parent)
      at = parent
    }
  }

  pop(): T | undefined {
    const items = this.#items
    const first = items[0]
    const last = items.pop()
    if (items.length === 0 || last === undefined) return first
    items[0] = last
    for (let at = 0; ; ) {
      const left = at * 2 + 1
      let smallest = at
      if (left < items.length && this.#compare(items[left] as T, items[smallest] as T) < 0) smallest = left
      if (left + 1 < items.length && this.#compare(items[left + 1] as T, items[smallest] as T) < 0) smallest = left + 1
      if (smallest === at) return first
      this.#swap(at, smallest)
      at = smallest
    }
  }

  #swap(a: number, b: number): void {
    const items = this.#items
    const item = items[a] as T
    items[a] = items[b] as T
    items[b] = item
  }
}
