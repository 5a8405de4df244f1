/** A fake clock for simulations with very many timers: as FakeClock, but a timer costs the logarithm of their number. */
import type { Clock } from '../../../node-core/base/clock.ts'
import type { Disposer } from '../../../node-core/base/disposers.ts'

interface Timer {
  readonly at: number
  readonly order: number
  callback: (() => void) | undefined
}

export class EventClock implements Clock {
  #now = 0
  #order = 0
  /** A binary heap: the earliest first, the order of scheduling among equals. */
  readonly #heap: Timer[] = []

  now(): number {
    return this.#now
  }

  schedule(ms: number, callback: () => void): Disposer {
    const timer: Timer = { at: this.#now + Math.max(0, ms), order: this.#order++, callback }
    this.#push(timer)
    return () => (timer.callback = undefined)
  }

  /** Runs everything that falls due up to this time, in order. */
  runUntil(end: number): void {
    for (let next = this.#heap[0]; next !== undefined && next.at <= end; next = this.#heap[0]) {
      this.#pop()
      if (next.callback === undefined) continue
      this.#now = next.at
      next.callback()
    }
    this.#now = end
  }

  #push(timer: Timer): void {
    const heap = this.#heap
    let at = heap.push(timer) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(timer, heap[parent] as Timer)) break
      heap[at] = heap[parent] as Timer
      at = parent
    }
    heap[at] = timer
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop() as Timer
    if (heap.length === 0) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Timer, heap[child] as Timer)) child++
      if (!isBefore(heap[child] as Timer, last)) break
      heap[at] = heap[child] as Timer
      at = child
    }
    heap[at] = last
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}
