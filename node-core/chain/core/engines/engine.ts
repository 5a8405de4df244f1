/**
 * The door to consensus engines.
 *
 * Consensus answers three questions. *Who may write the next block?* (authoring: BABE, Aura). *Which chain is right, where there are
 * several?* (fork choice, by the weight that authoring gives each block). *What will never change any more?* (finality: GRANDPA).
 * A chain combines one answer of each kind, and its runtime tells which: table.ts reads that, and is the only place that knows every
 * engine by name. Everybody else gets an {@link Engine} and asks it.
 *
 * What an engine may assume. The headers it is given were hashed and have a parent that is known; nothing else about them is true.
 * Bodies, states and the database are the importer's: an engine hands out entries of the aux store, and the importer writes them in
 * the batch of the block that they belong to, so that a crash leaves both or neither. Time and randomness come in from outside. What an
 * engine signs is on disk (`signed`) before it leaves, because the database may be thrown away and the keys may not.
 *
 * Against whom. Anybody may send headers, votes and proofs. Checks are ordered by their price, signatures before whatever a forger
 * chooses the size of. An {@link EngineError} says by its `refusal` what a failure means for the sender: an error that blames an
 * honest peer splits the network, one that blames nobody lets rubbish in for ever.
 *
 * The order of calls: `createEngine` (the state is open, nothing runs) → `start`, and `authoring` where the node is to make blocks →
 * `peers`, whose topics run once the network does, which may be running already → for each block `verifier.verify`, then `finality.blockAux` in its
 * batch → `stop`, when the network has.
 */
import type { Hash } from '../../../base/bytes.ts'
import type { Clock } from '../../../base/clock.ts'
import { NodeError } from '../../../base/errors.ts'
import type { Logger } from '../../../base/logger.ts'
import type { NamedService, Service } from '../../../base/service.ts'
import type { BatchVerifier } from '../../../crypto/ed25519/ed25519-batch.ts'
import type { KeyMemory } from '../../../crypto/keys/key-memory.ts'
import type { Keystore } from '../../../crypto/keys/keystore.ts'
import type { SlotCrypto } from '../../../crypto/worker/slot-crypto.ts'
import type { MetricDefinition } from '../../../base/metric.ts'
import type { PeerJudge, RequestHandler, TopicHandler, TopicSender } from '../../../network/contracts.ts'
import type { Role } from '../../protocols/roles.ts'
import type { AuthorityChange } from '../../protocols/requests/sync.ts'
import type { RuntimeExecutor } from '../../runtime/types.ts'
import type { DigestDecoder } from '../../scale/digest-facts.ts'
import type { Header } from '../../scale/header.ts'
import type { AuxEntry, BlockStateReader, StateChanges, StateWriter } from '../../state/types.ts'
import type { Block, BlockRef, Justification } from '../../scale/block.ts'
import type { SigningGuard } from '../signing/guard.ts'
import type { EngineMethods } from './methods.ts'
import type { AuthoringHold, ImportOutcome, RefusalKind, SyncOracle, TransactionPool } from '../types.ts'

/** Why an engine refuses something, and what that says of whom: see import/refusals.ts. */
export class EngineError<Code extends string = string> extends NodeError<Code> {
  readonly refusal: RefusalKind

  constructor(code: Code, message: string, refusal: RefusalKind, options: ConstructorParameters<typeof NodeError>[2] = {}) {
    super(code, message, options)
    this.refusal = refusal
  }
}

export interface VerifiedHeader {
  readonly hash: Hash
  /** The header as the runtime wants to see it: without the seal. */
  readonly unsealed: Header
  /** Who wrote it, as `0x` of the public key; undefined where the header proves nobody. */
  readonly author: Hash | undefined
  /** What it adds to its chain in fork choice. */
  readonly weight: number
  /** Goes into the batch that stores the block. */
  readonly aux: readonly AuxEntry[]
}

export interface Verifier {
  /**
   * Checks everything that can be checked without executing: pre-digest, slot after the parent's and not in the future,
   * author's right, seal, announcements. Throws an EngineError, with `data.retryAt` where the block may be good later.
   *
   * `placed` is called where children can be verified before this is done, while signatures are looked at. What then turns out to be wrong
   * takes the children with it: they may pass, and have no parent.
   */
  verify(header: Header, nowMs: number, placed?: () => void): Promise<VerifiedHeader>
}

/** How much weight stands behind the chain that ends in a block. */
export interface ChainWeights {
  chainWeight(hash: Hash): number
}

/** What makes blocks final. */
export interface FinalityEngine {
  /**
   * Resolves when the block is final, and for a justification of another engine, which is nothing to it. Runs inside the import queue.
   * Throws an EngineError or a ScaleError where the justification does not prove the block final.
   */
  importJustification(block: BlockRef, justification: Justification): Promise<void>
  /** What finality must remember of this block, for the batch that stores it. Throws an EngineError where it refuses the block. */
  blockAux(header: Header, hash: Hash): readonly AuxEntry[]
  /** Blocks here that change who decides on finality once they are final, and are not: on the best chain first. */
  setChanges(): readonly BlockRef[]
  /** What a finalized header does to those who decide on finality. */
  readonly authorityChange: AuthorityChange
}

/** Whose keys of one type have a say, by a state. */
export interface AuthorityList {
  readonly keyType: string
  /** Rejects where the runtime does not tell. */
  readonly at: (stateRoot: Hash) => Promise<readonly Hash[]>
}

/** What an engine may use to make blocks. */
export interface AuthoringTools {
  readonly blocks: BlockStateReader
  readonly executor: RuntimeExecutor
  readonly pool: Pick<TransactionPool, 'ready' | 'remove' | 'events'> & {
    /** Resolves when the pool has worked in the best block. */
    caughtUp(): Promise<void>
  }
  readonly importer: {
    idle(): Promise<void>
    importOwn(block: Block, changes: StateChanges): Promise<ImportOutcome>
  }
  readonly sync: SyncOracle
  readonly clock: Clock
  /** Says whether a key may sign, and hears what was made. */
  readonly guard: Pick<SigningGuard, 'stop' | 'isListening' | 'hold' | 'onSlot' | 'made'>
  /** Takes note of how the making of a block ends; passes it on. */
  readonly watched: (production: Promise<Hash | undefined>) => Promise<Hash | undefined>
  /** Hears how long each block took to be put together, and how many transactions it has. */
  readonly made?: (ms: number, transactions: number) => void
}

/** Makes blocks from start to stop. */
export interface Authoring extends Service {
  /** Why it makes none at present, though it is to; undefined where nothing is in the way. */
  readonly hold: AuthoringHold | undefined
  /** Resolves when the block under way is done. */
  idle(): Promise<void>
}

/** The network, as far as an engine's topics need it. */
export interface PeerDoor {
  readonly role: Role
  readonly sender: TopicSender
  readonly judge: PeerJudge
  /** The role that a peer told in its status. */
  readonly roleOf: (peer: string) => Role | undefined
  /** A peer said how far it has finalized. */
  readonly onFinalized: (peer: string, height: number) => void
}

/** Topics run from start to stop, once the network does. */
export interface EnginePeers {
  readonly topics: readonly (TopicHandler & NamedService['service'])[]
  readonly requests: readonly RequestHandler[]
}

/** Blocks and finality on request, on a chain where no consensus decides. */
export interface SealingControls {
  readonly mode: SealingOptions['mode']
  /** A block on the best one, empty where there is nothing to put into it. Throws a NodeError that says why there is none. */
  seal(): Promise<BlockRef>
  /** With all its ancestors. Throws a NodeError where the block is unknown, or another fork is final. */
  finalize(hash: Hash): Promise<void>
}

/** Those who vote on finality, with their weights. */
export interface Voters {
  readonly authorities: readonly { readonly key: Hash; readonly weight: number }[]
  readonly threshold: number
}

/** A vote whose signature is good, heard or cast. */
export interface SeenVote {
  readonly authority: Hash
  readonly setId: number
  readonly round: number
  /** This node cast it. */
  readonly own: boolean
}

/** A combination, ready to run. */
export interface Engine extends Service {
  /** `BABE with GRANDPA`. */
  readonly name: string
  /** Milliseconds that a slot lasts: between two blocks, as a rule. */
  readonly slotDuration: number
  /** Whether the slot of a new block shows the time. */
  readonly followsClock: boolean
  readonly verifier: Verifier
  readonly weights: ChainWeights
  readonly authoring: ((tools: AuthoringTools) => Authoring) | undefined
  /** Undefined on a chain where nothing becomes final by itself. */
  readonly finality: FinalityEngine | undefined
  readonly digests: Required<DigestDecoder>
  readonly lists: readonly AuthorityList[]
  readonly rpc: EngineMethods
  /** Where blocks are sealed on request; undefined where consensus decides. */
  readonly sealing: SealingControls | undefined
  heightCeiling(finalized: Header, nowMs: number): number | undefined
  turnOf(parent: Header, parentHash: Hash, slot: number): Promise<Hash | undefined>
  drawnHere(parent: Header, parentHash: Hash, slot: number): Promise<Hash | undefined>
  authorByState(header: Header): Promise<Hash | undefined>
  /** Undefined on a chain where nothing becomes final by itself. */
  voters(): Voters | undefined
  /** Whether a justification proves an ancestor of the finalized block, as far as it is known here who was in charge then. */
  provesOld(block: BlockRef, justification: Justification): Promise<boolean>
  peers(door: PeerDoor): EnginePeers
  metrics(): readonly MetricDefinition[]
  idle(): Promise<void>
}

/** Two things that an authority signed where one was allowed, as its runtime wants to be told of them. */
export interface Misconduct {
  /** The runtime API that takes the report. */
  readonly api: string
  readonly keyType: string
  readonly offender: Hash
  /** Its slot, or the id of its authority set. */
  readonly when: number
  /** A block in whose state the offender is an authority, as far as the engine can tell. */
  readonly at: Hash
  /** The `EquivocationProof` as the runtime reads it. */
  readonly proof: Uint8Array
}

export interface EngineDependencies {
  readonly blocks: BlockStateReader
  readonly writer: StateWriter
  readonly executor: RuntimeExecutor
  readonly crypto: SlotCrypto & BatchVerifier
  readonly keystore: Keystore
  /** What these keys signed last. */
  readonly signed: KeyMemory
  /** Which of them may sign: others may have them too. */
  readonly guard: Pick<SigningGuard, 'allows' | 'heardVote' | 'onRound'>
  readonly clock: Clock
  readonly logger: Logger
  /** Hears of every misconduct that the chain can be told of. */
  readonly onMisconduct: (misconduct: Misconduct) => void
  /** Hears of every vote on finality that is new: others' and this node's own. */
  readonly onVote: (vote: SeenVote) => void
  /** The import queue. */
  readonly imports: {
    /** A header that is stored, or checked and about to be: what the next one is checked against. */
    header(hash: Hash): Header | undefined
    /** Resolves when a block whose header is known here is stored or refused. */
    arrival(hash: Hash): Promise<void>
    /** Runs a task while no block is imported. */
    exclusive<T>(task: () => Promise<T>): Promise<T>
  }
}

/** When blocks are sealed, and when they become final, where that is decided by request and not by consensus. */
export interface SealingOptions {
  /** On request alone; as soon as there is a transaction; or every so many milliseconds. */
  readonly mode: 'manual' | 'instant' | { readonly everyMs: number }
  /** After so many milliseconds each block becomes final; undefined: on request alone. */
  readonly finalizeAfterMs: number | undefined
}

/** A change of the finality authorities that a network agreed on in place of what its headers say. */
export interface AuthorityFork {
  /** The set that begins once the block is final. */
  readonly setId: number
  /** The block whose announcement is replaced. */
  readonly block: Hash
  /** ed25519 public keys, each of weight 1. */
  readonly authorities: readonly Hash[]
}

export interface EngineOptions {
  /** Author and vote with the keys of the keystore. */
  readonly validator: boolean
  /** Author also where no other node is connected, though there are other authorities. */
  readonly forceAuthoring: boolean
  /** Changes of the finality authorities that the network agreed on instead of what its headers say. */
  readonly authorityForks?: readonly AuthorityFork[]
  /** Seal on request, in place of the chain's consensus: for development. */
  readonly sealing?: SealingOptions | undefined
}
