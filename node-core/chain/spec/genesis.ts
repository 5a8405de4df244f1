/**
 * The genesis block (Polkadot Host spec, section 2.7 "Genesis State"): number 0, no parent, no extrinsics, an empty
 * digest; its state is what the specification lists.
 *
 * A specification for light clients has the root of that state alone. It gives the same block, and so the same network; a node of it cannot
 * execute block 1 and begins at the state of a later block, which it takes from others and checks (warp sync).
 */
import { concatBytes, fromHex, toHex, type Hash } from '../../base/bytes.ts'
import { blake2Hash } from '../../crypto/hashes/hashing.ts'
import { readCodeVersion } from '../runtime/code/code-version.ts'
import { encodeHeader, type Header } from '../scale/header.ts'
import { buildTrie } from '../trie/build.ts'
import { childRootKey } from '../trie/child.ts'
import type { Entry, PackedNodes, StateVersion } from '../trie/types.ts'
import { CODE_KEY, type GenesisStorage } from './raw-genesis.ts'
import type { ChainSpec } from './schema.ts'
import { withState } from './with-state.ts'

export interface GenesisBlock {
  readonly hash: Hash
  readonly header: Header
  /** The whole genesis state; undefined where the specification has its root alone. */
  readonly nodes: PackedNodes | undefined
}

export interface Genesis extends GenesisBlock {
  readonly nodes: PackedNodes
}

const NO_PARENT: Hash = `0x${'00'.repeat(32)}`
/** Root of a trie without entries: the blake2b-256 hash of the empty node's encoding, one zero byte; the same in both state versions. */
const EMPTY_ROOT: Hash = '0x03170a2e7597b7b7e3d84c05391d139a62b157e78786d8c082f29dcf4c111314'

/** The Wasm code of the genesis state, as the specification has it (perhaps compressed). Throws CHAIN_SPEC_NO_STATE. */
export function genesisCode(spec: ChainSpec): Uint8Array {
  return fromHex(withState(spec).genesis.raw.top[CODE_KEY] as string)
}

/** The genesis block of any specification, with its state where the specification has it. */
export function genesisOf(spec: ChainSpec): GenesisBlock {
  const { genesis } = spec
  return 'raw' in genesis ? buildGenesis(spec) : { ...blockOf(genesis.stateRootHash), nodes: undefined }
}

/**
 * `stateVersion` decides how the state is stored: what the genesis runtime says of itself in `Core_version`. Throws CHAIN_SPEC_NO_STATE.
 */
export function buildGenesis(spec: ChainSpec, stateVersion: StateVersion = readCodeVersion(genesisCode(spec)).stateVersion): Genesis {
  const { top, childrenDefault } = withState(spec).genesis.raw
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
  return { ...blockOf(toHex(root)), nodes: concatBytes(nodes, ...packs) }
}

function blockOf(stateRoot: Hash): Pick<Genesis, 'hash' | 'header'> {
  const header: Header = { parentHash: NO_PARENT, number: 0, stateRoot, extrinsicsRoot: EMPTY_ROOT, digest: [] }
  return { hash: blake2Hash(encodeHeader(header)), header }
}

function decodeEntries(storage: GenesisStorage): Entry[] {
  return Object.entries(storage).map(([key, value]) => [fromHex(key), fromHex(value)])
}
