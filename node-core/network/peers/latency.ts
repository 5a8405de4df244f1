/** Measures the round trip to each peer now and then. A peer that does not answer is not at fault: it is only unknown. */
import type { Clock } from '../../base/clock.ts'
import type { Disposer } from '../../base/disposers.ts'

const INTERVAL_MS = 30_000

export interface LatencyTarget {
  /** Peers to measure. */
  peers(): readonly string[]
  /** Round trip in milliseconds. */
  ping(peerId: string): Promise<number>
  onLatency(peerId: string, ms: number): void
}

export class LatencyMeter {
  readonly #clock: Clock
  readonly #target: LatencyTarget
  readonly #running = new Set<string>()
  #timer: Disposer | undefined

  constructor(clock: Clock, target: LatencyTarget) {
    this.#clock = clock
    this.#target = target
  }

  start(): void {
    this.#timer = this.#clock.schedule(INTERVAL_MS, () => {
      for (const peer of this.#target.peers()) this.measure(peer)
      this.start()
    })
  }

  stop(): void {
    this.#timer?.()
    this.#timer = undefined
  }

  measure(peerId: string): void {
    if (this.#running.has(peerId)) return
    this.#running.add(peerId)
    this.#target
      .ping(peerId)
      .then(
        (ms) => this.#target.onLatency(peerId, ms),
        () => undefined,
      )
      .finally(() => this.#running.delete(peerId))
  }
}
