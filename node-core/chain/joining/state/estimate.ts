/**
 * How much of a state is here, and how much is left: estimates, from what has come so far.
 *
 * Two things are known. By the keys: which share of all possible keys lies in ranges that are done. Pallets are spread evenly over them, so
 * that is fair among pallets, and says nothing within one. By the density of what is being worked on (splits.ts): what is left of it.
 */
import { shareBefore, type Span } from './position.ts'
import { denseBytes, type Density } from './splits.ts'

/** Where the keys of one pallet begin: what is dense below is no measure of other pallets. */
const PALLET_NIBBLES = 4
/** What share of the keys must have been seen to tell what others hold. */
const LEAST_SHARE = 1 / 64
/** What is not done is not told to be. */
const ALMOST = 0.999

interface OpenRange {
  readonly span: Span
  readonly density: Density | undefined
}

export class StateEstimate {
  /** Keys and values of a piece, smoothed. */
  pieceBytes = 0
  /** Pieces that went over several pallets: what they held, and which share of all possible keys they covered. */
  #sparseBytes = 0
  #sparseShare = 0
  #share = 0

  /** A piece that covered a span held so many bytes. */
  learn({ after, until }: Span, bytes: number, density: Density | undefined): void {
    this.pieceBytes = this.pieceBytes === 0 ? bytes : this.pieceBytes * 0.8 + bytes * 0.2
    if (density !== undefined && density.path.length > PALLET_NIBBLES) return
    this.#sparseBytes += bytes
    this.#sparseShare += shareBefore(until) - shareBefore(after)
  }

  /** What lies in a span beside what is dense, by what lay in others; undefined where too little is known. */
  sparseBytes({ after, until }: Span): number | undefined {
    return this.#sparseShare < LEAST_SHARE ? undefined : ((shareBefore(until) - shareBefore(after)) / this.#sparseShare) * this.#sparseBytes
  }

  /** How much of the state is here, 0 to 1, with these ranges still open. Never falls. */
  share(ranges: readonly OpenRange[], bytes: number): number {
    if (ranges.length === 0) return 1
    let open = 0
    let dense = 0
    for (const { span, density } of ranges) {
      open += shareBefore(span.until) - shareBefore(span.after)
      if (density !== undefined && density.path.length > PALLET_NIBBLES) dense += denseBytes(density, span)
    }
    const share = bytes === 0 ? 0 : (1 - Math.min(1, open)) * (bytes / (bytes + dense))
    this.#share = Math.max(this.#share, Math.min(share, ALMOST))
    return this.#share
  }
}
