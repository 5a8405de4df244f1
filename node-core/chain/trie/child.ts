/**
 * Child tries (Polkadot Host spec, section "Child Storage"): tries of their own, whose root hash is the value in the
 * main trie at `:child_storage:default:` followed by the child's key. An empty child trie has no entry.
 */
import { concatBytes, equalBytes, utf8 } from '../../base/bytes.ts'
import { EMPTY_ROOT } from './nodes/node.ts'
import type { NodeStore } from './nodes/node-store.ts'
import { Trie } from './trie.ts'
import type { StateVersion } from './types.ts'

export const CHILD_PREFIX: Uint8Array = utf8(':child_storage:default:')

/** Where the root of this child trie lies in the main trie. */
export function childRootKey(childKey: Uint8Array): Uint8Array {
  return concatBytes(CHILD_PREFIX, childKey)
}

/** The child trie as it is stored in `main`; an empty one where it does not exist. Throws `TRIE_BAD_NODE` where its entry is no root. */
export function openChildTrie(store: NodeStore, main: Trie, childKey: Uint8Array): Trie {
  return new Trie(store, main.childRoot(childRootKey(childKey)) ?? EMPTY_ROOT)
}

/** Enters a child's root into the main trie, or removes it where the child has become empty. */
export function putChildRoot(main: Trie, childKey: Uint8Array, child: Trie, version: StateVersion): void {
  const root = child.root()
  if (equalBytes(root, EMPTY_ROOT)) main.delete(childRootKey(childKey))
  else main.put(childRootKey(childKey), root, version, child)
}

/** Whether the first `length` bytes are a key of the main trie that is that of a child trie. */
export function isChildKey(key: Uint8Array, length = key.length): boolean {
  if (length <= CHILD_PREFIX.length) return false
  for (let i = 0; i < CHILD_PREFIX.length; i++) if (key[i] !== CHILD_PREFIX[i]) return false
  return true
}
