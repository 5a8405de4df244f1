/**
 * From the downloaded entries to the state: its tries, node by node, children before parents, and child tries before the main trie that
 * names them. Only when the root comes out as it should is it the state.
 *
 * Each child trie is made for itself, also where its equal stands elsewhere: whoever stores nodes by their place needs each of them.
 * An interrupted assembly begins anew. The order is always the same, so what it hands out is so as well.
 */
import { equalBytes, toBinaryString } from '../../../base/bytes.ts'
import { CHILD_PREFIX } from '../../trie/child.ts'
import { HASH_SIZE } from '../../trie/nodes/node.ts'
import { TrieAssembler, type AssembledTrie, type AssemblySink } from './assembler.ts'
import { JoinError } from './errors.ts'
import { RunReader } from './runs.ts'
import type { JoiningStore } from './store.ts'

/** Where the nodes go. */
export interface AssemblyTarget extends AssemblySink<number> {
  /** Bytes that were taken and are not written yet. */
  readonly pendingBytes: number
  flush(): Promise<void>
}

export interface AssemblyHooks {
  /** So many entries, and so many bytes of keys and values, went in. Throws where it shall end. */
  onProgress(entries: number, bytes: number): void
}

/** Memory that nodes may take until they are written. */
const PENDING_BYTES = 256 * 1024

/** Puts the state under `root` together. Returns the reference of its root node; undefined for the empty state. Throws JOIN_STATE_DAMAGED. */
export async function assembleState(store: JoiningStore, root: Uint8Array, target: AssemblyTarget, hooks: AssemblyHooks): Promise<number | undefined> {
  return new Assembly(store, target, hooks).state(root)
}

class Assembly {
  readonly #store: JoiningStore
  readonly #target: AssemblyTarget
  readonly #hooks: AssemblyHooks
  /** By the place in the main trie. */
  readonly #children = new Map<string, number>()
  #entries = 0
  #bytes = 0

  constructor(store: JoiningStore, target: AssemblyTarget, hooks: AssemblyHooks) {
    this.#store = store
    this.#target = target
    this.#hooks = hooks
  }

  async state(root: Uint8Array): Promise<number | undefined> {
    await this.#makeChildren()
    const { reference } = await this.#trie(this.#store.mainRuns(), root, true)
    await this.#target.flush()
    return reference
  }

  async #makeChildren(): Promise<void> {
    // Entries of a trie that stands several times came with the first of them.
    const firsts = new Map<string, Uint8Array>()
    for await (const packed of this.#store.mainRuns(CHILD_PREFIX)) {
      const reader = new RunReader(packed)
      while (reader.next()) {
        const key = reader.key.subarray(0, reader.keyLength)
        const order = Buffer.compare(key.subarray(0, CHILD_PREFIX.length), CHILD_PREFIX)
        if (order > 0) return
        if (order < 0 || reader.value.length !== HASH_SIZE) continue
        const place = key.slice()
        const root = reader.value.slice()
        const name = toBinaryString(root)
        const first = firsts.get(name) ?? place
        firsts.set(name, first)
        const { reference } = await this.#trie(this.#store.childRuns(first), root, false)
        if (reference !== undefined) this.#children.set(toBinaryString(place), reference)
      }
    }
  }

  async #trie(runs: AsyncIterable<Uint8Array>, root: Uint8Array, isMain: boolean): Promise<AssembledTrie<number>> {
    const assembler = new TrieAssembler(this.#target)
    const hasChildren = isMain && this.#children.size > 0
    for await (const packed of runs) {
      const reader = new RunReader(packed)
      while (reader.next()) {
        const { key, keyLength, value } = reader
        const child = hasChildren && value.length === HASH_SIZE ? this.#children.get(toBinaryString(key.subarray(0, keyLength))) : undefined
        assembler.add(key, keyLength, value, reader.hashed, child)
        this.#entries++
        this.#bytes += keyLength + value.length
      }
      this.#hooks.onProgress(this.#entries, this.#bytes)
      if (this.#target.pendingBytes >= PENDING_BYTES) await this.#target.flush()
    }
    const made = assembler.finish()
    if (!equalBytes(made.root, root)) throw new JoinError('JOIN_STATE_DAMAGED', 'what was downloaded does not build to the root of the state.')
    return made
  }
}
