/**
 * The syncer in the running node: feeds the state machine (syncer.ts) with what peers, the importer and the clock tell, and
 * does what it answers. It holds no blocks of its own and decides nothing.
 */
import type { Hash } from '../../base/bytes.ts'
import type { Clock } from '../../base/clock.ts'
import { errorMessage } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { PeerFault, PeerJudge } from '../../network/contracts.ts'
import type { Header } from '../scale/header.ts'
import type { Service } from '../../base/service.ts'
import type { BlockRef } from '../scale/block.ts'
import type { SyncChain, SyncImporter } from './chain.ts'
import { GapRunner } from './gap/gap-runner.ts'
import type { GapBlocks, GapFiller, GapOptions } from './gap/types.ts'
import { SyncJournal } from './journal.ts'
import { failureOf } from './peers/failure.ts'
import type { SyncKnowledge } from './peers/knowledge.ts'
import { DEFAULT_SYNC_OPTIONS, type SyncOptions } from './options.ts'
import { Syncer } from './syncer.ts'
import type { BlockSource, ImportResult, SyncAction, SyncEvent, SyncPeerDetails, SyncStateReader, SyncStatus } from './types.ts'

export interface SyncDependencies {
  readonly blocks: SyncChain
  readonly importer: SyncImporter
  readonly source: BlockSource
  readonly judge: PeerJudge
  /** Where blocks below the one on which the chain began are to be fetched, and how many of them. */
  readonly gap?: { readonly blocks: GapBlocks; readonly filler: GapFiller; readonly options: GapOptions }
  /** What peers cannot tell; nothing where it is left out. */
  readonly knowledge?: SyncKnowledge
  readonly clock: Clock
  readonly logger: Logger
}

const TICK_MS = 500
const REPORT_EVERY_MS = 10_000

export class SyncService implements Service, SyncStateReader {
  readonly #dependencies: SyncDependencies
  readonly #options: SyncOptions
  readonly #requests = new Map<number, AbortController>()
  /** Everything under way; each takes itself out. */
  readonly #work = new Set<Promise<void>>()
  /** Peers that came before the start. */
  readonly #early = new Map<string, BlockRef>()
  readonly #journal: SyncJournal
  readonly #gap: GapRunner | undefined
  #syncer: Syncer | undefined
  #cancelTick: (() => void) | undefined
  #reportedAt = 0
  #stalled = false

  constructor(dependencies: SyncDependencies, options: SyncOptions = DEFAULT_SYNC_OPTIONS) {
    this.#dependencies = dependencies
    this.#options = options
    this.#journal = new SyncJournal(dependencies.clock)
    this.#gap = this.#createGap()
  }

  async start(): Promise<void> {
    const { blocks, clock, knowledge } = this.#dependencies
    this.#syncer = new Syncer(blocks, clock.now(), this.#options, knowledge)
    this.#journal.start(blocks)
    this.#gap?.start()
    this.#scheduleTick()
    for (const [peer, best] of this.#early) this.#tell((syncer, now) => syncer.peerConnected(peer, best, now))
    this.#early.clear()
  }

  async stop(): Promise<void> {
    this.#syncer = undefined
    this.#journal.stop()
    this.#cancelTick?.()
    for (const controller of this.#requests.values()) controller.abort()
    this.#requests.clear()
    await this.#gap?.stop()
    await Promise.all(this.#work)
  }

  /** A light client has no blocks to give: it is asked for none, and the height that it tells of is nobody's goal. */
  peerConnected(peer: string, role: string, best: BlockRef): void {
    if (role === 'LIGHT') return
    if (this.#syncer === undefined) this.#early.set(peer, best)
    this.#tell((syncer, now) => syncer.peerConnected(peer, best, now))
  }

  peerDisconnected(peer: string): void {
    this.#early.delete(peer)
    const delivered = this.#syncer?.deliveredBy(peer)
    if (delivered !== undefined) this.#journal.left(peer, delivered)
    this.#tell((syncer, now) => syncer.peerDisconnected(peer, now))
  }

  announced(peer: string, header: Header, hash: Hash, isBest: boolean): void {
    // A node that joins hears of blocks for as long as that takes: where peers stand then is what the start must know.
    if (isBest && this.#early.has(peer)) this.#early.set(peer, { hash, number: header.number })
    this.#tell((syncer, now) => syncer.announced(peer, header, hash, isBest, now))
  }

  /** Undefined while the service does not run. */
  status(): SyncStatus | undefined {
    const status = this.#syncer?.status(this.#dependencies.clock.now())
    const gap = this.#gap?.status()
    return status === undefined || gap === undefined ? status : { ...status, gap }
  }

  peers(): readonly SyncPeerDetails[] {
    return this.#syncer?.peers(this.#dependencies.clock.now()) ?? []
  }

  events(): readonly SyncEvent[] {
    return this.#journal.events()
  }

  /** Before the service runs, where peers are here already: how far they are is still to be looked at. */
  isMajorSyncing(): boolean {
    return this.#syncer?.isMajorSyncing(this.#dependencies.clock.now()) ?? this.#early.size > 0
  }

  /** Resolves when the requests and imports that are under way, and all that follow from them, are done. */
  async idle(): Promise<void> {
    while (this.#work.size > 0) await Promise.all(this.#work)
    await this.#gap?.idle()
  }

  #createGap(): GapRunner | undefined {
    const { gap, source, judge, clock, logger } = this.#dependencies
    if (gap === undefined) return undefined
    const freePeers = (): readonly string[] => this.#syncer?.idlePeers(clock.now()) ?? []
    const report = (peer: string, fault: PeerFault): void => {
      this.#journal.charged(peer, fault)
      judge.report(peer, fault)
    }
    return new GapRunner({ ...gap, source, freePeers, report, clock, logger }, gap.options)
  }

  #scheduleTick(): void {
    this.#cancelTick = this.#dependencies.clock.schedule(TICK_MS, () => {
      this.#tell((syncer, now) => syncer.tick(now))
      this.#gap?.advance()
      this.#log()
      if (this.#syncer !== undefined) this.#scheduleTick()
    })
  }

  #tell(event: (syncer: Syncer, now: number) => readonly SyncAction[]): void {
    const syncer = this.#syncer
    if (syncer === undefined) return
    for (const action of event(syncer, this.#dependencies.clock.now())) this.#do(action)
  }

  #do(action: SyncAction): void {
    const { importer, judge } = this.#dependencies
    switch (action.kind) {
      case 'request':
        return this.#request(action)
      case 'cancel':
        this.#requests.get(action.id)?.abort()
        this.#requests.delete(action.id)
        return
      case 'import': {
        const { ticket, block, origin } = action
        return this.#track(
          importer.importBlock(block.block, origin, block.justifications).catch((error: unknown) => this.#importFailed(error)),
          (result) => this.#tell((syncer, now) => syncer.imported(ticket, result, now)),
        )
      }
      case 'justify': {
        const { block, justification, peer } = action
        return this.#track(
          importer.importJustification(block, justification).catch((error: unknown) => this.#importFailed(error)),
          ({ kind }) => {
            this.#tell((syncer, now) => (kind === 'invalid' ? syncer.justificationRefused(peer, block.hash, now) : syncer.justified(now)))
          },
        )
      }
      case 'report':
        this.#journal.charged(action.peer, action.fault)
        return judge.report(action.peer, action.fault)
    }
  }

  #request({ id, peer, request }: SyncAction & { kind: 'request' }): void {
    const controller = new AbortController()
    this.#requests.set(id, controller)
    this.#track(
      this.#dependencies.source.requestBlocks(peer, request, controller.signal).then(
        (blocks) => ({ blocks }),
        (error: unknown) => ({ failure: failureOf(error) }),
      ),
      (outcome) => {
        this.#requests.delete(id)
        this.#tell((syncer, now) => ('blocks' in outcome ? syncer.answered(id, outcome.blocks, now) : syncer.failed(id, outcome.failure, now)))
      },
    )
  }

  #track<T>(task: Promise<T>, then: (result: T) => void): void {
    const work: Promise<void> = task.then(then).finally(() => this.#work.delete(work))
    this.#work.add(work)
  }

  #importFailed(error: unknown): ImportResult {
    if (this.#syncer !== undefined) this.#dependencies.logger.warn('a block could not be imported', { reason: errorMessage(error) })
    return { kind: 'failed' }
  }

  #log(): void {
    const status = this.status()
    if (status === undefined) return
    this.#journal.look(status)
    const { logger, clock } = this.#dependencies
    const { state, stalled, currentBlock, highestBlock, blocksPerSecond, peers } = status
    if (stalled !== undefined && !this.#stalled) logger.warn('the sync does not move', { reason: stalled.reason, currentBlock, highestBlock, peers })
    this.#stalled = stalled !== undefined
    if (state !== 'major-sync' || clock.now() < this.#reportedAt + REPORT_EVERY_MS) return
    this.#reportedAt = clock.now()
    logger.info('syncing', { currentBlock, highestBlock, blocksPerSecond: Math.round(blocksPerSecond), peers })
  }
}
