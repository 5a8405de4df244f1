/**
 * Key pairs from phrases and paths (the "secret URI" of Substrate's tools): `phrase//hard/soft`.
 *
 * A BIP-39 phrase becomes a 32-byte mini secret by PBKDF2 over its *entropy* (BIP-39 itself goes over the words). A junction is turned into
 * a 32-byte chain code, and each scheme derives in its own way; ed25519 and ecdsa know hard junctions only. ecdsa (secp256k1) is no scheme of blocks or votes here, but session
 * keys of newer runtimes have one of it (BEEFY).
 */
import { pbkdf2Sync } from 'node:crypto'
import { mnemonicToEntropy } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { concatBytes, utf8 } from '../../base/bytes.ts'
import { NodeError } from '../../base/errors.ts'
import { ecdsaPublicKey, ecdsaSign } from '../ecdsa.ts'
import { ed25519PublicKey, ed25519Sign } from '../ed25519/ed25519.ts'
import { blake2b256 } from '../hashes/hashing.ts'
import { SecretKey } from './secret-key.ts'
import { sr25519DeriveHard, sr25519DeriveSoft, sr25519FromSeed, sr25519HardSeed, sr25519PublicKey, sr25519Sign } from '../sr25519/sr25519.ts'

export type KeyErrorCode =
  /** Not twelve to twenty-four words of the English BIP-39 list with a right checksum. */
  | 'KEY_BAD_PHRASE'
  | 'KEY_BAD_PATH'

export const KEY_SCHEMES = ['sr25519', 'ed25519', 'ecdsa'] as const
export type KeyScheme = (typeof KEY_SCHEMES)[number]

export interface KeyPair {
  readonly scheme: KeyScheme
  readonly publicKey: Uint8Array
  /** sr25519: 64 bytes; ed25519: the 32-byte seed; ecdsa: the 32-byte scalar. */
  readonly secret: SecretKey
}

interface Junction {
  readonly hard: boolean
  readonly chainCode: Uint8Array
}

const PBKDF2_ROUNDS = 2048

/** The 32-byte mini secret of a phrase. */
export function miniSecretFromPhrase(phrase: string, password = ''): Uint8Array {
  let entropy: Uint8Array
  try {
    entropy = mnemonicToEntropy(phrase, wordlist)
  } catch {
    // The library's message may quote a word of the phrase.
    throw new NodeError<KeyErrorCode>('KEY_BAD_PHRASE', 'This is not a valid BIP-39 phrase: a word is unknown, missing or in the wrong place.')
  }
  return Uint8Array.from(pbkdf2Sync(entropy, utf8(`mnemonic${password}`), PBKDF2_ROUNDS, 64, 'sha512').subarray(0, 32))
}

/** Derives along `path` (`//Alice//stash`, or nothing) from a mini secret. Throws KEY_BAD_PATH. */
export function deriveKeyPair(scheme: KeyScheme, miniSecret: Uint8Array, path: string): KeyPair {
  const junctions = parsePath(path)
  if (scheme === 'sr25519') {
    const secret = junctions.reduce(
      (key, { hard, chainCode }) => (hard ? sr25519DeriveHard(key, chainCode) : sr25519DeriveSoft(key, chainCode)),
      sr25519FromSeed(miniSecret),
    )
    return sr25519KeyPair(secret)
  }
  const label = scheme === 'ed25519' ? 'Ed25519HDKD' : 'Secp256k1HDKD'
  // A copy: the pair owns its secret, and erases it in the end.
  const seed = junctions.reduce<Uint8Array>((parent, { hard, chainCode }) => {
    if (!hard) throw new NodeError<KeyErrorCode>('KEY_BAD_PATH', `${scheme} keys support hard junctions (//) only.`)
    return blake2b256(concatBytes(withLength(label), parent, chainCode))
  }, miniSecret.slice())
  return keyPairOf(scheme, seed)
}

/**
 * The 32-byte seed that the pair at `path` can be made of again, which Substrate's tools print: undefined for an sr25519 key below a soft
 * junction, which has none. Throws KEY_BAD_PATH.
 */
export function seedAt(scheme: KeyScheme, miniSecret: Uint8Array, path: string): Uint8Array | undefined {
  if (scheme !== 'sr25519') {
    const { secret } = deriveKeyPair(scheme, miniSecret, path)
    const seed = secret.reveal().slice()
    secret.erase()
    return seed
  }
  let seed: Uint8Array = miniSecret.slice()
  for (const { hard, chainCode } of parsePath(path)) {
    if (!hard) return undefined
    seed = sr25519HardSeed(sr25519FromSeed(seed), chainCode)
  }
  return seed
}

/** The pair of a secret in the form that {@link KeyPair.secret} has. Throws a RangeError where it is no secret of the scheme. */
export function keyPairOf(scheme: KeyScheme, secret: Uint8Array): KeyPair {
  switch (scheme) {
    case 'sr25519':
      return sr25519KeyPair(secret)
    case 'ed25519':
      return ed25519KeyPair(secret)
    case 'ecdsa':
      return { scheme, publicKey: ecdsaPublicKey(secret), secret: new SecretKey(secret) }
  }
}

export function sr25519KeyPair(secret: Uint8Array): KeyPair {
  return { scheme: 'sr25519', publicKey: sr25519PublicKey(secret), secret: new SecretKey(secret) }
}

export function ed25519KeyPair(seed: Uint8Array): KeyPair {
  return { scheme: 'ed25519', publicKey: ed25519PublicKey(seed), secret: new SecretKey(seed) }
}

/** ecdsa signs the blake2b-256 hash of the message, as Substrate does. */
export function signWith(pair: KeyPair, message: Uint8Array): Uint8Array {
  switch (pair.scheme) {
    case 'sr25519':
      return sr25519Sign(pair.secret.reveal(), message)
    case 'ed25519':
      return ed25519Sign(pair.secret.reveal(), message)
    case 'ecdsa':
      return ecdsaSign(pair.secret.reveal(), blake2b256(message))
  }
}

function parsePath(path: string): Junction[] {
  if (!/^(\/\/?[^/]+)*$/.test(path)) throw new NodeError<KeyErrorCode>('KEY_BAD_PATH', 'A derivation path looks like //hard/soft.')
  const junctions = [...path.matchAll(/(\/\/?)([^/]+)/g)]
  return junctions.map(([, slashes, name]) => ({ hard: slashes === '//', chainCode: chainCodeOf(name as string) }))
}

/**
 * A decimal u64, also with a plus sign or leading zeros, is encoded as one (`//+5` and `//005` are `//5`), anything else as a string; padded
 * with zeros to 32 bytes, or hashed where it is longer.
 */
function chainCodeOf(name: string): Uint8Array {
  const digits = /^\+?(\d+)$/.exec(name)?.[1]
  const encoded = digits !== undefined && BigInt(digits) < 1n << 64n ? u64(BigInt(digits)) : withLength(name)
  return encoded.length > 32 ? blake2b256(encoded) : concatBytes(encoded, new Uint8Array(32 - encoded.length))
}

function u64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, value, true)
  return bytes
}

/** A string as derivation hashes it: behind its length, of which the lowest two bits tell in how many bytes it is written (1, 2 or 4). */
function withLength(text: string): Uint8Array {
  const bytes = utf8(text)
  const size = bytes.length < 1 << 6 ? 1 : bytes.length < 1 << 14 ? 2 : 4
  const length = Buffer.alloc(size)
  length.writeUIntLE(bytes.length * 4 + (size >> 1), 0, size)
  return concatBytes(length, bytes)
}
