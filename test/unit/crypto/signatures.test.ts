import { describe, expect, it } from 'vitest'
import { randomBytes } from 'node:crypto'
import * as scure from '@scure/sr25519'
import { ed25519, ristretto255, ED25519_TORSION_SUBGROUP } from '@noble/curves/ed25519.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { fromHex, utf8 } from '../../../node-core/base/bytes.ts'
import { sha512 } from '@noble/hashes/sha2.js'
import { ecdsaRecover, ecdsaRecoverCompressed, ecdsaRecoverOrError, ecdsaVerify } from '../../../node-core/crypto/ecdsa.ts'
import { ed25519PublicKey, ed25519Sign, ed25519Verify } from '../../../node-core/crypto/ed25519/ed25519.ts'
import { ORDER, littleEndian, toLittleEndian } from '../../../node-core/crypto/sr25519/ristretto.ts'
import { verifySchnorr, verifySchnorrByKeptKey } from '../../../node-core/crypto/sr25519/schnorr.ts'
import {
  sr25519DeriveHard,
  sr25519DerivePublicSoft,
  sr25519DeriveSoft,
  sr25519FromSeed,
  sr25519PublicKey,
  sr25519Sign,
  sr25519Verify,
  sr25519VerifyDeprecated,
} from '../../../node-core/crypto/sr25519/sr25519.ts'

const random = (size: number): Uint8Array => new Uint8Array(randomBytes(size))

/** Flips one bit. */
function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const out = bytes.slice()
  out[bit >> 3] = (out[bit >> 3] as number) ^ (1 << (bit & 7))
  return out
}

function scureVerify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  try {
    return scure.verify(message, signature, publicKey)
  } catch {
    return false
  }
}

describe('sr25519', () => {
  const secret = sr25519FromSeed(random(32))
  const publicKey = sr25519PublicKey(secret)

  it('signs what the other implementation accepts, and the other way round', () => {
    for (const size of [0, 1, 100, 5000]) {
      const message = random(size)
      expect(scure.verify(message, sr25519Sign(secret, message), publicKey)).toBe(true)
      expect(sr25519Verify(scure.sign(secret, message), message, publicKey)).toBe(true)
    }
  })

  it('judges damaged signatures, keys and messages as the other implementation does', () => {
    const message = random(40)
    const signature = sr25519Sign(secret, message)
    for (let bit = 0; bit < 512; bit += 7) expect(sr25519Verify(flip(signature, bit), message, publicKey)).toBe(false)
    for (let bit = 0; bit < 256; bit += 5) {
      const damaged = flip(publicKey, bit)
      expect(sr25519Verify(signature, message, damaged)).toBe(scureVerify(signature, message, damaged))
    }
    expect(sr25519Verify(signature, flip(message, 3), publicKey)).toBe(false)
  })

  it('survives thousands of malformed inputs and still accepts a good signature afterwards', () => {
    const message = random(10)
    const signature = sr25519Sign(secret, message)
    const ones = new Uint8Array(32).fill(255)
    const unmarked = flip(signature, 511)
    const bigS = signature.slice().fill(255, 32)
    const badR = signature.slice().fill(255, 0, 32)
    for (let i = 0; i < 3000; i++) {
      for (const bad of [unmarked, bigS, badR, signature.subarray(1), new Uint8Array(0)]) {
        expect(sr25519Verify(bad, message, publicKey)).toBe(false)
      }
      for (const key of [ones, publicKey.subarray(1), new Uint8Array(0)]) expect(sr25519Verify(signature, message, key)).toBe(false)
      if (i % 100 === 0) expect(sr25519Verify(random(64), message, random(32))).toBe(false)
    }
    expect(sr25519Verify(signature, message, publicKey)).toBe(true)
  })

  it('accepts the identity as a public key, because schnorrkel does', () => {
    const s = 5n
    const forged = new Uint8Array([...ristretto255.Point.BASE.multiply(s).toBytes(), ...toLittleEndian(s)])
    forged[63] = 0x80
    expect(sr25519Verify(forged, utf8('anything'), new Uint8Array(32))).toBe(true)
    expect(verifySchnorr(forged, utf8('anything'), new Uint8Array(32))).toBe(true)
  })

  it('verifies in plain JavaScript as in Wasm', () => {
    for (let i = 0; i < 8; i++) {
      const message = random(i * 31)
      const signature = sr25519Sign(secret, message)
      expect(verifySchnorr(signature, message, publicKey)).toBe(true)
      expect(verifySchnorr(flip(signature, i * 60), message, publicKey)).toBe(false)
    }
  })

  it('verifies by a kept key as by one that passes by', () => {
    const message = random(60)
    const signature = sr25519Sign(secret, message)
    expect(verifySchnorrByKeptKey(scure.sign(secret, message), message, publicKey)).toBe(true)
    for (let bit = 0; bit < 512; bit += 3) expect(verifySchnorrByKeptKey(flip(signature, bit), message, publicKey)).toBe(false)
    for (let bit = 0; bit < 256; bit += 3) expect(verifySchnorrByKeptKey(signature, message, flip(publicKey, bit))).toBe(false)
    expect(verifySchnorrByKeptKey(signature, flip(message, 0), publicKey)).toBe(false)
    // A second encoding of the same s, which is below 2^253, so s + ORDER fits under the mark.
    const s = signature.slice(32)
    s[31] = (s[31] as number) & 0x7f
    const malleated = new Uint8Array([...signature.subarray(0, 32), ...toLittleEndian((littleEndian(s) + ORDER) | (1n << 255n))])
    for (const bad of [malleated, signature.subarray(1), new Uint8Array(0), new Uint8Array(64).fill(255)]) {
      expect(verifySchnorrByKeptKey(bad, message, publicKey)).toBe(false)
    }
    for (const key of [new Uint8Array(32).fill(255), publicKey.subarray(1), new Uint8Array(0)]) {
      expect(verifySchnorrByKeptKey(signature, message, key)).toBe(false)
    }
    // By then the tables are kept.
    expect(verifySchnorrByKeptKey(signature, message, publicKey)).toBe(true)
    const identity = new Uint8Array([...ristretto255.Point.BASE.multiply(5n).toBytes(), ...toLittleEndian(5n | (1n << 255n))])
    expect(verifySchnorrByKeptKey(identity, message, new Uint8Array(32))).toBe(true)
  })

  it('accepts the known signature from before the audit only in the deprecated form', () => {
    const key = fromHex('0xb4bfa1f7a5166695eb75299fd1c4c03ea212871c342f2c5dfea0902b2c246918')
    const signature = fromHex(
      '0x5a9755f069939f45d96aaf125cf5ce7ba1db998686f87f2fb3cbdea922078741a73891ba265f70c31436e18a9acd14d189d73c12317ab6c313285cd938453202',
    )
    const message = utf8('Verifying that I am the owner of 5G9hQLdsKQswNPgB499DeA5PkFBbgkLPJWkkS6FAM6xGQ8xD. Hash: 221455a3\n')
    expect(sr25519VerifyDeprecated(signature, message, key)).toBe(true)
    expect(sr25519Verify(signature, message, key)).toBe(false)
    expect(sr25519VerifyDeprecated(signature, flip(message, 0), key)).toBe(false)
    expect(sr25519VerifyDeprecated(sr25519Sign(secret, message), message, publicKey)).toBe(true)
  })

  it('derives: a soft child has the same public key from either side, a hard one is a key of its own', () => {
    const code = random(32)
    expect(sr25519PublicKey(sr25519DeriveSoft(secret, code))).toEqual(sr25519DerivePublicSoft(publicKey, code))
    const child = sr25519DeriveHard(secret, code)
    expect(sr25519Verify(sr25519Sign(child, code), code, sr25519PublicKey(child))).toBe(true)
    expect(sr25519PublicKey(child)).not.toEqual(publicKey)
  })
})

describe('ed25519', () => {
  it('agrees with RFC 8032, test 2', () => {
    const seed = fromHex('0x4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb')
    const publicKey = fromHex('0x3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c')
    const signature = fromHex(
      '0x92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    )
    expect(ed25519PublicKey(seed)).toEqual(publicKey)
    expect(ed25519Sign(seed, Uint8Array.of(0x72))).toEqual(signature)
    expect(ed25519Verify(signature, Uint8Array.of(0x72), publicKey)).toBe(true)
    expect(ed25519Verify(signature, Uint8Array.of(0x73), publicKey)).toBe(false)
    for (let bit = 0; bit < 512; bit += 31) expect(ed25519Verify(flip(signature, bit), Uint8Array.of(0x72), publicKey)).toBe(false)
    expect(ed25519Verify(signature.subarray(1), Uint8Array.of(0x72), publicKey)).toBe(false)
    expect(ed25519Verify(signature, Uint8Array.of(0x72), publicKey.subarray(1))).toBe(false)
  })

  it('accepts every pair of small-order points, canonical or not, with s = 0 (ZIP-215)', () => {
    // The eight torsion points, and those of them that also have a non-canonical encoding.
    const nonCanonical = [
      '0100000000000000000000000000000000000000000000000000000000000080',
      'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    ]
    const points = [...ED25519_TORSION_SUBGROUP, ...nonCanonical].map((hex) => fromHex(`0x${hex}`))
    for (const A of points) {
      for (const R of points) {
        const signature = new Uint8Array([...R, ...new Uint8Array(32)])
        expect(ed25519Verify(signature, utf8('Zcash'), A)).toBe(true)
      }
    }
  })

  it('accepts a signature that only the equation with the cofactor accepts', () => {
    // R and A carry a torsion component: 8(sB) = 8R + 8kA holds, sB = R + kA does not.
    const torsion = ed25519.Point.fromHex(ED25519_TORSION_SUBGROUP[3] as string)
    const a = 12345n
    const r = 67890n
    const A = ed25519.Point.BASE.multiply(a).add(torsion).toBytes()
    const R = ed25519.Point.BASE.multiply(r).add(torsion).toBytes()
    const message = utf8('torsion')
    const k = littleEndian(sha512(new Uint8Array([...R, ...A, ...message]))) % ORDER
    const signature = new Uint8Array([...R, ...toLittleEndian((r + k * a) % ORDER)])
    expect(ed25519Verify(signature, message, A)).toBe(true)
    expect(ed25519Verify(signature, utf8('tarsion'), A)).toBe(false)
  })

  it('refuses an s that is not below the order', () => {
    const seed = random(32)
    const signature = ed25519Sign(seed, utf8('x'))
    const s = littleEndian(signature.subarray(32)) + ORDER
    const malleable = new Uint8Array([...signature.subarray(0, 32), ...toLittleEndian(s)])
    expect(ed25519Verify(malleable, utf8('x'), ed25519PublicKey(seed))).toBe(false)
  })
})

describe('ecdsa', () => {
  const secret = random(31).reduce((key, byte, i) => ((key[i + 1] = byte), key), new Uint8Array(32))
  const publicKey = secp256k1.getPublicKey(secret, true)
  const hash = random(32)
  const recovered = secp256k1.sign(hash, secret, { prehash: false, format: 'recovered' })
  const signature = new Uint8Array([...recovered.subarray(1), recovered[0] as number])

  it('recovers and verifies', () => {
    expect(ecdsaRecoverCompressed(signature, hash)).toEqual(publicKey)
    expect(ecdsaRecover(signature, hash)).toEqual(secp256k1.getPublicKey(secret, false).subarray(1))
    expect(ecdsaVerify(signature, hash, publicKey)).toBe(true)
    expect(ecdsaVerify(signature, random(32), publicKey)).toBe(false)
    expect(ecdsaVerify(flip(signature, 300), hash, publicKey)).toBe(false)
  })

  it('takes 27 and above for recovery, but not for verifying', () => {
    const ethereum = signature.slice()
    ethereum[64] = (ethereum[64] as number) + 27
    expect(ecdsaRecoverCompressed(ethereum, hash)).toEqual(publicKey)
    expect(ecdsaVerify(ethereum, hash, publicKey)).toBe(false)
  })

  it('accepts a high s with the other recovery id', () => {
    const s = BigInt(`0x${Buffer.from(signature.subarray(32, 64)).toString('hex')}`)
    const high = (secp256k1.Point.Fn.ORDER - s).toString(16).padStart(64, '0')
    const flipped = new Uint8Array([...signature.subarray(0, 32), ...Buffer.from(high, 'hex'), (signature[64] as number) ^ 1])
    expect(ecdsaVerify(flipped, hash, publicKey)).toBe(true)
  })

  it('names what is wrong', () => {
    const bad = signature.slice()
    bad[64] = 4
    expect(ecdsaRecoverOrError(bad, hash)).toBe('badV')
    bad.fill(255, 0, 32)
    bad[64] = 0
    expect(ecdsaRecoverOrError(bad, hash)).toBe('badRS')
    expect(ecdsaRecoverOrError(new Uint8Array(65), hash)).toBe('badSignature')
    expect(ecdsaRecover(bad.subarray(1), hash)).toBeUndefined()
  })

  it('reduces what overflows where version 1 of the host functions asks for it', () => {
    const order = Uint8Array.from(Buffer.from((secp256k1.Point.Fn.ORDER + 1n).toString(16), 'hex'))
    const overflowing = new Uint8Array([...order, ...signature.subarray(32)])
    expect(ecdsaRecoverOrError(overflowing, hash)).toBe('badRS')
    expect(typeof ecdsaRecoverOrError(overflowing, hash, true)).toBe('object')
  })
})
