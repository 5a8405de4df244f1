import { randomBytes } from 'node:crypto'
import { decrypt, encrypt, PrivateKey } from 'eciesjs'
import { Config } from 'eciesjs/config'
import { ed25519, ED25519_TORSION_SUBGROUP, x25519 } from '@noble/curves/ed25519.js'
import { describe, expect, it } from 'vitest'
import { fromHex } from '../../../../node-core/base/bytes.ts'
import { ed25519PublicKey } from '../../../../node-core/crypto/ed25519/ed25519.ts'
import { x25519Agree, x25519PublicKeyOf, x25519ScalarOf } from '../../../../node-core/crypto/x25519.ts'
import { eciesDecrypt, eciesEncrypt, eciesOverhead, type NonceLength } from '../../../../node-core/net/sealed/ecies.ts'

const random = (size: number): Uint8Array => new Uint8Array(randomBytes(size))
const UNREADABLE = expect.objectContaining({ code: 'NET_SEALED_UNREADABLE' }) as Error

function config(nonceLength: NonceLength): Config {
  const own = new Config()
  own.ellipticCurve = 'x25519'
  own.symmetricNonceLength = nonceLength
  return own
}

describe('x25519', () => {
  it('agrees as RFC 7748 (6.1) says', () => {
    const bob = fromHex('0x5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb')
    const alice = fromHex('0x8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a')
    expect(x25519Agree(bob, alice)).toEqual(fromHex('0x4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742'))
  })

  it('makes of an ed25519 key what an independent library makes of it, both halves', () => {
    for (let i = 0; i < 50; i++) {
      const seed = random(32)
      const publicKey = x25519PublicKeyOf(ed25519PublicKey(seed))
      expect(publicKey).toEqual(ed25519.utils.toMontgomery(ed25519.getPublicKey(seed)))
      expect(x25519.getPublicKey(x25519ScalarOf(seed))).toEqual(publicKey)
    }
  })

  it.each(ED25519_TORSION_SUBGROUP)('refuses the ed25519 key of small order %s', (hex) => {
    expect(x25519PublicKeyOf(fromHex(`0x${hex}`))).toBeUndefined()
  })

  /** From https://cr.yp.to/ecdh.html, with the high bit set as well. */
  it.each([
    '00'.repeat(32),
    `01${'00'.repeat(31)}`,
    'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
    '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
    `ecff${'ff'.repeat(29)}7f`,
    `edff${'ff'.repeat(29)}7f`,
    `eeff${'ff'.repeat(29)}7f`,
    `edff${'ff'.repeat(29)}ff`,
  ])('shares no secret with the point of small order %s', (hex) => {
    expect(x25519Agree(random(32), fromHex(`0x${hex}`))).toBeUndefined()
    expect(() => eciesEncrypt(fromHex(`0x${hex}`), random(3))).toThrow(expect.objectContaining({ code: 'NET_SEALED_KEY' }) as Error)
    expect(() => eciesDecrypt((publicKey) => x25519Agree(random(32), publicKey), new Uint8Array([...fromHex(`0x${hex}`), ...random(40)]))).toThrow(UNREADABLE)
  })

  it('refuses what has another length', () => {
    expect([x25519Agree(random(32), random(31)), x25519PublicKeyOf(random(33)), x25519PublicKeyOf(new Uint8Array(32).fill(255))]).toEqual([undefined, undefined, undefined])
    expect(() => x25519Agree(random(31), random(32))).toThrow(RangeError)
  })
})

describe.each([
  { nonceLength: 16, count: 1000 },
  { nonceLength: 12, count: 100 },
] as const)('ECIES with a nonce of $nonceLength bytes', ({ nonceLength, count }) => {
  const scalar = random(32)
  const publicKey = x25519.getPublicKey(scalar)
  const agree = (other: Uint8Array): Uint8Array | undefined => x25519Agree(scalar, other)

  it(`reads ${count} messages of eciesjs, and eciesjs ${count} of ours`, { timeout: 120_000 }, () => {
    const theirs = new PrivateKey(scalar, 'x25519')
    for (let i = 0; i < count; i++) {
      const message = random(i < 300 ? i : Math.floor(Math.random() * 4096))
      expect(eciesDecrypt(agree, encrypt(theirs.publicKey.toBytes(), message, config(nonceLength)), nonceLength)).toEqual(message)
      const encrypted = eciesEncrypt(publicKey, message, nonceLength)
      expect(encrypted.length).toBe(message.length + eciesOverhead(nonceLength))
      expect(new Uint8Array(decrypt(theirs.secret, encrypted, config(nonceLength)))).toEqual(message)
    }
  })

  it('refuses every bit that was changed, every part that was cut off, and what was added', () => {
    const encrypted = eciesEncrypt(publicKey, random(9), nonceLength)
    for (let bit = 0; bit < encrypted.length * 8; bit++) {
      const mutated = encrypted.slice()
      mutated[bit >> 3] = (mutated[bit >> 3] as number) ^ (1 << (bit & 7))
      expect(() => eciesDecrypt(agree, mutated, nonceLength), `bit ${bit}`).toThrow(UNREADABLE)
    }
    for (let length = 0; length < encrypted.length; length++) expect(() => eciesDecrypt(agree, encrypted.subarray(0, length), nonceLength)).toThrow(UNREADABLE)
    expect(() => eciesDecrypt(agree, new Uint8Array([...encrypted, 0]), nonceLength)).toThrow(UNREADABLE)
  })

  it('is readable by nobody else, and never twice the same', () => {
    const message = random(32)
    const [first, second] = [eciesEncrypt(publicKey, message, nonceLength), eciesEncrypt(publicKey, message, nonceLength)]
    expect(first).not.toEqual(second)
    expect(() => eciesDecrypt((other) => x25519Agree(random(32), other), first, nonceLength)).toThrow(UNREADABLE)
  })
})
