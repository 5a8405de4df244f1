/**
 * Blocks that change a state, without a runtime: each on any parent, with a model of the state that it leads to. For whoever looks at what a
 * database keeps.
 */
import { fromHex, toHex, utf8, type Hash } from '../../node-core/base/bytes.ts'
import { blake2Hash } from '../../node-core/crypto/hashes/hashing.ts'
import { encodeHeader, type Header } from '../../node-core/chain/scale/header.ts'
import type { OpenTrieSource } from '../../node-core/chain/state/trie-source.ts'
import type { ImportedBlock } from '../../node-core/chain/state/types.ts'
import { openChildTrie, putChildRoot } from '../../node-core/chain/trie/child.ts'
import { packIds } from '../../node-core/chain/trie/nodes/id-list.ts'
import { NodeStore } from '../../node-core/chain/trie/nodes/node-store.ts'
import { RecordPacker } from '../../node-core/chain/trie/nodes/packed-records.ts'
import { Trie } from '../../node-core/chain/trie/trie.ts'
import type { Change, StateVersion } from '../../node-core/chain/trie/types.ts'

const ZERO: Hash = `0x${'00'.repeat(32)}`

/** What a block does: to the main trie, and to child tries by their keys. */
export interface Edits {
  readonly main: readonly Change[]
  readonly children?: Readonly<Record<string, readonly Change[]>>
  readonly version?: StateVersion
}

/** The contents of a state: of the main trie without the roots of children, and of each child trie; by keys in hex. */
export interface ModelState {
  readonly main: ReadonlyMap<string, Uint8Array>
  readonly children: ReadonlyMap<string, ReadonlyMap<string, Uint8Array>>
}

export interface ModelBlock {
  readonly hash: Hash
  readonly header: Header
  readonly state: ModelState
}

export const EMPTY_STATE: ModelState = { main: new Map(), children: new Map() }

export class StateChain {
  readonly #store: NodeStore
  readonly #blockRoot: (hash: Uint8Array) => number | undefined
  readonly #counter: { next: number }
  readonly #hasModel: boolean
  readonly blocks = new Map<Hash, ModelBlock>()

  /**
   * On the records of a database that is open; `genesis` is the block there. The parent of a block must be stored. Without a model of its state no
   * block has one.
   */
  constructor({ source, blockRoot, nextNode }: Pick<OpenTrieSource, 'source' | 'blockRoot' | 'nextNode'>, genesis: Header, state?: ModelState) {
    this.#store = new NodeStore(source, 256 * 1024)
    this.#blockRoot = blockRoot
    this.#counter = { next: nextNode() }
    const hash = blake2Hash(encodeHeader(genesis))
    this.#hasModel = state !== undefined
    this.blocks.set(hash, { hash, header: genesis, state: state ?? EMPTY_STATE })
  }

  /** Blocks with another `salt` are other blocks. */
  block(parent: ModelBlock, { main, children = {}, version = 1 }: Edits, salt: string, isBest: boolean): ImportedBlock {
    const root = this.#blockRoot(fromHex(parent.hash))
    const trie = new Trie(this.#store, { hash: fromHex(parent.header.stateRoot), id: root ?? 0 })
    const packer = new RecordPacker(this.#counter)
    const ended: number[] = []
    for (const [childKey, changes] of Object.entries(children)) {
      const child = openChildTrie(this.#store, trie, utf8(childKey))
      child.apply(changes, version)
      putChildRoot(trie, utf8(childKey), child, version)
      child.store(packer)
      ended.push(...child.takeEnded())
    }
    trie.apply(main, version)
    trie.store(packer)
    ended.push(...trie.takeEnded())
    const header: Header = {
      parentHash: parent.hash, number: parent.header.number + 1, stateRoot: toHex(trie.root()), extrinsicsRoot: ZERO, digest: [{ type: 'other', data: utf8(salt) }],
    }
    const hash = blake2Hash(encodeHeader(header))
    const nodes = { records: packer.finish(), first: packer.first, next: packer.next, root: trie.rootId, ended: packIds(ended) }
    this.blocks.set(hash, { hash, header, state: this.#hasModel ? applied(parent.state, main, children) : EMPTY_STATE })
    return { hash, header, body: [], isBest, changes: { stateRoot: header.stateRoot, nodes, changedKeys: [], codeChanged: false } }
  }
}

export function applied(before: ModelState, main: readonly Change[], children: Readonly<Record<string, readonly Change[]>>): ModelState {
  const tries = new Map(before.children)
  for (const [childKey, changes] of Object.entries(children)) {
    const child = edited(tries.get(childKey) ?? new Map(), changes)
    if (child.size === 0) tries.delete(childKey)
    else tries.set(childKey, child)
  }
  return { main: edited(before.main, main), children: tries }
}

function edited(before: ReadonlyMap<string, Uint8Array>, changes: readonly Change[]): Map<string, Uint8Array> {
  const after = new Map(before)
  for (const [key, value] of changes) {
    if (value === undefined) after.delete(toHex(key))
    else after.set(toHex(key), value)
  }
  return after
}

export const NO_EDITS: Edits = { main: [] }
