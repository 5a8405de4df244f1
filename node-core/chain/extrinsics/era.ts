/**
 * Mortality (Polkadot Host spec, section 8.1.6 "Mortality"): the blocks in which a signed transaction is valid.
 *
 * A mortal transaction names a period, a power of two, and where in the period it was born; it signs the hash of the block of its birth.
 * So it ends by itself where nobody takes it, and is worth nothing on a fork without that block. Both stand in two bytes: the period's
 * exponent in the low four bits, the phase, in steps, in the others.
 */
const SHORTEST = 4
const LONGEST = 65_536
/** Phases of longer periods are told in steps. */
const EXACT_PERIOD = 4096
/** Blocks after birth within which it should be in a block, where finality is near. */
const USUAL_PERIOD = 64
/** Runtimes remember the hashes of this many blocks at least, and a transaction that was born before is refused. */
const REMEMBERED_BLOCKS = 256

export interface Mortality {
  readonly period: number
  /** The block of its birth. */
  readonly birth: number
}

/** Of a transaction that is born at the finalized block: longer where the best block is far ahead of it, or it would die early. */
export function mortalityAt(finalized: number, best: number): Mortality {
  let period = USUAL_PERIOD
  while (period < REMEMBERED_BLOCKS && period < 2 * (best - finalized)) period *= 2
  return { period, birth: finalized }
}

/** Two bytes. The birth is rounded down to a step of the period: exact up to a period of 4096. Throws a RangeError for what is no period. */
export function encodeEra({ period, birth }: Mortality): Uint8Array {
  if (period < SHORTEST || period > LONGEST || !Number.isInteger(Math.log2(period))) throw new RangeError(`${period} is no period of mortality`)
  const step = Math.max(1, period / EXACT_PERIOD)
  const phase = Math.floor((birth % period) / step)
  const encoded = (Math.log2(period) - 1) | (phase << 4)
  return Uint8Array.of(encoded & 0xff, encoded >> 8)
}
