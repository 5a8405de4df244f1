/**
 * X25519 (RFC 7748) by the platform, and the way from an ed25519 key to it.
 *
 * A node has one key, ed25519, and its peer id carries the public half. The curve of ed25519 and that of X25519 are the same curve in two
 * forms, so the same key agrees on secrets as well: the secret scalar is the first half of SHA-512 of the seed (RFC 8032, 5.1.5), and a public
 * key (x, y) becomes u = (1 + y) / (1 - y). Who knows a peer id can therefore encrypt to its node, without having asked it for anything.
 *
 * What is refused: public keys of small order, with which every secret would be the same, and the all-zero secret that comes of them.
 */
import { createHash, createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { ed25519 } from '@noble/curves/ed25519.js'
import { concatBytes, toBinaryString } from '../base/bytes.ts'
import { Lru } from '../base/lru.ts'

/** DER in front of the 32 bytes of a public key (SubjectPublicKeyInfo, RFC 8410). */
const SPKI_PREFIX = Uint8Array.from([0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x03, 0x21, 0x00])
/** DER in front of the 32 bytes of a scalar (PKCS #8, RFC 8410). */
const PKCS8_PREFIX = Uint8Array.from([0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x04, 0x22, 0x04, 0x20])

/** Finding the other form takes a square root: one talks to the same peers again and again. By ed25519 key. */
const converted = new Lru<string, Uint8Array>(1024)

/** Made for one message, and forgotten with it. */
export interface EphemeralKey {
  /** 32 bytes. */
  readonly publicKey: Uint8Array
  /** As {@link x25519Agree}. */
  agree(publicKey: Uint8Array): Uint8Array | undefined
}

export function ephemeralKey(): EphemeralKey {
  const { publicKey, privateKey } = generateKeyPairSync('x25519')
  return {
    publicKey: Uint8Array.from(publicKey.export({ format: 'der', type: 'spki' }).subarray(SPKI_PREFIX.length)),
    agree: (other) => agree(privateKey, other),
  }
}

/** The secret of 32 bytes that this scalar and this public key (32 bytes each) share; undefined where the public key is no key, or of small order. */
export function x25519Agree(scalar: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined {
  if (scalar.length !== 32) throw new RangeError(`an X25519 scalar has 32 bytes, not ${scalar.length}`)
  return agree(createPrivateKey({ key: Buffer.from(concatBytes(PKCS8_PREFIX, scalar)), format: 'der', type: 'pkcs8' }), publicKey)
}

/** The X25519 form of an ed25519 public key, 32 bytes each; undefined where that is no point, or one of small order. */
export function x25519PublicKeyOf(ed25519PublicKey: Uint8Array): Uint8Array | undefined {
  const name = toBinaryString(ed25519PublicKey)
  const known = converted.get(name)
  if (known !== undefined) return known.slice()
  try {
    if (ed25519.Point.fromBytes(ed25519PublicKey).isSmallOrder()) return undefined
    const publicKey = ed25519.utils.toMontgomery(ed25519PublicKey)
    converted.set(name, publicKey)
    return publicKey.slice()
  } catch {
    return undefined
  }
}

/** The X25519 scalar of an ed25519 seed, 32 bytes each. */
export function x25519ScalarOf(seed: Uint8Array): Uint8Array {
  if (seed.length !== 32) throw new RangeError(`an ed25519 seed has 32 bytes, not ${seed.length}`)
  return Uint8Array.from(createHash('sha512').update(seed).digest().subarray(0, 32))
}

function agree(privateKey: KeyObject, publicKey: Uint8Array): Uint8Array | undefined {
  if (publicKey.length !== 32) return undefined
  try {
    const other = createPublicKey({ key: Buffer.from(concatBytes(SPKI_PREFIX, publicKey)), format: 'der', type: 'spki' })
    const shared = diffieHellman({ privateKey, publicKey: other })
    // OpenSSL and BoringSSL refuse such a secret by themselves; nothing here relies on that.
    return shared.every((byte) => byte === 0) ? undefined : Uint8Array.from(shared)
  } catch {
    return undefined
  }
}
