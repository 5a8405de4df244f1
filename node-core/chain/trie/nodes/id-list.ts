/** Lists of numbers in little space: in ascending order, each as the distance from the one before, seven bits to a byte, the lowest first. */
import { EMPTY } from '../../../base/bytes.ts'
import type { PackedIds } from '../types.ts'
import { TrieError } from '../errors.ts'

/** Sorts `ids`. */
export function packIds(ids: number[]): PackedIds {
  if (ids.length === 0) return EMPTY
  ids.sort((a, b) => a - b)
  const out = new Uint8Array(ids.length * 7)
  let at = 0
  let before = 0
  for (const id of ids) {
    let distance = id - before
    before = id
    for (; distance > 0x7f; distance = Math.floor(distance / 0x80)) out[at++] = (distance % 0x80) | 0x80
    out[at++] = distance
  }
  return out.slice(0, at)
}

/** Throws `TRIE_BAD_PACK`. */
export function unpackIds(packed: PackedIds): number[] {
  const ids: number[] = []
  let id = 0
  for (let at = 0; at < packed.length; ) {
    let scale = 1
    for (;;) {
      const byte = packed[at++]
      if (byte === undefined) throw new TrieError('TRIE_BAD_PACK', 'a list of numbers is cut off')
      id += (byte & 0x7f) * scale
      scale *= 0x80
      if (byte < 0x80) break
    }
    ids.push(id)
  }
  return ids
}
