/**
 * What the other services know of the runtime: calls into the Wasm code that is part of the state, run in a worker
 * thread (Polkadot Host spec, chapter 2 and appendix C "Runtime API").
 */
import type { Hash } from '../../base/bytes.ts'
import type { Extrinsic } from '../scale/block.ts'
import type { Header } from '../scale/header.ts'
import type { StateChanges } from '../state/types.ts'

export type RuntimeErrorCode =
  /** The runtime hit `unreachable`, a panic, an out-of-bounds access. `data.panic` holds its own words where it logged some. */
  | 'RUNTIME_TRAP'
  /** It called a host function that this host lacks; `data.name`. */
  | 'RUNTIME_MISSING_HOST_FUNCTION'
  /** It called a host function whose code is loaded on demand: the thread does that and calls again. */
  | 'RUNTIME_FUNCTIONS_NOT_LOADED'
  | 'RUNTIME_TIMEOUT'
  | 'RUNTIME_OUT_OF_MEMORY'
  /** No `:code`, or not a Wasm module. */
  | 'RUNTIME_INVALID_CODE'
  /** The function is not exported by this runtime. */
  | 'RUNTIME_NO_SUCH_API'
  | 'RUNTIME_STOPPED'
  | 'RUNTIME_UNKNOWN_STATE'
  /** The result did not decode. */
  | 'RUNTIME_BAD_RESULT'
  | 'RUNTIME_PROOF_TOO_LARGE'

export interface RuntimeVersion {
  readonly specName: string
  readonly implName: string
  readonly authoringVersion: number
  readonly specVersion: number
  readonly implVersion: number
  /** `0x` of 8 bytes, and the version of that API. */
  readonly apis: readonly (readonly [id: string, version: number])[]
  readonly transactionVersion: number
  /** What the runtime expects of its host and of itself; {@link stateVersion} follows from it. */
  readonly systemVersion: number
  readonly stateVersion: 0 | 1
}

export interface CallOptions {
  /** Wall-clock limit of this call in milliseconds; the call fails with RUNTIME_TIMEOUT and the worker is replaced. */
  readonly timeoutMs?: number
  /** `import` is for block import and authoring; `query` (the default) for RPC and the pool, so that they cannot delay it. */
  readonly lane?: 'import' | 'query'
  /** An encoded header: `Core_initialize_block` is called with it first, for functions that answer about a block that is begun. */
  readonly begin?: Uint8Array
  /** The same may have been asked before, and be asked again: the answer may be one that is kept, and is not to be written on. Not with `begin` or `offchain`. */
  readonly remembered?: boolean
  /** The call may use a clock, random numbers and what blocks left for it (`OffchainServices`), as for proofs of the Merkle mountain range. */
  readonly offchain?: boolean
}

/** The result of applying an extrinsic while building: included, or why not. */
export type ApplyOutcome =
  /** In the block (its dispatch may still have failed, which the block records). */
  | { readonly kind: 'included' }
  /** The block is full for this one: `InvalidTransaction::ExhaustsResources`. */
  | { readonly kind: 'exhausted' }
  /** Not valid (now); `later` where it may be valid in a later block (`Future`). The state is as before. */
  | { readonly kind: 'invalid'; readonly reason: string; readonly later: boolean }

/** A block under construction; lives in the worker. It must be finished or dropped. */
export interface BlockBuilder {
  /** The runtime takes no transactions into this block, only its inherents: it has work of its own to do first. */
  readonly onlyInherents: boolean
  apply(extrinsic: Extrinsic): Promise<ApplyOutcome>
  /** Runs `BlockBuilder_finalize_block`; the header has no seal yet. */
  finish(): Promise<{ readonly header: Header; readonly changes: StateChanges }>
  drop(): void
}

/** Inherent data: 8-byte identifier (`timstap0`, `babeslot`, `parachn0`) and SCALE value. */
export type InherentData = readonly (readonly [id: string, value: Uint8Array])[]

export interface BuildRequest {
  readonly parentStateRoot: Hash
  readonly parentHash: Hash
  readonly number: number
  /** Pre-runtime digest items: an author's claim. */
  readonly digest: Header['digest']
  readonly inherents: InherentData
}

/** A runtime call, and what somebody without the state needs to repeat it. */
export interface ProvenCall {
  /**
   * Undefined where the runtime has no such function, or trapped: whoever repeats the call on the proof comes to the same
   * end. A light client learns so, for instance, that a runtime is older than the function.
   */
  readonly result: Uint8Array | undefined
  /** Encoded trie nodes, each once: those that the call read, and the root. The code is not among them. */
  readonly proof: readonly Uint8Array[]
}

export interface ProofOptions {
  /** As in {@link CallOptions}; what the request waits for its turn is not counted. */
  readonly timeoutMs?: number
  /** Who asks: each peer has a share of the time that there is for proofs. */
  readonly peer?: string
  /** RUNTIME_PROOF_TOO_LARGE where the nodes take more. */
  readonly maxBytes?: number
}

/** Proofs for light clients, in a lane of their own. RUNTIME_TIMEOUT where a peer, or all of them, have used up their time. */
export interface RuntimeProver {
  /** Like {@link RuntimeExecutor.call}, with an execution proof. */
  prove(stateRoot: Hash, method: string, args: Uint8Array, options?: ProofOptions): Promise<ProvenCall>
  /** The nodes that prove the values, or the absence, of `keys` in the main trie, or in the default child trie at `childKey` (without prefix). */
  readProof(stateRoot: Hash, keys: readonly Uint8Array[], options?: ProofOptions & { readonly childKey?: Uint8Array }): Promise<readonly Uint8Array[]>
}

/** Where a block stands that is executed. */
export interface ExecutionPlace {
  readonly hash: Hash
  /**
   * Whether the parent is in the database. Where it is not, it must have been asked for before: its state is taken from where it was
   * executed, and RUNTIME_UNKNOWN_STATE says that it is not there (any more).
   */
  readonly parentStored: boolean
}

export interface RuntimeExecutor {
  /** Any exported runtime API function, on the state at `stateRoot`. Its changes are dropped. */
  call(stateRoot: Hash, method: string, args: Uint8Array, options?: CallOptions): Promise<Uint8Array>
  /** `Core_version`, cached by code. */
  version(stateRoot: Hash, options?: Pick<CallOptions, 'lane' | 'timeoutMs'>): Promise<RuntimeVersion>
  /** `Core_execute_block` with the consensus seal taken off the header by the caller. Throws where the runtime refuses the block. Without `place` the parent is stored. */
  executeBlock(parentStateRoot: Hash, header: Header, body: readonly Extrinsic[], place?: ExecutionPlace): Promise<StateChanges>
  /** Initializes a block and applies its inherents (they come first in `body`). */
  buildBlock(request: BuildRequest): Promise<{ readonly builder: BlockBuilder; readonly inherents: readonly Extrinsic[] }>
}

/** What a call answered, and what it submitted to the transaction pool. */
export interface SubmittingCall {
  readonly result: Uint8Array
  /** Encoded, each with its length in front. */
  readonly submitted: readonly Extrinsic[]
}

export interface RuntimeSubmitter {
  /** Like {@link RuntimeExecutor.call}, for functions whose purpose is what they submit. A few extrinsics are taken; the runtime hears of the rest that they were not. */
  callSubmitting(stateRoot: Hash, method: string, args: Uint8Array): Promise<SubmittingCall>
}

/** A session key that the runtime had made. Whoever gets it stores or erases the secret. */
export interface MadeKey {
  /** Such as `babe`. */
  readonly keyType: string
  readonly scheme: 'sr25519' | 'ed25519' | 'ecdsa'
  /** In the form of `KeyPair.secret`. */
  readonly secret: Uint8Array
}

export interface SessionKeyMaker {
  /**
   * `SessionKeys_generate_session_keys` (spec, section C.14.1) with random keys: what goes on the chain, the proof that the keys are
   * `owner`'s where the runtime makes one, and the keys themselves. Nothing of them stays with the executor.
   */
  makeSessionKeys(
    stateRoot: Hash, owner?: Uint8Array,
  ): Promise<{ readonly encoded: Uint8Array; readonly proof: Uint8Array | undefined; readonly made: readonly MadeKey[] }>
}
