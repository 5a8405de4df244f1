/**
 * The groups in which runtimes have the host compute (Polkadot RFC 163): both of BLS12-381, the twisted Edwards form of Bandersnatch
 * on it, and the Pasta curves Pallas and Vesta, each with its encoding.
 *
 * Points come unchecked, as the interface has it: that they lie on their curve, and in its subgroup, is the runtime's to know.
 * So nothing here may rely on it except for the value of the result, and a multiple is computed with the scalar as it is, not
 * modulo the order of the subgroup. Everything takes variable time: all of it is public.
 */
import { pippenger } from '@noble/curves/abstract/curve.js'
import { weierstrass, type WeierstrassPoint } from '@noble/curves/abstract/weierstrass.js'
import { bls12_381 } from '@noble/curves/bls12-381.js'
import { concatBytes } from '../../base/bytes.ts'
import { BANDERSNATCH_ORDER, BandersnatchPoint } from './bandersnatch.ts'
import { ArkEncodingError, bigEndian, below, toBigEndian, toLittleEndian, type ArkReader } from './encoding.ts'

export const { Fp, Fp2, Fr } = bls12_381.fields
export type Fp2Element = ReturnType<typeof Fp2.create>
export type G1Point = WeierstrassPoint<bigint>
export type G2Point = WeierstrassPoint<Fp2Element>

/** What computing a multiple needs of a point. */
interface GroupPoint<P> {
  add(other: P): P
  double(): P
}

export interface ArkGroup<P extends GroupPoint<P>> {
  /** Bytes of a point and of a scalar. */
  readonly pointSize: number
  readonly scalarSize: number
  readonly order: bigint
  readonly zero: P
  /** Throws an ArkEncodingError. */
  read(reader: ArkReader): P
  /** Undefined where a formula came to no point, which happens with points outside of the subgroup of a twisted Edwards curve. */
  write(point: P): Uint8Array | undefined
  /** The sum of multiples; as many scalars as points. */
  sum(points: readonly P[], scalars: readonly bigint[]): P
}

/** `scalar` times `point`, whatever the order of the point; `zero` is that of its group. */
export function multiple<P extends GroupPoint<P>>(zero: P, point: P, scalar: bigint): P {
  let result = zero
  for (const bit of scalar.toString(2)) {
    result = result.double()
    if (bit === '1') result = result.add(point)
  }
  return result
}

const FP_SIZE = 48
/** In the first byte of a point of BLS12-381, which is big-endian as in Zcash. */
const ZCASH = { compressed: 0x80, infinity: 0x40, largest: 0x20 } as const

/** Coordinates of a point of BLS12-381, most significant first; undefined for the point at infinity. */
function readZcash(reader: ArkReader, count: number): bigint[] | undefined {
  const bytes = Uint8Array.from(reader.take(count * FP_SIZE))
  const flags = bytes[0] as number
  if ((flags & (ZCASH.compressed | ZCASH.largest)) !== 0) throw new ArkEncodingError('the point is not in its uncompressed form')
  bytes[0] = flags & 0x1f
  if ((flags & ZCASH.infinity) === 0) return Array.from({ length: count }, (_, i) => below(bigEndian(bytes.subarray(i * FP_SIZE, (i + 1) * FP_SIZE)), Fp.ORDER))
  if (bytes.some((byte) => byte !== 0)) throw new ArkEncodingError('the point at infinity has no coordinates')
  return undefined
}

function writeZcash(coordinates: readonly bigint[] | undefined, count: number): Uint8Array {
  if (coordinates === undefined) return new Uint8Array(count * FP_SIZE).fill(ZCASH.infinity, 0, 1)
  return concatBytes(...coordinates.map((coordinate) => toBigEndian(coordinate, FP_SIZE)))
}

const { Point: G1 } = bls12_381.G1
const { Point: G2 } = bls12_381.G2

export const bls12381G1: ArkGroup<G1Point> = {
  pointSize: 2 * FP_SIZE,
  scalarSize: 32,
  order: Fr.ORDER,
  zero: G1.ZERO,
  read(reader) {
    const coordinates = readZcash(reader, 2)
    if (coordinates === undefined) return G1.ZERO
    const [x, y] = coordinates as [bigint, bigint]
    return G1.fromAffine({ x, y })
  },
  write(point) {
    const { x, y } = point.toAffine()
    return writeZcash(point.is0() ? undefined : [x, y], 2)
  },
  sum: (points, scalars) => (points.length === 0 ? G1.ZERO : pippenger(G1, [...points], [...scalars])),
}

export const bls12381G2: ArkGroup<G2Point> = {
  pointSize: 4 * FP_SIZE,
  scalarSize: 32,
  order: Fr.ORDER,
  zero: G2.ZERO,
  read(reader) {
    const coordinates = readZcash(reader, 4)
    if (coordinates === undefined) return G2.ZERO
    const [x1, x0, y1, y0] = coordinates as [bigint, bigint, bigint, bigint]
    return G2.fromAffine({ x: { c0: x0, c1: x1 }, y: { c0: y0, c1: y1 } })
  },
  write(point) {
    const { x, y } = point.toAffine()
    return writeZcash(point.is0() ? undefined : [x.c1, x.c0, y.c1, y.c0], 4)
  },
  sum: (points, scalars) => (points.length === 0 ? G2.ZERO : pippenger(G2, [...points], [...scalars])),
}

const PASTA_SIZE = 32
/** In a byte of its own behind y, whose field leaves no bit free. */
const SHORT = { infinity: 0x40, negative: 0x80 } as const

const PALLAS_FIELD = 0x40000000000000000000000000000000224698fc094cf91b992d30ed00000001n
const VESTA_FIELD = 0x40000000000000000000000000000000224698fc0994a8dd8c46eb2100000001n

/** Each is the curve y^2 = x^3 + 5, over the field that is the other one's order. */
function pasta(field: bigint, order: bigint): ArkGroup<WeierstrassPoint<bigint>> {
  const Point = weierstrass({ p: field, n: order, h: 1n, a: 0n, b: 5n, Gx: field - 1n, Gy: 2n })
  return {
    pointSize: 2 * PASTA_SIZE + 1,
    scalarSize: PASTA_SIZE,
    order,
    zero: Point.ZERO,
    read(reader) {
      const [x, y] = [reader.field(PASTA_SIZE, field), reader.field(PASTA_SIZE, field)]
      const flags = (reader.take(1)[0] as number) & (SHORT.infinity | SHORT.negative)
      if (flags === (SHORT.infinity | SHORT.negative)) throw new ArkEncodingError('the point at infinity has no sign')
      return flags === SHORT.infinity ? Point.ZERO : Point.fromAffine({ x, y })
    },
    write(point) {
      if (point.is0()) return new Uint8Array(2 * PASTA_SIZE + 1).fill(SHORT.infinity, 2 * PASTA_SIZE)
      const { x, y } = point.toAffine()
      const flags = y > field - y ? SHORT.negative : 0
      return concatBytes(toLittleEndian(x, PASTA_SIZE), toLittleEndian(y, PASTA_SIZE), Uint8Array.of(flags))
    },
    sum: (points, scalars) => (points.length === 0 ? Point.ZERO : pippenger(Point, [...points], [...scalars])),
  }
}

export const pallas = pasta(PALLAS_FIELD, VESTA_FIELD)
export const vesta = pasta(VESTA_FIELD, PALLAS_FIELD)

const EDWARDS_SIZE = 32

export const bandersnatch: ArkGroup<BandersnatchPoint> = {
  pointSize: 2 * EDWARDS_SIZE,
  scalarSize: EDWARDS_SIZE,
  order: BANDERSNATCH_ORDER,
  zero: BandersnatchPoint.ZERO,
  read: (reader) => BandersnatchPoint.fromAffine(reader.field(EDWARDS_SIZE, Fr.ORDER), reader.field(EDWARDS_SIZE, Fr.ORDER)),
  write(point) {
    const affine = point.toAffine()
    return affine && concatBytes(toLittleEndian(affine.x, EDWARDS_SIZE), toLittleEndian(affine.y, EDWARDS_SIZE))
  },
  sum: (points, scalars) => points.reduce((sum, point, i) => sum.add(multiple(BandersnatchPoint.ZERO, point, scalars[i] as bigint)), BandersnatchPoint.ZERO),
}
