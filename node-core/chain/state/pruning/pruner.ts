/**
 * Gives up states that nobody needs any more, beside everything else.
 *
 * It works in small steps, each one batch that takes its turn among those of the writer, so that no import waits for more than one of them. What
 * is to be done is on disk before it is begun: dead blocks are marked in the batch that makes another one final, heights are counted by a
 * mark that the step itself moves. So a crash at any point leaves every state whole or gone. Where blocks are held (pins.ts), it stops below them.
 */
import type { Hash } from '../../../base/bytes.ts'
import { errorMessage, isNodeError } from '../../../base/errors.ts'
import type { Logger } from '../../../base/logger.ts'
import { nodeKey } from '../buckets.ts'
import type { Chain } from '../chain.ts'
import { hasGivenUp, putOldestState, readDead, readOldestState, readRemainders } from './marks.ts'
import { keptStates, type StatePruning } from './mode.ts'
import { Remainder } from './remainder.ts'
import { RECORDS_PER_STEP, dropDead, giveUp, type PruningStep } from './step.ts'
import type { Pins } from '../pins.ts'
import { readJournal } from '../state-store.ts'

export interface PrunerDependencies {
  readonly logger: Logger
  /** Runs an operation on the chain when no other one does. */
  readonly exclusive: <T>(operation: (chain: Chain) => Promise<T>) => Promise<T>
  readonly pins: Pick<Pins, 'lowest' | 'needed'>
  /** States of these roots may be gone: whoever remembers them forgets. */
  readonly onGivenUp: (roots: readonly Hash[]) => void
}

export interface PruningStatus {
  readonly mode: StatePruning
  /** Height of the oldest finalized block whose state is kept. */
  readonly oldest: number
  /** States and records given up since the start. */
  readonly states: number
  readonly records: number
}

export class Pruner {
  readonly #dependencies: PrunerDependencies
  readonly #mode: StatePruning
  #oldest = 0
  #floor = 0
  #dead: Hash[] = []
  /** Keys of remainders; the last one is being worked off. */
  #remainders: Uint8Array[] = []
  #current: Remainder | undefined
  #states = 0
  #records = 0
  #running: Promise<void> | undefined
  #isWoken = false
  #isStopped = false

  constructor(dependencies: PrunerDependencies, mode: StatePruning) {
    this.#dependencies = dependencies
    this.#mode = mode
  }

  get status(): PruningStatus {
    return { mode: this.#mode, oldest: this.#oldest, states: this.#states, records: this.#records }
  }

  /** States of finalized blocks below this height are given up, or are being given up. */
  get floor(): number {
    return Math.max(this.#oldest, this.#floor)
  }

  /** Reads what is left to do, and begins. */
  async start({ database, genesisHash, tree }: Chain): Promise<void> {
    this.#oldest = readOldestState(database)
    this.#remainders = await readRemainders(database)
    if (this.#mode !== 'archive') this.#dead = await readDead(database)
    // A chain that begins in the middle has no use for the state of genesis, which shares nothing with the others.
    const hasGenesis = this.#oldest > 0 && tree.finalized.hash !== genesisHash && readJournal(database, genesisHash) !== undefined
    if (typeof this.#mode === 'number' && hasGenesis) this.#dead.push(genesisHash)
    this.wake()
  }

  /** These blocks died on forks; their marks are on disk. */
  died(blocks: readonly Hash[]): void {
    if (this.#mode !== 'archive') this.#dead.push(...blocks)
  }

  /** There may be something to do. */
  wake(): void {
    this.#isWoken = true
    if (!this.#isStopped) this.#running ??= this.#run()
  }

  /** Resolves when nothing is left to do. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#running
  }

  async #run(): Promise<void> {
    try {
      // Whoever wakes it while it looks around and finds nothing is not missed.
      while (this.#isWoken && !this.#isStopped) {
        this.#isWoken = false
        if (await this.#dependencies.exclusive((chain) => this.#step(chain))) this.#isWoken = true
        await new Promise((resolve) => setImmediate(resolve))
      }
    } catch (error) {
      // The next finalized block tries again; what failed is on disk as it was.
      if (!isNodeError(error) || error.code !== 'STATE_NOT_RUNNING') this.#dependencies.logger.error('states could not be given up', { reason: errorMessage(error) })
    } finally {
      this.#running = undefined
    }
  }

  /** False where there is nothing to do. */
  async #step(chain: Chain): Promise<boolean> {
    const { database, tree } = chain
    if (this.#remainders.length > 0) {
      await this.#workOff(chain)
      return true
    }
    const { needed, lowest } = this.#dependencies.pins
    const held = needed.size === 0 ? [] : this.#dead.filter((block) => needed.has(block))
    if (this.#dead.length > held.length) {
      const known = this.#dead.length
      const dead = held.length === 0 ? [...this.#dead] : this.#dead.filter((block) => !needed.has(block))
      const step = dropDead(database, dead)
      await this.#write(chain, step, !hasGivenUp(database))
      // What died meanwhile is behind.
      this.#dead = [...held, ...dead, ...this.#dead.slice(known)]
      return true
    }
    const limit = Math.min(tree.finalized.number - keptStates(this.#mode) + 1, lowest)
    if (this.#oldest >= limit) return false
    const step = giveUp(database, this.#oldest, limit)
    this.#floor = step.oldest
    await this.#write(chain, step, false)
    this.#oldest = step.oldest
    return true
  }

  async #write({ database }: Chain, step: PruningStep, isFirst: boolean): Promise<void> {
    await database.write(
      (batch) => {
        step.fill(batch)
        if (isFirst) putOldestState(batch, this.#oldest)
      },
      { sync: false },
    )
    this.#remainders.unshift(...step.remainders)
    this.#states += step.blocks
    this.#records += step.records
    this.#dependencies.onGivenUp(step.roots)
  }

  /** A part of the newest remainder. Where the program dies, it begins with it again. */
  async #workOff({ database }: Chain): Promise<void> {
    const key = this.#remainders.at(-1) as Uint8Array
    const encoded = this.#current === undefined ? database.get(key) : undefined
    const current = this.#current ?? (encoded && new Remainder(encoded))
    const ids = current?.take(RECORDS_PER_STEP) ?? []
    const isLast = current?.isEmpty !== false
    this.#current = isLast ? undefined : current
    if (isLast) this.#remainders.pop()
    await database.write(
      (batch) => {
        const scratch = nodeKey(0)
        for (const id of ids) batch.del(nodeKey(id, scratch))
        if (isLast) batch.del(key)
      },
      { sync: false },
    )
    this.#records += ids.length
  }
}
