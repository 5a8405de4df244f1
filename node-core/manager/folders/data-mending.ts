/**
 * What a person can choose where the data of a network cannot go on as they were: begin anew, repair the database, or use them as they are. Each
 * stops the node, changes what is on disk and what was seen of it, and starts the node again. They run one at a time, between start and stop
 * (managed-network.ts).
 */
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { NodeKind, Position, RepairReport } from '../kinds/kind.ts'
import type { RepairNews } from '../watch/troubles.ts'
import { putAside, type BeginAnew } from './begin-anew.ts'
import type { FolderGuard, GuardedFolder } from './folder-guard.ts'

/** The node whose data they are. */
export interface MendedNode {
  /** How far it had come when it was stopped. */
  reached(): { readonly newest: Position } | undefined
  forgetReached(): void
  stop(): Promise<void>
  start(): Promise<void>
  /** It stays stopped for this reason. */
  fail(error: unknown): void
}

export interface DataMendingDependencies {
  readonly kind: Pick<NodeKind, 'setAside' | 'hasDatabase' | 'repair' | 'forgetPublicKeys'>
  readonly guard: Pick<FolderGuard, 'seen' | 'accept'>
  readonly node: MendedNode
  readonly dropKeys: ((dataPath: string) => Promise<void>) | undefined
  readonly clock: Clock
  readonly logger: Logger
}

export class DataMending {
  readonly #deps: DataMendingDependencies
  readonly #folder: GuardedFolder

  constructor(dependencies: DataMendingDependencies, folder: GuardedFolder) {
    this.#deps = dependencies
    this.#folder = folder
  }

  /** Puts what is there aside, and starts with an empty database. */
  async beginAnew(options: BeginAnew): Promise<void> {
    const { kind, guard, node, dropKeys, clock, logger } = this.#deps
    const { network, dataPath } = this.#folder
    await node.stop()
    const aside = await putAside(kind, { dataPath, seen: guard.seen }, options, clock.now())
    logger.warn('the node starts over with empty data', { network, kept: aside ?? '' })
    if (options.forgetPublicKeys === true) await kind.forgetPublicKeys?.(dataPath)
    await dropKeys?.(dataPath)
    await guard.accept('all')
    node.forgetReached()
    if (options.start !== false) await node.start()
  }

  /** Throws what the repair throws; then the node stays stopped for that reason. Undefined where its kind repairs nothing. */
  async repair(): Promise<RepairNews | undefined> {
    const { kind, guard, node, clock, logger } = this.#deps
    const { network, dataPath } = this.#folder
    await node.stop()
    let report: RepairReport | undefined
    try {
      report = await kind.repair?.(dataPath, clock.now())
    } catch (error) {
      node.fail(error)
      throw error
    }
    logger.warn('the database was repaired', { network, newest: report?.newest, kept: report?.kept })
    // Less may be there than was seen: what the keys signed is written beside it.
    const seen = (node.reached() ?? guard.seen)?.newest?.number
    await guard.accept('heights')
    node.forgetReached()
    await node.start()
    return report && { ...report, seen }
  }

  /** Starts with the data as they are, whatever was seen before. */
  async useAsItIs(): Promise<void> {
    const { guard, node, dropKeys } = this.#deps
    await node.stop()
    await dropKeys?.(this.#folder.dataPath)
    await guard.accept('all')
    node.forgetReached()
    await node.start()
  }
}
