/**
 * How fast this node's own line is, learned from answers: a peer says at once that it has a copy, so what passes between sending and answer, less the
 * round trip, is what the copy took. Where a peer's line, or its other work, made it longer, the line looks slower than it is; so of what was measured
 * lately a high one counts, and not the mean. Peers that answer late on purpose slow a node down once they are three quarters of those whom it sends to, and
 * never below {@link SLOWEST}.
 */
const MEASURED = 16
const COUNTS_FROM = 3
/** Of those that were measured, how many are slower than what counts. */
const RANK = 0.75
/** 5 Mbit/s and 1 Gbit/s: what is beyond is a fault of the clock, or somebody's joke. */
const SLOWEST = 625_000
const FASTEST = 125_000_000

export class Line {
  readonly #supposed: number
  /** Bytes per second, the newest last. */
  readonly #measured: number[] = []

  /** `supposed`: bytes per second, as long as nothing was measured. */
  constructor(supposed: number) {
    this.#supposed = supposed
  }

  get bytesPerSecond(): number {
    if (this.#measured.length < COUNTS_FROM) return this.#supposed
    const sorted = [...this.#measured].sort((a, b) => a - b)
    return sorted[Math.floor(RANK * (sorted.length - 1))] as number
  }

  /** How long a copy of so many bytes takes, in ms. */
  msFor(bytes: number): number {
    return (1000 * bytes) / this.bytesPerSecond
  }

  /** A copy took so long, in ms. */
  measured(bytes: number, ms: number): void {
    const speed = ms > 0 ? (1000 * bytes) / ms : FASTEST
    this.#measured.push(Math.min(FASTEST, Math.max(SLOWEST, speed)))
    if (this.#measured.length > MEASURED) this.#measured.shift()
  }
}
