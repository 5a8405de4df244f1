/**
 * SS58: the text form of account ids. Base58 of prefix (one or two bytes), account id, and the first two bytes of
 * blake2b-512 over `SS58PRE`, prefix and id.
 */
import { blake2b } from '@noble/hashes/blake2.js'
import { concatBytes, equalBytes, utf8 } from '../base/bytes.ts'

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
const PRE = utf8('SS58PRE')
const CHECKSUM_BYTES = 2
const ACCOUNT_BYTES = 32

/** Longer than any address, so that decoding stays cheap. */
const MAX_CHARACTERS = 64

function decodeBase58(text: string): Uint8Array | undefined {
  const bytes: number[] = []
  for (const character of text) {
    let carry = ALPHABET.indexOf(character)
    if (carry < 0) return undefined
    for (let i = 0; i < bytes.length; i++) {
      carry += (bytes[i] as number) * 58
      bytes[i] = carry & 0xff
      carry >>= 8
    }
    for (; carry > 0; carry >>= 8) bytes.push(carry & 0xff)
  }
  for (const character of text) {
    if (character !== '1') break
    bytes.push(0)
  }
  return Uint8Array.from(bytes.reverse())
}

/** The 32-byte account id of an address of any network; undefined where it is not one or its checksum is wrong. */
export function decodeSs58(address: string): Uint8Array | undefined {
  if (address.length > MAX_CHARACTERS) return undefined
  const bytes = decodeBase58(address)
  if (bytes === undefined || bytes.length === 0) return undefined
  const prefixBytes = ((bytes[0] as number) & 0x40) === 0 ? 1 : 2
  if (bytes.length !== prefixBytes + ACCOUNT_BYTES + CHECKSUM_BYTES) return undefined
  const payload = bytes.subarray(0, prefixBytes + ACCOUNT_BYTES)
  const checksum = blake2b(concatBytes(PRE, payload), { dkLen: 64 }).subarray(0, CHECKSUM_BYTES)
  return equalBytes(checksum, bytes.subarray(-CHECKSUM_BYTES)) ? payload.slice(prefixBytes) : undefined
}
