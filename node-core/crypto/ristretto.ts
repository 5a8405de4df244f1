/**
 * Ristretto255 (RFC 9496) for verifying, as fast as BigInt goes.
 *
 * @noble/curves does the same and is hardened for secrets; signing uses that. Verifying works on public data, so this file may
 * take every short cut: plain coordinates without objects in the inner loop, unreduced sums, and one chain of
 * doublings shared by all points of a sum (Straus), with signed digits (wNAF) and tables that callers keep.
 *
 * Points are extended twisted Edwards coordinates of edwards25519: x = X/Z, y = Y/Z, T = XY/Z. Coordinates may be negative
 * representatives; they are normalized where they are encoded.
 */

export const FIELD = 2n ** 255n - 19n
/** Order of the group. */
export const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n

const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n
const D2 = (2n * D) % FIELD
const SQRT_M1 = 19681161376707505956807079304988542015446066515923890162744021073123829784752n
const SQRT_AD_MINUS_ONE = 25063068953384623474111414158702152701244531502492656460079210482610430750235n
const INVSQRT_A_MINUS_D = 54469307008909316920995813868745141605393597292927456921205312896311721017578n
const ONE_MINUS_D_SQ = 1159843021668779879193775521855586647937357759715417654439879720876111806838n
const D_MINUS_ONE_SQ = 40440834346308536858101042469323190826248399146238708352240133220865137265952n

export interface Point {
  readonly X: bigint
  readonly Y: bigint
  readonly Z: bigint
  readonly T: bigint
}

/** A point prepared for being added: Y+X, Y-X, 2Z, 2dT. */
type Addend = readonly [plus: bigint, minus: bigint, z2: bigint, t2d: bigint]

/** The odd multiples P, 3P, 5P … of a point, for digits of `width` bits. */
export interface Table {
  readonly width: number
  readonly odd: readonly Addend[]
}

export const BASE: Point = fromAffine(
  15112221349535400772501151409588531511454012693041857206046113283949847762202n,
  46316835694926478169428394003475163141307993866256225615783033603165251855960n,
)

export function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)
}

/** 32 bytes, little-endian, of a number below 2^256. */
export function toLittleEndian(value: bigint): Uint8Array {
  return Uint8Array.from(Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse())
}

/** True where the 32 bytes are a little-endian number below the group's order. */
export function isCanonicalScalar(bytes: Uint8Array): boolean {
  // Below 2^252 without looking closer: nearly every scalar is.
  return bytes.length === 32 && ((bytes[31] as number) < 0x10 || littleEndian(bytes) < ORDER)
}

export function isRistrettoPoint(bytes: Uint8Array): boolean {
  return decodePoint(bytes) !== undefined
}

/** RFC 9496, section 4.3.1. Undefined where the 32 bytes encode no point. */
export function decodePoint(bytes: Uint8Array): Point | undefined {
  if (bytes.length !== 32 || ((bytes[0] as number) & 1) === 1) return undefined
  const s = littleEndian(bytes)
  if (s >= FIELD) return undefined
  const ss = (s * s) % FIELD
  const u1 = 1n - ss
  const u2 = 1n + ss
  const u2Squared = (u2 * u2) % FIELD
  const v = (-D * ((u1 * u1) % FIELD) - u2Squared) % FIELD
  const { wasSquare, root } = inverseSqrt((v * u2Squared) % FIELD)
  const denX = (root * u2) % FIELD
  const denY = (((root * denX) % FIELD) * v) % FIELD
  const x = absolute(2n * s * denX)
  const y = normal(u1 * denY)
  const t = normal(x * y)
  if (!wasSquare || isOdd(t) || y === 0n) return undefined
  return { X: x, Y: y, Z: 1n, T: t }
}

/** RFC 9496, section 4.3.2: the 32 bytes that stand for the point. */
export function encodePoint({ X, Y, Z, T }: Point): Uint8Array {
  const u1 = ((Z + Y) * (Z - Y)) % FIELD
  const u2 = (X * Y) % FIELD
  const { root } = inverseSqrt((u1 * ((u2 * u2) % FIELD)) % FIELD)
  const den1 = (root * u1) % FIELD
  const den2 = (root * u2) % FIELD
  const zInverse = (((den1 * den2) % FIELD) * T) % FIELD
  let x = X
  let y = Y
  let den = den2
  if (isOdd(normal(T * zInverse))) {
    x = (Y * SQRT_M1) % FIELD
    y = (X * SQRT_M1) % FIELD
    den = (den1 * INVSQRT_A_MINUS_D) % FIELD
  }
  if (isOdd(normal(x * zInverse))) y = -y
  return toLittleEndian(absolute((Z - y) * den))
}

/** RFC 9496, section 4.3.4: 64 uniform bytes to a point. */
export function pointFromUniform(bytes: Uint8Array): Point {
  const half = (at: number): Point => elligator(BigInt.asUintN(255, littleEndian(bytes.subarray(at, at + 32))))
  return add(half(0), addend(half(32)))
}

/** RFC 9496, section 4.3.3. */
export function equalPoints(a: Point, b: Point): boolean {
  return normal(a.X * b.Y - a.Y * b.X) === 0n || normal(a.Y * b.Y - a.X * b.X) === 0n
}

export function isIdentity(p: Point): boolean {
  return normal(p.X) === 0n || normal(p.Y) === 0n
}

/** Odd multiples of `p`; `width` 5 suits a point used once, 8 one that stays. */
export function tableOf(p: Point, width = 5): Table {
  const twice = addend(double(p))
  const odd = [addend(p)]
  let current = p
  for (let i = 1; i < 1 << (width - 2); i++) {
    current = add(current, twice)
    odd.push(addend(current))
  }
  return { width, odd }
}

export const BASE_TABLE: Table = tableOf(BASE, 8)

/** The sum of scalar times point over all pairs. Variable time: public data only. */
export function multiScalar(terms: readonly (readonly [scalar: bigint, table: Table])[]): Point {
  const digits = terms.map(([scalar, table]) => signedDigits(scalar, table.width))
  let top = 255
  while (top >= 0 && digits.every((d) => d[top] === 0)) top--
  let X = 0n
  let Y = 1n
  let Z = 1n
  let T = 0n
  for (let i = top; i >= 0; i--) {
    const A = (X * X) % FIELD
    const B = (Y * Y) % FIELD
    const E = (2n * X * Y) % FIELD
    const G = B - A
    const F = G - ((2n * Z * Z) % FIELD)
    const H = -A - B
    X = (E * F) % FIELD
    Y = (G * H) % FIELD
    Z = (F * G) % FIELD
    T = E * H
    for (let k = 0; k < terms.length; k++) {
      const digit = (digits[k] as Int8Array)[i] as number
      if (digit === 0) continue
      const [plus, minus, z2, t2d] = ((terms[k] as (typeof terms)[number])[1].odd[(Math.abs(digit) - 1) >> 1]) as Addend
      const a = ((Y - X) * (digit > 0 ? minus : plus)) % FIELD
      const b = ((Y + X) * (digit > 0 ? plus : minus)) % FIELD
      const c = ((T % FIELD) * (digit > 0 ? t2d : -t2d)) % FIELD
      const d = (Z * z2) % FIELD
      X = ((b - a) * (d - c)) % FIELD
      Y = ((d + c) * (b + a)) % FIELD
      Z = ((d - c) * (d + c)) % FIELD
      T = (b - a) * (b + a)
    }
  }
  return { X, Y, Z, T: T % FIELD }
}

/** Width-w non-adjacent form, least significant digit first: odd digits below 2^(w-1) in size, w-1 zeros behind each. */
function signedDigits(scalar: bigint, width: number): Int8Array {
  const digits = new Int8Array(256)
  const size = 1 << width
  // Sixteen-bit pieces keep the arithmetic on small integers.
  const words = new Uint16Array(17)
  for (let i = 0, rest = scalar; i < 16; i++, rest >>= 16n) words[i] = Number(rest & 0xffffn)
  let carry = 0
  for (let at = 0; at < 256; ) {
    const low = (((words[at >> 4] as number) | ((words[(at >> 4) + 1] as number) << 16)) >>> (at & 15)) & (size - 1)
    const window = low + carry
    if ((window & 1) === 0) {
      at++
      continue
    }
    carry = window >= size >> 1 ? 1 : 0
    digits[at] = carry === 1 ? window - size : window
    at += width
  }
  return digits
}

function add(p: Point, [plus, minus, z2, t2d]: Addend): Point {
  const a = ((p.Y - p.X) * minus) % FIELD
  const b = ((p.Y + p.X) * plus) % FIELD
  const c = (p.T * t2d) % FIELD
  const d = (p.Z * z2) % FIELD
  return { X: ((b - a) * (d - c)) % FIELD, Y: ((d + c) * (b + a)) % FIELD, Z: ((d - c) * (d + c)) % FIELD, T: ((b - a) * (b + a)) % FIELD }
}

function double(p: Point): Point {
  return add(p, addend(p))
}

function addend(p: Point): Addend {
  return [p.Y + p.X, p.Y - p.X, 2n * p.Z, (p.T * D2) % FIELD]
}

function fromAffine(x: bigint, y: bigint): Point {
  return { X: x, Y: y, Z: 1n, T: (x * y) % FIELD }
}

/** MAP of RFC 9496, section 4.3.4. */
function elligator(t: bigint): Point {
  const r = (SQRT_M1 * ((t * t) % FIELD)) % FIELD
  const u = ((r + 1n) * ONE_MINUS_D_SQ) % FIELD
  const v = ((-1n - r * D) * (r + D)) % FIELD
  // sqrt(u/v) = u * invsqrt(u*v) up to the fourth root of unity that the flag tells.
  const ratio = sqrtRatio(u, v)
  const s = ratio.wasSquare ? ratio.root : -absolute(ratio.root * t)
  const c = ratio.wasSquare ? -1n : r
  const n = (((c * (r - 1n)) % FIELD) * D_MINUS_ONE_SQ - v) % FIELD
  const ss = (s * s) % FIELD
  const w0 = (2n * s * v) % FIELD
  const w1 = (n * SQRT_AD_MINUS_ONE) % FIELD
  const w2 = 1n - ss
  const w3 = 1n + ss
  return { X: (w0 * w3) % FIELD, Y: (w2 * w1) % FIELD, Z: (w1 * w3) % FIELD, T: (w0 * w2) % FIELD }
}

function inverseSqrt(v: bigint): { wasSquare: boolean; root: bigint } {
  return sqrtRatio(1n, v)
}

/** SQRT_RATIO_M1 of RFC 9496, section 4.2; the root is the non-negative one. */
function sqrtRatio(u: bigint, v: bigint): { wasSquare: boolean; root: bigint } {
  const v3 = (((v * v) % FIELD) * v) % FIELD
  const v7 = (((v3 * v3) % FIELD) * v) % FIELD
  let root = (((u * v3) % FIELD) * power252minus3((u * v7) % FIELD)) % FIELD
  const check = normal(v * ((root * root) % FIELD))
  const target = normal(u)
  const flipped = normal(-u)
  const flippedI = normal(flipped * SQRT_M1)
  if (check === flipped || check === flippedI) root = (root * SQRT_M1) % FIELD
  return { wasSquare: check === target || check === flipped, root: absolute(root) }
}

/** x^((p-5)/8) = x^(2^252 - 3). */
function power252minus3(x: bigint): bigint {
  const b2 = (squarings(x, 1) * x) % FIELD
  const b4 = (squarings(b2, 2) * b2) % FIELD
  const b5 = (squarings(b4, 1) * x) % FIELD
  const b10 = (squarings(b5, 5) * b5) % FIELD
  const b20 = (squarings(b10, 10) * b10) % FIELD
  const b40 = (squarings(b20, 20) * b20) % FIELD
  const b80 = (squarings(b40, 40) * b40) % FIELD
  const b160 = (squarings(b80, 80) * b80) % FIELD
  const b240 = (squarings(b160, 80) * b80) % FIELD
  const b250 = (squarings(b240, 10) * b10) % FIELD
  return (squarings(b250, 2) * x) % FIELD
}

function squarings(x: bigint, count: number): bigint {
  let out = x
  for (let i = 0; i < count; i++) out = (out * out) % FIELD
  return out
}

function normal(x: bigint): bigint {
  const r = x % FIELD
  return r < 0n ? r + FIELD : r
}

/** The even one of x and -x. */
function absolute(x: bigint): bigint {
  const r = normal(x)
  return isOdd(r) ? FIELD - r : r
}

function isOdd(x: bigint): boolean {
  return (x & 1n) === 1n
}
