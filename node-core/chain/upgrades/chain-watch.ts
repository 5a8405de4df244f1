/**
 * The chain as upgrades see it: which version runs at the finalized and at the best block, what root authorized, and since when.
 * One look at a time; a look that is asked for meanwhile follows, and several are one.
 */
import type { Hash } from '../../base/bytes.ts'
import type { Logger } from '../../base/logger.ts'
import type { BlockRef } from '../scale/block.ts'
import type { UpgradeBlocks, UpgradeRuntime, UpgradeStorage } from './chain.ts'
import { authorizedCode, hasMultisigWork, madeBy, rootAccount } from './chain-facts.ts'
import type { RuntimeFacts } from './decision.ts'
import { firstBlock } from './first-block.ts'

export interface ChainWatchDependencies {
  readonly blocks: Pick<UpgradeBlocks, 'best' | 'finalized' | 'header' | 'hashByNumber'>
  readonly storage: UpgradeStorage
  readonly runtime: Pick<UpgradeRuntime, 'version'>
  readonly sync: { isMajorSyncing(): boolean }
  readonly logger: Logger
}

interface FactsAt extends RuntimeFacts {
  readonly number: number
  readonly stateRoot: Hash
}

export interface SeenChain {
  readonly finalized: FactsAt
  readonly best: FactsAt
  /** The account that is root. */
  readonly root: Uint8Array | undefined
  readonly rootHasWork: boolean
  /** See {@link UpgradeState}. */
  readonly since: number | undefined
  readonly authorizedAt: number | undefined
}

export class ChainWatch {
  readonly #dependencies: ChainWatchDependencies
  #seen: SeenChain | undefined
  #looking: Promise<void> | undefined
  #again = false

  constructor(dependencies: ChainWatchDependencies) {
    this.#dependencies = dependencies
  }

  /** Undefined before the first look, and where the states are not here. */
  get seen(): SeenChain | undefined {
    return this.#seen
  }

  /** Resolves when the chain was seen as it is now, or later. Throws what the runtime call throws. */
  look(): Promise<void> {
    this.#again = true
    this.#looking ??= this.#lookWhileAsked().finally(() => (this.#looking = undefined))
    return this.#looking
  }

  /** Resolves when nothing is looked at. */
  async idle(): Promise<void> {
    await this.#looking?.catch(() => undefined)
  }

  forget(): void {
    this.#seen = undefined
  }

  async #lookWhileAsked(): Promise<void> {
    while (this.#again) {
      this.#again = false
      // What passes by while the node catches up is long over.
      if (this.#dependencies.sync.isMajorSyncing()) return
      await this.#look()
    }
  }

  async #look(): Promise<void> {
    const { blocks, storage } = this.#dependencies
    const finalized = await this.#factsAt(blocks.finalized())
    const best = await this.#factsAt(blocks.best())
    if (finalized === undefined || best === undefined) return
    const before = this.#seen
    const root = rootAccount(storage, finalized.stateRoot)
    const rootHasWork = root !== undefined && hasMultisigWork(storage, finalized.stateRoot, root)
    const since = before?.finalized.specVersion === finalized.specVersion ? before.since : this.#since(finalized, before)
    const authorizedAt = before?.finalized.authorized === finalized.authorized ? before?.authorizedAt : this.#authorizedAt(finalized, before, since)
    this.#seen = { finalized, best, root, rootHasWork, since, authorizedAt }
    this.#tell(before)
  }

  async #factsAt({ hash, number }: BlockRef): Promise<FactsAt | undefined> {
    const { blocks, storage, runtime } = this.#dependencies
    const stateRoot = blocks.header(hash)?.stateRoot
    if (stateRoot === undefined || !storage.has(stateRoot)) return undefined
    const { specVersion } = await runtime.version(stateRoot)
    return { number, stateRoot, specVersion, authorized: authorizedCode(storage, stateRoot) }
  }

  /** The block behind the one that brought the code is the first that the code made. */
  #since({ number, stateRoot, specVersion }: FactsAt, before: SeenChain | undefined): number | undefined {
    const { storage } = this.#dependencies
    const isMade = (root: Hash): boolean => (madeBy(storage, root)?.specVersion ?? 0) >= specVersion
    if (!isMade(stateRoot)) return number + 1
    const first = firstBlock(this.#dependencies, before?.finalized.number ?? -1, number, isMade)
    return first === 0 ? undefined : first
  }

  #authorizedAt({ number, authorized }: FactsAt, before: SeenChain | undefined, since: number | undefined): number | undefined {
    if (authorized === undefined) return undefined
    const { storage } = this.#dependencies
    return firstBlock(this.#dependencies, before?.finalized.number ?? since ?? -1, number, (root) => authorizedCode(storage, root) === authorized)
  }

  #tell(before: SeenChain | undefined): void {
    const { logger } = this.#dependencies
    const seen = this.#seen
    if (seen === undefined) return
    const { finalized, since, authorizedAt } = seen
    if (finalized.authorized !== undefined && before?.finalized.authorized !== finalized.authorized) {
      logger.info('root authorized a runtime upgrade', { codeHash: finalized.authorized, block: authorizedAt, version: finalized.specVersion })
    }
    if (before !== undefined && before.finalized.specVersion !== finalized.specVersion) {
      logger.info('the chain switched to another runtime', { from: before.finalized.specVersion, to: finalized.specVersion, since })
    }
  }
}
