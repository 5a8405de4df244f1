/** Gap sync in the running node: does what the state machine (gap-sync.ts) asks for. */
import type { Clock } from '../../../base/clock.ts'
import { errorMessage } from '../../../base/errors.ts'
import type { Logger } from '../../../base/logger.ts'
import type { PeerFault } from '../../../network/contracts.ts'
import type { BlockSource, GapStatus } from '../types.ts'
import { failureOf } from '../peers/failure.ts'
import { GapSync } from './gap-sync.ts'
import type { GapAction, GapBlocks, GapFiller, GapOptions, GapResult } from './types.ts'

export interface GapRunnerDependencies {
  readonly blocks: GapBlocks
  readonly filler: GapFiller
  readonly source: BlockSource
  /** Peers that may be asked now; none while there is better to do. */
  readonly freePeers: () => readonly string[]
  readonly report: (peer: string, fault: PeerFault) => void
  readonly clock: Clock
  readonly logger: Logger
}

export class GapRunner {
  readonly #dependencies: GapRunnerDependencies
  readonly #options: GapOptions
  readonly #requests = new Map<number, AbortController>()
  readonly #work = new Set<Promise<void>>()
  #gap: GapSync | undefined
  #later: (() => void) | undefined
  #wasDue = false

  constructor(dependencies: GapRunnerDependencies, options: GapOptions) {
    this.#dependencies = dependencies
    this.#options = options
  }

  start(): void {
    const { blocks, clock } = this.#dependencies
    this.#gap = new GapSync(blocks, clock.now(), this.#options)
  }

  /** Awaits what is being stored. */
  async stop(): Promise<void> {
    this.#gap = undefined
    this.#later?.()
    this.#later = undefined
    for (const controller of this.#requests.values()) controller.abort()
    this.#requests.clear()
    await this.idle()
  }

  /** To be called now and then, and whenever peers have become free. */
  advance(): void {
    const { clock } = this.#dependencies
    // One reading for both: a millisecond that passes in between would leave neither a request nor a timer.
    const now = clock.now()
    for (const action of this.#gap?.advance(this.#dependencies.freePeers(), now) ?? []) this.#do(action)
    this.#log()
    const dueAt = this.#gap?.dueAt(now)
    this.#later?.()
    this.#later = dueAt === undefined ? undefined : clock.schedule(Math.ceil(dueAt - now), () => this.advance())
  }

  /** Undefined where nothing is to be fetched. */
  status(): GapStatus | undefined {
    return this.#gap?.status(this.#dependencies.clock.now())
  }

  /** Resolves when the request and the batch that are under way, and all that follow from them, are done. */
  async idle(): Promise<void> {
    while (this.#work.size > 0) await Promise.all(this.#work)
  }

  #tell(event: (gap: GapSync, now: number) => readonly GapAction[]): void {
    const gap = this.#gap
    if (gap === undefined) return
    for (const action of event(gap, this.#dependencies.clock.now())) this.#do(action)
  }

  #do(action: GapAction): void {
    const { source, filler, report, logger } = this.#dependencies
    switch (action.kind) {
      case 'request': {
        const { id, peer, request } = action
        const controller = new AbortController()
        this.#requests.set(id, controller)
        return this.#track(
          source.requestBlocks(peer, request, controller.signal).then(
            (blocks) => ({ blocks }),
            (error: unknown) => ({ failure: failureOf(error) }),
          ),
          (outcome) => {
            this.#requests.delete(id)
            this.#tell((gap, now) => ('blocks' in outcome ? gap.answered(id, outcome.blocks, now) : gap.failed(id, outcome.failure, now)))
          },
        )
      }
      case 'cancel':
        this.#requests.get(action.id)?.abort()
        this.#requests.delete(action.id)
        return
      case 'fill':
        return this.#track(
          filler.fill(action.blocks.map(({ ref, block, justifications }) => ({ hash: ref.hash, ...block, justifications }))).catch((error: unknown): GapResult => {
            if (this.#gap !== undefined) logger.warn('older blocks could not be stored', { reason: errorMessage(error) })
            return { kind: 'failed' }
          }),
          (result) => {
            if (result.kind === 'foreign') logger.error('older blocks do not lead to the genesis of this chain', { reason: result.message })
            this.#tell((gap, now) => gap.filled(result, now))
          },
        )
      case 'report':
        return report(action.peer, action.fault)
    }
  }

  #track<T>(task: Promise<T>, then: (result: T) => void): void {
    const work: Promise<void> = task
      .then((result) => {
        then(result)
        this.advance()
      })
      .finally(() => this.#work.delete(work))
    this.#work.add(work)
  }

  #log(): void {
    const status = this.status()
    const { logger } = this.#dependencies
    if (status !== undefined && !this.#wasDue) logger.info('older blocks are fetched', { from: status.from, to: status.to })
    if (status === undefined && this.#wasDue && this.#gap !== undefined) logger.info('all older blocks that are kept are here')
    this.#wasDue = status !== undefined
  }
}
