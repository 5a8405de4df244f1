/**
 * What the other services know of the state service.
 *
 * Readers are handed out freely; the writer goes to core alone. Everything that one block changes (header, body, trie
 * nodes, best and finalized marks, consensus data) is written in one atomic batch.
 */
import type { Hash } from '../../base/bytes.ts'
import type { Disposer } from '../../base/disposers.ts'
import type { EventSource } from '../../base/events.ts'
import type { Header } from '../scale/header.ts'
import type { BlockRef, Extrinsic, Justification } from '../scale/block.ts'
import type { Difference } from '../trie/difference.ts'
import type { PackedIds, PackedRecords, TrieSource } from '../trie/types.ts'

/** Facts, announced after they are on disk. */
export interface BlockStateEvents {
  /** `isOwn`: this node built it. */
  imported: { readonly block: BlockRef; readonly header: Header; readonly isBest: boolean; readonly isOwn?: boolean }
  /** `retracted` and `enacted` run from the old to the new best block, oldest last and oldest first respectively. */
  bestChanged: { readonly best: BlockRef; readonly retracted: readonly BlockRef[]; readonly enacted: readonly BlockRef[] }
  /** `finalized` are the newly final blocks, oldest first; `pruned` the heads of the forks that died. */
  finalized: { readonly head: BlockRef; readonly finalized: readonly BlockRef[]; readonly pruned: readonly Hash[] }
}

/** Heights of finalized blocks that are missing here, both included: a node that began with a recent state has none of the blocks before. */
export interface BlockGap {
  readonly from: number
  readonly to: number
}

export interface BlockStateReader {
  readonly events: EventSource<BlockStateEvents>
  readonly genesisHash: Hash
  best(): BlockRef
  finalized(): BlockRef
  /** Unfinalized blocks without children, and the finalized one where it has none. */
  leaves(): readonly BlockRef[]
  /** Undefined where every block from genesis on is here. Inside of it, heights have no hash and hashes no block, but for what was needed to join. */
  gap(): BlockGap | undefined
  /** Synchronous: a header is small, and is in memory while its block is not finalized. */
  header(hash: Hash): Header | undefined
  /** The hash at this height on the chain that ends in the best block. */
  hashByNumber(number: number): Hash | undefined
  /** Also of a dead block that is held ({@link BlockPins}). */
  body(hash: Hash): Promise<readonly Extrinsic[] | undefined>
  justifications(hash: Hash): Promise<readonly Justification[] | undefined>
  hasBlock(hash: Hash): boolean
  /** True where `ancestor` is `descendant` or lies on its way to genesis. Both must be known. */
  isAncestor(ancestor: Hash, descendant: Hash): boolean
  /** The blocks after `from` (exclusive) up to `to` (inclusive), oldest first; throws where `from` is no ancestor, or blocks between them are missing here. */
  route(from: Hash, to: Hash): readonly BlockRef[]
  /** Children of a block that is not older than the finalized one; of an older one the child that became final, where it is here. */
  children(hash: Hash): readonly BlockRef[]
}

/** Reads of a trie at a state root. Synchronous: they are a handful of cached database gets each. */
export interface StorageReader {
  /** Value at `key` in the main trie. Throws a NodeError where the state is not there: `STATE_PRUNED` where not all states are kept, `STATE_UNKNOWN_ROOT` else. */
  get(stateRoot: Hash, key: Uint8Array): Uint8Array | undefined
  /** Keys that start with `prefix`, after `startKey` (exclusive) where one is given, in order, `count` at the most. */
  keys(stateRoot: Hash, prefix: Uint8Array, count: number, startKey?: Uint8Array): Uint8Array[]
  /** The same for a default child trie; `childKey` is without the `:child_storage:default:` prefix. */
  getChild(stateRoot: Hash, childKey: Uint8Array, key: Uint8Array): Uint8Array | undefined
  childKeys(stateRoot: Hash, childKey: Uint8Array, prefix: Uint8Array, count: number, startKey?: Uint8Array): Uint8Array[]
  /** True where the root node of this state is stored. */
  has(stateRoot: Hash): boolean
}

/** Proofs of what {@link StorageReader} reads: encoded trie nodes, each once. Throws as it does. */
export interface ProofReader {
  /** The nodes that prove the values, or the absence, of `keys` under `stateRoot`. */
  readProof(stateRoot: Hash, keys: readonly Uint8Array[]): readonly Uint8Array[]
  /** The same for a default child trie, with the way to its root in the main trie. */
  readChildProof(stateRoot: Hash, childKey: Uint8Array, keys: readonly Uint8Array[]): readonly Uint8Array[]
  /**
   * Merkle value of the node at `key`, or of its closest descendant: whoever watches a prefix compares these. In the default child
   * trie `childKey` where one is named. Undefined where nothing starts with `key`.
   */
  closestDescendantMerkleValue(stateRoot: Hash, key: Uint8Array, childKey?: Uint8Array): Uint8Array | undefined
  /**
   * Keys of which the value differs between two states, in order: of those that start with one of `prefixes`, or of all where there are none.
   * Costs what differs, not what there is; it is read as the caller goes on.
   */
  differences(before: Hash, after: Hash, prefixes: readonly Uint8Array[], childKey?: Uint8Array): Iterable<Difference>
  /** The nodes themselves, past the cache: for whoever reads so many that they would push out what others need. */
  nodes(stateRoot: Hash): TrieSource
}

/** Holding blocks against pruning, for as long as this process lives. */
export interface BlockPins {
  /**
   * State and body of this block can be read until the disposer is called, however old it grows and also where it dies on a fork. Undefined where its state
   * is not here. Whoever holds bounds how many and how long: nothing is given up above the lowest one.
   */
  pin(hash: Hash): Disposer | undefined
}

/** What a block did to the records of the state (trie/nodes/record.ts). */
export interface NodeChanges {
  /** New ones, numbered from `first` to `next`, which is not among them. */
  readonly records: PackedRecords
  readonly first: number
  readonly next: number
  /** The record of the root: one of these, or the parent's where nothing has changed; 0 for the empty state. */
  readonly root: number
  /** Those of the parent's state that this state does not have any more. */
  readonly ended: PackedIds
  /** The record of the parent's root that all this was made on; 0 or nothing where that was not told. */
  readonly base?: number
}

/** What executing a block did to the state. */
export interface StateChanges {
  readonly stateRoot: Hash
  readonly nodes: NodeChanges
  /** Keys of the main trie that the block wrote (for storage subscriptions). */
  readonly changedKeys: readonly Uint8Array[]
  /** True where the block wrote `:code`. */
  readonly codeChanged: boolean
  /** What the block left for runtime calls outside of blocks; undefined deletes. It is under no root. */
  readonly offchain?: readonly (readonly [key: Uint8Array, value: Uint8Array | undefined])[]
}

export interface ImportedBlock {
  readonly hash: Hash
  readonly header: Header
  readonly body: readonly Extrinsic[]
  readonly changes: StateChanges
  /** Becomes the best block with this batch. Core decides (fork choice). */
  readonly isBest: boolean
  /** This node built it. */
  readonly isOwn?: boolean
  readonly justifications?: readonly Justification[]
  /** Entries that a consensus engine keeps (see {@link AuxStore}), in the same batch. */
  readonly aux?: readonly AuxEntry[]
}

/** Key and value; `undefined` deletes. Keys are `engine/…` strings. */
export type AuxEntry = readonly [key: string, value: Uint8Array | undefined]

/** A small store beside the blocks for what consensus must not forget. */
export interface AuxStore {
  getAux(key: string): Uint8Array | undefined
}

/** A finalized block without its state: its header, and what proves it. */
export interface ProvenHeader {
  readonly hash: Hash
  readonly header: Header
  readonly justification: Justification
}

/** The block on which the chain stands here from now on, whose state is stored already. */
export interface Anchor extends Omit<ProvenHeader, 'justification'> {
  /** Undefined where whoever put the state here answers for it. */
  readonly justification: Justification | undefined
  /** Undefined where it is not to be had. */
  readonly body: readonly Extrinsic[] | undefined
  /** Finalized blocks below it that are kept, lowest first: proofs for others are made of them. */
  readonly steps: Iterable<ProvenHeader>
  readonly aux: readonly AuxEntry[]
}

/** A finalized block that was missing. */
export interface GapBlock {
  readonly hash: Hash
  readonly header: Header
  /** Checked against the header. Undefined where bodies are not wanted. */
  readonly body?: readonly Extrinsic[] | undefined
  /** Proven where a GapWriter gets them: what is not is left out. */
  readonly justifications?: readonly Justification[] | undefined
}

/** Core's: see core/import/gap-filler.ts. */
export interface GapWriter {
  /**
   * Stores blocks that are missing, with the mark of what still is, in one batch: downwards by their parents from the highest of them, or
   * from the block above it, which then gets its body. Throws STATE_INVALID_BLOCK where they do not fit, STATE_WRONG_GENESIS where they end
   * at another genesis; then nothing has changed.
   */
  fillGap(blocks: readonly GapBlock[]): Promise<void>
}

/** What was written for an anchor that is given up. */
export interface AbandonedAnchor {
  /** The blocks below it that were to be kept. */
  readonly steps: readonly BlockRef[]
  readonly aux: readonly AuxEntry[]
}

/** Core's alone. Calls must not overlap: core's import queue sees to that. */
export interface StateWriter extends AuxStore {
  importBlock(block: ImportedBlock): Promise<void>
  /** Marks `hash` and its ancestors final and prunes forks that do not contain it. Moves best onto the finalized chain if needed. */
  finalize(hash: Hash, justification?: Justification, aux?: readonly AuxEntry[]): Promise<void>
  putAux(entries: readonly AuxEntry[]): Promise<void>
}

/** For work on data while nothing else uses them: no event tells of it, and nobody may hold on to what was read before. */
export interface BlockReverter {
  /**
   * Removes all blocks above this height, which is not below the finalized block, with their states: the newest first, each in one batch
   * with what `entries` says of it. The best block is the one at this height then. Returns what was removed.
   */
  revert(height: number, entries: (block: BlockRef) => readonly AuxEntry[]): Promise<readonly BlockRef[]>
}

/** A whole state whose records were written ahead: `[first, next)`, the root among them (0 for the empty state). */
export type AdoptedState = Pick<NodeChanges, 'root' | 'first' | 'next'>

/** For a node that joins a running chain, before core starts. */
export interface AnchorWriter extends AuxStore {
  putAux(entries: readonly AuxEntry[]): Promise<void>
  /** Whether the state of this block is adopted. */
  hasAdopted(block: Hash): boolean
  /**
   * The records are those of this block's state: they stay, and readers find it under its root. What was adopted for another block, by a start
   * that was cut off before its anchor, goes. Threads that give numbers out begin anew.
   */
  adopt(block: Pick<ProvenHeader, 'hash' | 'header'>, state: AdoptedState): Promise<void>
  /**
   * The chain goes on from this block: it is best and final, and what lies between genesis and it is missing, apart from the steps. Throws
   * STATE_KNOWN_BLOCK where the chain has gone beyond its genesis already.
   */
  anchor(anchor: Anchor): Promise<void>
  /** Whether pieces of a state are here that were downloaded and are part of nothing. */
  hasPieces(): Promise<boolean>
  /** The chain will not stand on this anchor: whatever was written for it goes. What the chain has come to by itself stays. */
  abandon(anchor: AbandonedAnchor): Promise<void>
}
