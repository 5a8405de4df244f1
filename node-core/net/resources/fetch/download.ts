/**
 * One fetch: keeps streams to peers that have it (peer-links.ts), asks as the plan says (plan.ts) and writes what it verified (part-file.ts).
 *
 * What was fetched lasts: it is flushed every two seconds and every 64 MiB, and a later fetch of the same root to the same path goes on from there, whether this
 * one was stopped, failed or was killed. A fetch of a part of a file leaves the part file where it is ({@link Outcome}).
 */
import type { Clock } from '../../../base/clock.ts'
import type { Disposer } from '../../../base/disposers.ts'
import { NodeError, errorMessage, isNodeError } from '../../../base/errors.ts'
import { Emitter, type EventSource } from '../../../base/events.ts'
import type { Logger } from '../../../base/logger.ts'
import type { PeerJudge } from '../../../network/contracts.ts'
import { LEAF_BYTES } from '../tree.ts'
import type { OpenResource, OwnShelf, Provider, ProviderFinder, StreamOpener } from '../types.ts'
import type { Answer } from '../wire.ts'
import { PartFile, damaged, partPath } from './part-file.ts'
import { PartOffers } from './part-offer.ts'
import { PeerLinks } from './peer-links.ts'
import { FetchPlan } from './plan.ts'
import type { FetchProgress, PlanOptions, Verified } from './types.ts'
import { WriteQueue } from './write-queue.ts'

export interface DownloadOptions extends PlanOptions {
  /** Where the file is to be in the end. Its folder is there. */
  readonly path: string
  /** The path was judged and has no links; see {@link PartFile.resume}. */
  readonly isReal?: boolean | undefined
  /** Peers to ask, besides those that are found. */
  readonly peers: readonly Provider[]
  /** How often what was written is flushed; every two seconds where nothing is said. */
  readonly flushMs?: number
}

export interface DownloadDependencies {
  readonly streams: StreamOpener
  readonly finder: ProviderFinder
  readonly own: OwnShelf
  readonly judge: PeerJudge
  readonly clock: Clock
  readonly logger: Logger
  /** Takes leave to ask for one more leaf, where the rate is limited. */
  readonly allow: () => boolean
  /** The file is whole and has its name: its leaf hashes, group by group, for whoever offers it further. Where it rejects, the file is there all the same. */
  readonly onWhole?: (file: { readonly path: string; readonly root: Uint8Array; readonly length: number }, groups: AsyncIterable<Uint8Array>) => Promise<void>
}

export type Outcome =
  /** `path`: of the whole file, or of the part file, where the wanted bytes are at their places. */
  | { readonly kind: 'done'; readonly path: string; readonly isWhole: boolean }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly error: NodeError }

export type DownloadProgress = FetchProgress & { readonly state: 'fetching' | 'finishing' | Outcome['kind'] }

export interface DownloadEvents {
  /** A few times a second while something happens. */
  progress: DownloadProgress
  ended: Outcome
}

const TICK_MS = 100
const PROGRESS_TICKS = 5
const FLUSH_MS = 2_000
const FLUSH_BYTES = 64 * 1024 * 1024

export class Download {
  readonly #deps: DownloadDependencies
  readonly #options: DownloadOptions
  readonly #events = new Emitter<DownloadEvents>()
  /** Somebody wants it to stop. */
  readonly #stopping = new AbortController()
  /** Nothing more is fetched, for whatever reason. */
  readonly #ending = new AbortController()
  readonly #over = Promise.withResolvers<NodeError | undefined>()
  readonly #offers: PartOffers
  readonly #links: PeerLinks
  #plan: FetchPlan
  #part: Promise<PartFile> | undefined
  /** Hashes that are being written; none of them rejects. */
  readonly #hashes = new Set<Promise<void>>()
  readonly #data = new WriteQueue({
    write: async (index, pieces) => (await this.#begin()).write(index, pieces),
    onWritten: (index, leaves, bytes) => {
      this.#plan.onWritten(index, leaves)
      this.#unflushed += bytes
      this.#soon()
    },
    onFailure: (error) => this.#fail(error),
  })
  #flushing: Promise<void> | undefined
  #unflushed = 0
  #flushedAt = 0
  #tickTimer: Disposer | undefined
  #ticks = 0
  #isDue = false
  #state: DownloadProgress['state'] = 'fetching'
  #running: Promise<Outcome> | undefined

  constructor(dependencies: DownloadDependencies, options: DownloadOptions) {
    this.#deps = dependencies
    this.#options = options
    this.#plan = new FetchPlan(dependencies, options)
    this.#offers = new PartOffers(options, dependencies.clock)
    const { streams, finder, own, clock, logger } = dependencies
    this.#links = new PeerLinks(
      { streams, finder, own, clock, logger, signal: this.#ending.signal },
      {
        mayJoin: (peer) => this.#plan.mayJoin(peer),
        searching: () => this.#plan.searching(),
        onOpen: (peer) => {
          this.#plan.addPeer(peer)
          this.#soon()
        },
        onAnswer: (peer, answer) => this.#onAnswer(peer, answer),
        onEnd: (peer, reason, fault) => {
          if (fault === undefined) this.#plan.removePeer(peer)
          else this.#plan.exclude(peer, reason, fault)
          this.#soon()
        },
      },
      options,
    )
  }

  get events(): EventSource<DownloadEvents> {
    return this.#events
  }

  progress(): DownloadProgress {
    return { ...this.#plan.progress(), state: this.#state }
  }

  /** What is verified and written by now, for others. Rejects with a ServeError `busy` where that is nothing. */
  offer(): Promise<OpenResource> {
    return this.#offers.open(this.#plan.board)
  }

  /** Runs to the end, once. Never rejects. */
  run(): Promise<Outcome> {
    this.#running ??= this.#run().then((outcome) => {
      this.#state = outcome.kind
      this.#events.emit('progress', this.progress())
      this.#events.emit('ended', outcome)
      return outcome
    })
    return this.#running
  }

  /** Ends it; what is there stays. Resolves when nothing is written any more. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the fetch was stopped'))
    this.#over.resolve(undefined)
    await this.#running
  }

  async #run(): Promise<Outcome> {
    const { path, root } = this.#options
    try {
      const resumed = await PartFile.resume(path, root, this.#options.isReal)
      if (resumed === 'whole') return { kind: 'done', path, isWhole: true }
      if (resumed !== undefined && this.#options.length !== undefined && this.#options.length !== resumed.resumed.length) await resumed.close()
      else if (resumed !== undefined) {
        this.#part = Promise.resolve(resumed)
        this.#plan = new FetchPlan(this.#deps, this.#options, resumed.resumed)
        this.#offers.learnEarlier(resumed.resumed.had).catch((error: unknown) => this.#deps.logger.debug('what was fetched before is not served meanwhile', { reason: errorMessage(error) }))
      }
      this.#flushedAt = this.#deps.clock.now()
      this.#links.search()
      this.#tick()
      this.#advance()
      const failure = await this.#over.promise
      return await this.#end(failure)
    } catch (error) {
      return { kind: 'failed', error: isNodeError(error) ? error : new NodeError('NET_RESOURCE_WRITE', errorMessage(error), { cause: error }) }
    }
  }

  async #end(failure: NodeError | undefined): Promise<Outcome> {
    this.#ending.abort()
    this.#tickTimer?.()
    this.#links.stop()
    await this.#data.idle()
    await Promise.all(this.#hashes)
    await this.#flushing
    const { board, isComplete } = this.#plan
    const isDone = isComplete && failure === undefined && board !== undefined
    // An empty file has had nothing to write.
    const part = isDone ? await this.#begin() : await this.#part
    try {
      if (part !== undefined && board !== undefined) await part.flush(board.had.bits)
      if (failure !== undefined) throw failure
      if (!isDone || part === undefined) return { kind: 'stopped' }
      return board.had.count < board.had.size ? { kind: 'done', path: partPath(this.#options.path), isWhole: false } : await this.#finish(part, board.length)
    } finally {
      await part?.close()
    }
  }

  async #finish(part: PartFile, length: number): Promise<Outcome> {
    const { path } = this.#options
    this.#state = 'finishing'
    try {
      if (!(await part.isTrue(this.#stopping.signal))) {
        await part.remove()
        throw damaged(path)
      }
    } catch (error) {
      if (this.#stopping.signal.aborted) return { kind: 'stopped' }
      throw error
    }
    await part.finish((groups) => this.#adopt(length, groups))
    return { kind: 'done', path, isWhole: true }
  }

  async #adopt(length: number, groups: AsyncIterable<Uint8Array>): Promise<void> {
    const { path, root } = this.#options
    await this.#deps.onWhole?.({ path, root, length }, groups).catch((error: unknown) => this.#deps.logger.warn('a fetched file is not offered further', { reason: errorMessage(error) }))
  }

  #onAnswer(peer: string, answer: Answer): void {
    for (const verified of this.#plan.onAnswer(peer, answer)) {
      if (verified.kind === 'hashes') this.#writeHashes(verified)
      else this.#data.push(verified.index, verified.bytes)
    }
    this.#soon()
  }

  /** Once for all that happens in one turn of the event loop. */
  #soon(): void {
    if (this.#isDue) return
    this.#isDue = true
    queueMicrotask(() => {
      this.#isDue = false
      this.#advance()
    })
  }

  #advance(): void {
    if (this.#ending.signal.aborted) return
    const plan = this.#plan
    for (const action of plan.step()) {
      if (action.kind === 'send') {
        this.#links.ask(action.peer, action.question)
        continue
      }
      this.#links.leave(action.peer)
      this.#deps.logger.debug('a peer is asked no more', { peer: action.peer, reason: action.reason })
      if (action.fault !== undefined && action.peer !== this.#deps.own.peer()) this.#deps.judge.report(action.peer, action.fault)
    }
    if (plan.failure !== undefined || plan.isComplete) return this.#over.resolve(plan.failure)
    const now = this.#deps.clock.now()
    if (this.#unflushed > 0 && (this.#unflushed >= FLUSH_BYTES || now - this.#flushedAt >= (this.#options.flushMs ?? FLUSH_MS))) this.#flush()
  }

  #tick(): void {
    this.#tickTimer = this.#deps.clock.schedule(TICK_MS, () => {
      this.#advance()
      if (++this.#ticks % PROGRESS_TICKS === 0) this.#events.emit('progress', this.progress())
      if (!this.#ending.signal.aborted) this.#tick()
    })
  }

  #begin(): Promise<PartFile> {
    const { path, root, isReal } = this.#options
    const board = this.#plan.board
    this.#part ??= PartFile.create(path, root, board?.length ?? 0, (board?.wanted.count ?? 0) * LEAF_BYTES, isReal)
    return this.#part
  }

  #writeHashes({ group, hashes, uncles }: Extract<Verified, { kind: 'hashes' }>): void {
    const written = this.#begin().then((part) => part.writeHashes(group, hashes))
    const writing = written.then(() => this.#offers.learn(this.#plan.board?.leaves ?? 0, group, hashes, uncles)).catch((error: unknown) => this.#fail(error))
    this.#hashes.add(writing)
    void writing.then(() => this.#hashes.delete(writing))
  }

  #flush(): void {
    const board = this.#plan.board
    if (this.#flushing !== undefined || board === undefined) return
    this.#unflushed = 0
    this.#flushedAt = this.#deps.clock.now()
    const bits = board.had.bits.slice()
    const hashes = [...this.#hashes]
    this.#flushing = this.#begin()
      .then(async (part) => {
        await Promise.all(hashes)
        await part.flush(bits)
      })
      .catch((error: unknown) => this.#fail(error))
      .then(() => {
        this.#flushing = undefined
      })
  }

  #fail(error: unknown): void {
    this.#over.resolve(isNodeError(error) ? error : new NodeError('NET_RESOURCE_WRITE', errorMessage(error), { cause: error }))
  }
}
