/** The beginning of a chain's database, and whether an existing one is of this chain and of this version. */
import { EMPTY, fromHex, type Hash } from '../../base/bytes.ts'
import type { Extrinsic } from '../scale/block.ts'
import { headerHash, type Header } from '../scale/header.ts'
import { META } from './buckets.ts'
import { putBlock, putFinalizedHash, putLeaves, putMetaHash, readHeaderOf, readMetaHash } from './block-store.ts'
import type { Database } from './database.ts'
import { StateError, corrupt } from './errors.ts'
import { copyState } from '../trie/copy.ts'
import { NodeStore, isRecordSource } from '../trie/nodes/node-store.ts'
import { packedSource } from '../trie/nodes/packed-nodes.ts'
import { RecordPacker } from '../trie/nodes/packed-records.ts'
import { runSteps } from '../trie/steps.ts'
import { Trie } from '../trie/trie.ts'
import type { PackedNodes, TrieSource } from '../trie/types.ts'
import { putState } from './state-store.ts'
import { FIRST_NODE, recordSource } from './trie-source.ts'
import type { NodeChanges } from './types.ts'
import { oldNodes } from './carry/old-nodes.ts'
import { DATABASE_VERSION, OLD_VERSION, encodeVersion, readVersion } from './version.ts'

export interface GenesisState {
  readonly header: Header
  /** Empty on every known chain. */
  readonly body?: readonly Extrinsic[]
  /** All nodes of the genesis state, by hash; undefined where it is not known: then the node begins with the state of a later block. */
  readonly nodes: PackedNodes | undefined
}

/** A genesis state may take many megabytes and a while to build: a function is called only when it is needed. */
export type Genesis = GenesisState | (() => GenesisState | Promise<GenesisState>)

/** Writes the genesis block as best and finalized, in one batch. */
export async function initializeDatabase(database: Database, genesis: Genesis, expected?: Hash): Promise<void> {
  const state = await resolveGenesis(genesis)
  const hash = hashOf(state)
  if (expected !== undefined && hash !== expected) throw wrongGenesis(hash, expected, 'The chain specification may be damaged.')
  await database.write(
    (batch) => {
      batch.put(META.version, encodeVersion(DATABASE_VERSION))
      putBlock(batch, hash, state.header, state.body ?? [])
      if (state.nodes !== undefined) putState(batch, database, hash, state.header.stateRoot, recordsOf(state.nodes, state.header.stateRoot))
      putFinalizedHash(batch, 0, hash)
      for (const name of ['genesis', 'best', 'finalized'] as const) putMetaHash(batch, name, hash)
      putLeaves(batch, [hash])
    },
    { sync: true },
  )
}

/** The first records of a database. */
function recordsOf(nodes: PackedNodes, stateRoot: Hash): NodeChanges {
  const packer = new RecordPacker({ next: FIRST_NODE })
  const { id } = runSteps(copyState(packedSource(nodes), fromHex(stateRoot), packer))
  return { records: packer.finish(), first: packer.first, next: packer.next, root: id, ended: EMPTY }
}

/** Whether data that begin with another genesis are this chain's all the same. `get` reads the state that they begin with. */
export type AcceptGenesis = (get: (key: Uint8Array) => Uint8Array | undefined) => boolean

export interface ExpectedGenesis {
  readonly genesis: Genesis
  /** Where it is known beforehand, the genesis itself is not built. */
  readonly genesisHash?: Hash | undefined
  /** No other genesis is accepted where this is left out. */
  readonly acceptGenesis?: AcceptGenesis | undefined
}

/** Of this version or of the one before. Throws STATE_DB_VERSION or STATE_WRONG_GENESIS where this node must not use the data. */
export async function checkDatabase(database: Database, { genesis, genesisHash, acceptGenesis }: ExpectedGenesis): Promise<void> {
  readVersion(database)
  const stored = readMetaHash(database, 'genesis')
  const wanted = genesisHash ?? hashOf(await resolveGenesis(genesis))
  if (stored === wanted || acceptGenesis?.(genesisReader(database, stored)) === true) return
  throw wrongGenesis(stored, wanted, 'Start the network that this data belongs to, or choose another data folder for this one.')
}

function genesisReader(database: Database, hash: Hash): (key: Uint8Array) => Uint8Array | undefined {
  const header = readHeaderOf(database, hash)
  if (header === undefined) throw corrupt('the genesis block is missing')
  const root = fromHex(header.stateRoot)
  const source = stateSource(database)
  // It need not be kept.
  if ((isRecordSource(source) ? source.rootId(root) : source.get(root)) === undefined) return () => undefined
  const state = new Trie(new NodeStore(source), root)
  return (key) => state.get(key)
}

/** The nodes of a database of this version or of the one before. */
export function stateSource(database: Database): TrieSource {
  return readVersion(database) === OLD_VERSION ? oldNodes(database.level) : recordSource(database.level)
}

async function resolveGenesis(genesis: Genesis): Promise<GenesisState> {
  return typeof genesis === 'function' ? genesis() : genesis
}

function hashOf(state: GenesisState): Hash {
  return headerHash(state.header)
}

function wrongGenesis(found: Hash, expected: Hash, hint: string): StateError {
  return new StateError('STATE_WRONG_GENESIS', `the data belong to the chain with genesis ${found}, not to ${expected}.`, {
    data: { found, expected },
    hint,
  })
}
