/** A small chain whose states are real tries. Needs no test runner, so that other processes can use it. */
import { toHex, utf8, type Hash } from '../../../../node-core/base/bytes.ts'
import { blake2Hash } from '../../../../node-core/crypto/hashes/hashing.ts'
import { encodeHeader, type Header } from '../../../../node-core/chain/scale/header.ts'
import type { GenesisState } from '../../../../node-core/chain/state/genesis.ts'
import type { ImportedBlock } from '../../../../node-core/chain/state/types.ts'
import { buildTrie } from '../../../../node-core/chain/trie/build.ts'

export const ZERO_HASH: Hash = `0x${'00'.repeat(32)}`

export function makeGenesis(name = 'test'): GenesisState {
  const { root, nodes } = buildTrie([[utf8('name'), utf8(name)], [utf8('number'), Uint8Array.of(0)]], 1)
  return { header: { parentHash: ZERO_HASH, number: 0, stateRoot: toHex(root), extrinsicsRoot: ZERO_HASH, digest: [] }, nodes }
}

export const genesis = makeGenesis()
export const genesisHash = blake2Hash(encodeHeader(genesis.header))

/** A child of `parent`; blocks with another `salt` are other blocks. */
export function makeBlock(parent: Header, salt = '', isBest = true): ImportedBlock {
  const number = parent.number + 1
  const { root, nodes } = buildTrie([[utf8('number'), Uint8Array.of(number)], [utf8('salt'), utf8(salt.padEnd(40, '.'))]], 1)
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
