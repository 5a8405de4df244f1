/** Signatures at the edges where versions of one function differ. */
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { describe, expect, test } from 'vitest'
import { concatBytes, fromHex, toHex, utf8 } from '../../../../../node-core/base/bytes.ts'
import { ecdsaRecoverCompressed } from '../../../../../node-core/crypto/ecdsa.ts'
import { blake2b256 } from '../../../../../node-core/crypto/hashes/hashing.ts'
import { HostBench } from '../../../../helpers/host-functions.ts'

const ORDER = secp256k1.Point.Fn.ORDER
const number = (value: bigint): Uint8Array => fromHex(`0x${value.toString(16).padStart(64, '0')}`)

describe('an ecdsa signature with s beyond the order of the group', () => {
  const message = utf8('message')
  const hash = blake2b256(message)
  // Any r and s are a signature by some key: that key is recovered from the reduced form.
  const r = number(secp256k1.Point.BASE.x)
  const signature = (s: bigint, recoveryId = 0): Uint8Array => concatBytes(r, number(s), Uint8Array.of(recoveryId))
  const [reduced, overflowing] = [signature(7n), signature(7n + ORDER)]
  const key = ecdsaRecoverCompressed(reduced, hash)!
  const verify = (name: string, bytes: Uint8Array, signed: Uint8Array | { readonly at: Uint8Array } = message) =>
    new HostBench().run(`crypto_ecdsa_${name}`, { at: bytes }, signed, { at: key })

  test('is good in version 1, as the first nodes had it, and in no other', () => {
    for (const name of ['verify_version_1', 'verify_version_2', 'batch_verify_version_1']) expect(verify(name, reduced), name).toBe(1)
    expect(verify('verify_version_1', overflowing)).toBe(1)
    expect(verify('verify_version_2', overflowing)).toBe(0)
    expect(verify('batch_verify_version_1', overflowing)).toBe(0)
    expect(verify('verify_prehashed_version_1', reduced, { at: hash })).toBe(1)
    expect(verify('verify_prehashed_version_1', overflowing, { at: hash })).toBe(0)
  })

  test('gives its key in the first versions of recovery, and BadRS in the second', () => {
    const recover = (name: string) => toHex(new HostBench().bytes(`crypto_secp256k1_ecdsa_recover_${name}`, { at: overflowing }, { at: hash }))
    expect(recover('compressed_version_1')).toBe(toHex(concatBytes(Uint8Array.of(0), key)))
    expect(recover('version_1').slice(0, 4)).toBe('0x00')
    for (const name of ['version_2', 'compressed_version_2']) expect(recover(name)).toBe('0x0100')
  })

  test.each([27, 28, 4, 255])('the recovery id %i of other chains is for recovery alone', (recoveryId) => {
    for (const name of ['verify_version_1', 'verify_version_2']) expect(verify(name, signature(7n, recoveryId))).toBe(0)
  })

  test.each([0n, ORDER])('s of %i is none, also where it is reduced', (s) => {
    expect(verify('verify_version_1', signature(s))).toBe(0)
    const recover = (version: number) =>
      toHex(new HostBench().bytes(`crypto_secp256k1_ecdsa_recover_version_${version}`, { at: signature(s) }, { at: hash }))
    expect([recover(1), recover(2)]).toEqual(['0x0102', s === 0n ? '0x0102' : '0x0100'])
  })
})
