/**
 * Arithmetic modulo p = 2^255 - 19, emitted as Wasm.
 *
 * A number is ten signed limbs of 26 and 25 bits in turn ("radix 2^25.5"), each in an i64: a product of two limbs fits an i64
 * with room for a sum of ten, so carries wait until the end, and what overflows 2^255 comes back at the bottom times 19.
 *
 * How large limbs may grow: call numbers whose even limbs are at most w * 2^26 in size, and odd ones w * 2^25, of *weight* w.
 * Results of `mul` and `square` have weight 1 (a hair more in limbs 1 and 5), sums and differences the sum of their operands'. The lowest
 * accumulator of a product is the largest: 2^52 * (1 + 4 * 19 + 5 * 38 / 4) = 2^52 * 124.5 per product of weights; a sign needs
 * the top bit, so **weights may multiply to 16**. `freeze` takes weights up to 3.
 *
 * Time depends on the values in `freeze` and its users' branches: public data only.
 */
import { OP, type Code, type ModuleBuilder, type Place } from './emitter.ts'
import { FROZEN, LIMB_BITS, LIMB_STARTS } from './layout.ts'

const LIMBS = 10
/** The order of carries after a product: two chains at a time, so that the processor need not wait for either. */
const CARRIES = [0, 4, 1, 5, 2, 6, 3, 7, 4, 8, 9, 0] as const
const IN_ORDER = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] as const

const isOdd = (i: number): boolean => (i & 1) === 1
const limbBits = (i: number): number => LIMB_BITS[i] as number
const limbStart = (i: number): number => LIMB_STARTS[i] as number
const mask = (i: number): number => 2 ** limbBits(i) - 1

/** The field's functions in a module; its methods emit uses of them. */
export class Field {
  readonly #mul: number
  readonly #square: number
  readonly #freeze: number
  readonly #parity: number
  readonly #isZero: number

  constructor(module: ModuleBuilder) {
    this.#mul = module.add({ name: 'mul', params: 3, i64s: 60 }, emitMul)
    this.#square = module.add({ name: 'square', params: 3, i64s: 60 }, emitSquare)
    this.#freeze = module.add({ name: 'freeze', params: 2, i64s: 11 }, emitFreeze)
    module.add({ name: 'add', params: 3 }, (code) => this.add(code, parameter(0), parameter(1), parameter(2)))
    module.add({ name: 'sub', params: 3 }, (code) => this.sub(code, parameter(0), parameter(1), parameter(2)))
    this.#parity = module.add({ name: 'parity', params: 1, result: true }, (code) =>
      code.i32(FROZEN).get(0).call(this.#freeze).load(FROZEN).op(OP.i32WrapI64).i32(1).op(OP.i32And))
    this.#isZero = module.add({ name: 'isZero', params: 1, result: true }, (code) => {
      code.i32(FROZEN).get(0).call(this.#freeze).load(FROZEN)
      for (let i = 1; i < LIMBS; i++) code.load(FROZEN, 8 * i).op(OP.i64Or)
      code.op(OP.i64Eqz)
    })
  }

  /** to = a * b. All three may be the same. */
  mul(code: Code, to: Place, a: Place, b: Place): void {
    code.address(to).address(a).address(b).call(this.#mul)
  }

  /** to = a^(2^times). */
  square(code: Code, to: Place, a: Place, times = 1): void {
    code.address(to).address(a).i32(times).call(this.#square)
  }

  /** to = a + b, not reduced. */
  add(code: Code, to: Place, a: Place, b: Place): void {
    for (let i = 0; i < LIMBS; i++) code.store(to, 8 * i, () => code.load(a, 8 * i).load(b, 8 * i).op(OP.i64Add))
  }

  /** to = a - b, not reduced. */
  sub(code: Code, to: Place, a: Place, b: Place): void {
    for (let i = 0; i < LIMBS; i++) code.store(to, 8 * i, () => code.load(a, 8 * i).load(b, 8 * i).op(OP.i64Sub))
  }

  /** to = -a, not reduced. */
  negate(code: Code, to: Place, a: Place): void {
    for (let i = 0; i < LIMBS; i++) code.store(to, 8 * i, () => code.i64(0).load(a, 8 * i).op(OP.i64Sub))
  }

  copy(code: Code, to: Place, a: Place): void {
    for (let i = 0; i < LIMBS; i++) code.store(to, 8 * i, () => code.load(a, 8 * i))
  }

  /** Pushes 1 where the number in [0, p) is odd ("negative" in RFC 9496), else 0. */
  parity(code: Code, a: Place): void {
    code.address(a).call(this.#parity)
  }

  /** Pushes 1 where a = 0 modulo p, else 0. */
  isZero(code: Code, a: Place): void {
    code.address(a).call(this.#isZero)
  }

  /** a = the even one of a and -a. */
  absolute(code: Code, a: Place): void {
    this.parity(code, a)
    code.if(() => this.negate(code, a, a))
  }

  /** to = the low 255 bits of the 32 bytes at `bytes`, little-endian. */
  unpack(code: Code, to: Place, bytes: number): void {
    for (let i = 0; i < LIMBS; i++) {
      const [word, shift] = [limbStart(i) >> 6, limbStart(i) & 63]
      code.store(to, 8 * i, () => {
        code.load(bytes, 8 * word).i64(shift).op(OP.i64ShrU)
        if (shift + limbBits(i) > 64) code.load(bytes, 8 * word + 8).i64(64 - shift).op(OP.i64Shl, OP.i64Or)
        code.i64(mask(i)).op(OP.i64And)
      })
    }
  }

  /** The 32 bytes at `bytes` = a in [0, p), little-endian. */
  pack(code: Code, bytes: number, a: Place): void {
    code.i32(FROZEN).address(a).call(this.#freeze)
    for (let word = 0; word < 4; word++) {
      code.store(bytes, 8 * word, () => {
        code.i64(0)
        for (let i = 0; i < LIMBS; i++) {
          const at = limbStart(i) - 64 * word
          if (at >= 64 || at + limbBits(i) <= 0) continue
          code.load(FROZEN, 8 * i).i64(Math.abs(at)).op(at < 0 ? OP.i64ShrU : OP.i64Shl, OP.i64Or)
        }
      })
    }
  }
}

/** The element that a parameter points at. */
function parameter(local: number): Place {
  return { local, offset: 0 }
}

/** Carries from each limb to the next; the locals h hold the limbs. */
function carry(code: Code, h: readonly number[], order: readonly number[]): void {
  for (const i of order) {
    const [from, to] = [h[i] as number, h[(i + 1) % LIMBS] as number]
    code.get(to).get(from).i64(limbBits(i)).op(OP.i64ShrS)
    if (i === LIMBS - 1) code.i64(19).op(OP.i64Mul)
    code.op(OP.i64Add).set(to)
    code.get(from).i64(mask(i)).op(OP.i64And).set(from)
  }
}

/** Ten consecutive i64 locals. */
function row(code: Code, n: number): number[] {
  return Array.from({ length: LIMBS }, (_, i) => code.wide(10 * n + i))
}

/** Sets each local of `to` to its `from` times `factor`. */
function scale(code: Code, to: readonly number[], from: readonly number[], factor: number): void {
  to.forEach((local, i) => code.get(from[i] as number).i64(factor).op(OP.i64Mul).set(local))
}

/** mul(to, a, b). Where both limbs are odd, their starts round up twice: the product counts double. */
function emitMul(code: Code): void {
  const [f, g, f2, g19, h] = [row(code, 0), row(code, 1), row(code, 2), row(code, 3), row(code, 4)]
  for (let i = 0; i < LIMBS; i++) code.load(parameter(1), 8 * i).set(f[i] as number).load(parameter(2), 8 * i).set(g[i] as number)
  scale(code, f2, f, 2)
  scale(code, g19, g, 19)
  for (let k = 0; k < LIMBS; k++) {
    for (let i = 0; i < LIMBS; i++) {
      const j = (k - i + LIMBS) % LIMBS
      code.get((isOdd(i) && isOdd(j) ? f2 : f)[i] as number).get((i + j >= LIMBS ? g19 : g)[j] as number).op(OP.i64Mul)
      if (i > 0) code.op(OP.i64Add)
    }
    code.set(h[k] as number)
  }
  carry(code, h, CARRIES)
  for (let i = 0; i < LIMBS; i++) code.store(parameter(0), 8 * i, () => code.get(h[i] as number))
}

/** square(to, a, times), times > 0: the limbs stay in locals in between. */
function emitSquare(code: Code): void {
  const [f, f2, f19, f38, h] = [row(code, 0), row(code, 1), row(code, 2), row(code, 3), row(code, 4)]
  for (let i = 0; i < LIMBS; i++) code.load(parameter(1), 8 * i).set(f[i] as number)
  code.repeatWhile(() => {
    scale(code, f2, f, 2)
    scale(code, f19, f, 19)
    scale(code, f38, f, 38)
    for (let k = 0; k < LIMBS; k++) {
      let first = true
      for (let i = 0; i < LIMBS; i++) {
        const j = (k - i + LIMBS) % LIMBS
        if (j < i) continue
        const twice = isOdd(i) && isOdd(j)
        const right = i + j >= LIMBS ? (twice ? f38 : f19) : (twice ? f2 : f)
        code.get((i === j ? f : f2)[i] as number).get(right[j] as number).op(OP.i64Mul)
        if (!first) code.op(OP.i64Add)
        first = false
      }
      code.set(h[k] as number)
    }
    carry(code, h, CARRIES)
    f.forEach((local, i) => code.get(h[i] as number).set(local))
    code.get(2).i32(1).op(OP.i32Sub).set(2).get(2)
  })
  for (let i = 0; i < LIMBS; i++) code.store(parameter(0), 8 * i, () => code.get(f[i] as number))
}

/**
 * freeze(to, a): the one representative in [0, p), all limbs within their bits. Adding 4p first makes every limb positive; one
 * round of carries leaves less than 2^255 + 19 * 8; and that is at least p exactly where 19 more overflow 255 bits.
 */
function emitFreeze(code: Code): void {
  const h = row(code, 0)
  const overflow = code.wide(10)
  h.forEach((local, i) => code.load(parameter(1), 8 * i).i64(4 * (i === 0 ? mask(i) - 18 : mask(i))).op(OP.i64Add).set(local))
  carry(code, h, IN_ORDER)
  code.i64(19).set(overflow)
  h.forEach((local, i) => code.get(local).get(overflow).op(OP.i64Add).i64(limbBits(i)).op(OP.i64ShrS).set(overflow))
  const [h0, h9] = [h[0] as number, h[LIMBS - 1] as number]
  code.get(overflow).i64(19).op(OP.i64Mul).get(h0).op(OP.i64Add).set(h0)
  carry(code, h, IN_ORDER.slice(0, -1))
  code.get(h9).i64(mask(LIMBS - 1)).op(OP.i64And).set(h9)
  h.forEach((local, i) => code.store(parameter(0), 8 * i, () => code.get(local)))
}

/** The limbs of a number in [0, 2^255), for constants. */
export function toLimbs(value: bigint): BigInt64Array {
  return BigInt64Array.from(LIMB_BITS, (bits, i) => (value >> BigInt(limbStart(i))) & (2n ** BigInt(bits) - 1n))
}

/** The number that limbs stand for, not reduced; `limbs` has ten. */
export function fromLimbs(limbs: BigInt64Array): bigint {
  return limbs.reduce((sum, limb, i) => sum + (limb << BigInt(limbStart(i))), 0n)
}
