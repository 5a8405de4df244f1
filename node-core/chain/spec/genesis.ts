/**
 * The genesis block (Polkadot Host spec, section 2.7 "Genesis State"): number 0, no parent, no extrinsics, an empty
 * digest; its state is what the specification lists.
 */
import { concatBytes, fromHex, toHex, type Hash } from '../../base/bytes.ts'
import { blake2Hash } from '../../crypto/hashes/hashing.ts'
import { readCodeVersion } from '../runtime/code/code-version.ts'
import { encodeHeader, type Header } from '../scale/header.ts'
import { buildTrie, orderedTrieRoot } from '../trie/build.ts'
import { childRootKey } from '../trie/child.ts'
import type { Entry, PackedNodes, StateVersion } from '../trie/types.ts'
import { CODE_KEY, type GenesisStorage } from './raw-genesis.ts'
import type { ChainSpec } from './schema.ts'

export interface Genesis {
  readonly hash: Hash
  readonly header: Header
  /** The whole genesis state. */
  readonly nodes: PackedNodes
}

const NO_PARENT: Hash = `0x${'00'.repeat(32)}`

/** The Wasm code of the genesis state, as the specification has it (perhaps compressed). */
export function genesisCode(spec: ChainSpec): Uint8Array {
  return fromHex(spec.genesis.raw.top[CODE_KEY] as string)
}

/** `stateVersion` decides how the state is stored: what the genesis runtime says of itself in `Core_version`. */
export function buildGenesis(spec: ChainSpec, stateVersion: StateVersion = readCodeVersion(genesisCode(spec)).stateVersion): Genesis {
  const { top, childrenDefault } = spec.genesis.raw
  const entries = decodeEntries(top)
  const packs: PackedNodes[] = []
  for (const [child, storage] of Object.entries(childrenDefault ?? {})) {
    const contents = decodeEntries(storage)
    // A child without anything in it does not exist: it has no root in the main trie.
    if (contents.length === 0) continue
    const { root, nodes } = buildTrie(contents, stateVersion)
    entries.push([childRootKey(fromHex(child)), root])
    packs.push(nodes)
  }
  const { root, nodes } = buildTrie(entries, stateVersion)
  const header: Header = {
    parentHash: NO_PARENT,
    number: 0,
    stateRoot: toHex(root),
    extrinsicsRoot: toHex(orderedTrieRoot([], stateVersion)),
    digest: [],
  }
  return { hash: blake2Hash(encodeHeader(header)), header, nodes: concatBytes(nodes, ...packs) }
}

function decodeEntries(storage: GenesisStorage): Entry[] {
  return Object.entries(storage).map(([key, value]) => [fromHex(key), fromHex(value)])
}
