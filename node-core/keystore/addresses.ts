/** Keys and accounts as people read and write them. */
import { fromHex, type Hex } from '../base/bytes.ts'
import { blake2b256 } from '../crypto/hashes/hashing.ts'
import { decodeSs58, encodeSs58 } from '../crypto/keys/ss58.ts'

/** SS58 in a network's form. ecdsa accounts go by the hash of their key. */
export function addressOf(publicKey: Hex, prefix: number): string {
  const bytes = fromHex(publicKey)
  return encodeSs58(bytes.length === 32 ? bytes : blake2b256(bytes), prefix)
}

/** From an address of any network, or an id in hexadecimal. Throws a NodeError that says what is wrong. */
export function accountIdOf(text: string): Uint8Array {
  return /^0x[0-9a-fA-F]{64}$/.test(text) ? fromHex(text) : decodeSs58(text).publicKey
}
