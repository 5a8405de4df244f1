/**
 * Changing a trie (Polkadot Host spec, section "Radix Tree": what a node with one child left, or a key that parts from
 * another halfway, turns into).
 *
 * Nodes on the way to a change are copied for the edit that makes it (`owner`), and then changed in place by further
 * changes of the same edit. All others stay shared. Where nothing changes, the very same node comes back. What a copy takes the place of,
 * or what is removed, has ended for the edited trie: the edit notes the numbers of such records.
 */
import { equalBytes } from '../../base/bytes.ts'
import { blake2b256 } from '../../crypto/hashes/hashing.ts'
import { resolve } from './lookup.ts'
import { commonNibbles, joinNibbles, nibbleAt } from './nodes/nibbles.ts'
import type { NodeStore } from './nodes/node-store.ts'
import { TrieNode, VALUE, isHashed, setValue, type Child } from './nodes/node.ts'
import type { RootHolder, StateVersion } from './types.ts'

export interface Edit {
  readonly store: NodeStore
  readonly owner: number
  /** Numbers of records that the edited trie has no more, each once. */
  readonly ended: number[]
}

/** What is put at a key. */
export interface Put {
  readonly value: Uint8Array
  readonly version: StateVersion
  /** The child trie, where the value is its root. */
  readonly child: RootHolder | undefined
}

/** Puts a value below `node`, which lies `depth` nibbles down the key. Key and value are kept, not copied. */
export function insert(edit: Edit, node: TrieNode | undefined, key: Uint8Array, depth: number, put: Put): TrieNode {
  const left = key.length * 2 - depth
  if (node === undefined) return leaf(edit, key, depth, put)
  const common = commonNibbles(node.bytes, node.start, key, depth, Math.min(left, node.length))
  if (common < node.length) return split(edit, node, key, depth, common, put)
  if (common === left) return replaceValue(edit, node, put)

  const nibble = nibbleAt(key, depth + common)
  const before = node.children === undefined ? undefined : resolve(edit.store, node, nibble)
  const after = insert(edit, before, key, depth + common + 1, put)
  return after === before ? node : withChild(edit, node, nibble, after)
}

/** Removes the value of a key below `node`; undefined where nothing is left. */
export function remove(edit: Edit, node: TrieNode, key: Uint8Array, depth: number): TrieNode | undefined {
  const left = key.length * 2 - depth
  if (node.length > left || commonNibbles(node.bytes, node.start, key, depth, node.length) < node.length) return node
  if (node.length === left) {
    if (node.kind === VALUE.none) return node
    endValue(edit, node)
    if (node.children === undefined) {
      end(edit, node)
      return undefined
    }
    const own = ownedBy(edit, node)
    own.kind = VALUE.none
    own.value = undefined
    own.valueHash = undefined
    own.valueId = 0
    own.childTrie = undefined
    return contract(edit, own)
  }
  if (node.children === undefined) return node
  const nibble = nibbleAt(key, depth + node.length)
  const before = resolve(edit.store, node, nibble)
  if (before === undefined) return node
  const after = remove(edit, before, key, depth + node.length + 1)
  if (after === before) return node
  const own = withChild(edit, node, nibble, after ?? 0)
  return after === undefined ? contract(edit, own) : own
}

function leaf(edit: Edit, key: Uint8Array, depth: number, put: Put): TrieNode {
  const node = new TrieNode(key, depth, key.length * 2 - depth)
  node.owner = edit.owner
  setPut(node, put)
  return node
}

function setPut(node: TrieNode, { value, version, child }: Put, valueHash?: Uint8Array): void {
  setValue(node, value, version, valueHash)
  node.childTrie = child
}

/** A child trie that was changed and changed back has the same root in another record: that is a change as well. */
function replaceValue(edit: Edit, node: TrieNode, put: Put): TrieNode {
  const { value, version, child } = put
  let valueHash: Uint8Array | undefined
  if (isHashed(value, version)) {
    if (node.kind === VALUE.hashed) {
      valueHash = blake2b256(value)
      if (equalBytes(valueHash, node.valueHash as Uint8Array)) return node
    }
  } else if (node.kind === VALUE.inline && equalBytes(value, node.value as Uint8Array) && (child === undefined || child.rootId === node.valueId)) {
    return node
  }
  endValue(edit, node)
  const own = ownedBy(edit, node)
  setPut(own, put, valueHash)
  return own
}

/** The key parts from the node's partial key after `common` nibbles: a branch takes the node's place. */
function split(edit: Edit, node: TrieNode, key: Uint8Array, depth: number, common: number, put: Put): TrieNode {
  const branch = new TrieNode(node.bytes, node.start, common)
  branch.owner = edit.owner
  branch.children = noChildren()
  const lower = ownedBy(edit, node)
  branch.children[nibbleAt(lower.bytes, lower.start + common)] = lower
  lower.start += common + 1
  lower.length -= common + 1
  const at = depth + common
  if (at === key.length * 2) setPut(branch, put)
  else branch.children[nibbleAt(key, at)] = leaf(edit, key, at + 1, put)
  return branch
}

/** A branch that has lost something: without children it is a leaf, with one child and no value it becomes that child. */
function contract(edit: Edit, node: TrieNode): TrieNode {
  const children = node.children as Child[]
  let count = 0
  let only = 0
  for (let i = 0; i < 16; i++) {
    if (children[i] === 0) continue
    count++
    only = i
  }
  if (count === 0) {
    node.children = undefined
  } else if (count === 1 && node.kind === VALUE.none) {
    const child = ownedBy(edit, resolve(edit.store, node, only) as TrieNode)
    child.bytes = joinNibbles(node.bytes, node.start, node.length, only, child.bytes, child.start, child.length)
    child.length += node.length + 1
    child.start = child.length & 1
    return child
  }
  return node
}

function withChild(edit: Edit, node: TrieNode, nibble: number, child: Child): TrieNode {
  const own = ownedBy(edit, node)
  own.children ??= noChildren()
  own.children[nibble] = child
  return own
}

function ownedBy(edit: Edit, node: TrieNode): TrieNode {
  if (node.owner === edit.owner) return node
  end(edit, node)
  return node.copy(edit.owner)
}

/** The record of a node has no place in the edited trie any more. */
function end({ ended }: Edit, { id }: TrieNode): void {
  if (id !== 0) ended.push(id)
}

/** A value of its own goes. (The root of a child trie is ended by whoever edits the child.) */
function endValue({ ended }: Edit, { kind, valueId }: TrieNode): void {
  if (kind === VALUE.hashed && valueId !== 0) ended.push(valueId)
}

function noChildren(): Child[] {
  return [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
}
