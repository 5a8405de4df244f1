/**
 * The state service: everything the node must still know tomorrow.
 *
 * Blocks (headers, bodies, justifications), the state tries of all of them, and what consensus engines keep, in one
 * LevelDB database of named buckets (buckets.ts). Finalized blocks are a line on disk; those above are a tree in memory
 * (block-tree.ts), rebuilt from the headers at start. Everybody may read, core alone gets the writer. Trie nodes are
 * records under numbers (trie/nodes/record.ts); a journal per block says which it wrote and which it ended (journal.ts), and
 * state roots lead to the records of root nodes (state-roots.ts).
 *
 * `blocks`, `storage`, `proofs`, `pins`, `writer`, `anchoring`, `filling` and `reverting` exist from construction on and may be handed to others before `start`; used while the
 * service is not running they throw STATE_NOT_RUNNING.
 */
import { systemClock, type Clock } from '../../base/clock.ts'
import { Emitter } from '../../base/events.ts'
import { errorMessage } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { Service } from '../../base/service.ts'
import { BlockReader } from './block-reader.ts'
import { BlockWriter } from './block-writer.ts'
import type { OldBlocks } from './old-blocks.ts'
import type { BlockTree } from './block-tree.ts'
import { carryOver, type CarryProgress } from './carry/carry-over.ts'
import { deleteOldNodes } from './carry/old-nodes.ts'
import { Chain, ChainHolder } from './chain.ts'
import { Database } from './database.ts'
import { diskParts, type DiskParts } from './disk-parts.ts'
import { StateError } from './errors.ts'
import { checkDatabase, initializeDatabase, type ExpectedGenesis } from './genesis.ts'
import { Pins } from './pins.ts'
import { hasGivenUp, putPruning, readOldestState, readPruning } from './pruning/marks.ts'
import { checkSwitch, type StatePruning } from './pruning/mode.ts'
import { Pruner, type PruningStatus } from './pruning/pruner.ts'
import { dropLeftovers } from './record-numbers.ts'
import { TrieStorageReader } from './storage-reader.ts'
import type { AnchorWriter, BlockPins, BlockReverter, BlockStateEvents, BlockStateReader, GapWriter, ProofReader, StateWriter, StorageReader } from './types.ts'
import { OLD_VERSION, readVersion } from './version.ts'

export interface StateDependencies {
  readonly logger: Logger
  readonly clock?: Clock
  /** Hears how far a database of an earlier version is carried over, every few seconds while `start` does that. */
  readonly onCarry?: ((progress: CarryProgress) => void) | undefined
}

export interface StateOptions extends ExpectedGenesis {
  /** Folder of this chain's data; the database is in `db` below it. Made where it does not exist. */
  readonly dataPath: string
  /** Which bodies and justifications are deleted; none where it is left out. */
  readonly oldBlocks?: OldBlocks | undefined
  /** Which states are kept; as before where it is left out. */
  readonly pruning?: StatePruning | undefined
  /** Which states new data keep, and data of an earlier version, where nothing is said; all where it is left out. */
  readonly initialPruning?: StatePruning | undefined
  /** A database of an earlier version is not carried over where that would take longer than so many milliseconds; left out: it always is. */
  readonly carryLimitMs?: number | undefined
  /** Heights that these data have reached before, the newest block's and the finalized one's: less is a copy of earlier. */
  readonly seen?: { readonly newest: number; readonly settled: number } | undefined
}

const KEEP_ALL: OldBlocks = { keep: undefined, keepsJustification: () => true }

export class StateService implements Service {
  readonly blocks: BlockStateReader
  readonly storage: StorageReader
  readonly proofs: ProofReader
  readonly pins: BlockPins
  readonly writer: StateWriter
  readonly anchoring: AnchorWriter
  readonly filling: GapWriter
  readonly reverting: BlockReverter
  /** What worker threads pass to `openTrieSource`. */
  readonly dataPath: string
  readonly #logger: Logger
  readonly #options: StateOptions
  readonly #database: Database
  readonly #holder = new ChainHolder()
  readonly #blockWriter: BlockWriter
  readonly #storageReader = new TrieStorageReader()
  readonly #pins: Pins
  readonly #clock: Clock
  readonly #onCarry: (progress: CarryProgress) => void
  #pruner: Pruner | undefined
  #tidying: Promise<void> | undefined
  #isStopping = false

  constructor(dependencies: StateDependencies, options: StateOptions) {
    this.#logger = dependencies.logger.child('state')
    this.#options = options
    this.dataPath = options.dataPath
    this.#clock = dependencies.clock ?? systemClock
    this.#onCarry = dependencies.onCarry ?? ((): void => undefined)
    this.#database = new Database(options.dataPath, this.#clock)
    const emitter = new Emitter<BlockStateEvents>((error) =>
      this.#logger.error('a listener of block events failed', { reason: errorMessage(error) }),
    )
    this.#pins = new Pins({
      header: (hash) => this.#holder.chain.header(hash),
      isKept: ({ number, stateRoot }) => number >= (this.#pruner?.floor ?? 0) && this.#storageReader.has(stateRoot),
      onReleased: () => this.#pruner?.wake(),
    })
    this.#blockWriter = new BlockWriter(this.#holder, emitter, options.oldBlocks ?? KEEP_ALL, this.#pins)
    this.blocks = new BlockReader(this.#holder, emitter, this.#pins)
    this.storage = this.#storageReader
    this.proofs = this.#storageReader
    this.pins = this.#pins
    this.writer = this.#blockWriter
    this.anchoring = this.#blockWriter
    this.filling = this.#blockWriter
    this.reverting = {
      revert: async (height, entries) => {
        const { blocks, roots } = await this.#blockWriter.revert(height, entries)
        this.#storageReader.forget(roots)
        return blocks
      },
    }
  }

  /** Which states are kept, and how far pruning has come; undefined while the service is not running. */
  get pruning(): PruningStatus | undefined {
    return this.#pruner?.status
  }

  /** What states and blocks take on the disk. Throws STATE_NOT_RUNNING. */
  async diskParts(): Promise<DiskParts> {
    return diskParts(this.#database.level)
  }

  /** Resolves when every state that is not to be kept is given up. */
  async pruned(): Promise<void> {
    await this.#pruner?.idle()
  }

  /** Resolves when nothing is left of an earlier version. */
  async tidied(): Promise<void> {
    await this.#tidying
  }

  /**
   * Throws a StateError: STATE_DB_LOCKED, _CORRUPT, _VERSION, _FAILED, STATE_WRONG_GENESIS, STATE_OLDER_THAN_SEEN or STATE_PRUNING_REFUSED,
   * each with a hint.
   */
  async start(): Promise<void> {
    if (this.#database.isOpen) return
    await this.#database.open()
    try {
      const isNew = await this.#database.isEmpty()
      if (isNew) await initializeDatabase(this.#database, this.#options.genesis, this.#options.genesisHash)
      else await this.#checkDatabase()
      const leftovers = await dropLeftovers(this.#database)
      if (leftovers > 0) this.#logger.debug('records of no block were deleted', { count: leftovers })
      const chain = Chain.load(this.#database)
      requireSeen(chain.tree, this.#options)
      const pruning = await this.#choosePruning(isNew ? this.#options.initialPruning : undefined)
      this.#holder.set(chain)
      this.#storageReader.open(this.#database.level, () => this.#holder.chain.gap !== undefined || hasGivenUp(this.#database))
      await this.#startPruning(chain, pruning)
      this.#isStopping = false
      this.#tidying = this.#tidyUp()
    } catch (error) {
      await this.stop()
      throw error
    }
    const [best, finalized] = [this.blocks.best(), this.blocks.finalized()]
    this.#logger.info('state opened', { best: best.number, bestHash: best.hash, finalized: finalized.number })
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    await this.#tidying
    await this.#pruner?.stop()
    await this.#blockWriter.idle()
    this.#blockWriter.pruner = undefined
    this.#pruner = undefined
    this.#pins.clear()
    this.#holder.set(undefined)
    this.#storageReader.close()
    await this.#database.close()
  }

  async #checkDatabase(): Promise<void> {
    await checkDatabase(this.#database, this.#options)
    if (readVersion(this.#database) !== OLD_VERSION) return
    const { initialPruning = 'archive', pruning = initialPruning, carryLimitMs } = this.#options
    await carryOver(this.#database, { pruning, limitMs: carryLimitMs, onProgress: (progress) => this.#onCarry(progress), clock: this.#clock, logger: this.#logger })
  }

  /** What is left of an earlier version, a part at a time. */
  async #tidyUp(): Promise<void> {
    try {
      while (!this.#isStopping && (await deleteOldNodes(this.#database.level)));
    } catch (error) {
      this.#logger.error('trie nodes of an earlier version could not be deleted', { reason: errorMessage(error) })
    }
  }

  /** Throws STATE_PRUNING_REFUSED. */
  async #choosePruning(initial: StatePruning = 'archive'): Promise<StatePruning> {
    const stored = readPruning(this.#database)
    const wanted = this.#options.pruning ?? stored ?? initial
    checkSwitch(stored, wanted, readOldestState(this.#database))
    if (wanted !== stored) await this.#database.write((batch) => putPruning(batch, wanted), { sync: true })
    return wanted
  }

  async #startPruning(chain: Chain, mode: StatePruning): Promise<void> {
    const pruner = new Pruner(
      {
        logger: this.#logger,
        exclusive: (operation) => this.#blockWriter.exclusive(operation),
        pins: this.#pins,
        onGivenUp: (roots) => this.#storageReader.forget(roots),
      },
      mode,
    )
    this.#pruner = pruner
    this.#blockWriter.pruner = pruner
    await pruner.start(chain)
  }
}

/** A node that goes on with data of earlier would sign again what it has signed, and says other things than it said. */
function requireSeen({ best, finalized }: Pick<BlockTree, 'best' | 'finalized'>, { seen, dataPath }: StateOptions): void {
  if (seen === undefined || (best.number >= seen.newest && finalized.number >= seen.settled)) return
  const isFinal = best.number >= seen.newest
  const [found, expected] = isFinal ? [finalized.number, seen.settled] : [best.number, seen.newest]
  const which = isFinal ? 'finalized block' : 'newest block'
  throw new StateError('STATE_OLDER_THAN_SEEN', `the data in ${dataPath} are older than before: their ${which} is #${found}, but this node has reached #${expected}.`, {
    data: { path: dataPath, found, seen: expected },
    hint: 'Restore the newer data. A validator that continues with older data may sign twice and be slashed.',
  })
}
