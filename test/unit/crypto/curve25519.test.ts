import { describe, expect, it } from 'vitest'
import { randomBytes } from 'node:crypto'
import { ed25519 } from '@noble/curves/ed25519.js'
import { ModuleBuilder, OP } from '../../../node-core/crypto/curve25519/emitter.ts'
import { fromLimbs, toLimbs } from '../../../node-core/crypto/curve25519/field.ts'
import { curve25519 } from '../../../node-core/crypto/curve25519/instance.ts'
import { CONSTANTS, FIELD, LIMB_BITS, TABLES } from '../../../node-core/crypto/curve25519/layout.ts'
import { littleEndian } from '../../../node-core/crypto/sr25519/ristretto.ts'

const randomNumber = (): bigint => littleEndian(randomBytes(32))
const modulo = (x: bigint): bigint => ((x % FIELD) + FIELD) % FIELD

/** Elements behind the module's own. */
const [X, Y, Z] = [TABLES, TABLES + 80, TABLES + 160]

function limbsAt(address: number): BigInt64Array {
  return new BigInt64Array(curve25519.memory.buffer, address, 10)
}

function valueAt(address: number): bigint {
  return fromLimbs(limbsAt(address))
}

/** Every limb as large as `weight` allows, with this sign. */
function fullLimbs(weight: number, sign: (i: number) => number): BigInt64Array {
  return BigInt64Array.from(LIMB_BITS, (bits, i) => BigInt(sign(i)) * BigInt(weight) * 2n ** BigInt(bits))
}

function randomLimbs(weight: number): BigInt64Array {
  const span = (bits: number): bigint => BigInt(weight) * 2n ** BigInt(bits)
  return BigInt64Array.from(LIMB_BITS, (bits) => (randomNumber() % (2n * span(bits) + 1n)) - span(bits))
}

/** Limbs up to `weight`: zero, one, around p, around 2^255, the largest of either sign, and random ones. */
function samples(weight: number): BigInt64Array[] {
  const fixed = [0n, 1n, 2n, 18n, 19n, FIELD - 1n, FIELD - 2n, FIELD, FIELD + 1n, FIELD + 18n, 2n ** 255n - 1n, 2n ** 254n].map(toLimbs)
  const doubled = toLimbs(FIELD).map((limb) => 2n * limb)
  const almostTwice = doubled.map((limb, i) => (i === 0 ? limb - 1n : limb))
  const negative = [toLimbs(1n), toLimbs(FIELD), toLimbs(FIELD - 1n)].map((limbs) => limbs.map((limb) => -limb))
  const signs = [() => 1, () => -1, (i: number) => (i % 2 === 0 ? 1 : -1), (i: number) => (i % 3 === 0 ? -1 : 1)]
  const full = signs.map((sign) => fullLimbs(weight, sign))
  const drawn = Array.from({ length: 12 }, () => randomLimbs(weight))
  return [...fixed, ...(weight > 1 ? [doubled, almostTwice] : []), ...negative, ...full, ...drawn]
}

/** Weight 1, and in limbs 1 and 5 a hair more. */
function expectReduced(address: number): void {
  limbsAt(address).forEach((limb, i) => {
    const slack = i === 1 || i === 5 ? 2n ** 18n : 0n
    expect(limb).toBeGreaterThanOrEqual(-slack)
    expect(limb).toBeLessThan(2n ** BigInt(LIMB_BITS[i] as number) + slack)
  })
}

describe('the assembler', () => {
  it('encodes constants, offsets, locals, loops and branches that the engine reads as meant', () => {
    const module = new ModuleBuilder()
    const triple = module.add({ params: 1, result: true }, (code) => code.get(0).get(0).op(OP.i32Add).get(0).op(OP.i32Add))
    // sum(n): n + (n-1) + … + 1, and a remark at 70,000 whether n was odd.
    module.add({ name: 'sum', params: 1, result: true, i32s: 200, i64s: 200 }, (code) => {
      code.i64(-(2n ** 63n)).set(code.wide(199))
      code.store(70_000, 8, () => code.get(code.wide(199)))
      code.get(0).i32(1).op(OP.i32And).if(
        () => code.store({ local: 150, offset: 70_000 }, 0, () => code.i64(-65n)),
        () => code.store(70_000, 0, () => code.i64(64n)),
      )
      code.while(() => code.get(0), () => code.get(150).get(0).op(OP.i32Add).set(150).get(0).i32(1).op(OP.i32Sub).set(0))
      code.get(150)
    })
    module.add({ name: 'power', params: 1, result: true, i32s: 1 }, (code) => {
      code.i32(1).set(1)
      code.repeatWhile(() => code.get(1).call(triple).set(1).get(0).i32(1).op(OP.i32Sub).set(0).get(0))
      code.get(1)
    })
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.build(2)))
    const { sum, power, memory } = exports as unknown as {
      sum(n: number): number
      power(n: number): number
      memory: { buffer: ArrayBuffer }
    }
    const words = new BigInt64Array(memory.buffer, 70_000, 2)
    expect(sum(100)).toBe(5050)
    expect([...words]).toEqual([64n, -(2n ** 63n)])
    expect(sum(0)).toBe(0)
    expect(sum(1)).toBe(1)
    expect(words[0]).toBe(-65n)
    expect(power(7)).toBe(3 ** 7)
  })
})

describe('the field', () => {
  it('keeps numbers in limbs and back', () => {
    for (const value of [0n, 1n, FIELD - 1n, FIELD, 2n ** 255n - 1n, randomNumber() >> 1n]) expect(fromLimbs(toLimbs(value))).toBe(value)
  })

  it('has the constants of RFC 9496', () => {
    const { Fp } = ed25519.Point
    const { d, d2, sqrtM1, sqrtAdMinusOne, invSqrtAMinusD, oneMinusDSq, dMinusOneSq } = CONSTANTS
    expect(modulo(-121665n * Fp.inv(121666n))).toBe(d.value)
    expect(d2.value).toBe(modulo(2n * d.value))
    expect(modulo(sqrtM1.value ** 2n)).toBe(FIELD - 1n)
    expect(modulo(sqrtAdMinusOne.value ** 2n)).toBe(modulo(-d.value - 1n))
    expect(modulo(invSqrtAMinusD.value ** 2n * (-1n - d.value))).toBe(1n)
    expect(oneMinusDSq.value).toBe(modulo(1n - d.value ** 2n))
    expect(dMinusOneSq.value).toBe(modulo((d.value - 1n) ** 2n))
    for (const { at, value } of Object.values(CONSTANTS)) expect(valueAt(at)).toBe(value)
  })

  it('multiplies up to weights of 4 and 4, 16 and 1, also in place', () => {
    for (const [left, right] of [[4, 4], [1, 16], [16, 1]] as const) {
      for (const a of samples(left)) {
        for (const b of samples(right)) {
          limbsAt(X).set(a)
          limbsAt(Y).set(b)
          const expected = modulo(fromLimbs(a) * fromLimbs(b))
          curve25519.mul(Z, X, Y)
          expect(modulo(valueAt(Z))).toBe(expected)
          expectReduced(Z)
          curve25519.mul(X, X, Y)
          expect(limbsAt(X)).toEqual(limbsAt(Z))
        }
      }
    }
    limbsAt(X).set(toLimbs(3n))
    curve25519.mul(X, X, X)
    expect(valueAt(X)).toBe(9n)
  })

  it('squares up to a weight of 4, once and many times', () => {
    for (const a of samples(4)) {
      for (const times of [1, 2, 5, 40]) {
        limbsAt(X).set(a)
        let expected = fromLimbs(a)
        for (let i = 0; i < times; i++) expected = modulo(expected * expected)
        curve25519.square(Y, X, times)
        expect(modulo(valueAt(Y))).toBe(expected)
        expectReduced(Y)
        curve25519.square(X, X, times)
        expect(limbsAt(X)).toEqual(limbsAt(Y))
      }
    }
  })

  it('adds and subtracts', () => {
    for (const a of samples(2)) {
      for (const b of samples(2)) {
        limbsAt(X).set(a)
        limbsAt(Y).set(b)
        curve25519.add(Z, X, Y)
        expect(valueAt(Z)).toBe(fromLimbs(a) + fromLimbs(b))
        curve25519.sub(Z, X, Y)
        expect(valueAt(Z)).toBe(fromLimbs(a) - fromLimbs(b))
        curve25519.sub(Y, X, Y)
        expect(limbsAt(Y)).toEqual(limbsAt(Z))
      }
    }
  })

  it('finds the one representative below p, its lowest bit, and zero', () => {
    const zeros = [0n, FIELD].map(toLimbs)
    for (const a of [...samples(1), ...samples(2), ...samples(3), ...zeros]) {
      limbsAt(X).set(a)
      const expected = modulo(fromLimbs(a))
      curve25519.freeze(Y, X)
      expect(limbsAt(Y)).toEqual(toLimbs(expected))
      expect(curve25519.parity(X)).toBe(Number(expected & 1n))
      expect(curve25519.isZero(X)).toBe(expected === 0n ? 1 : 0)
    }
    // Around every multiple of p within the weight, where carries come out on either side.
    for (let multiple = -3n; multiple <= 3n; multiple++) {
      for (let offset = -40n; offset <= 40n; offset++) {
        limbsAt(X).set(toLimbs(FIELD).map((limb, i) => multiple * limb + (i === 0 ? offset : 0n)))
        curve25519.freeze(Y, X)
        expect(limbsAt(Y)).toEqual(toLimbs(modulo(offset)))
        expect(curve25519.isZero(X)).toBe(offset === 0n ? 1 : 0)
      }
    }
  })
})
