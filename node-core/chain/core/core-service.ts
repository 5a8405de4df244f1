/**
 * The core service: consensus, import, production and the transaction pool of one node. It is the only one that writes
 * block state and storage state.
 *
 * It starts once the state is open: what the genesis runtime says of its consensus decides which engine is built (engines/table.ts).
 * What moves through it: a block goes to the importer (import/importer.ts), a transaction to the pool (tx-pool/), a vote to the engine,
 * which also says when this node is to make a block.
 */
import type { Hash } from '../../base/bytes.ts'
import { Disposers } from '../../base/disposers.ts'
import { Emitter, type EventSource } from '../../base/events.ts'
import { isNodeError } from '../../base/errors.ts'
import { Lru } from '../../base/lru.ts'
import type { Service } from '../../base/service.ts'
import type { Header } from '../scale/header.ts'
import type { RuntimeExecutor, RuntimeSubmitter } from '../runtime/types.ts'
import type { BlockRef } from '../scale/block.ts'
import type { Authoring, Engine, EngineDependencies, EngineOptions, SeenVote, Verifier } from './engines/engine.ts'
import { AUTHORING_KEY_TYPES, createEngine, lastClaimedSlot, VOTING_KEY_TYPES } from './engines/table.ts'
import type { BlockRuleOptions } from './import/block-rules.ts'
import { Importer } from './import/importer.ts'
import { MisconductReports } from './misconduct-reports.ts'
import { CoreTimings } from './timings.ts'
import { SigningGuard } from './signing/guard.ts'
import type { SigningState, SigningStateStore } from './signing/types.ts'
import { validationByRuntime } from './tx-pool/by-runtime.ts'
import { Pool } from './tx-pool/pool.ts'
import type { AuthoringHold, SyncOracle } from './types.ts'

export interface CoreDependencies extends Omit<EngineDependencies, 'imports' | 'onMisconduct' | 'onVote' | 'guard'> {
  readonly executor: RuntimeExecutor & RuntimeSubmitter
  readonly sync: SyncOracle
  /** Remembers over restarts that a key signs elsewhere too. */
  readonly signingState: SigningStateStore
  /** From 0 to 1. */
  readonly random: () => number
  /** Hears of an error that is neither a block's fault nor passing: the disk is full, the database is damaged. */
  readonly onFault: (error: unknown) => void
}

export interface CoreOptions extends BlockRuleOptions, EngineOptions {
  /** Keys, as `babe:0x…`, that need not listen while no peer is connected (signing/guard.ts). */
  readonly exemptKeys?: ReadonlySet<string>
}

/** Blocks that may wait for import. */
const IMPORT_QUEUE = 2048

/** Blocks whose authors are remembered for display. */
const REMEMBERED_AUTHORS = 4096

export interface CoreEvents {
  /** A new vote on finality, heard or cast here. */
  vote: SeenVote
  /** A block of this node's is in the chain; its slot where the engine has any. */
  authored: { readonly slot: number | undefined }
}

/** What exists between start and stop. */
interface Running {
  readonly engine: Engine
  readonly importer: Importer
  /** Where this node makes blocks. */
  readonly authoring: Authoring | undefined
  readonly reports: MisconductReports
  readonly guard: SigningGuard
  readonly subscriptions: Disposers
}

export class CoreService implements Service {
  /** Usable from construction on; it answers once the service runs. */
  readonly pool: Pool
  readonly timings = new CoreTimings()
  readonly #dependencies: CoreDependencies
  readonly #options: CoreOptions
  readonly #seen = new Emitter<CoreEvents>()
  readonly #authors = new Lru<Hash, Hash>(REMEMBERED_AUTHORS)
  #running: Running | undefined
  #authoringProblem: unknown

  constructor(dependencies: CoreDependencies, options: CoreOptions) {
    this.#dependencies = dependencies
    this.#options = options
    const { blocks, clock } = dependencies
    this.pool = new Pool(
      { blocks, validate: validationByRuntime(dependencies), clock, logger: dependencies.logger.child('txpool') },
      { authoring: options.validator || options.sealing !== undefined },
    )
  }

  async start(): Promise<void> {
    const { blocks, writer, executor, keystore, sync, clock, logger, onFault } = this.#dependencies
    this.#authoringProblem = undefined
    const reports = new MisconductReports({
      blocks,
      runtime: executor,
      keystore,
      submit: (extrinsic) => this.pool.submit(extrinsic, 'local'),
      isMajorSyncing: () => sync.isMajorSyncing(),
      logger: logger.child('misconduct'),
    })
    const guard = this.#guard()
    const engine: Engine = await createEngine(
      {
        ...this.#dependencies,
        guard,
        onVote: (vote) => this.#seen.emit('vote', vote),
        onMisconduct: (misconduct) => reports.report(misconduct),
        imports: {
          header: (hash) => importer.header(hash),
          arrival: (hash) => importer.arrival(hash),
          exclusive: (task) => importer.exclusive(task),
        },
      },
      this.#options,
    )
    const { weights, finality } = engine
    const importer: Importer = new Importer(
      { blocks, writer, executor, verifier: this.#remembering(engine, guard), weights, finality, clock, logger: logger.child('import'), onFault, imported: (ms) => this.timings.imported(ms) },
      { ...this.#options, queueLimit: IMPORT_QUEUE },
    )

    const subscriptions = new Disposers()
    subscriptions.add(blocks.events.on('bestChanged', (change) => void this.pool.onBestChanged(change)))
    subscriptions.add(blocks.events.on('finalized', ({ finalized }) => this.pool.onFinalized(finalized)))

    const authoring = engine.authoring?.({ blocks, executor, pool: this.pool, importer, sync, clock, guard, watched: (production) => this.#watched(production), made: (ms, transactions) => this.timings.made(ms, transactions) })
    await guard.open(engine.slotDuration)
    this.#running = { engine, importer, authoring, reports, guard, subscriptions }
    logger.info('consensus', { engine: engine.name })
    await engine.start()
    await authoring?.start()
  }

  /** Authors no more, votes no more, finishes the block under way; then the pool lets its watchers go. */
  async stop(): Promise<void> {
    const running = this.#running
    this.#running = undefined
    if (running === undefined) return
    await running.authoring?.stop()
    await running.engine.stop()
    await running.importer.close()
    await running.reports.idle()
    running.subscriptions.dispose()
    await this.pool.close()
  }

  get events(): EventSource<CoreEvents> {
    return this.#seen
  }

  get isRunning(): boolean {
    return this.#running !== undefined
  }

  /** Where blocks and justifications from others go. Throws while the service is not running. */
  get importer(): Importer {
    return this.#require().importer
  }

  /** What decides about blocks here. Throws while the service is not running. */
  get engine(): Engine {
    return this.#require().engine
  }

  /** Why the last block could not be authored; undefined where it could, or none was due. */
  get authoringProblem(): unknown {
    return this.#authoringProblem
  }

  /** Why no blocks are made at present, though this node is to make them; undefined where nothing is in the way. */
  get authoringHold(): AuthoringHold | undefined {
    return this.#running?.authoring?.hold
  }

  /** What another computer signed with a key of this node: nothing is signed before {@link confirmSoleSigner}. */
  get signedElsewhere(): SigningState['stop'] {
    return this.#running?.guard.stop
  }

  /** A person says that no other computer has the keys of this node any more. Rejects where that cannot be written down. */
  async confirmSoleSigner(): Promise<void> {
    await this.#require().guard.confirmSole()
  }

  /** Milliseconds between two blocks, as a rule. */
  get slotDurationMs(): number {
    return this.#require().engine.slotDuration
  }

  /** The slot of a new block, by which clocks can be compared; undefined where it tells no time, or while the service is not running. */
  slotOf(header: Header): number | undefined {
    const engine = this.#running?.engine
    return engine?.followsClock === true ? engine.digests.slotOf(header) : undefined
  }

  /** Blocks that change who decides on finality once they are final, and are not; none while the service is not running. */
  setChanges(): readonly BlockRef[] {
    return this.#running?.engine.finality?.setChanges() ?? []
  }

  /** Whether making this block final changes who decides on finality; true while the service is not running, and nobody can tell. */
  changesFinality(header: Header): boolean {
    return this.#running === undefined || this.#running.engine.finality?.authorityChange(header) !== undefined
  }

  /** The highest that any chain above the finalized block can be by now; undefined where that cannot be told. */
  heightCeiling(): number | undefined {
    const { blocks, clock } = this.#dependencies
    const finalized = this.#running === undefined ? undefined : blocks.header(blocks.finalized().hash)
    return finalized === undefined ? undefined : this.#running?.engine.heightCeiling(finalized, clock.now())
  }

  /** Public key of a block's author, where it was verified or looked up since the start. */
  authorOf(hash: Hash): Hash | undefined {
    return this.#authors.get(hash)
  }

  /** Public key of a block's author, by the block's own state where nobody has verified it since the start; undefined where that is not told. */
  async lookUpAuthor(hash: Hash): Promise<Hash | undefined> {
    const known = this.#authors.get(hash)
    const header = this.#dependencies.blocks.header(hash)
    if (known !== undefined || header === undefined || header.number === 0) return known
    // A runtime without that function, a state that is not kept: the author stays unknown.
    const found = await this.#running?.engine.authorByState(header).catch(() => undefined)
    if (found !== undefined) this.#authors.set(hash, found)
    return found
  }

  /** Resolves when the slot, the imports and the finalizations that are under way are done, and the pool has followed them. */
  async idle(): Promise<void> {
    const { authoring, importer, engine, reports } = this.#require()
    await authoring?.idle()
    await importer.idle()
    await engine.idle()
    await importer.idle()
    await reports.idle()
    await this.pool.idle()
  }

  async #watched(production: Promise<Hash | undefined>): Promise<Hash | undefined> {
    try {
      const hash = await production
      if (hash !== undefined) this.#onAuthored(hash)
      return hash
    } catch (error) {
      this.#authoringProblem = error
      if (isDiskRefusal(error)) this.#dependencies.onFault(error)
      throw error
    }
  }

  #onAuthored(hash: Hash): void {
    this.#authoringProblem = undefined
    const header = this.#dependencies.blocks.header(hash)
    this.#seen.emit('authored', { slot: header && this.#running?.engine.digests.slotOf(header) })
  }

  #guard(): SigningGuard {
    const { keystore, signed, signingState: store, sync, clock, logger, random } = this.#dependencies
    const { validator, exemptKeys = new Set<string>() } = this.#options
    return new SigningGuard(
      { keystore, signed, store, clock, random, isOffline: () => sync.isOffline(), lastSlot: (keyType, key) => lastClaimedSlot(signed, keyType, key), logger: logger.child('signing') },
      // Who does not sign has nothing to fear.
      { authoring: validator ? AUTHORING_KEY_TYPES : [], voting: validator ? VOTING_KEY_TYPES : [], exempt: exemptKeys },
    )
  }

  #remembering({ verifier, digests }: Engine, guard: SigningGuard): Verifier {
    return {
      verify: async (header, nowMs, placed) => {
        const verified = await verifier.verify(header, nowMs, placed)
        const { author, hash } = verified
        if (author === undefined) return verified
        this.#authors.set(hash, author)
        const slot = digests.slotOf(header)
        if (slot !== undefined) guard.heardBlock({ author, hash, number: header.number, slot })
        return verified
      },
    }
  }

  #require(): Running {
    if (this.#running === undefined) throw new Error('the core service is not running')
    return this.#running
  }
}

/** What is to be signed cannot be noted because the disk takes nothing: the block would not fit into the database either. */
function isDiskRefusal(error: unknown): boolean {
  if (!isNodeError(error) || error.code !== 'SIGNING_RECORD_UNWRITABLE') return false
  const { cause } = error
  return cause instanceof Error && 'code' in cause && ['ENOSPC', 'EROFS', 'EIO'].includes(String(cause.code))
}
