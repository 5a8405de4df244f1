/** Under what is found in the Kademlia table: the SHA-256 multihash of `nodestead/service/<name>`, of which its CID is made (version 1, raw). */
import { createHash } from 'node:crypto'
import { base32 } from '@scure/base'
import { concatBytes, utf8 } from '../../base/bytes.ts'

/** SHA-256, and the 32 bytes that follow. */
const MULTIHASH_PREFIX = Uint8Array.of(0x12, 0x20)
/** CID version 1, of raw bytes. */
const CID_PREFIX = Uint8Array.of(0x01, 0x55)

/** A multihash of 34 bytes. */
export function serviceKey(service: string): Uint8Array {
  return concatBytes(MULTIHASH_PREFIX, createHash('sha256').update(utf8(`nodestead/service/${service}`)).digest())
}

/** The CID of a key, in base32: `b…`. */
export function cidText(key: Uint8Array): string {
  return `b${base32.encode(concatBytes(CID_PREFIX, key)).toLowerCase().replaceAll('=', '')}`
}
