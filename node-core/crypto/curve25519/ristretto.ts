/**
 * ristretto255 (RFC 9496), emitted as Wasm: decoding, encoding and the map from uniform bytes, on the point at `ACC` and the
 * bytes at `BYTES`. Formulas and names follow the RFC's sections; the comments tell weights (field.ts) where they pass 1.
 * Branches depend on the values: public data only.
 */
import { OP, type Code, type ModuleBuilder } from './emitter.ts'
import type { Field } from './field.ts'
import {
  ACC, BYTES, CONSTANTS, ENTRY, P0, P1, P2, P3, R0, R1, R2, R3, R4, R5, R6, R7, R8, ROOT, SQRT_U, SQRT_V,
} from './layout.ts'
import type { PointFunctions } from './point.ts'

const { one, d, sqrtM1, sqrtAdMinusOne, invSqrtAMinusD, oneMinusDSq, dMinusOneSq } = CONSTANTS

/**
 * Adds the functions; exported are
 * `decode()`: ACC = the point that the 32 bytes at BYTES encode, and 1; or 0 where they encode none. The caller has made sure that the
 * bytes are canonical and even;
 * `encode()`: the 32 bytes at BYTES = ACC;
 * `fromUniform()`: ACC = the point that the 64 bytes at BYTES map to.
 */
export function addRistrettoFunctions(module: ModuleBuilder, field: Field, point: PointFunctions): void {
  const sqrtRatio = module.add({ result: true, i32s: 2 }, (code) => emitSqrtRatio(code, field))
  module.add({ name: 'decode', result: true, i32s: 1 }, (code) => emitDecode(code, field, sqrtRatio))
  module.add({ name: 'encode', i32s: 1 }, (code) => emitEncode(code, field, sqrtRatio))
  const map = module.add({ i32s: 1 }, (code) => emitMap(code, field, sqrtRatio))
  module.add({ name: 'fromUniform' }, (code) => {
    field.unpack(code, R0, BYTES)
    code.call(map).i32(ENTRY.start).call(point.entry)
    field.unpack(code, R0, BYTES + 32)
    code.call(map).i32(ENTRY.start).call(point.addition)
  })
}

/** P3 = P0^((p-5)/8) = P0^(2^252 - 3), by runs of ones: after each line P1 is P0^(2^n - 1) for the n it names. */
function emitPower(code: Code, field: Field): void {
  /** P1 = P1^(2^times) * by. */
  const step = (times: number, by: number): void => {
    field.square(code, P3, P1, times)
    field.mul(code, P1, P3, by)
  }
  field.copy(code, P1, P0)
  step(1, P0) // 2
  step(2, P1) // 4
  step(1, P0) // 5
  step(5, P1) // 10
  field.copy(code, P2, P1)
  step(10, P1) // 20
  step(20, P1) // 40
  field.copy(code, R8, P1)
  step(40, P1) // 80
  step(80, P1) // 160
  step(40, R8) // 200
  step(40, R8) // 240
  step(10, P2) // 250
  field.square(code, P3, P1, 2)
  field.mul(code, P3, P3, P0)
}

/** SQRT_RATIO_M1, section 4.2: ROOT = the even root of SQRT_U / SQRT_V and 1, or of i times it and 0. SQRT_U has weight 1. */
function emitSqrtRatio(code: Code, field: Field): void {
  const [correct, flipped] = [0, 1]
  field.square(code, P1, SQRT_V)
  field.mul(code, P1, P1, SQRT_V)
  field.mul(code, ROOT, P1, SQRT_U)
  field.square(code, P1, P1)
  field.mul(code, P1, P1, SQRT_V)
  field.mul(code, P0, P1, SQRT_U)
  emitPower(code, field)
  field.mul(code, ROOT, ROOT, P3)
  field.square(code, P0, ROOT)
  field.mul(code, P0, P0, SQRT_V)
  field.sub(code, P1, P0, SQRT_U)
  field.isZero(code, P1)
  code.set(correct)
  field.add(code, P1, P0, SQRT_U)
  field.isZero(code, P1)
  code.set(flipped)
  field.mul(code, P2, SQRT_U, sqrtM1.at)
  field.add(code, P1, P0, P2)
  field.isZero(code, P1)
  code.get(flipped).op(OP.i32Or)
  code.if(() => field.mul(code, ROOT, ROOT, sqrtM1.at))
  field.absolute(code, ROOT)
  code.get(correct).get(flipped).op(OP.i32Or)
}

/** Section 4.3.1. */
function emitDecode(code: Code, field: Field, sqrtRatio: number): void {
  const wasSquare = 0
  const [s, u1, u2, v, u2Squared] = [R0, R1, R2, R3, R4]
  field.unpack(code, s, BYTES)
  field.square(code, u2Squared, s)
  field.sub(code, u1, one.at, u2Squared)
  field.add(code, u2, one.at, u2Squared) // weight 2
  field.square(code, u2Squared, u2)
  field.square(code, v, u1)
  field.mul(code, v, v, d.at)
  field.negate(code, v, v)
  field.sub(code, v, v, u2Squared) // weight 2
  field.copy(code, SQRT_U, one.at)
  field.mul(code, SQRT_V, v, u2Squared)
  code.call(sqrtRatio).set(wasSquare)
  field.mul(code, R5, ROOT, u2)
  field.mul(code, R6, ROOT, R5)
  field.mul(code, R6, R6, v)
  field.add(code, s, s, s)
  field.mul(code, ACC.X, s, R5)
  field.absolute(code, ACC.X)
  field.mul(code, ACC.Y, u1, R6)
  field.copy(code, ACC.Z, one.at)
  field.mul(code, ACC.T, ACC.X, ACC.Y)
  // Valid: a square, T even, Y not zero.
  code.get(wasSquare)
  field.parity(code, ACC.T)
  code.op(OP.i32Eqz, OP.i32And)
  field.isZero(code, ACC.Y)
  code.op(OP.i32Eqz, OP.i32And)
}

/** Section 4.3.2. */
function emitEncode(code: Code, field: Field, sqrtRatio: number): void {
  const [u1, u2, den1, den2, zInverse, x, y] = [R0, R1, R2, R3, R4, R5, R6]
  field.add(code, R7, ACC.Z, ACC.Y)
  field.sub(code, u1, ACC.Z, ACC.Y)
  field.mul(code, u1, u1, R7)
  field.mul(code, u2, ACC.X, ACC.Y)
  field.copy(code, SQRT_U, one.at)
  field.square(code, SQRT_V, u2)
  field.mul(code, SQRT_V, SQRT_V, u1)
  // Whether it was a square does not matter here: for points it always is, or zero.
  code.call(sqrtRatio).set(0)
  field.mul(code, den1, ROOT, u1)
  field.mul(code, den2, ROOT, u2)
  field.mul(code, zInverse, den1, den2)
  field.mul(code, zInverse, zInverse, ACC.T)
  field.mul(code, R7, ACC.T, zInverse)
  field.parity(code, R7)
  code.if(() => {
    field.mul(code, x, ACC.Y, sqrtM1.at)
    field.mul(code, y, ACC.X, sqrtM1.at)
    field.mul(code, den2, den1, invSqrtAMinusD.at)
  }, () => {
    field.copy(code, x, ACC.X)
    field.copy(code, y, ACC.Y)
  })
  field.mul(code, R7, x, zInverse)
  field.parity(code, R7)
  code.if(() => field.negate(code, y, y))
  field.sub(code, R7, ACC.Z, y)
  field.mul(code, R7, R7, den2)
  field.absolute(code, R7)
  field.pack(code, BYTES, R7)
}

/** MAP of section 4.3.4: ACC = the point of the number in R0. */
function emitMap(code: Code, field: Field, sqrtRatio: number): void {
  const wasSquare = 0
  const [t, r, v, s, c, n] = [R0, R1, R2, R3, R4, R5]
  field.square(code, r, t)
  field.mul(code, r, r, sqrtM1.at)
  field.add(code, SQRT_U, r, one.at)
  field.mul(code, SQRT_U, SQRT_U, oneMinusDSq.at)
  field.mul(code, v, r, d.at)
  field.add(code, v, v, one.at)
  field.negate(code, v, v) // weight 2
  field.add(code, R6, r, d.at)
  field.mul(code, v, v, R6)
  field.copy(code, SQRT_V, v)
  code.call(sqrtRatio).set(wasSquare)
  code.get(wasSquare)
  code.if(() => {
    field.copy(code, s, ROOT)
    field.negate(code, c, one.at)
  }, () => {
    field.mul(code, s, ROOT, t)
    field.absolute(code, s)
    field.negate(code, s, s)
    field.copy(code, c, r)
  })
  field.sub(code, n, r, one.at)
  field.mul(code, n, n, c)
  field.mul(code, n, n, dMinusOneSq.at)
  field.sub(code, n, n, v) // weight 2
  field.add(code, R6, s, s)
  field.mul(code, R6, R6, v)
  field.mul(code, R7, n, sqrtAdMinusOne.at)
  field.square(code, s, s)
  field.sub(code, n, one.at, s)
  field.add(code, c, one.at, s)
  field.mul(code, ACC.X, R6, c)
  field.mul(code, ACC.Y, n, R7)
  field.mul(code, ACC.Z, R7, c)
  field.mul(code, ACC.T, R6, n)
}
