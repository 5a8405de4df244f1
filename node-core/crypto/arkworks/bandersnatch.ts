/**
 * Points of Bandersnatch in its twisted Edwards form, a*x^2 + y^2 = 1 + d*x^2*y^2 over the scalar field of BLS12-381, in extended
 * coordinates (Hisil, Wong, Carter, Dawson, "Twisted Edwards Curves Revisited", sections 3.1 and 3.3).
 *
 * Its a = -5 is no square, so the formulas are not complete: for some points outside of the subgroup a sum has no coordinates (z is
 * 0). Nothing is caught on the way; whoever takes the result looks at z.
 */
import { bls12_381 } from '@noble/curves/bls12-381.js'

const { Fr } = bls12_381.fields

const D = 45022363124591815672509500913686876175488063829319466900776701791074614335719n

/** Of the subgroup. */
export const BANDERSNATCH_ORDER = 13108968793781547619861935127046491459309155893440570251786403306729687672801n

export class BandersnatchPoint {
  static readonly ZERO = new BandersnatchPoint(0n, 1n, 1n, 0n)
  readonly #x: bigint
  readonly #y: bigint
  readonly #z: bigint
  readonly #t: bigint

  private constructor(x: bigint, y: bigint, z: bigint, t: bigint) {
    this.#x = x
    this.#y = y
    this.#z = z
    this.#t = t
  }

  static fromAffine(x: bigint, y: bigint): BandersnatchPoint {
    return new BandersnatchPoint(x, y, 1n, Fr.mul(x, y))
  }

  add(other: BandersnatchPoint): BandersnatchPoint {
    const a = Fr.mul(this.#x, other.#x)
    const b = Fr.mul(this.#y, other.#y)
    const c = Fr.mul(Fr.mul(D, this.#t), other.#t)
    const d = Fr.mul(this.#z, other.#z)
    const e = Fr.sub(Fr.mul(Fr.add(this.#x, this.#y), Fr.add(other.#x, other.#y)), Fr.add(a, b))
    return BandersnatchPoint.#combine(e, Fr.sub(d, c), Fr.add(d, c), Fr.add(b, Fr.mul(a, 5n)))
  }

  double(): BandersnatchPoint {
    const a = Fr.sqr(this.#x)
    const b = Fr.sqr(this.#y)
    const c = Fr.mul(Fr.sqr(this.#z), 2n)
    const d = Fr.neg(Fr.mul(a, 5n))
    const e = Fr.sub(Fr.sqr(Fr.add(this.#x, this.#y)), Fr.add(a, b))
    const g = Fr.add(d, b)
    return BandersnatchPoint.#combine(e, Fr.sub(g, c), g, Fr.sub(d, b))
  }

  /** Undefined where there are no coordinates. */
  toAffine(): { readonly x: bigint; readonly y: bigint } | undefined {
    if (this.#z === 0n) return undefined
    const inverse = Fr.inv(this.#z)
    return { x: Fr.mul(this.#x, inverse), y: Fr.mul(this.#y, inverse) }
  }

  /** Both formulas end so. */
  static #combine(e: bigint, f: bigint, g: bigint, h: bigint): BandersnatchPoint {
    return new BandersnatchPoint(Fr.mul(e, f), Fr.mul(g, h), Fr.mul(f, g), Fr.mul(e, h))
  }
}
