/**
 * Arithmetic in GF(2^8), the field of 256 elements: bytes as polynomials over GF(2) modulo x^8 + x^4 + x^3 + x^2 + 1 (0x11d), the
 * polynomial that Reed–Solomon codes mostly use. Addition is XOR; 2 generates all elements but zero, so products are sums of logarithms.
 */

const POLYNOMIAL = 0x11d
const ORDER = 255

/** Powers of 2, twice over, so that a sum of two logarithms needs no reduction. */
const EXP = new Uint8Array(2 * ORDER)
const LOG = new Uint8Array(256)
for (let power = 0, value = 1; power < ORDER; power++) {
  EXP[power] = EXP[power + ORDER] = value
  LOG[value] = power
  value <<= 1
  if (value > 0xff) value ^= POLYNOMIAL
}

export function multiply(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : (EXP[(LOG[a] as number) + (LOG[b] as number)] as number)
}

/** 1 / a. Throws a RangeError for zero. */
export function inverse(a: number): number {
  if (a === 0) throw new RangeError('zero has no inverse')
  return EXP[ORDER - (LOG[a] as number)] as number
}

/** a^n; 0^0 is 1. */
export function power(a: number, n: number): number {
  if (n === 0) return 1
  return a === 0 ? 0 : (EXP[((LOG[a] as number) * n) % ORDER] as number)
}
