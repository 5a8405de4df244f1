/**
 * The two halves of the pairing of BLS12-381, as runtimes have them computed one after the other.
 *
 * The value between them is not unique: whatever factor the final exponentiation takes to one may be in it, and which is in it
 * depends on the order of steps. A runtime may look at that value, so the steps are those of arkworks: the loop goes over the bits of
 * the curve's parameter as they are, with homogeneous coordinates (Costello, Lange, Naehrig, "Faster Pairing Computations on
 * Curves with High-Degree Twists", section 5).
 */
import { bls12_381 } from '@noble/curves/bls12-381.js'
import { concatBytes } from '../../base/bytes.ts'
import { toLittleEndian, type ArkReader } from './encoding.ts'
import { Fp, Fp2, type Fp2Element, type G1Point, type G2Point } from './groups.ts'

const { Fp12 } = bls12_381.fields
export type TargetElement = ReturnType<typeof Fp12.create>
type Fp6Element = TargetElement['c0']

/** The parameter x of the curve family is the negative of this. */
const PARAMETER = 0xd201000000010000n
/** Bits below the highest one, from the top. */
const BITS = [...PARAMETER.toString(2)].slice(1)
const HALF = Fp.inv(2n)
/** The twist is y^2 = x^3 + 4(u + 1). */
const TWIST_B: Fp2Element = { c0: 4n, c1: 4n }
const FIELD_SIZE = 48

export const TARGET_SIZE = 12 * FIELD_SIZE

/** A line through points of G2, to be evaluated at a point of G1. */
type Line = readonly [Fp2Element, Fp2Element, Fp2Element]

/** The point that the loop goes along, in homogeneous coordinates. */
class Runner {
  x: Fp2Element
  y: Fp2Element
  z = Fp2.ONE

  constructor(x: Fp2Element, y: Fp2Element) {
    this.x = x
    this.y = y
  }

  /** The tangent here. */
  double(): Line {
    const { x, y, z } = this
    const a = Fp2.mul(Fp2.mul(x, y), HALF)
    const b = Fp2.sqr(y)
    const c = Fp2.sqr(z)
    const e = Fp2.mul(TWIST_B, triple(c))
    const f = triple(e)
    const g = Fp2.mul(Fp2.add(b, f), HALF)
    const h = Fp2.sub(Fp2.sqr(Fp2.add(y, z)), Fp2.add(b, c))
    this.x = Fp2.mul(a, Fp2.sub(b, f))
    this.y = Fp2.sub(Fp2.sqr(g), triple(Fp2.sqr(e)))
    this.z = Fp2.mul(b, h)
    return [Fp2.sub(e, b), triple(Fp2.sqr(x)), Fp2.neg(h)]
  }

  /** The line from here to (qx, qy). */
  add(qx: Fp2Element, qy: Fp2Element): Line {
    const { x, y, z } = this
    const theta = Fp2.sub(y, Fp2.mul(qy, z))
    const lambda = Fp2.sub(x, Fp2.mul(qx, z))
    const d = Fp2.sqr(lambda)
    const e = Fp2.mul(lambda, d)
    const f = Fp2.mul(z, Fp2.sqr(theta))
    const g = Fp2.mul(x, d)
    const h = Fp2.sub(Fp2.add(e, f), Fp2.add(g, g))
    this.x = Fp2.mul(lambda, h)
    this.y = Fp2.sub(Fp2.mul(theta, Fp2.sub(g, h)), Fp2.mul(e, y))
    this.z = Fp2.mul(z, e)
    return [Fp2.sub(Fp2.mul(theta, qx), Fp2.mul(lambda, qy)), Fp2.neg(theta), lambda]
  }
}

function triple(value: Fp2Element): Fp2Element {
  return Fp2.add(Fp2.add(value, value), value)
}

/** The product of the Miller loops of these pairs. Pairs with the point at infinity count as one, and so do points that have no partner. */
export function multiMillerLoop(g1: readonly G1Point[], g2: readonly G2Point[]): TargetElement {
  const pairs = g1.slice(0, g2.length).flatMap((p, i) => {
    const q = g2[i] as G2Point
    if (p.is0() || q.is0()) return []
    const { x, y } = q.toAffine()
    return [{ p: p.toAffine(), q: { x, y }, runner: new Runner(x, y) }]
  })
  let f = Fp12.ONE
  const evaluate = ([c0, c1, c2]: Line, { x, y }: { readonly x: bigint; readonly y: bigint }): void => {
    f = Fp12.mul(f, { c0: { c0, c1: Fp2.mul(c1, x), c2: Fp2.ZERO }, c1: { c0: Fp2.ZERO, c1: Fp2.mul(c2, y), c2: Fp2.ZERO } })
  }
  for (const bit of BITS) {
    f = Fp12.sqr(f)
    for (const { p, runner } of pairs) evaluate(runner.double(), p)
    if (bit === '1') for (const { p, q, runner } of pairs) evaluate(runner.add(q.x, q.y), p)
  }
  // The parameter is negative.
  return Fp12.conjugate(f)
}

/** Undefined for zero, which has no inverse. */
export function finalExponentiation(value: TargetElement): TargetElement | undefined {
  return Fp12.is0(value) ? undefined : Fp12.finalExponentiate(value)
}

/** Throws an ArkEncodingError. */
export function readTarget(reader: ArkReader): TargetElement {
  const fp2 = (): Fp2Element => ({ c0: reader.field(FIELD_SIZE, Fp.ORDER), c1: reader.field(FIELD_SIZE, Fp.ORDER) })
  const fp6 = (): Fp6Element => ({ c0: fp2(), c1: fp2(), c2: fp2() })
  return { c0: fp6(), c1: fp6() }
}

export function writeTarget({ c0, c1 }: TargetElement): Uint8Array {
  const parts = [c0, c1].flatMap((half) => [half.c0, half.c1, half.c2]).flatMap((element) => [element.c0, element.c1])
  return concatBytes(...parts.map((coefficient) => toLittleEndian(coefficient, FIELD_SIZE)))
}
