/** What the RPC service needs of the rest of the node: readers only, and the pool's way in. */
import type { Hash, Hex } from '../../base/bytes.ts'
import type { Clock } from '../../base/clock.ts'
import type { EventSource } from '../../base/events.ts'
import type { Logger } from '../../base/logger.ts'
import type { KeyPair } from '../../crypto/keys/keypairs.ts'
import type { Keystore } from '../../crypto/keys/keystore.ts'
import type { RuntimeExecutor } from '../runtime/types.ts'
import type { BlockRef, Extrinsic } from '../scale/block.ts'
import type { BlockPins, BlockStateEvents, BlockStateReader, ProofReader, StorageReader } from '../state/types.ts'
import type { Method } from './method.ts'

/** What the chain specification says of the chain. */
export interface ChainInfo {
  /** For people: `Development`, `Polkadot`. */
  readonly name: string
  readonly id: string
  readonly chainType: 'Development' | 'Local' | 'Live' | { readonly Custom: string }
  /** Free-form JSON: token symbol, decimals, address format. */
  readonly properties: Readonly<Record<string, unknown>>
  readonly genesisHash: Hash
}

/** What the node says of itself. */
export interface NodeInfo {
  readonly name: string
  /** Semantic version. */
  readonly version: string
  readonly role: 'Authority' | 'Full'
  /** False where being alone is normal: a development chain. */
  readonly shouldHavePeers: boolean
}

/** The part of the executor that answers questions. */
export type RuntimeQueries = Pick<RuntimeExecutor, 'call' | 'version'>

/** Trie queries that not every state service answers; the methods that need one exist only where it is given. */
export interface TrieQueries {
  /** The encoded trie nodes that prove the values (or the absence) of `keys` under `stateRoot`. */
  readProof?(stateRoot: Hash, keys: readonly Uint8Array[]): readonly Uint8Array[]
  /** The same for a default child trie; `childKey` is without its prefix. */
  readChildProof?(stateRoot: Hash, childKey: Uint8Array, keys: readonly Uint8Array[]): readonly Uint8Array[]
  /** Merkle value of the node at `key`, or of its closest descendant; in the default child trie `childKey` where one is named. */
  closestDescendantMerkleValue?(stateRoot: Hash, key: Uint8Array, childKey?: Uint8Array): Uint8Array | undefined
  /** The keys whose values differ between two states. */
  differences?: ProofReader['differences']
}

/** What a peer says of itself. */
export interface PeerStatus {
  readonly roles: string
  readonly best: BlockRef
}

export interface SyncProgress {
  readonly state: string
  readonly startingBlock: number
  readonly currentBlock: number
  readonly highestBlock: number
}

/** How the joining of a running chain goes. */
export interface RpcJoining {
  readonly stage: 'peers' | 'proofs' | 'state' | 'anchor'
  /** Height of the highest block that is known of; 0 where none is. */
  readonly highest: number
  /** What the node does now and how far it is: a clause in English, with `it` for the node. */
  readonly how: string
  /** The same in figures. */
  readonly figures: Readonly<Record<string, number>>
}

/** Undefined while no chain is joined. */
export type ChainJoiner = () => RpcJoining | undefined

/** This node and its peers. */
export interface RpcNetwork {
  /** Base58. */
  readonly localPeerId: string
  /** Multiaddresses. */
  listenAddresses(): readonly string[]
  /** Who takes part with us; without a status until it has told one. */
  peers(): readonly { readonly peerId: string; readonly status: PeerStatus | undefined }[]
  /** For whom slots are kept. */
  reservedPeers(): readonly string[]
}

/** Whom to keep a slot for. Both throw a NodeError where the text is not what it should be. */
export interface Reservations {
  /** A multiaddress with a peer id. */
  addReserved(address: string): void
  removeReserved(peer: string): void
}

/** What became of a transaction: the words of `author_submitAndWatchExtrinsic`. */
export type TransactionStatus =
  | { readonly kind: 'future' | 'ready' | 'dropped' | 'invalid' }
  | { readonly kind: 'usurped'; readonly by: Hash }
  | { readonly kind: 'broadcast'; readonly peers: readonly string[] }
  /** `index`: its place in the block. */
  | { readonly kind: 'inBlock' | 'finalized'; readonly block: Hash; readonly index: number }
  | { readonly kind: 'retracted' | 'finalityTimeout'; readonly block: Hash }

/** The pool's way in, and what is in it. A refusal is a NodeError whose code begins with `TX_`. */
export interface RpcPool {
  submit(extrinsic: Extrinsic, source: 'external'): Promise<Hash>
  /** Every status of this transaction, in order; ends after a final one or when `signal` aborts. */
  submitAndWatch(extrinsic: Extrinsic, signal: AbortSignal): Promise<{ hash: Hash; statuses: AsyncIterable<TransactionStatus> }>
  /** In the order in which a block would take them, with the tags that they provide as `0x…`. */
  ready(): readonly { readonly extrinsic: Extrinsic; readonly provides: readonly string[] }[]
  /** Removes these with their dependents; returns the hashes that went. */
  remove(hashes: readonly Hash[]): readonly Hash[]
}

/** What is known of blocks; being told of new ones is a dependency of its own. */
export type BlockQueries = Omit<BlockStateReader, 'events'>
export type BlockEvents = EventSource<BlockStateEvents>

/** The node's own keys. Secrets come in and never go out. */
export interface RpcKeys {
  readonly keystore: KeyStorage & Pick<Keystore, 'publicKeys'>
  readonly session: SessionKeyCalls
}

export interface KeyStorage {
  has(keyType: string, publicKey: Hex): boolean
  add(keyType: string, pair: KeyPair): Promise<unknown>
}

export interface SessionKeyCalls {
  /** New keys, stored, in the form in which they are registered on the chain. */
  rotate(): Promise<Hex>
  /** The same for `owner`, with the proof that they are its own where the runtime makes one. */
  rotateFor(owner: Uint8Array): Promise<{ readonly keys: Hex; readonly proof: Hex | undefined }>
  /** Undefined where these are no session keys. */
  decode(encoded: Uint8Array): Promise<readonly { readonly keyType: string; readonly publicKey: Uint8Array }[] | undefined>
}

/** What is at hand for the methods of a consensus engine. */
export interface EngineMethodContext {
  readonly blocks: BlockQueries
  readonly events: BlockEvents
  readonly logger: Logger
  readonly clock: Clock
  readonly callTimeoutMs: number
  readonly maxResponseBytes: number
  /** SS58 prefix of the chain's addresses. */
  readonly addressPrefix: number
}

/** A consensus engine brings its own methods, fitted in by the composition root. */
export type EngineMethods = (context: EngineMethodContext) => readonly Method[]

export interface MethodDeps {
  readonly chain: ChainInfo
  readonly node: NodeInfo
  readonly blocks: BlockQueries
  readonly events: BlockEvents
  readonly storage: StorageReader
  /** Holds what clients have pinned. */
  readonly pins: BlockPins
  readonly runtime: RuntimeQueries
  readonly pool: RpcPool
  /** What the node signs with; the methods exist only where it is given. */
  readonly keys?: RpcKeys
  readonly network: RpcNetwork
  readonly peerActions: Reservations
  readonly sync: { status(): SyncProgress | undefined }
  readonly trie: TrieQueries
}
