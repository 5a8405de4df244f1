/**
 * Points of edwards25519, emitted as Wasm: doubling, adding, tables, and sums of multiples.
 *
 * Points are extended twisted Edwards coordinates (Hisil, Wong, Carter, Dawson 2008): x = X/Z, y = Y/Z, T = XY/Z. All
 * functions work on the point at `ACC`. Weights of limbs (field.ts) are noted where they grow: ACC's coordinates have 1, an entry's 2.
 *
 * A sum of multiples is a *program*: steps of "double so many times, then add or subtract that entry". The caller writes it
 * from the scalars' signed digits, so the loop here knows neither scalars nor tables. Which entries are read, and when,
 * depends on the scalars: public data only.
 */
import { OP, type Code, type ModuleBuilder, type Place } from './emitter.ts'
import type { Field } from './field.ts'
import { A, ACC, B, C, CONSTANTS, D, E, ELEMENT_SIZE, ENTRY, F, G, H, POINT_SIZE, PROGRAM, R0, R1, R2, R3, TABLES } from './layout.ts'

/** Indices of functions that other parts call. */
export interface PointFunctions {
  /** ACC += entry: addition(address). */
  readonly addition: number
  /** The entry at an address = ACC: entry(address). */
  readonly entry: number
}

/**
 * Adds the functions; exported are
 * `run(steps)`: ACC = the sum that the program tells;
 * `table(count)`: `count` entries at `TABLES` = ACC, 3 ACC, 5 ACC … (ACC is lost).
 */
export function addPointFunctions(module: ModuleBuilder, field: Field): PointFunctions {
  const double = module.add({}, (code) => emitDouble(code, field, false))
  const doubleWithT = module.add({}, (code) => emitDouble(code, field, true))
  const addition = module.add({ params: 1 }, (code) => emitAddition(code, field, false))
  const subtraction = module.add({ params: 1 }, (code) => emitAddition(code, field, true))
  const entry = module.add({ params: 1 }, (code) => emitEntry(code, field))
  module.add({ name: 'run', params: 1, i32s: 3 }, (code) => emitRun(code, field, { double, doubleWithT, addition, subtraction }))
  module.add({ name: 'table', params: 1, i32s: 1 }, (code) => emitTable(code, field, { doubleWithT, addition, entry }))
  return { addition, entry }
}

/** ACC = E*F, G*H, F*G, E*H: the end of every formula. T is left as it is where nobody will read it. */
function emitComplete(code: Code, field: Field, withT: boolean): void {
  field.mul(code, ACC.X, E, F)
  field.mul(code, ACC.Y, G, H)
  field.mul(code, ACC.Z, F, G)
  if (withT) field.mul(code, ACC.T, E, H)
}

/** ACC = 2 ACC (dbl-2008-hwcd with a = -1 and all signs turned). T is not read. */
function emitDouble(code: Code, field: Field, withT: boolean): void {
  field.add(code, E, ACC.X, ACC.Y)
  field.square(code, A, ACC.X)
  field.square(code, B, ACC.Y)
  field.square(code, C, ACC.Z)
  field.square(code, D, E)
  field.add(code, H, A, B)
  field.sub(code, E, H, D)
  field.sub(code, G, A, B)
  // Weights: H 2, E 3, G 2, F 4; the products below are at most 12.
  field.add(code, F, G, C)
  field.add(code, F, F, C)
  emitComplete(code, field, withT)
}

/** ACC += entry, or -= entry (add-2008-hwcd-3). */
function emitAddition(code: Code, field: Field, negative: boolean): void {
  const part = (n: number): Place => ({ local: 0, offset: n * ELEMENT_SIZE })
  const [plus, minus] = negative ? [part(1), part(0)] : [part(0), part(1)]
  field.sub(code, E, ACC.Y, ACC.X)
  field.add(code, H, ACC.Y, ACC.X)
  field.mul(code, A, E, minus)
  field.mul(code, B, H, plus)
  field.mul(code, C, ACC.T, part(3))
  field.mul(code, D, ACC.Z, part(2))
  field.sub(code, E, B, A)
  field.add(code, H, B, A)
  // -(x, y) = (-x, y): besides plus and minus, the sign of T changes, and with it C's.
  field.sub(code, negative ? G : F, D, C)
  field.add(code, negative ? F : G, D, C)
  emitComplete(code, field, true)
}

/** entry = Y+X, Y-X, 2Z, 2dT of ACC. */
function emitEntry(code: Code, field: Field): void {
  const part = (n: number): Place => ({ local: 0, offset: n * ELEMENT_SIZE })
  field.add(code, part(0), ACC.Y, ACC.X)
  field.sub(code, part(1), ACC.Y, ACC.X)
  field.add(code, part(2), ACC.Z, ACC.Z)
  field.mul(code, part(3), ACC.T, CONSTANTS.d2.at)
}

interface RunFunctions {
  readonly double: number
  readonly doubleWithT: number
  readonly addition: number
  readonly subtraction: number
}

/**
 * run(steps), steps > 0. A step is two i32: how often to double, and the entry's address, plus one where it is subtracted, or zero where
 * nothing is added. Entries are aligned, so the lowest bit is free.
 */
function emitRun(code: Code, field: Field, { double, doubleWithT, addition, subtraction }: RunFunctions): void {
  const [steps, at, doublings, entry] = [0, 1, 2, 3]
  field.copy(code, ACC.X, CONSTANTS.zero.at)
  field.copy(code, ACC.Y, CONSTANTS.one.at)
  field.copy(code, ACC.Z, CONSTANTS.one.at)
  field.copy(code, ACC.T, CONSTANTS.zero.at)
  code.i32(PROGRAM).set(at)
  code.repeatWhile(() => {
    code.load32({ local: at, offset: 0 }).set(doublings)
    code.get(doublings).if(() => {
      code.while(
        () => code.get(doublings).i32(1).op(OP.i32Sub).set(doublings).get(doublings),
        () => code.call(double),
      )
      // Only the last one is followed by something that reads T.
      code.call(doubleWithT)
    })
    code.load32({ local: at, offset: 4 }).set(entry)
    code.get(entry).if(() => {
      code.get(entry).i32(1).op(OP.i32And)
      code.if(
        () => code.get(entry).i32(1).op(OP.i32Sub).call(subtraction),
        () => code.get(entry).call(addition),
      )
    })
    code.get(at).i32(8).op(OP.i32Add).set(at)
    code.get(steps).i32(1).op(OP.i32Sub).set(steps).get(steps)
  })
}

/** table(count), count > 0. Scratch of the ristretto functions holds P while 2P is computed. */
function emitTable(code: Code, field: Field, { doubleWithT, addition, entry }: PointFunctions & { readonly doubleWithT: number }): void {
  const [count, at] = [0, 1]
  const kept = [R0, R1, R2, R3]
  const coordinates = [ACC.X, ACC.Y, ACC.Z, ACC.T]
  coordinates.forEach((place, i) => field.copy(code, kept[i] as number, place))
  code.call(doubleWithT).i32(ENTRY.start).call(entry)
  coordinates.forEach((place, i) => field.copy(code, place, kept[i] as number))
  code.i32(TABLES).set(at).get(at).call(entry)
  code.while(() => code.get(count).i32(1).op(OP.i32Sub).set(count).get(count), () => {
    code.i32(ENTRY.start).call(addition)
    code.get(at).i32(POINT_SIZE).op(OP.i32Add).set(at).get(at).call(entry)
  })
}
