/**
 * Is a state there as a whole? Every node of its trie, every value that is stored on its own and every child trie is read, and its hash
 * counted again: a bit that fell over is found as well as a node that is lost. A slice of the keys at a time, so that the rest of
 * the program goes on.
 */
import { equalBytes, fromHex, type Hash } from '../../base/bytes.ts'
import { blake2b256 } from '../../crypto/hashes/hashing.ts'
import { CHILD_PREFIX } from './child.ts'
import { badNode, missingNode, TrieError } from './errors.ts'
import { NodeStore } from './nodes/node-store.ts'
import { HASH_SIZE, VALUE } from './nodes/node.ts'
import type { NodeSource } from './types.ts'
import { walk } from './walk.ts'

const SLICES = 256

export class StateInspector {
  readonly #source: NodeSource
  /** Where something was missing last: the states of neighbours lack the same. */
  #suspect = 0

  constructor(source: NodeSource) {
    this.#source = source
  }

  async isWhole(stateRoot: Hash): Promise<boolean> {
    // Not shared between states: a node that was read for one counts as it lies on the disk now.
    const store = new NodeStore({ get: (hash) => this.#read(hash) })
    try {
      const root = store.root(fromHex(stateRoot))
      for (let i = 0; i < SLICES; i++) {
        const slice = (this.#suspect + i) % SLICES
        const children: Uint8Array[] = []
        try {
          walk(store, root, { prefix: Uint8Array.of(slice), from: NOTHING, inclusive: true }, (key, node) => {
            if (node.kind === VALUE.hashed) store.value(node.valueHash as Uint8Array)
            if (node.value?.length === HASH_SIZE && isChildRoot(key)) children.push(node.value)
            return true
          })
          for (const child of children) walk(store, store.root(child), { prefix: NOTHING, from: NOTHING, inclusive: true }, (_key, node) => node.kind !== VALUE.hashed || store.value(node.valueHash as Uint8Array) !== undefined)
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

  #read(hash: Uint8Array): Uint8Array {
    let found: Uint8Array | undefined
    try {
      found = this.#source.get(hash)
    } catch {
      // A table that does not read.
      throw missingNode(hash)
    }
    if (found === undefined) throw missingNode(hash)
    if (!equalBytes(blake2b256(found), hash)) throw badNode('its bytes are not those of its hash')
    return found
  }
}

const NOTHING = new Uint8Array(0)

function isChildRoot(key: Uint8Array): boolean {
  return key.length > CHILD_PREFIX.length && equalBytes(key.subarray(0, CHILD_PREFIX.length), CHILD_PREFIX)
}
