/**
 * The core service: consensus, import, production and the transaction pool of one node. It is the only one that writes
 * block state and storage state.
 *
 * It starts once the state is open: what the genesis runtime says of its consensus decides how the engines are built.
 * What moves through it: a block goes to the importer (importer.ts), an own slot to the producer (block-producer.ts), a
 * transaction to the pool (tx-pool/), a vote to the voter (finality.ts).
 */
import type { Hash } from '../../base/bytes.ts'
import { SteadyClock, type Clock } from '../../base/clock.ts'
import { Disposers } from '../../base/disposers.ts'
import { isNodeError } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import { Lru } from '../../base/lru.ts'
import type { AuthorityFork } from '../spec/authority-forks.ts'
import type { Keystore } from '../../crypto/keys/keystore.ts'
import type { BatchVerifier } from '../../crypto/ed25519/ed25519-batch.ts'
import type { SlotCrypto } from '../../crypto/worker/slot-crypto.ts'
import { babeConfiguration, babeCurrentEpochStart, type BabeConfiguration } from './engines/babe/runtime-api.ts'
import { grandpaAuthorities } from './engines/grandpa/runtime-api.ts'
import { validateTransaction, validityReason } from '../runtime/api/validity.ts'
import type { RuntimeExecutor } from '../runtime/types.ts'
import type { Service } from '../../base/service.ts'
import type { BlockRef, BlockStateReader, StateWriter } from '../state/types.ts'
import { BabeAuthor } from './engines/babe/author.ts'
import { epochAuthorship } from './engines/babe/authorship.ts'
import { slotOf } from './engines/babe/digest.ts'
import { assertConfiguration, slotAt } from './engines/babe/epoch.ts'
import { BabeEpochs, type RuntimeEpochs } from './engines/babe/epochs.ts'
import { heightCeiling } from './engines/slots/height-ceiling.ts'
import { SlotClaims } from './engines/slots/slot-claims.ts'
import { BabeVerifier } from './engines/babe/verifier.ts'
import type { BlockRuleOptions } from './import/block-rules.ts'
import { BlockProducer } from './engines/slots/block-producer.ts'
import type { Verifier } from './engines/engine.ts'
import { Finality } from './engines/grandpa/driver.ts'
import { AuthorityChangeIndex } from './engines/grandpa/sets/change-index.ts'
import { Importer } from './import/importer.ts'
import type { KeyMemory } from '../../crypto/keys/key-memory.ts'
import { SlotLoop } from './engines/slots/slot-loop.ts'
import { Pool } from './tx-pool/pool.ts'
import type { ValidateTransaction } from './tx-pool/transaction.ts'
import type { AuthoringHold, EpochAuthorship, SyncOracle } from './types.ts'

export interface CoreDependencies {
  readonly blocks: BlockStateReader
  readonly writer: StateWriter
  readonly executor: RuntimeExecutor
  readonly crypto: SlotCrypto & BatchVerifier
  readonly keystore: Keystore
  /** What these keys signed last. */
  readonly signed: KeyMemory
  readonly sync: SyncOracle
  readonly clock: Clock
  readonly logger: Logger
  /** Hears of an error that is neither a block's fault nor passing: the disk is full, the database is damaged. */
  readonly onFault: (error: unknown) => void
}

export interface CoreOptions extends BlockRuleOptions {
  /** Author and vote with the keys of the keystore. */
  readonly validator: boolean
  /** Author also where no other node is connected, though there are other authorities. */
  readonly forceAuthoring: boolean
  /** Changes of GRANDPA's authorities that the network agreed on instead of what its headers say. */
  readonly authorityForks?: readonly AuthorityFork[]
}

/** Blocks that may wait for import. */
const IMPORT_QUEUE = 2048

/** Blocks whose authors are remembered for display. */
const REMEMBERED_AUTHORS = 4096

/** What exists between start and stop. */
interface Running {
  readonly configuration: BabeConfiguration
  readonly epochs: BabeEpochs
  readonly importer: Importer
  readonly finality: Finality
  /** Of a validator. */
  readonly authoring: { readonly producer: BlockProducer; readonly slots: SlotLoop } | undefined
  readonly subscriptions: Disposers
}

export class CoreService implements Service {
  /** Usable from construction on; it answers once the service runs. */
  readonly pool: Pool
  /** For those who prove finality to others; usable while the state is open. */
  readonly authorityChanges: AuthorityChangeIndex
  readonly #dependencies: CoreDependencies
  readonly #options: CoreOptions
  readonly #authors = new Lru<Hash, Hash>(REMEMBERED_AUTHORS)
  #running: Running | undefined
  #authoringProblem: unknown
  #authorship: Promise<ReadonlyMap<Hash, EpochAuthorship>> | undefined

  constructor(dependencies: CoreDependencies, options: CoreOptions) {
    this.#dependencies = dependencies
    this.#options = options
    const { blocks, writer, clock } = dependencies
    this.authorityChanges = new AuthorityChangeIndex({ blocks, aux: writer })
    this.pool = new Pool(
      { blocks, validate: poolValidation(dependencies), clock, logger: dependencies.logger.child('txpool') },
      { authoring: options.validator },
    )
  }

  async start(): Promise<void> {
    const { blocks, writer, executor, crypto, keystore, signed, clock, logger, onFault } = this.#dependencies
    this.#authoringProblem = undefined
    const genesisRoot = blocks.header(blocks.genesisHash)?.stateRoot
    if (genesisRoot === undefined) throw new Error('the state service has no genesis block')
    const configuration = await babeConfiguration(executor, genesisRoot)
    assertConfiguration(configuration)

    const currentStart: RuntimeEpochs['currentStart'] = async ({ stateRoot }, hash) => {
      await importer.arrival(hash)
      return babeCurrentEpochStart(executor, stateRoot, { lane: 'import' })
    }
    const epochs = new BabeEpochs({ aux: writer, runtime: { currentStart } }, configuration)
    const verifier = new BabeVerifier(
      { headers: { header: (hash) => importer.header(hash) }, epochs, crypto, onEquivocation: ({ slot, author }) => logger.child('babe').warn('an author signed two blocks in one slot', { slot, author }) },
      configuration,
    )
    const finality = new Finality(
      {
        blocks,
        writer,
        keystore,
        signed,
        crypto,
        // A round takes its time, whatever the clock is set to.
        clock: new SteadyClock(clock),
        logger: logger.child('grandpa'),
        exclusive: (task) => importer.exclusive(task),
        prunable: (head) => epochs.prunableAux(blocks, head),
      },
      { genesisAuthorities: await grandpaAuthorities(executor, genesisRoot), authorityForks: this.#options.authorityForks ?? [], vote: this.#options.validator },
    )
    const importer: Importer = new Importer(
      { blocks, writer, executor, verifier: this.#remembering(verifier), weights: epochs, finality, clock, logger: logger.child('import'), onFault },
      { ...this.#options, queueLimit: IMPORT_QUEUE },
    )

    const subscriptions = new Disposers()
    subscriptions.add(blocks.events.on('bestChanged', (change) => void this.pool.onBestChanged(change)))
    subscriptions.add(blocks.events.on('finalized', ({ finalized }) => this.pool.onFinalized(finalized)))

    const authoring = this.#options.validator ? this.#createAuthoring(epochs, importer, configuration) : undefined
    this.#running = { configuration, epochs, importer, finality, authoring, subscriptions }
    await finality.start()
    authoring?.slots.start()
  }

  /** Authors no more, votes no more, finishes the block under way; then the pool lets its watchers go. */
  async stop(): Promise<void> {
    const running = this.#running
    this.#running = undefined
    if (running === undefined) return
    await running.authoring?.slots.stop()
    await running.finality.stop()
    await running.importer.close()
    running.subscriptions.dispose()
    await this.pool.close()
  }

  /** Where blocks and justifications from others go. Throws while the service is not running. */
  get importer(): Importer {
    return this.#require().importer
  }

  /** The voter's door to the network. Throws while the service is not running. */
  get finality(): Finality {
    return this.#require().finality
  }

  /** How many voters finality has, or is about to have; 0 while the service is not running. */
  get voters(): number {
    return this.#running?.finality.voters ?? 0
  }

  /** Why the last block could not be authored; undefined where it could, or none was due. */
  get authoringProblem(): unknown {
    return this.#authoringProblem
  }

  /** Why no blocks are made at present, though this node is to make them; undefined where nothing is in the way. */
  get authoringHold(): AuthoringHold | undefined {
    return this.#running?.authoring?.producer.hold
  }

  /** Milliseconds that a slot lasts. */
  get slotDurationMs(): number {
    return this.#require().configuration.slotDuration
  }

  /** Blocks that change the authorities once they are final, and are not (see grandpa/set-changes.ts); none while the service is not running. */
  setChanges(): readonly BlockRef[] {
    return this.#running?.finality.setChanges() ?? []
  }

  /** The highest that any chain above the finalized block can be by now; undefined where that cannot be told. */
  heightCeiling(): number | undefined {
    const { blocks, clock } = this.#dependencies
    const finalized = this.#running === undefined ? undefined : blocks.header(blocks.finalized().hash)
    return finalized === undefined ? undefined : heightCeiling(finalized, clock.now(), this.slotDurationMs)
  }

  /** In which slots of the best block's epoch the keys of this node may author, by public key. Calls at the same time share one answer. */
  authorship(): Promise<ReadonlyMap<Hash, EpochAuthorship>> {
    this.#authorship ??= this.#lookUpAuthorship().finally(() => (this.#authorship = undefined))
    return this.#authorship
  }

  /** Public key of a block's author, where this node has verified the block since it started. */
  authorOf(hash: Hash): Hash | undefined {
    return this.#authors.get(hash)
  }

  /** Resolves when the slot, the imports and the finalizations that are under way are done. */
  async idle(): Promise<void> {
    const { authoring, importer, finality } = this.#require()
    await authoring?.slots.idle()
    await importer.idle()
    await finality.idle()
    await importer.idle()
  }

  async #lookUpAuthorship(): Promise<ReadonlyMap<Hash, EpochAuthorship>> {
    const { blocks, keystore, crypto, clock } = this.#dependencies
    const { configuration, epochs } = this.#require()
    const { hash } = blocks.best()
    const header = blocks.header(hash)
    if (header === undefined) throw new Error('the best block has no header')
    const slot = header.number === 0 ? slotAt(clock.now(), configuration.slotDuration) : slotOf(header)
    return epochAuthorship({ keystore, crypto }, (await epochs.forChild(header, hash, slot)).epoch)
  }

  #createAuthoring(epochs: BabeEpochs, importer: Importer, configuration: BabeConfiguration): NonNullable<Running['authoring']> {
    const { blocks, executor, crypto, keystore, signed, sync, clock } = this.#dependencies
    const logger = this.#dependencies.logger.child('babe')
    const author = new BabeAuthor({ epochs, keystore, claims: new SlotClaims(signed), crypto }, configuration)
    const producer = new BlockProducer({ author, blocks, executor, pool: this.pool, importer, sync, clock, logger }, { force: this.#options.forceAuthoring })
    const slots = new SlotLoop({ clock, logger, produce: (slot) => this.#watched(producer.produce(slot)) }, { slotDuration: author.slotDuration })
    return { producer, slots }
  }

  async #watched(production: Promise<Hash | undefined>): Promise<void> {
    try {
      if ((await production) !== undefined) this.#authoringProblem = undefined
    } catch (error) {
      this.#authoringProblem = error
      if (isDiskRefusal(error)) this.#dependencies.onFault(error)
      throw error
    }
  }

  #remembering(verifier: Verifier): Verifier {
    return {
      verify: async (header, nowMs) => {
        const verified = await verifier.verify(header, nowMs)
        this.#authors.set(verified.hash, verified.author)
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

/** The pool asks the runtime of the block that it validates against. */
function poolValidation({ blocks, executor }: Pick<CoreDependencies, 'blocks' | 'executor'>): ValidateTransaction {
  return async (at, extrinsic, source) => {
    const header = blocks.header(at.hash)
    if (header === undefined) return { kind: 'unknown', reason: 'the block to validate against is gone' }
    const validity = await validateTransaction(executor, header.stateRoot, { hash: at.hash, number: header.number }, source, extrinsic)
    return validity.kind === 'valid' ? validity : { kind: validity.kind, reason: validityReason(validity) }
  }
}
