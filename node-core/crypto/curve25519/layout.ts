/**
 * Where things lie in the module's memory, and the constants of edwards25519 and ristretto255 (RFC 9496, section 4.1).
 *
 * The module has no stack and no allocator: like a machine with a few hundred registers it works at fixed addresses. It is not
 * reentrant, and needs not be: calls are synchronous and each thread has its own instance.
 */

/** The prime 2^255 - 19. */
export const FIELD = 2n ** 255n - 19n

/** Bits of limb i: 26 and 25 in turn, 255 in all. */
export const LIMB_BITS = [26, 25, 26, 25, 26, 25, 26, 25, 26, 25] as const
/** The bit at which limb i starts: ceil(25.5 * i). */
export const LIMB_STARTS = [0, 26, 51, 77, 102, 128, 153, 179, 204, 230] as const
/** Bytes of a field element in memory: ten i64. */
export const ELEMENT_SIZE = 80
/** Bytes of a point (X, Y, Z, T) and of a table's entry (Y+X, Y-X, 2Z, 2dT). */
export const POINT_SIZE = 4 * ELEMENT_SIZE

/** Address 0 stays free: in programs of `run` it means "no entry". */
let next = 64

function reserve(size: number): number {
  const address = next
  next += size
  return address
}

const element = (): number => reserve(ELEMENT_SIZE)

/** Four elements in a row. */
export interface PointPlace {
  readonly start: number
  readonly X: number
  readonly Y: number
  readonly Z: number
  readonly T: number
}

function point(): PointPlace {
  const start = reserve(POINT_SIZE)
  return { start, X: start, Y: start + ELEMENT_SIZE, Z: start + 2 * ELEMENT_SIZE, T: start + 3 * ELEMENT_SIZE }
}

/** Encodings come in and go out here: up to 64 bytes. */
export const BYTES = reserve(64)
/** The point that functions take and return. */
export const ACC = point()
/** An entry being added. */
export const ENTRY = point()
/** Scratch of freezing and of the point formulas. */
export const FROZEN = element()
export const [A, B, C, D, E, F, G, H] = [element(), element(), element(), element(), element(), element(), element(), element()]
/** Arguments and result of `sqrtRatio`, and its scratch. */
export const [SQRT_U, SQRT_V, ROOT] = [element(), element(), element()]
export const [P0, P1, P2, P3] = [element(), element(), element(), element()]
/** Scratch of encoding, decoding and mapping. */
export const [R0, R1, R2, R3, R4, R5, R6, R7, R8] = [
  element(), element(), element(), element(), element(), element(), element(), element(), element(),
]

const D_VALUE = 37095705934669439343138083508754565189542113879843219016388785533085940283555n

/** Constants: an address and the number that is written there when the module starts. */
export const CONSTANTS = {
  zero: { at: element(), value: 0n },
  one: { at: element(), value: 1n },
  d: { at: element(), value: D_VALUE },
  d2: { at: element(), value: (2n * D_VALUE) % FIELD },
  sqrtM1: { at: element(), value: 19681161376707505956807079304988542015446066515923890162744021073123829784752n },
  sqrtAdMinusOne: { at: element(), value: 25063068953384623474111414158702152701244531502492656460079210482610430750235n },
  invSqrtAMinusD: { at: element(), value: 54469307008909316920995813868745141605393597292927456921205312896311721017578n },
  oneMinusDSq: { at: element(), value: 1159843021668779879193775521855586647937357759715417654439879720876111806838n },
  dMinusOneSq: { at: element(), value: 40440834346308536858101042469323190826248399146238708352240133220865137265952n },
} as const

/** The program of `run`: up to 1,024 steps of two i32. */
export const PROGRAM = reserve(8192)
export const PROGRAM_STEPS = 1024
/** Tables, to the end of the memory. */
export const TABLES = Math.ceil(next / 64) * 64
export const PAGES = 4
export const TABLES_SIZE = PAGES * 65536 - TABLES
