import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concatBytes } from '../../../../../node-core/base/bytes.ts'
import { inverse, multiply, power } from '../../../../../node-core/network/spread/chunks/gf256.ts'
import { kernel, plainKernel } from '../../../../../node-core/network/spread/chunks/kernel.ts'
import { codeMatrix, inverted, product } from '../../../../../node-core/network/spread/chunks/matrix.ts'
import { ReedSolomon, reedSolomon, type MaybeShard } from '../../../../../node-core/network/spread/chunks/reed-solomon.ts'

/** The field's product by its definition: polynomials, modulo x^8 + x^4 + x^3 + x^2 + 1. */
function productByDefinition(a: number, b: number): number {
  let out = 0
  for (let bit = 0; bit < 8; bit++) if (((b >> bit) & 1) === 1) out ^= a << bit
  for (let bit = 14; bit >= 8; bit--) if (((out >> bit) & 1) === 1) out ^= 0x11d << (bit - 8)
  return out
}

const code = fc.integer({ min: 1, max: 64 }).chain((n) => fc.record({ n: fc.constant(n), k: fc.integer({ min: 1, max: n }) }))

describe('the field', () => {
  test('multiplies as its definition says', () => {
    for (let a = 0; a < 256; a++) for (let b = 0; b < 256; b++) if (multiply(a, b) !== productByDefinition(a, b)) expect.fail(`${a} · ${b}`)
  })

  test('divides and raises', () => {
    for (let a = 1; a < 256; a++) {
      expect(multiply(a, inverse(a))).toBe(1)
      let raised = 1
      for (let n = 0; n < 300; n++, raised = multiply(raised, a)) if (power(a, n) !== raised) expect.fail(`${a}^${n}`)
    }
    expect([power(0, 0), power(0, 5)]).toEqual([1, 0])
    expect(() => inverse(0)).toThrow(RangeError)
  })
})

describe('the matrix', () => {
  test('is the unit matrix on top', () => {
    const matrix = codeMatrix(5, 7)
    for (let i = 0; i < 5; i++) expect([...(matrix[i] as Uint8Array)]).toEqual([0, 1, 2, 3, 4].map((j) => Number(i === j)))
  })

  test('times its inverse is the unit matrix, and a singular one has none', () => {
    const square = codeMatrix(6, 12).slice(6)
    expect(product(square, inverted(square))).toEqual(codeMatrix(6, 6))
    expect(() => inverted([Uint8Array.of(1, 2), Uint8Array.of(1, 2)])).toThrow(RangeError)
  })
})

describe('the code', () => {
  test('gives the content back from any k shards', () => {
    fc.assert(
      fc.property(code, fc.uint8Array({ minLength: 1, maxLength: 700 }), fc.infiniteStream(fc.nat()), ({ k, n }, content, random) => {
        const rs = reedSolomon(k, n)
        const shards = rs.encode(content)
        expect(shards).toHaveLength(n)
        expect(rs.verify(shards)).toBe(true)
        const left: MaybeShard[] = [...shards]
        for (let gone = 0; gone < n - k; ) {
          const place = (random.next().value as number) % n
          if (left[place] !== undefined) {
            left[place] = undefined
            gone++
          }
        }
        expect(concatBytes(...rs.reconstruct(left)).subarray(0, content.length)).toEqual(content)
      }),
    )
  })

  test('notices a changed byte anywhere', () => {
    const rs = new ReedSolomon(4, 6)
    for (let place = 0; place < 6; place++) {
      const shards = rs.encode(Uint8Array.from({ length: 100 }, (_, i) => i)).map((shard) => shard.slice())
      ;(shards[place] as Uint8Array)[7]! ^= 1
      expect(rs.verify(shards)).toBe(false)
    }
  })

  test('is the same with and without vectors, for lengths around a block', () => {
    expect(kernel).not.toBe(plainKernel)
    for (const length of [1, 2, 63, 64, 65, 8191, 8192, 8193, 20_000]) {
      const content = Uint8Array.from({ length: length * 3 }, (_, i) => (i * 2_654_435_761) >>> 24)
      const fast = new ReedSolomon(3, 9)
      const plain = new ReedSolomon(3, 9, plainKernel)
      expect(fast.encode(content)).toEqual(plain.encode(content))
      const left = fast.encode(content).map((shard, i) => (i % 3 === 1 || i === 8 ? shard : undefined))
      expect(fast.reconstruct(left)).toEqual(plain.reconstruct(left))
      expect(concatBytes(...fast.reconstruct(left))).toEqual(content)
    }
  })

  test('does not write on what it is given', () => {
    const content = Uint8Array.from({ length: 64 }, (_, i) => i)
    const before = content.slice()
    const rs = new ReedSolomon(4, 8)
    const shards = rs.encode(content)
    rs.reconstruct(shards.map((shard, i) => (i < 4 ? undefined : shard)))
    expect(content).toEqual(before)
  })

  test.each([[0, 4], [5, 4], [1, 65], [1.5, 4]])('of %d among %d is none', (k, n) => {
    expect(() => new ReedSolomon(k, n)).toThrow(RangeError)
  })

  test('refuses too few shards, too many, and shards of different lengths', () => {
    const rs = new ReedSolomon(2, 3)
    const [a, , c] = rs.encode(Uint8Array.of(1, 2, 3, 4)) as [Uint8Array, Uint8Array, Uint8Array]
    expect(() => rs.reconstruct([a, undefined, undefined])).toThrow(RangeError)
    expect(() => rs.reconstruct([a, undefined, c.subarray(1)])).toThrow(RangeError)
    expect(() => rs.reconstruct([undefined, undefined, a, c])).toThrow(RangeError)
  })
})
