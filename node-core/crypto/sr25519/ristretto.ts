/**
 * Ristretto255 (RFC 9496) for verifying: points, their encodings and sums of multiples, on the Wasm of curve25519/.
 *
 * @noble/curves does the same and is hardened for secrets; signing uses that. Verifying works on public data, so everything here
 * may take a time that depends on what it computes: sums share one chain of doublings (Straus) and skip the zeros of
 * signed digits (wNAF), with tables that callers keep.
 */
import { curve25519 } from '../curve25519/instance.ts'
import { ACC, BYTES, FIELD, POINT_SIZE, PROGRAM, PROGRAM_STEPS, TABLES, TABLES_SIZE } from '../curve25519/layout.ts'

/** The prime that coordinates are numbers modulo. */
export { FIELD }
/** Order of the group. */
export const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n

/** A point: an image of the four coordinates in the module's memory. */
export interface Point {
  readonly coordinates: Uint8Array
}

/** The odd multiples P, 3P, 5P … of a point, for digits of `width` bits: 320 * 2^(width-2) bytes. */
export interface Table {
  readonly width: number
  readonly entries: Uint8Array
}

/**
 * Tables of P and of 2^128 P: a number of 256 bits times P is a sum of two multiples by numbers of 128 bits, with half the
 * doublings. Pays where the tables are kept.
 */
export interface SplitTable {
  readonly low: Table
  readonly high: Table
}

/** A scalar, 0 <= scalar < 2^255, and what to multiply by it. */
export type Term = readonly [scalar: bigint, table: Table]

/** Digits behind the scalars' 255 bits: a carry may reach one more. */
const DIGITS = 256

const memory = new Uint8Array(curve25519.memory.buffer)
const program = new Int32Array(curve25519.memory.buffer, PROGRAM, 2 * PROGRAM_STEPS)

/** The number that bytes stand for, little-endian. */
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

/** True where the 32 bytes encode a point. */
export function isRistrettoPoint(bytes: Uint8Array): boolean {
  return loadEncoded(bytes)
}

/** RFC 9496, section 4.3.1. Undefined where the bytes encode no point. */
export function decodePoint(bytes: Uint8Array): Point | undefined {
  return loadEncoded(bytes) ? result() : undefined
}

/** RFC 9496, section 4.3.2: the 32 bytes that stand for the point. */
export function encodePoint(point: Point): Uint8Array {
  load(point)
  curve25519.encode()
  return memory.slice(BYTES, BYTES + 32)
}

/** RFC 9496, section 4.3.4: 64 uniform bytes to a point. Throws a RangeError at any other length. */
export function pointFromUniform(bytes: Uint8Array): Point {
  if (bytes.length !== 64) throw new RangeError(`a point is made of 64 uniform bytes, not ${bytes.length}`)
  memory.set(bytes, BYTES)
  curve25519.fromUniform()
  return result()
}

/** True for the neutral element. */
export function isIdentity(point: Point): boolean {
  load(point)
  return curve25519.isZero(ACC.X) === 1 || curve25519.isZero(ACC.Y) === 1
}

/** Odd multiples of `point`; a `width` of 5 suits a point used once, 8 one that stays. */
export function tableOf(point: Point, width = 5): Table {
  const count = 1 << (width - 2)
  load(point)
  curve25519.table(count)
  return { width, entries: memory.slice(TABLES, TABLES + count * POINT_SIZE) }
}

/** Tables for both halves of a scalar. */
export function splitTableOf(point: Point, width: number): SplitTable {
  const low = tableOf(point, width)
  return { low, high: tableOf(multiScalar([[1n << 128n, low]]), width) }
}

/** Scalar times point by its halves, for `multiScalar`. */
export function splitTerms(scalar: bigint, { low, high }: SplitTable): readonly [Term, Term] {
  return [[BigInt.asUintN(128, scalar), low], [scalar >> 128n, high]]
}

/**
 * The sum of scalar times point over all pairs. Variable time: public data only. Throws a RangeError where the tables exceed the
 * module's memory (about 240 KB).
 */
export function multiScalar(terms: readonly Term[]): Point {
  const digits = terms.map(([scalar, table]) => signedDigits(scalar, table.width))
  const addresses: number[] = []
  let end = TABLES
  for (const [, { entries }] of terms) {
    if (end + entries.length > TABLES + TABLES_SIZE) throw new RangeError('too many or too large tables for one sum')
    memory.set(entries, end)
    addresses.push(end)
    end += entries.length
  }
  curve25519.run(writeProgram(digits, addresses))
  return result()
}

/** Writes the steps for `run` (curve25519/point.ts) and returns their number. */
function writeProgram(digits: readonly Int8Array[], addresses: readonly number[]): number {
  let steps = 0
  let doublings = 0
  const step = (entry: number): void => {
    if (steps >= PROGRAM_STEPS) throw new RangeError('too many terms for one sum')
    program[2 * steps] = doublings
    program[2 * steps + 1] = entry
    steps++
    doublings = 0
  }
  for (let i = DIGITS - 1; i >= 0; i--) {
    // Before the first entry there is nothing to double.
    if (steps > 0) doublings++
    for (let k = 0; k < digits.length; k++) {
      const digit = (digits[k] as Int8Array)[i] as number
      if (digit !== 0) step((addresses[k] as number) + POINT_SIZE * ((Math.abs(digit) - 1) >> 1) + (digit < 0 ? 1 : 0))
    }
  }
  step(0)
  return steps
}

/** Width-w non-adjacent form, least significant digit first: odd digits below 2^(w-1) in size, w-1 zeros behind each. */
function signedDigits(scalar: bigint, width: number): Int8Array {
  const digits = new Int8Array(DIGITS)
  const size = 1 << width
  // Sixteen-bit pieces keep the arithmetic on small integers.
  const words = new Uint16Array(17)
  for (let i = 0, rest = scalar; rest > 0n; i++, rest >>= 16n) words[i] = Number(rest & 0xffffn)
  let carry = 0
  for (let at = 0; at < DIGITS; ) {
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

/** ACC = point. */
function load({ coordinates }: Point): void {
  memory.set(coordinates, ACC.start)
}

/** The point at ACC. */
function result(): Point {
  return { coordinates: memory.slice(ACC.start, ACC.start + POINT_SIZE) }
}

/** ACC = what the bytes encode; false where that is nothing. */
function loadEncoded(bytes: Uint8Array): boolean {
  if (bytes.length !== 32 || ((bytes[0] as number) & 1) === 1 || !isCanonicalElement(bytes)) return false
  memory.set(bytes, BYTES)
  return curve25519.decode() === 1
}

/** True where the 32 bytes are a little-endian number below 2^255 - 19. */
function isCanonicalElement(bytes: Uint8Array): boolean {
  if (bytes[31] !== 0x7f) return (bytes[31] as number) < 0x7f
  for (let i = 30; i > 0; i--) if (bytes[i] !== 0xff) return true
  return (bytes[0] as number) < 0xed
}

const BASE_ENCODED = Buffer.from('e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76', 'hex')

/** The base point of the group (RFC 9496, section 4.1). */
export const BASE: Point = decodeBase()
/** Its odd multiples. */
export const BASE_TABLE: Table = tableOf(BASE, 8)
/** The same for both halves of a scalar. */
export const BASE_SPLIT: SplitTable = splitTableOf(BASE, 8)

function decodeBase(): Point {
  const base = decodePoint(BASE_ENCODED)
  if (base === undefined) throw new Error('the arithmetic of curve25519 does not work on this platform')
  return base
}
