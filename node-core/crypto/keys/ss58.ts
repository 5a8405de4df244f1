/**
 * SS58: the text form of accounts. Base58 of the network's prefix (one or two bytes), the account id, and the first two bytes of
 * blake2b-512 over `SS58PRE`, prefix and id.
 */
import { blake2b } from '@noble/hashes/blake2.js'
import { base58 } from '@scure/base'
import { concatBytes, equalBytes, utf8 } from '../../base/bytes.ts'
import { NodeError } from '../../base/errors.ts'

export type Ss58ErrorCode = 'SS58_BAD_CHARACTER' | 'SS58_BAD_LENGTH' | 'SS58_BAD_CHECKSUM' | 'SS58_BAD_PREFIX'

const PRE = utf8('SS58PRE')
const ACCOUNT_SIZE = 32
const CHECKSUM_SIZE = 2
/** Longer than any address of a 32-byte account. */
const MAX_TEXT = 56

/** `prefix` is the network's, 0 to 16383 (42: any Substrate network). Throws a NodeError<Ss58ErrorCode>. */
export function encodeSs58(publicKey: Uint8Array, prefix = 42): string {
  if (publicKey.length !== ACCOUNT_SIZE) {
    throw new NodeError<Ss58ErrorCode>('SS58_BAD_LENGTH', `An account id has 32 bytes, not ${publicKey.length}.`)
  }
  return encodeSs58Key(publicKey, prefix)
}

/** The same for any public key: those of ecdsa have 33 bytes, and are no account ids. */
export function encodeSs58Key(publicKey: Uint8Array, prefix = 42): string {
  const payload = concatBytes(encodePrefix(prefix), publicKey)
  return base58.encode(concatBytes(payload, checksum(payload)))
}

/** Throws a NodeError<Ss58ErrorCode> whose message says what is wrong. */
export function decodeSs58(text: string): { readonly publicKey: Uint8Array; readonly prefix: number } {
  if (text.length > MAX_TEXT) throw new NodeError<Ss58ErrorCode>('SS58_BAD_LENGTH', 'The text is too long for an address.')
  const bytes = decodeBase58(text)
  const prefixSize = ((bytes[0] ?? 0) & 0x40) === 0 ? 1 : 2
  if (bytes.length !== prefixSize + ACCOUNT_SIZE + CHECKSUM_SIZE) {
    throw new NodeError<Ss58ErrorCode>('SS58_BAD_LENGTH', 'The text does not have the length of an address.')
  }
  const payload = bytes.subarray(0, -CHECKSUM_SIZE)
  if (!equalBytes(checksum(payload), bytes.subarray(-CHECKSUM_SIZE))) {
    throw new NodeError<Ss58ErrorCode>('SS58_BAD_CHECKSUM', 'The checksum of this address is wrong: a character was probably mistyped.')
  }
  return { publicKey: payload.slice(prefixSize), prefix: decodePrefix(bytes) }
}

function checksum(payload: Uint8Array): Uint8Array {
  return blake2b(concatBytes(PRE, payload), { dkLen: 64 }).subarray(0, CHECKSUM_SIZE)
}

/** One byte below 64; else two, with the low eight bits spread over both behind the mark 01. */
function encodePrefix(prefix: number): Uint8Array {
  if (!Number.isInteger(prefix) || prefix < 0 || prefix > 16383) {
    throw new NodeError<Ss58ErrorCode>('SS58_BAD_PREFIX', `There is no address prefix ${prefix}.`)
  }
  return prefix < 64 ? Uint8Array.of(prefix) : Uint8Array.of(((prefix & 0xfc) >> 2) | 0x40, (prefix >> 8) | ((prefix & 3) << 6))
}

function decodePrefix(bytes: Uint8Array): number {
  const [first = 0, second = 0] = bytes
  if (first < 64) return first
  if (first >= 128) throw new NodeError<Ss58ErrorCode>('SS58_BAD_PREFIX', 'This address has a reserved prefix.')
  return ((first & 0x3f) << 2) | (second >> 6) | ((second & 0x3f) << 8)
}

function decodeBase58(text: string): Uint8Array {
  try {
    return base58.decode(text)
  } catch (error) {
    throw new NodeError<Ss58ErrorCode>('SS58_BAD_CHARACTER', 'The text has a character that no address contains.', { cause: error })
  }
}
