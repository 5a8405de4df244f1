/**
 * Places of peers in the tree: a key of 16 bytes made of the peer id, and the height of one key as seen from another.
 *
 * The key is the beginning of SHA-256 over the peer id as text, so nobody has a place by choice without making as many identities as that takes.
 * The distance of two keys is their XOR. Its length in bits is the *height* of the one as seen from the other, 1 to 128, and 0 of a key as seen
 * from itself. Peers of one height form a bucket: the bucket of height h is a whole subtree, the one that splits off from ours h levels
 * above the leaves, and half of all nodes are in the highest.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8 } from '../../../base/bytes.ts'

const KEY_BYTES = 16

/** The height of the whole tree: who publishes covers all of it. */
export const TREE_HEIGHT = 8 * KEY_BYTES

/** `peer` is a peer id as text. 16 bytes. */
export function keyOf(peer: string): Uint8Array {
  return sha256(utf8(peer)).slice(0, KEY_BYTES)
}

/** Length of the XOR of two keys in bits: 0 where they are equal, {@link TREE_HEIGHT} where they differ in the first bit. */
export function heightBetween(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < KEY_BYTES; i++) {
    const difference = (a[i] as number) ^ (b[i] as number)
    if (difference !== 0) return TREE_HEIGHT - 8 * i - (Math.clz32(difference) - 24)
  }
  return 0
}
