/**
 * Is a state there as a whole? Every node of its trie, every value that is stored on its own and every child trie is read, and its hash
 * counted again: a bit that fell over is found as well as a node that is lost. A slice of the keys at a time, so that the rest of
 * the program goes on.
 */
import { equalBytes, fromHex, type Hash } from '../../base/bytes.ts'
import { blake2b256 } from '../../crypto/hashes/hashing.ts'
import { isChildKey } from './child.ts'
import { badNode, missingNode, TrieError } from './errors.ts'
import { NodeStore, isRecordSource } from './nodes/node-store.ts'
import { HASH_SIZE, VALUE } from './nodes/node.ts'
import { encodingOf } from './nodes/record.ts'
import type { TrieRoot, TrieSource } from './types.ts'
import { walk } from './walk.ts'

const SLICES = 256

export class StateInspector {
  readonly #source: TrieSource
  /** Where something was missing last: the states of neighbours lack the same. */
  #suspect = 0

  constructor(source: TrieSource) {
    this.#source = source
  }

  /** `id` is the number of the root's record; it is looked up by the root where it is left out. */
  async isWhole(stateRoot: Hash, id = 0): Promise<boolean> {
    try {
      const store = new NodeStore(this.#checking())
      const root = store.root(fromHex(stateRoot), id)
      for (let i = 0; i < SLICES; i++) {
        const slice = (this.#suspect + i) % SLICES
        const children: TrieRoot[] = []
        try {
          walk(store, root, { prefix: Uint8Array.of(slice), from: NOTHING, inclusive: true }, (key, node) => {
            if (node.kind === VALUE.hashed) store.value(node)
            if (node.value?.length === HASH_SIZE && isChildKey(key)) children.push({ hash: node.value, id: node.valueId })
            return true
          })
          for (const child of children) {
            const childRoot = store.root(child.hash, child.id)
            walk(store, childRoot, { prefix: NOTHING, from: NOTHING, inclusive: true }, (_key, node) => node.kind !== VALUE.hashed || store.value(node).length > 0)
          }
        } catch (error) {
          this.#suspect = slice
          throw error
        }
        await new Promise((resolve) => setImmediate(resolve))
      }
      return true
    } catch (error) {
      if (error instanceof TrieError) return false
      throw error
    }
  }

  /** Not shared between states: a node that was read for one counts as it lies on the disk now. */
  #checking(): TrieSource {
    const source = this.#source
    if (!isRecordSource(source)) return { get: (hash) => checked(hash, () => source.get(hash), (found) => found) }
    return {
      node: (id, hash) => checked(hash, () => source.node(id, hash), encodingOf),
      value: (id, hash) => checked(hash, () => source.value(id, hash), (found) => found),
      rootId: (hash) => source.rootId(hash),
    }
  }
}

function checked(hash: Uint8Array, read: () => Uint8Array | undefined, hashed: (found: Uint8Array) => Uint8Array): Uint8Array {
  let found: Uint8Array | undefined
  try {
    found = read()
  } catch {
    // A table that does not read.
    throw missingNode(hash)
  }
  if (found === undefined) throw missingNode(hash)
  if (!equalBytes(blake2b256(hashed(found)), hash)) throw badNode('its bytes are not those of its hash')
  return found
}

const NOTHING = new Uint8Array(0)
