/** The beginning of a chain's database, and whether an existing one is of this chain and of this version. */
import { EMPTY, fromHex, type Hash } from '../../base/bytes.ts'
import type { Extrinsic } from '../scale/block.ts'
import { headerHash, type Header } from '../scale/header.ts'
import { DATABASE_VERSION, META } from './buckets.ts'
import { putBlock, putFinalizedHash, putLeaves, putMetaHash, readHeaderOf, readMetaHash } from './block-store.ts'
import type { Database } from './database.ts'
import { StateError, corrupt } from './errors.ts'
import { copyState } from '../trie/copy.ts'
import { NodeStore } from '../trie/nodes/node-store.ts'
import { packedSource } from '../trie/nodes/packed-nodes.ts'
import { RecordPacker } from '../trie/nodes/packed-records.ts'
import { runSteps } from '../trie/steps.ts'
import { Trie } from '../trie/trie.ts'
import type { PackedNodes } from '../trie/types.ts'
import { putState } from './state-store.ts'
import { FIRST_NODE, recordSource } from './trie-source.ts'
import type { NodeChanges } from './types.ts'

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

/** Throws STATE_DB_VERSION or STATE_WRONG_GENESIS where this node must not use the data. */
export async function checkDatabase(database: Database, { genesis, genesisHash, acceptGenesis }: ExpectedGenesis): Promise<void> {
  checkVersion(database)
  const stored = readMetaHash(database, 'genesis')
  const wanted = genesisHash ?? hashOf(await resolveGenesis(genesis))
  if (stored === wanted || acceptGenesis?.(genesisReader(database, stored)) === true) return
  throw wrongGenesis(stored, wanted, 'Start the network that this data belongs to, or choose another data folder for this one.')
}

function genesisReader(database: Database, hash: Hash): (key: Uint8Array) => Uint8Array | undefined {
  const header = readHeaderOf(database, hash)
  if (header === undefined) throw corrupt('the genesis block is missing')
  const source = recordSource(database.level)
  // It need not be kept.
  if (source.rootId(fromHex(header.stateRoot)) === undefined) return () => undefined
  const state = new Trie(new NodeStore(source), fromHex(header.stateRoot))
  return (key) => state.get(key)
}

/** Throws STATE_DB_VERSION, or STATE_DB_CORRUPT where the database has no mark of its version. */
export function checkVersion(database: Database): void {
  const mark = database.get(META.version)
  if (mark?.length !== 4) throw corrupt('it has no version mark')
  const found = decodeVersion(mark)
  if (found !== DATABASE_VERSION) throw wrongVersion(found)
}

async function resolveGenesis(genesis: Genesis): Promise<GenesisState> {
  return typeof genesis === 'function' ? genesis() : genesis
}

function hashOf(state: GenesisState): Hash {
  return headerHash(state.header)
}

function encodeVersion(version: number): Uint8Array {
  return Uint8Array.of(version >>> 24, (version >>> 16) & 0xff, (version >>> 8) & 0xff, version & 0xff)
}

function decodeVersion(mark: Uint8Array): number {
  return new DataView(mark.buffer, mark.byteOffset, mark.byteLength).getUint32(0)
}

function wrongVersion(found: number): StateError {
  const hint =
    found > DATABASE_VERSION
      ? 'Update this software, or choose another data folder.'
      : 'Use the software that wrote it, or move the data folder away: the node will synchronize from the network.'
  return new StateError('STATE_DB_VERSION', `the database has version ${found}; this version of the app needs version ${DATABASE_VERSION}.`, {
    data: { found, expected: DATABASE_VERSION },
    hint,
  })
}

function wrongGenesis(found: Hash, expected: Hash, hint: string): StateError {
  return new StateError('STATE_WRONG_GENESIS', `the data belong to the chain with genesis ${found}, not to ${expected}.`, {
    data: { found, expected },
    hint,
  })
}
