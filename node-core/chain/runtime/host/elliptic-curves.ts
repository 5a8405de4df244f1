/**
 * `ext_host_calls_*`: arithmetic of elliptic curves, of which runtimes build signatures and proofs of their own (Polkadot RFC 163).
 *
 * Points and scalars come as arkworks encodes them; a result goes into a buffer that the runtime offers, of which the rest is
 * zero. The answer is 0, or the number of an error.
 */
import { ArkEncodingError, ArkReader, littleEndian } from '../../../crypto/arkworks/encoding.ts'
import { bandersnatch, bls12381G1, bls12381G2, multiple, pallas, vesta, type ArkGroup } from '../../../crypto/arkworks/groups.ts'
import { finalExponentiation, multiMillerLoop, readTarget, writeTarget } from '../../../crypto/arkworks/pairing.ts'
import type { HostContext, HostFunctions } from './context.ts'

const RESULT = { ok: 0, bufferTooSmall: 1, undecodable: 2, lengthMismatch: 3, degenerate: 4, unknown: 255 } as const
type Failure = Exclude<(typeof RESULT)[keyof typeof RESULT], 0>

/** Of a scalar that is a whole number: a list of words. */
const WORD_SIZE = 8

export function ellipticCurveFunctions({ memory }: HostContext): HostFunctions {
  /** `compute` gets what the runtime passed, which it may not keep, and returns what goes into `out`, or why there is nothing. */
  function answer(out: bigint, compute: () => Uint8Array | Failure): number {
    const target = memory.view(out)
    let result: Uint8Array | Failure
    try {
      result = compute()
    } catch (error) {
      if (!(error instanceof ArkEncodingError)) throw error
      result = RESULT.undecodable
    }
    target.fill(0)
    if (typeof result === 'number') return result
    if (result.length > target.length) return RESULT.bufferTooSmall
    target.set(result)
    return RESULT.ok
  }

  function groupFunctions<P extends { add(other: P): P; double(): P }>(sumName: string, multipleName: string, group: ArkGroup<P>): HostFunctions {
    return {
      [`ext_host_calls_${sumName}_version_1`]: (bases: bigint, scalars: bigint, out: bigint) =>
        answer(out, () => {
          const points = new ArkReader(memory.view(bases)).list(group.pointSize, (reader) => group.read(reader))
          const factors = new ArkReader(memory.view(scalars)).list(group.scalarSize, (reader) => reader.field(group.scalarSize, group.order))
          if (points.length !== factors.length) return RESULT.lengthMismatch
          return group.write(group.sum(points, factors)) ?? RESULT.degenerate
        }),
      [`ext_host_calls_${multipleName}_version_1`]: (base: bigint, scalar: bigint, out: bigint) =>
        answer(out, () => {
          const point = group.read(new ArkReader(memory.view(base)))
          const words = new ArkReader(memory.view(scalar)).list(WORD_SIZE, (reader) => littleEndian(reader.take(WORD_SIZE)))
          const factor = words.reduceRight((sum, word) => (sum << 64n) | word, 0n)
          return group.write(multiple(group.zero, point, factor)) ?? RESULT.degenerate
        }),
    }
  }

  return {
    ext_host_calls_bls12_381_multi_miller_loop_version_1: (a: bigint, b: bigint, out: bigint) =>
      answer(out, () => {
        const g1 = new ArkReader(memory.view(a)).list(bls12381G1.pointSize, (reader) => bls12381G1.read(reader))
        const g2 = new ArkReader(memory.view(b)).list(bls12381G2.pointSize, (reader) => bls12381G2.read(reader))
        return writeTarget(multiMillerLoop(g1, g2))
      }),
    /** In place: what is not overwritten stays. */
    ext_host_calls_bls12_381_final_exponentiation_version_1(inOut: bigint) {
      const target = memory.view(inOut)
      try {
        const result = finalExponentiation(readTarget(new ArkReader(target)))
        if (result === undefined) return RESULT.unknown
        target.set(writeTarget(result))
        return RESULT.ok
      } catch (error) {
        if (error instanceof ArkEncodingError) return RESULT.undecodable
        throw error
      }
    },
    ...groupFunctions('bls12_381_msm_g1', 'bls12_381_mul_g1', bls12381G1),
    ...groupFunctions('bls12_381_msm_g2', 'bls12_381_mul_g2', bls12381G2),
    ...groupFunctions('ed_on_bls12_381_bandersnatch_msm', 'ed_on_bls12_381_bandersnatch_mul', bandersnatch),
    ...groupFunctions('pallas_msm', 'pallas_mul', pallas),
    ...groupFunctions('vesta_msm', 'vesta_mul', vesta),
  }
}
