/** Under what is found in the Kademlia table: the SHA-256 multihash of `nodestead/service/<name>`, of which the library makes a CID (version 1, raw). */
import { createHash } from 'node:crypto'
import { concatBytes, utf8 } from '../../base/bytes.ts'

/** SHA-256, and the 32 bytes that follow. */
const MULTIHASH_PREFIX = Uint8Array.of(0x12, 0x20)

/** A multihash of 34 bytes. */
export function serviceKey(service: string): Uint8Array {
  return concatBytes(MULTIHASH_PREFIX, createHash('sha256').update(utf8(`nodestead/service/${service}`)).digest())
}
