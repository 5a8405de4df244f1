/**
 * How much room states and blocks take on the disk, by LevelDB's own estimate of its tables: what was written in the last moments is not in
 * them yet, and what was deleted still is until they are compacted.
 */
import { BUCKET } from './buckets.ts'
import type { Level } from './trie-source.ts'

export interface DiskParts {
  /** Bytes of tables: tries with what is kept to prune them, what is downloaded of a state included. */
  readonly state: number
  /** Headers, bodies, justifications, and the heights of the finalized chain. */
  readonly blocks: number
}

/** Buckets that lie side by side, first and last. */
const PARTS: Readonly<Record<keyof DiskParts, readonly [first: number, last: number]>> = {
  blocks: [BUCKET.header, BUCKET.numberToHash],
  state: [BUCKET.node, BUCKET.remainder],
}

export async function diskParts(level: Pick<Level, 'approximateSize'>): Promise<DiskParts> {
  const size = ([first, last]: readonly [number, number]): Promise<number> => level.approximateSize(Uint8Array.of(first), Uint8Array.of(last + 1))
  const [state, blocks] = await Promise.all([size(PARTS.state), size(PARTS.blocks)])
  return { state, blocks }
}
