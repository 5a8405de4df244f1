/**
 * A chain without a network: its data, its runtime, and what decides about blocks. For commands that read, check or add blocks while no node
 * runs; it takes the same lock on the data. It signs nothing.
 */
import type { Hash } from '../../base/bytes.ts'
import { systemClock } from '../../base/clock.ts'
import { errorMessage } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import { ServiceGroup, type Service } from '../../base/service.ts'
import { MemoryKeystore } from '../../crypto/keys/keystore.ts'
import { CryptoWorker } from '../../crypto/worker/crypto-worker.ts'
import { CoreService } from '../core/core-service.ts'
import { isSealedChain, revertedEntries, revertLimit } from '../core/engines/table.ts'
import type { BlockImporter } from '../core/types.ts'
import type { RuntimeWorkers } from '../runtime/threads/executor.ts'
import { createRuntime } from './runtime-threads.ts'
import type { RuntimeExecutor } from '../runtime/types.ts'
import type { BlockRef } from '../scale/block.ts'
import { authorityForksOf } from '../spec/authority-forks.ts'
import { genesisOf } from '../spec/genesis.ts'
import { chainDataPath } from '../spec/load.ts'
import { knownNetworkOf } from '../spec/networks.ts'
import type { ChainSpec } from '../spec/schema.ts'
import { StateService } from '../state/state-service.ts'
import type { BlockStateReader, StorageReader } from '../state/types.ts'
import type { WorkerUrls } from './options.ts'
import { createSigning } from './signing.ts'
import { carryLimitMsOf, statePruningOf } from './sync-mode.ts'

export interface OfflineEnvironment {
  readonly spec: ChainSpec
  readonly basePath: string
  readonly logger: Logger
  readonly workerUrls?: WorkerUrls | undefined
  /** Blocks are taken as sealed on request, without a consensus that could be asked; a chain that was sealed before is known by its data. */
  readonly sealed?: boolean | undefined
}

/** Data and runtime of a chain, not started: what an {@link OfflineChain} stands on. */
export function offlineState({ spec, basePath, logger, workerUrls }: OfflineEnvironment): { readonly dataPath: string; readonly state: StateService; readonly runtime: RuntimeWorkers; readonly known: Hash | undefined } {
  const clock = systemClock
  const dataPath = chainDataPath(basePath, spec)
  const known = knownNetworkOf(spec)?.genesisHash
  const state = new StateService(
    { logger, clock },
    { dataPath, genesis: () => genesisOf(spec), genesisHash: known, initialPruning: statePruningOf(spec), carryLimitMs: carryLimitMsOf(spec) },
  )
  const runtime = createRuntime({ blocks: state.blocks, logger, clock }, { spec, dataPath, workerUrls })
  return { dataPath, state, runtime, known }
}

export class OfflineChain implements Service {
  readonly dataPath: string
  readonly blocks: BlockStateReader
  readonly storage: StorageReader
  readonly executor: RuntimeExecutor
  readonly #state: StateService
  #core: CoreService | undefined
  readonly #services: ServiceGroup
  #fault: Error | undefined

  constructor({ spec, basePath, logger, workerUrls, sealed = false }: OfflineEnvironment) {
    const clock = systemClock
    const { dataPath, state, runtime, known } = offlineState({ spec, basePath, logger, workerUrls })
    const crypto = new CryptoWorker({ logger }, workerUrls === undefined ? {} : { workerUrl: workerUrls.crypto })
    const { signed, signingState } = createSigning({ logger, genesisHash: () => state.blocks.genesisHash }, dataPath)
    // What the data say of themselves is known when they are open.
    const core = (): CoreService =>
      new CoreService(
        {
          blocks: state.blocks, writer: state.writer, executor: runtime, crypto, keystore: new MemoryKeystore(), signed, signingState, random: Math.random,
          sync: { isMajorSyncing: () => true, isOffline: () => true }, clock, logger, onFault: (error) => (this.#fault ??= error instanceof Error ? error : new Error(errorMessage(error))),
        },
        {
          validator: false, forceAuthoring: false, badBlocks: spec.badBlocks ?? [], forkBlocks: spec.forkBlocks ?? [], authorityForks: authorityForksOf(known),
          sealing: sealed || isSealedChain(state.writer) ? { mode: 'manual', finalizeAfterMs: undefined } : undefined,
        },
      )
    this.dataPath = dataPath
    this.#state = state
    this.blocks = state.blocks
    this.storage = state.storage
    this.executor = runtime
    this.#services = new ServiceGroup(
      [
        { name: 'state', service: state },
        { name: 'signing record', service: { start: () => signed.open(state.blocks.genesisHash), stop: () => signed.close() } },
        { name: 'runtime', service: runtime },
        { name: 'crypto', service: crypto },
        { name: 'core', service: { start: () => (this.#core = core()).start(), stop: async () => this.#core?.stop() } },
      ],
      logger,
    )
  }

  /** Throws what opening the data throws: STATE_DB_LOCKED where a node uses them. */
  start(): Promise<void> {
    return this.#services.start()
  }

  /** Idempotent. */
  stop(): Promise<void> {
    return this.#services.stop()
  }

  get importer(): BlockImporter {
    if (this.#core === undefined) throw new Error('the chain has not been started')
    return this.#core.importer
  }

  /** To which height the newest `count` blocks can be taken back: not below what is final, nor below a change that cannot be undone. */
  revertTarget(count: number): { readonly height: number; readonly limit: 'none' | 'finalized' | 'authorities' } {
    const [wanted, finalized, authorities] = [this.blocks.best().number - count, this.blocks.finalized().number, revertLimit(this.#state.writer, this.blocks)]
    const height = Math.max(wanted, finalized, authorities)
    return { height, limit: height === wanted ? 'none' : height === finalized ? 'finalized' : 'authorities' }
  }

  /**
   * Removes all blocks above this height with their states, those of forks too, and what engines keep of them. Nothing else may be done with
   * this chain afterwards but reading blocks: engines do not hear of it. Throws STATE_NOT_AN_ANCESTOR.
   */
  revert(height: number): Promise<readonly BlockRef[]> {
    return this.#state.reverting.revert(height, (block) => revertedEntries(this.#state.writer, block))
  }

  /** An error that is neither a block's fault nor passing: the disk is full, the database is damaged. */
  get fault(): Error | undefined {
    return this.#fault
  }
}
