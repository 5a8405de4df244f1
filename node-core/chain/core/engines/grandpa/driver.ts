/**
 * Finality in the running node: drives the GRANDPA voter (rounds/voter.ts) with the clock and the chain, and does what
 * it answers, in its order: what it must not forget is on disk before anybody hears of it.
 *
 * Finalizing writes to the chain, so it takes its turn in the import queue. What proves a block final may also come from
 * others, as a justification beside a block; both ways end in the same transition of the authority set.
 */
import { equalBytes, type Hash } from '../../../../base/bytes.ts'
import type { Clock } from '../../../../base/clock.ts'
import { Disposers } from '../../../../base/disposers.ts'
import { errorMessage } from '../../../../base/errors.ts'
import { Emitter, type EventSource } from '../../../../base/events.ts'
import type { Logger } from '../../../../base/logger.ts'
import { ed25519Verify } from '../../../../crypto/ed25519/ed25519.ts'
import type { BatchVerifier } from '../../../../crypto/ed25519/ed25519-batch.ts'
import { MemoryKeystore, type Keystore } from '../../../../crypto/keys/keystore.ts'
import type { GrandpaAuthority } from './runtime-api.ts'
import type { Header } from '../../../scale/header.ts'
import { decodeJustification } from './proofs/encoding.ts'
import type { Service } from '../../../../base/service.ts'
import type { BlockRef, Justification } from '../../../scale/block.ts'
import type { AuxEntry, BlockStateReader, StateWriter } from '../../../state/types.ts'
import type { FinalityEngine, SeenVote, AuthorityFork } from '../engine.ts'
import { changeOf, GRANDPA_ENGINE } from './digest.ts'
import { AuthoritySets } from './sets/authority-sets.ts'
import { Inbox, type Heard } from './rounds/inbox.ts'
import { verifyJustificationIn } from './proofs/justification.ts'
import type { GrandpaMessage } from './messages.ts'
import { reportRound, type VotingReport } from './rounds/report.ts'
import type { VoterSet } from './sets/voter-set.ts'
import { nextSetChanges } from './sets/set-changes.ts'
import { GRANDPA_KEY_TYPE, type VoteRecord } from './rounds/own-votes.ts'
import { Voter, type GrandpaEquivocation, type VoterAction, type VoterDependencies } from './rounds/voter.ts'
import { NOTHING_SIGNED, type KeyMemory } from '../../../../crypto/keys/key-memory.ts'
import { SerialQueue } from '../../../../base/serial-queue.ts'

export interface FinalityDependencies {
  readonly blocks: BlockStateReader
  readonly writer: StateWriter
  readonly keystore: Keystore
  /** What these keys voted last. */
  readonly signed: KeyMemory
  /** Which of them may vote: others may have them too. */
  readonly guard: VoterDependencies['guard']
  /** Checks the many signatures of a proof in another thread. */
  readonly crypto: BatchVerifier
  readonly clock: Clock
  readonly logger: Logger
  /** Runs a task while no block is imported. */
  readonly exclusive: <T>(task: () => Promise<T>) => Promise<T>
  readonly onEquivocation: (equivocation: GrandpaEquivocation) => void
  /** Hears of each new vote, others' and own. */
  readonly onVote: (vote: SeenVote) => void
  /** What else finalizing `head` changes in the aux store, besides what is stored of voting. */
  readonly beside: (head: Hash) => readonly AuxEntry[]
}

export interface FinalityOptions {
  /** Those of set 0: in force while nothing is stored. */
  readonly genesisAuthorities: readonly GrandpaAuthority[]
  /** Changes of authorities that the network agreed on instead of what its headers say. */
  readonly authorityForks?: readonly AuthorityFork[]
  /** Vote with the local keys; otherwise only follow. */
  readonly vote: boolean
}

export interface FinalityGossip {
  /** To one peer, or to everybody where `peer` is undefined. */
  message: { readonly message: GrandpaMessage; readonly peer: string | undefined }
  /** A vote of another that is good, and came from `peer`. */
  accepted: { readonly message: GrandpaMessage; readonly peer: string }
  misbehaviour: { readonly peer: string; readonly reason: string }
}

/** Batches of actions that may wait. */
const QUEUE_LIMIT = 1024

export class GrandpaFinality implements Service, FinalityEngine {
  readonly authorityChange = changeOf
  readonly #dependencies: FinalityDependencies
  readonly #sets: AuthoritySets
  readonly #voter: Voter
  readonly #signed: KeyMemory
  readonly #gossip = new Emitter<FinalityGossip>()
  readonly #inbox: Inbox
  readonly #actions = new SerialQueue(QUEUE_LIMIT)
  readonly #subscriptions = new Disposers()
  #cancelWake: (() => void) | undefined
  #stopped = true
  /** What the voter must not forget and is not on disk: as long as there is any, it does not speak. */
  #unsaved: readonly AuxEntry[] | undefined
  /** What the keys voted last, as far as it was to be stored. */
  readonly #records = new Map<Hash, { readonly value: Uint8Array; saved: boolean }>()

  constructor(dependencies: FinalityDependencies, { genesisAuthorities, authorityForks = [], vote }: FinalityOptions) {
    this.#dependencies = dependencies
    const { blocks, writer } = dependencies
    this.#sets = new AuthoritySets({ aux: writer, blocks }, genesisAuthorities, authorityForks)
    const keystore = vote ? dependencies.keystore : new MemoryKeystore()
    this.#signed = vote ? dependencies.signed : NOTHING_SIGNED
    this.#inbox = new Inbox(dependencies.crypto, ed25519Verify, (heard) => this.#hear(heard))
    this.#voter = new Voter({ blocks, sets: this.#sets, keystore, signed: this.#signed, guard: dependencies.guard, aux: writer, isSigned: this.#inbox.isSigned })
  }

  /** What the voter wants others to hear. */
  get gossip(): EventSource<FinalityGossip> {
    return this.#gossip
  }

  get position(): { readonly round: number; readonly setId: number } {
    return this.#voter.position
  }

  /** Blocks here that change the authorities when they become final, and have not: on the best chain first. */
  setChanges(): readonly BlockRef[] {
    return nextSetChanges(this.#dependencies.blocks, (hash) => this.#sets.limit(hash))
  }

  /** Whose votes are in, for those who watch. */
  votes(): VotingReport {
    const [best, ...background] = this.#voter.openRounds
    return { setId: this.position.setId, best: reportRound(best), background: background.map(reportRound) }
  }

  /** How many voters the present set has, or the largest that is about to follow it: what traffic is to be expected. */
  get voters(): number {
    return this.#sets.largest
  }

  /** Who votes now. */
  get voterSet(): VoterSet {
    return this.#sets.current
  }

  async start(): Promise<void> {
    const { blocks, clock } = this.#dependencies
    this.#stopped = false
    this.#subscriptions.add(blocks.events.on('imported', ({ block, header }) => this.#onImported(block, header)))
    this.#do(this.#voter.start(clock.now()))
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelWake?.()
    this.#subscriptions.dispose()
    await this.#inbox.close()
    await this.#actions.close()
  }

  /** Resolves when everything the voter asked for so far is done. */
  async idle(): Promise<void> {
    await this.#inbox.idle()
    await this.#actions.idle()
  }

  /**
   * A message of the GRANDPA protocol whose sender is connected. Messages are heard in their order; the promise, where there is one,
   * resolves when this one was, which may be after its signatures were checked in the crypto thread.
   */
  receive(message: GrandpaMessage, peer: string): void | Promise<void> {
    const votes = this.#voter.unchecked(message, peer)
    // Large, and of no use: it does not wait to be told so.
    if (votes.length === 0 && (message.type === 'commit' || message.type === 'catchUp')) return this.#hear([{ message, peer }])
    return this.#inbox.receive(message, peer, votes)
  }

  blockAux(header: Header, hash: Hash): readonly AuxEntry[] {
    return this.#sets.blockAux(header, hash)
  }

  /**
   * Runs inside the import queue. Rejects with a GrandpaError or a ScaleError where nothing is proven. A justification of another
   * engine (`BEEF` on every chain with BEEFY) can be neither checked nor blamed here; it is passed over.
   */
  async importJustification(block: BlockRef, justification: Justification): Promise<void> {
    const { blocks, crypto } = this.#dependencies
    if (justification.engine !== GRANDPA_ENGINE || block.number <= blocks.finalized().number) return
    // Before the signatures: behind the next change others sign than those who are known here.
    if (blocks.hasBlock(block.hash)) this.#sets.plan(block)
    await verifyJustificationIn(crypto, decodeJustification(justification.data), this.#sets.current, block)
    await this.#finalize(block, justification)
  }

  #onImported({ hash }: BlockRef, header: Header): void {
    const now = this.#dependencies.clock.now()
    const forced = this.#sets.noteImported(header, hash)
    this.#do(forced ? this.#voter.finalized(now) : this.#voter.blocksChanged(now))
  }

  #hear(heard: readonly Heard[]): void {
    this.#do(this.#voter.receiveAll(heard, this.#dependencies.clock.now()))
  }

  /** Queues what the voter wants done and asks to be woken when it wants to be asked again. */
  #do(actions: readonly VoterAction[]): void {
    if (this.#stopped) return
    if (actions.length > 0) {
      this.#actions
        .run(() => this.#performAll(actions))
        .catch((error: unknown) => this.#onFailure(actions, error))
    }
    const { clock } = this.#dependencies
    this.#cancelWake?.()
    const now = clock.now()
    this.#cancelWake = clock.schedule(this.#voter.nextWake(now) - now, () => this.#do(this.#voter.tick(clock.now())))
  }

  async #performAll(actions: readonly VoterAction[]): Promise<void> {
    for (const action of actions) await this.#perform(action)
  }

  /** Of the step and all after it nothing was done. What was to be final is asked for again when the voter says so. */
  #onFailure(actions: readonly VoterAction[], error: unknown): void {
    const { logger, clock } = this.#dependencies
    logger.error('a GRANDPA voter action failed', { reason: errorMessage(error) })
    for (const action of actions) if (action.kind === 'finalize') this.#do(this.#voter.finalizeFailed(action.block, clock.now()))
  }

  async #perform(action: VoterAction): Promise<void> {
    const { logger, exclusive } = this.#dependencies
    switch (action.kind) {
      case 'store':
        this.#unsaved = action.aux
        this.#keepRecords(action.records)
        return this.#save()
      case 'broadcast':
        await this.#save()
        this.#tell(action.message, true)
        return this.#gossip.emit('message', { message: action.message, peer: undefined })
      case 'send':
        await this.#save()
        return this.#gossip.emit('message', { message: action.message, peer: action.peer })
      case 'accepted':
        this.#tell(action.message, false)
        return this.#gossip.emit('accepted', { message: action.message, peer: action.peer })
      case 'finalize':
        await this.#save()
        // Its failure is no reason to keep silent: what follows it does not build on it.
        return exclusive(() => this.#finalize(action.block, action.justification)).catch((error: unknown) => {
          this.#onFailure([action], error)
        })
      case 'equivocation':
        logger.warn('equivocation: an authority voted twice in a round', { authority: action.equivocation.first.authority, round: action.equivocation.round })
        return this.#dependencies.onEquivocation(action.equivocation)
      case 'abstains':
        return logger.warn('keys of this node abstain until the others have passed the round of their last votes: the database is new', {
          keys: action.keys,
          setId: action.upTo.setId,
          round: action.upTo.round,
        })
      case 'misbehaviour':
        return this.#gossip.emit('misbehaviour', { peer: action.peer, reason: action.reason })
    }
  }

  #tell(message: GrandpaMessage, own: boolean): void {
    if (message.type !== 'vote') return
    const { setId, round, vote: { authority } } = message
    this.#dependencies.onVote({ authority, setId, round, own })
  }

  /** A newer record of a key contains what an older one was to say; one that is on disk is not written again. */
  #keepRecords(records: readonly VoteRecord[]): void {
    for (const { publicKey, value } of records) {
      const known = this.#records.get(publicKey)?.value ?? this.#signed.last(GRANDPA_KEY_TYPE, publicKey)
      if (known === undefined || !equalBytes(known, value)) this.#records.set(publicKey, { value, saved: false })
    }
  }

  /**
   * A vote that could not be stored is in the voter's rounds all the same, and with it in what it concludes: until it is stored,
   * nothing that may build on it leaves the voter. The newest state contains all that came before.
   */
  async #save(): Promise<void> {
    if (this.#unsaved === undefined) return
    for (const [publicKey, record] of this.#records) {
      if (record.saved) continue
      await this.#signed.write(GRANDPA_KEY_TYPE, publicKey, record.value)
      record.saved = true
    }
    await this.#dependencies.writer.putAux(this.#unsaved)
    this.#unsaved = undefined
  }

  /** Inside the import queue: the block, the set that follows from it, and the pruning, in one batch. */
  async #finalize(block: BlockRef, justification: Justification): Promise<void> {
    const { blocks, writer, beside, clock, logger } = this.#dependencies
    if (block.number <= blocks.finalized().number) return
    const transition = this.#sets.plan(block)
    await writer.finalize(block.hash, justification, [...transition.aux, ...beside(block.hash)])
    transition.commit()
    logger.info('finalized', { number: block.number, hash: block.hash, round: this.#voter.position.round })
    const { setId, authorities } = this.#sets.current
    if (transition.changed) logger.info('the authorities changed', { setId, authorities: authorities.length })
    this.#do(this.#voter.finalized(clock.now()))
  }
}
