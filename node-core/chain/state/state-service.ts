/**
 * The state service: everything the node must still know tomorrow.
 *
 * Blocks (headers, bodies, justifications), the state tries of all of them, and what consensus engines keep, in one
 * LevelDB database of named buckets (buckets.ts). Finalized blocks are a line on disk; those above are a tree in memory
 * (block-tree.ts), rebuilt from the headers at start. Everybody may read, core alone gets the writer. Trie nodes are
 * addressed by their hashes and shared between states, so the states of pruned forks and of old blocks stay readable.
 *
 * `blocks`, `storage`, `proofs` and `writer` exist from construction on and may be handed to others before `start`; used while the
 * service is not running they throw STATE_NOT_RUNNING.
 */
import { systemClock, type Clock } from '../../base/clock.ts'
import { Emitter } from '../../base/events.ts'
import { errorMessage } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { Service } from '../../base/service.ts'
import { BlockReader } from './block-reader.ts'
import { BlockWriter } from './block-writer.ts'
import { Chain, ChainHolder } from './chain.ts'
import { Database } from './database.ts'
import { checkDatabase, initializeDatabase, type ExpectedGenesis } from './genesis.ts'
import { TrieStorageReader } from './storage-reader.ts'
import type { BlockStateEvents, BlockStateReader, ProofReader, StateWriter, StorageReader } from './types.ts'

export interface StateDependencies {
  readonly logger: Logger
  readonly clock?: Clock
}

export interface StateOptions extends ExpectedGenesis {
  /** Folder of this chain's data; the database is in `db` below it. Made where it does not exist. */
  readonly dataPath: string
}

export class StateService implements Service {
  readonly blocks: BlockStateReader
  readonly storage: StorageReader
  readonly proofs: ProofReader
  readonly writer: StateWriter
  /** What worker threads pass to `openTrieSource`. */
  readonly dataPath: string
  readonly #logger: Logger
  readonly #options: StateOptions
  readonly #database: Database
  readonly #holder = new ChainHolder()
  readonly #blockWriter: BlockWriter
  readonly #storageReader = new TrieStorageReader()

  constructor(dependencies: StateDependencies, options: StateOptions) {
    this.#logger = dependencies.logger.child('state')
    this.#options = options
    this.dataPath = options.dataPath
    this.#database = new Database(options.dataPath, dependencies.clock ?? systemClock)
    const emitter = new Emitter<BlockStateEvents>((error) =>
      this.#logger.error('a listener of block events failed', { reason: errorMessage(error) }),
    )
    this.#blockWriter = new BlockWriter(this.#holder, emitter)
    this.blocks = new BlockReader(this.#holder, emitter)
    this.storage = this.#storageReader
    this.proofs = this.#storageReader
    this.writer = this.#blockWriter
  }

  /** Throws a StateError: STATE_DB_LOCKED, _CORRUPT, _VERSION, _FAILED or STATE_WRONG_GENESIS, each with a hint. */
  async start(): Promise<void> {
    if (this.#database.isOpen) return
    await this.#database.open()
    try {
      if (await this.#database.isEmpty()) await initializeDatabase(this.#database, this.#options.genesis, this.#options.genesisHash)
      else await checkDatabase(this.#database, this.#options)
      this.#holder.set(Chain.load(this.#database))
      this.#storageReader.open(this.#database.level)
    } catch (error) {
      await this.stop()
      throw error
    }
    const [best, finalized] = [this.blocks.best(), this.blocks.finalized()]
    this.#logger.info('state opened', { best: best.number, bestHash: best.hash, finalized: finalized.number })
  }

  async stop(): Promise<void> {
    await this.#blockWriter.idle()
    this.#holder.set(undefined)
    this.#storageReader.close()
    await this.#database.close()
  }
}
