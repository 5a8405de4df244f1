import { describe, expect, it } from 'vitest'
import { randomBytes } from 'node:crypto'
import { ed25519, ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js'
import { fromHex, toHex } from '../../../node-core/base/bytes.ts'
import { toLimbs } from '../../../node-core/crypto/curve25519/field.ts'
import { CONSTANTS, FIELD, PROGRAM_STEPS } from '../../../node-core/crypto/curve25519/layout.ts'
import {
  BASE, BASE_SPLIT, BASE_TABLE, ORDER, decodePoint, encodePoint, isIdentity, isRistrettoPoint, littleEndian, multiScalar, pointFromUniform,
  splitTableOf, splitTerms, tableOf, toLittleEndian, type Point,
} from '../../../node-core/crypto/sr25519/ristretto.ts'

const random = (size: number): Uint8Array => new Uint8Array(randomBytes(size))
const randomNumber = (): bigint => littleEndian(random(32))
const modulo = (x: bigint): bigint => ((x % FIELD) + FIELD) % FIELD

/** The point (x, y) with a Z of its own. */
function pointOf(x: bigint, y: bigint, z: bigint): Point {
  const Z = modulo(z) || 1n
  const limbs = [x * Z, y * Z, Z, x * y * Z].flatMap((value) => [...toLimbs(modulo(value))])
  return { coordinates: new Uint8Array(BigInt64Array.from(limbs).buffer) }
}

/** RFC 9496, appendix A.2. */
const INVALID = {
  'not canonical': [
    '00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', 'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  ],
  negative: [
    '0100000000000000000000000000000000000000000000000000000000000000', '01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'ed57ffd8c914fb201471d1c3d245ce3c746fcbe63a3679d51b6a516ebebe0e20', 'c34c4e1826e5d403b78e246e88aa051c36ccf0aafebffe137d148a2bf9104562',
    'c940e5a4404157cfb1628b108db051a8d439e1a421394ec4ebccb9ec92a8ac78', '47cfc5497c53dc8e61c91d17fd626ffb1c49e2bca94eed052281b510b1117a24',
    'f1c6165d33367351b0da8f6e4511010c68174a03b6581212c71c0e1d026c3c72', '87260f7a2f12495118360f02c26a470f450dadf34a413d21042b43b9d93e1309',
  ],
  'x^2 not a square': [
    '26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371', '4eac077a713c57b4f4397629a4145982c661f48044dd3f96427d40b147d9742f',
    'de6a7b00deadc788eb6b6c8d20c0ae96c2f2019078fa604fee5b87d6e989ad7b', 'bcab477be20861e01e4a0e295284146a510150d9817763caf1a6f4b422d67042',
    '2a292df7e32cababbd9de088d1d1abec9fc0440f637ed2fba145094dc14bea08', 'f4a9e534fc0d216c44b218fa0c42d99635a0127ee2e53c712f70609649fdff22',
    '8268436f8c4126196cf64b3c7ddbda90746a378625f9813dd9b8457077256731', '2810e5cbc2cc4d4eece54f61c6f69758e289aa7ab440b3cbeaa21995c2f4232b',
  ],
  'xy negative': [
    '3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e', 'a45fdc55c76448c049a1ab33f17023edfb2be3581e9c7aade8a6125215e04220',
    'd483fe813c6ba647ebbfd3ec41adca1c6130c2beeee9d9bf065c8d151c5f396e', '8a2e1d30050198c65a54483123960ccc38aef6848e1ec8f5f780e8523769ba32',
    '32888462f8b486c68ad7dd9610be5192bbeaf3b443951ac1a8118419d9fa097b', '227142501b9d4355ccba290404bde41575b037693cef1f438c47f8fbf35d1165',
    '5c37cc491da847cfeb9281d407efc41e15144c876e0170b499a96a22ed31e01e', '445425117cb8c90edcbc7c1cc0e74f747f2c1efa5630a967c64f287792a48a4b',
  ],
  's = -1, so y = 0': ['ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'],
} as const

describe('points', () => {
  it('refuses every invalid encoding of the RFC, and other lengths', () => {
    for (const [why, encodings] of Object.entries(INVALID)) {
      for (const hex of encodings) {
        expect(decodePoint(fromHex(`0x${hex}`)), `${why}: ${hex}`).toBeUndefined()
        expect(() => ristretto255.Point.fromHex(hex)).toThrow()
      }
    }
    for (const size of [0, 31, 33, 64]) expect(isRistrettoPoint(new Uint8Array(size))).toBe(false)
    // A good encoding with nothing wrong but its sign, or the bit above, or p on top of it.
    for (let n = 1n; n < 20n; n++) {
      const good = encodePoint(multiScalar([[n, BASE_TABLE]]))
      expect(isRistrettoPoint(good)).toBe(true)
      expect(isRistrettoPoint(toLittleEndian(FIELD - littleEndian(good)))).toBe(false)
      expect(isRistrettoPoint(toLittleEndian(littleEndian(good) + 2n ** 255n))).toBe(false)
      expect(isRistrettoPoint(toLittleEndian(littleEndian(good) + FIELD))).toBe(false)
    }
  })

  it('has the multiples of the base point, and encodes every representative of a point alike', () => {
    let theirs = ristretto255.Point.ZERO
    for (let n = 0n; n < 40n; n++) {
      for (const table of [BASE_TABLE, tableOf(BASE), tableOf(BASE, 2)]) {
        expect(encodePoint(multiScalar([[n, table]]))).toEqual(theirs.toBytes())
      }
      theirs = theirs.add(ristretto255.Point.BASE)
    }
    // Edwards points that differ by 4-torsion are one ristretto point.
    const { Point: Edwards } = ed25519
    const p = Edwards.BASE.multiply(12345n)
    const torsion = Edwards.fromAffine({ x: CONSTANTS.sqrtM1.value, y: 0n })
    const encodings = [0n, 1n, 2n, 3n].map((n) => {
      const { x, y } = p.add(torsion.multiplyUnsafe(n)).toAffine()
      return toHex(encodePoint(pointOf(x, y, randomNumber())))
    })
    expect(new Set(encodings)).toEqual(new Set([toHex(ristretto255.Point.BASE.multiply(12345n).toBytes())]))
  })

  it('knows the neutral element in all its forms', () => {
    const i = CONSTANTS.sqrtM1.value
    for (const [x, y] of [[0n, 1n], [0n, -1n], [i, 0n], [-i, 0n]] as const) {
      const point = pointOf(modulo(x), modulo(y), 7n)
      expect(isIdentity(point)).toBe(true)
      expect(encodePoint(point)).toEqual(new Uint8Array(32))
    }
    expect(isIdentity(BASE)).toBe(false)
    expect(isIdentity(multiScalar([[ORDER, BASE_TABLE]]))).toBe(true)
    expect(isIdentity(multiScalar([]))).toBe(true)
    expect(isIdentity(decodePoint(new Uint8Array(32)) as Point)).toBe(true)
  })

  it('maps 64 bytes as noble does, whatever they are', () => {
    const edges = [0n, 1n, FIELD - 1n, FIELD, FIELD + 1n, 2n ** 255n - 1n, 2n ** 255n, 2n ** 256n - 1n, CONSTANTS.sqrtM1.value]
    const halves = [...edges.map(toLittleEndian), ...Array.from({ length: 6 }, () => random(32))]
    for (const first of halves) {
      for (const second of halves) {
        const bytes = new Uint8Array([...first, ...second])
        const theirs = ristretto255_hasher.deriveToCurve?.(bytes) as InstanceType<typeof ristretto255.Point>
        expect(encodePoint(pointFromUniform(bytes))).toEqual(theirs.toBytes())
      }
    }
    expect(() => pointFromUniform(random(63))).toThrow(RangeError)
  })

  it('sums multiples as noble does: edge scalars, all widths, halves, equal and opposite points', () => {
    const uniform = random(64)
    const point = pointFromUniform(uniform)
    const theirs = ristretto255_hasher.deriveToCurve?.(uniform) as InstanceType<typeof ristretto255.Point>
    const edges = [0n, 1n, 2n, 15n, 16n, 17n, 2n ** 128n - 1n, 2n ** 128n, 2n ** 252n, ORDER - 1n]
    const scalars = [...edges, ...Array.from({ length: 6 }, () => randomNumber() % ORDER)]
    const split = splitTableOf(point, 5)
    scalars.forEach((a, i) => {
      const b = scalars[(i * 7 + 3) % scalars.length] as bigint
      const expected = theirs.multiplyUnsafe(a).add(ristretto255.Point.BASE.multiplyUnsafe(b)).toBytes()
      for (let width = 2; width <= 8; width++) {
        expect(encodePoint(multiScalar([[a, tableOf(point, width)], [b, BASE_TABLE]]))).toEqual(expected)
      }
      expect(encodePoint(multiScalar([...splitTerms(a, split), ...splitTerms(b, BASE_SPLIT)]))).toEqual(expected)
      expect(isIdentity(multiScalar([[a, BASE_TABLE], [ORDER - a, BASE_TABLE]]))).toBe(true)
      const twice = multiScalar([[a, split.low], [a, split.low]])
      expect(encodePoint(twice)).toEqual(theirs.multiplyUnsafe((2n * a) % ORDER).toBytes())
    })
    const largest = 2n ** 255n - 1n
    expect(encodePoint(multiScalar([[largest, split.low]]))).toEqual(theirs.multiplyUnsafe(largest % ORDER).toBytes())
  })

  it('refuses sums that exceed its memory, and works on', () => {
    const term = [ORDER - 1n, BASE_TABLE] as const
    expect(() => multiScalar(Array.from({ length: 13 }, () => term))).toThrow(RangeError)
    const small = tableOf(BASE, 2)
    const steps = Array.from({ length: 20 }, () => [(2n ** 255n - 1n) / 5n, small] as const)
    expect(20 * 85).toBeGreaterThan(PROGRAM_STEPS)
    expect(() => multiScalar(steps)).toThrow(RangeError)
    expect(encodePoint(multiScalar([[1n, BASE_TABLE]]))).toEqual(ristretto255.Point.BASE.toBytes())
  })
})
