/**
 * Who may author in a slot (Polkadot Host spec, section 5.3 "Block Production Lottery").
 *
 * Primary: an authority whose VRF draws a number below its threshold, 2^128 * p with p = 1 - (1-c)^theta and theta its share of the weight.
 * Any number of authorities may win a slot, or none. Secondary: one authority per slot, picked by a hash, for the slots that nobody wins.
 *
 * About the arithmetic: every node must get the same threshold, and the reference computes p in IEEE double precision,
 * then takes that very double as an exact fraction: floor(2^128 * p). Division and subtraction round alike everywhere; a
 * power does not (V8's differs from that of the C library in the last bit now and then). So the power is computed here
 * to 128 bits and more with integers and rounded once, to nearest even, which is what a good C library returns in all
 * but a vanishing share of cases; and where it should differ after all, the two thresholds differ by one part in 2^53.
 */
import { concatBytes, fromHex, type Hash } from '../../../../base/bytes.ts'
import { blake2b256 } from '../../../../crypto/hashes/hashing.ts'
import type { Authority } from './digest.ts'
import type { Epoch } from './epoch.ts'

const MAX_U128 = (1n << 128n) - 1n

const thresholds = new WeakMap<readonly Authority[], Map<string, bigint>>()

/** The threshold of one authority in an epoch: 128 bits, remembered per epoch and weight. */
export function primaryThreshold(epoch: Epoch, authorityIndex: number): bigint {
  const authority = epoch.authorities[authorityIndex]
  if (authority === undefined) return 0n
  const { c } = epoch.configuration
  let known = thresholds.get(epoch.authorities)
  if (known === undefined) thresholds.set(epoch.authorities, (known = new Map<string, bigint>()))
  const key = `${c[0]}/${c[1]}/${authority.weight}`
  let threshold = known.get(key)
  if (threshold === undefined) {
    const total = epoch.authorities.reduce((sum, { weight }) => sum + BigInt(weight), 0n)
    known.set(key, (threshold = calculateThreshold(c, BigInt(authority.weight), total)))
  }
  return threshold
}

export function calculateThreshold(c: readonly [number, number], weight: bigint, totalWeight: bigint): bigint {
  if (weight === 0n || c[0] === 0) return 0n
  const theta = Number(weight) / Number(totalWeight)
  const p = 1 - powerOfFraction(1 - c[0] / c[1], theta)
  const threshold = timesTwoTo128(p)
  return threshold > MAX_U128 ? MAX_U128 : threshold
}

/** The one authority of a slot that may author without winning. */
export function secondaryAuthor(slot: number, authorityCount: number, randomness: Hash): number {
  const slotBytes = new Uint8Array(8)
  new DataView(slotBytes.buffer).setBigUint64(0, BigInt(slot), true)
  const hash = blake2b256(concatBytes(fromHex(randomness), slotBytes))
  return Number(BigInt(`0x${Buffer.from(hash).toString('hex')}`) % BigInt(authorityCount))
}

/** Bits behind the point in the power's fixed-point arithmetic. */
const PRECISION = 256n
const ONE = 1n << PRECISION

/** base^exponent for doubles 0 <= base <= 1 and 0 < exponent <= 1, rounded to the nearest double. */
export function powerOfFraction(base: number, exponent: number): number {
  if (base === 0) return 0
  if (base === 1 || exponent === 1) return base
  const negativeLog = -logarithm(toFixedPoint(base))
  return fromFixedPoint(exponential((negativeLog * toFixedPoint(exponent)) >> PRECISION))
}

/** ln(x) for 0 < x < 1: x is doubled into [1, 2), then ln(x) = 2 artanh((x-1)/(x+1)). */
function logarithm(x: bigint): bigint {
  let doublings = 0n
  let m = x
  while (m < ONE) {
    m <<= 1n
    doublings++
  }
  return 2n * artanh(((m - ONE) << PRECISION) / (m + ONE)) - doublings * LN2
}

/** artanh(y) = y + y^3/3 + y^5/5 + … for |y| <= 1/3. */
function artanh(y: bigint): bigint {
  const square = (y * y) >> PRECISION
  let sum = 0n
  for (let power = y, k = 1n; power !== 0n; power = (power * square) >> PRECISION, k += 2n) sum += power / k
  return sum
}

const LN2 = 2n * artanh(ONE / 3n)

/** e^-x for x >= 0: whole multiples of ln 2 become a shift, the rest is the Taylor series of 1/e^r. */
function exponential(x: bigint): bigint {
  const halvings = x / LN2
  const rest = x % LN2
  let sum = 0n
  for (let term = ONE, k = 1n; term !== 0n; term = (term * rest) / (k << PRECISION), k++) sum += term
  return ((ONE << PRECISION) / sum) >> halvings
}

/** A double between 0 and 1 is an integer over a power of two: exact unless it is below 2^-200, which no share of weight is. */
function toFixedPoint(x: number): bigint {
  const { mantissa, exponent } = decompose(x)
  const shift = PRECISION + BigInt(exponent)
  return shift >= 0n ? mantissa << shift : mantissa >> -shift
}

function fromFixedPoint(x: bigint): number {
  // BigInt to Number rounds to the nearest even; scaling by a power of two is exact.
  return Number(x) / 2 ** Number(PRECISION)
}

/** floor(2^128 * x) of the exact value of the double. */
function timesTwoTo128(x: number): bigint {
  const { mantissa, exponent } = decompose(x)
  const shift = 128 + exponent
  return shift >= 0 ? mantissa << BigInt(shift) : mantissa >> BigInt(-shift)
}

/** x = mantissa * 2^exponent, for normal x >= 0. */
function decompose(x: number): { mantissa: bigint; exponent: number } {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, x)
  const bits = view.getBigUint64(0)
  const biased = Number((bits >> 52n) & 0x7ffn)
  if (biased === 0) return { mantissa: 0n, exponent: 0 }
  return { mantissa: (bits & ((1n << 52n) - 1n)) | (1n << 52n), exponent: biased - 1075 }
}
