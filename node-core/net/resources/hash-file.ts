/**
 * Hashes a file leaf by leaf in bounded memory: one mebibyte is read while the one before is hashed.
 *
 * A mebibyte takes about a millisecond on the thread of the caller, which has its turn in between: so a long file delays nobody by more.
 */
import type { FileHandle } from 'node:fs/promises'
import { uninitializedBytes } from '../../base/bytes.ts'
import { GROUP_LEAVES, HASH_BYTES, LEAF_BYTES, hashLeaf } from './tree.ts'

const READ_BYTES = 64 * LEAF_BYTES

/**
 * Leaf hashes of the file from its beginning, a group at a time ({@link GROUP_LEAVES}; the last one is shorter, none comes for an empty file).
 * `onRead` is told how many bytes have been read. Rejects with the reason of `signal` and with the system's error.
 */
export async function* leafHashes(file: FileHandle, { signal, onRead }: { readonly signal?: AbortSignal; readonly onRead?: (bytes: number) => void } = {}): AsyncGenerator<Uint8Array> {
  let [current, next] = [uninitializedBytes(READ_BYTES), uninitializedBytes(READ_BYTES)]
  let group = new Uint8Array(GROUP_LEAVES * HASH_BYTES)
  let filled = 0
  let position = 0
  let reading = readFull(file, current, position)
  try {
    for (;;) {
      const length = await reading
      signal?.throwIfAborted()
      position += length
      const bytes = current.subarray(0, length)
      ;[current, next] = [next, current]
      const isLast = length < READ_BYTES
      if (!isLast) reading = readFull(file, current, position)
      for (let at = 0; at < length; at += LEAF_BYTES) {
        group.set(hashLeaf(bytes.subarray(at, at + LEAF_BYTES)), filled * HASH_BYTES)
        if (++filled < GROUP_LEAVES) continue
        yield group
        group = new Uint8Array(GROUP_LEAVES * HASH_BYTES)
        filled = 0
      }
      onRead?.(position)
      if (isLast) break
    }
    if (filled > 0) yield group.subarray(0, filled * HASH_BYTES)
  } finally {
    // Nobody closes the file under a read.
    await reading.catch(() => undefined)
  }
}

/** Fills the buffer from the file, or as far as the file goes. */
export async function readFull(file: FileHandle, into: Uint8Array, position: number): Promise<number> {
  let filled = 0
  while (filled < into.length) {
    const { bytesRead } = await file.read(into, filled, into.length - filled, position + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return filled
}
