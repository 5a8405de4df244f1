/** Trie nodes as database version 1 had them: by hash, shared by all states. */
import type { NodeSource } from '../../trie/types.ts'
import type { Level } from '../trie-source.ts'

/** Its bucket; see buckets.ts. */
const OLD_NODE = 6

/** Nodes that are deleted at once. */
const DELETED_AT_ONCE = 20_000

const RANGE = { gte: Uint8Array.of(OLD_NODE), lt: Uint8Array.of(OLD_NODE + 1) }

export function oldNodes(level: Level): NodeSource {
  const key = new Uint8Array(33)
  key[0] = OLD_NODE
  return {
    get(hash) {
      key.set(hash, 1)
      return level.getSync(key)
    },
  }
}

/** Some of them; false where none is left. */
export async function deleteOldNodes(level: Level): Promise<boolean> {
  if ((await level.keys({ ...RANGE, limit: 1 }).all()).length === 0) return false
  await level.clear({ ...RANGE, limit: DELETED_AT_ONCE })
  return true
}
