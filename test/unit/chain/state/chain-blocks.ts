/** A small chain whose states are real tries. Needs no test runner, so that other processes can use it. */
import { EMPTY, toHex, utf8, type Hash } from '../../../../node-core/base/bytes.ts'
import { blake2Hash } from '../../../../node-core/crypto/hashes/hashing.ts'
import { encodeHeader, type Header } from '../../../../node-core/chain/scale/header.ts'
import type { GenesisState } from '../../../../node-core/chain/state/genesis.ts'
import type { ImportedBlock, NodeChanges } from '../../../../node-core/chain/state/types.ts'
import { buildTrie } from '../../../../node-core/chain/trie/build.ts'
import { NodeStore } from '../../../../node-core/chain/trie/nodes/node-store.ts'
import { RecordPacker } from '../../../../node-core/chain/trie/nodes/packed-records.ts'
import { Trie } from '../../../../node-core/chain/trie/trie.ts'
import type { Entry, RecordSource } from '../../../../node-core/chain/trie/types.ts'

export const ZERO_HASH: Hash = `0x${'00'.repeat(32)}`

export function makeGenesis(name = 'test'): GenesisState {
  const { root, nodes } = buildTrie([[utf8('name'), utf8(name)], [utf8('number'), Uint8Array.of(0)]], 1)
  return { header: { parentHash: ZERO_HASH, number: 0, stateRoot: toHex(root), extrinsicsRoot: ZERO_HASH, digest: [] }, nodes }
}

export const genesis = makeGenesis()
export const genesisHash = blake2Hash(encodeHeader(genesis.header))

/** Numbers of records, far from those of a genesis. One for all services: what is not given out twice needs no order. */
const counter = { next: 1_000 }

/** A state that shares nothing with another one. */
function newState(entries: readonly Entry[]): { readonly root: Uint8Array; readonly nodes: NodeChanges } {
  const trie = new Trie(new NodeStore(NO_RECORDS))
  trie.apply(entries, 1)
  const packer = new RecordPacker(counter)
  trie.store(packer)
  return { root: trie.root(), nodes: { records: packer.finish(), first: packer.first, next: packer.next, root: trie.rootId, ended: EMPTY } }
}

const NO_RECORDS: RecordSource = { node: () => undefined, value: () => undefined, rootId: () => undefined }

/** A child of `parent`; blocks with another `salt` are other blocks. */
export function makeBlock(parent: Header, salt = '', isBest = true): ImportedBlock {
  const number = parent.number + 1
  const { root, nodes } = newState([[utf8('number'), Uint8Array.of(number)], [utf8('salt'), utf8(salt.padEnd(40, '.'))]])
  const header: Header = {
    parentHash: blake2Hash(encodeHeader(parent)),
    number,
    stateRoot: toHex(root),
    extrinsicsRoot: ZERO_HASH,
    digest: [{ type: 'other', data: utf8(salt) }],
  }
  const changes = { stateRoot: header.stateRoot, nodes, changedKeys: [], codeChanged: false }
  return { hash: blake2Hash(encodeHeader(header)), header, body: [Uint8Array.of(4, number)], changes, isBest }
}

/** `count` blocks, one on the other. */
export function makeChain(parent: Header, count: number, salt = '', isBest = true): ImportedBlock[] {
  const blocks: ImportedBlock[] = []
  for (let header = parent; blocks.length < count; ) {
    const block = makeBlock(header, salt, isBest)
    blocks.push(block)
    header = block.header
  }
  return blocks
}
