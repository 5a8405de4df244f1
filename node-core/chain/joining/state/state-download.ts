/**
 * The download of a state in the running node: feeds the state machine (ranges.ts) with what peers, the thread and the clock tell, does
 * what it answers, and has the state put together when all of it is here.
 *
 *   peer --bytes--> RequestSender (main thread) --memory moves--> thread: checked, written --> where to go on --> ranges.ts
 *
 * The main thread never looks into an answer. What is verified is in the database with the note that it is, in one batch, so `run` goes on
 * where an earlier start ended, for the same state root; for another it begins anew, since nothing that was proven under the old one
 * says anything of the new one. Nobody checks a second time what was proven before it is put together, so that is where a disk shows that
 * does not keep what is written: then everything is thrown away and fetched once more, some times.
 */
import type { Hash } from '../../../base/bytes.ts'
import type { Clock } from '../../../base/clock.ts'
import { errorMessage, isNodeError } from '../../../base/errors.ts'
import type { Logger } from '../../../base/logger.ts'
import type { PeerJudge } from '../../../network/contracts.ts'
import { unansweredKind } from '../../../network/requests/failure.ts'
import { encodeStateRequest } from '../../protocols/requests/state-messages.ts'
import { JoinError, PieceError } from './errors.ts'
import type { Position } from './position.ts'
import { StateRanges } from './ranges.ts'
import { DEFAULT_RANGES_OPTIONS, type AssembledState, type StateAction, type StateRangesOptions, type StateRangesStatus } from './types.ts'
import type { StateWorkDoor } from './work.ts'

/** The block of which the state is wanted. */
export interface StateTarget {
  readonly hash: Hash
  readonly number: number
  readonly stateRoot: Hash
}

export interface StateDownloadDependencies {
  /** Sends a request on `/state/2`. Rejects as RequestSender does. */
  readonly request: (peer: string, bytes: Uint8Array, signal: AbortSignal) => Promise<Uint8Array>
  /** Full nodes that are connected. */
  readonly peers: () => readonly string[]
  readonly judge: Pick<PeerJudge, 'report'>
  readonly work: StateWorkDoor
  readonly clock: Clock
  readonly logger: Logger
}

export interface StateDownloadStatus extends StateRangesStatus {
  readonly target: StateTarget
  /** Everything is here, and so much of it is put together, 0 to 1. */
  readonly assembled: number | undefined
}

const TICK_MS = 500
const LOG_MS = 10_000

/** So often in a row a disk damages what is written to it, until it is asked no more of it. */
const MOST_DAMAGES = 3

export class StateDownload {
  readonly #dependencies: StateDownloadDependencies
  readonly #options: StateRangesOptions
  readonly #requests = new Map<number, AbortController>()
  /** Everything under way; each takes itself out. */
  readonly #work = new Set<Promise<void>>()
  #target: StateTarget | undefined
  #ranges: StateRanges | undefined
  #assembled: number | undefined
  #end: PromiseWithResolvers<void> | undefined
  #cancelTick: (() => void) | undefined
  #loggedAt = 0

  constructor(dependencies: StateDownloadDependencies, options: StateRangesOptions = DEFAULT_RANGES_OPTIONS) {
    this.#dependencies = dependencies
    this.#options = options
  }

  /** Undefined before the first run. */
  status(): StateDownloadStatus | undefined {
    const [ranges, target] = [this.#ranges, this.#target]
    if (ranges === undefined || target === undefined) return undefined
    return { ...ranges.status(this.#dependencies.clock.now()), target, assembled: this.#assembled }
  }

  /**
   * Resolves when the state is stored and its root has come out as it should. Rejects with JOIN_STATE_GONE where nobody has it any more,
   * with JOIN_STATE_TOO_LARGE, JOIN_STATE_DAMAGED where the disk damaged it again and again (nothing is kept then) or JOIN_STATE_FAILED, and
   * with the signal's reason. One run at a time.
   */
  async run(target: StateTarget, signal: AbortSignal): Promise<AssembledState> {
    const { work, logger } = this.#dependencies
    let before: StateRanges | undefined
    for (let damages = 1; ; damages++) {
      signal.throwIfAborted()
      try {
        return await this.#attempt(target, before, signal)
      } catch (error) {
        if (!isNodeError(error) || error.code !== 'JOIN_STATE_DAMAGED') throw error
        // Proven pieces that cannot be read, or do not build to the root: the disk has lost some of them.
        await work.clear(true)
        if (damages >= MOST_DAMAGES) throw damagedOften(target, damages)
        logger.warn('what was downloaded of the state is damaged on the disk, and is fetched again', { number: target.number, time: damages, reason: error.message })
        before = this.#target === target ? this.#ranges : undefined
      }
    }
  }

  /** `before` is a download of the same state that was for nothing. */
  async #attempt(target: StateTarget, before: StateRanges | undefined, signal: AbortSignal): Promise<AssembledState> {
    const { work, clock, logger } = this.#dependencies
    const { coverage, totals, assembled } = await work.open(target.stateRoot)
    this.#target = target
    this.#assembled = undefined
    this.#ranges = before?.anew(clock.now()) ?? new StateRanges(clock.now(), this.#options, { coverage, ...totals })
    if (assembled !== undefined) return assembled
    if (totals.entries > 0) logger.info('the download of the state goes on', { number: target.number, ...totals })
    if (!coverage.isComplete) await this.#download(signal)
    signal.throwIfAborted()
    return this.#assemble(target)
  }

  async #download(signal: AbortSignal): Promise<void> {
    const end = Promise.withResolvers<void>()
    this.#end = end
    const onAbort = (): void => end.reject(signal.reason as Error)
    signal.addEventListener('abort', onAbort)
    if (signal.aborted) onAbort()
    try {
      this.#tick()
      await end.promise
    } finally {
      signal.removeEventListener('abort', onAbort)
      this.#end = undefined
      this.#cancelTick?.()
      for (const controller of this.#requests.values()) controller.abort()
      this.#requests.clear()
      // What the thread has in hand is stored or refused, and its sender judged, before anything else is asked of it.
      await Promise.all(this.#work)
    }
  }

  async #assemble(target: StateTarget): Promise<AssembledState> {
    const { work, logger } = this.#dependencies
    const total = Math.max(1, this.#ranges?.status(0).bytes ?? 0)
    this.#assembled = 0
    logger.info('the state is here and is being put together', { number: target.number })
    const made = await work.assemble((_, bytes) => (this.#assembled = Math.min(1, bytes / total)))
    this.#assembled = 1
    return made
  }

  #tick(): void {
    const { clock, peers } = this.#dependencies
    if (this.#end === undefined) return
    this.#cancelTick = clock.schedule(TICK_MS, () => this.#tick())
    this.#tell((ranges, now) => [...ranges.peersAre(peers(), now), ...ranges.tick(now)])
    this.#log(clock.now())
  }

  #tell(event: (ranges: StateRanges, now: number) => readonly StateAction[]): void {
    const ranges = this.#ranges
    if (ranges === undefined) return
    for (const action of event(ranges, this.#dependencies.clock.now())) this.#do(action)
  }

  #do(action: StateAction): void {
    switch (action.kind) {
      case 'request':
        return this.#request(action)
      case 'cancel':
        this.#requests.get(action.id)?.abort()
        this.#requests.delete(action.id)
        return
      case 'report':
        this.#dependencies.logger.info('a peer was reported while the state was fetched', { peer: action.peer, fault: action.fault.code })
        return this.#dependencies.judge.report(action.peer, action.fault)
      case 'done':
        return this.#end?.resolve()
      case 'failed':
        return this.#end?.reject(failureOf(action.reason, this.#target as StateTarget))
    }
  }

  #request({ id, peer, start }: StateAction & { kind: 'request' }): void {
    // Nothing new is begun once it is over.
    if (this.#end === undefined) return
    const controller = new AbortController()
    this.#requests.set(id, controller)
    const bytes = encodeStateRequest({ block: (this.#target as StateTarget).hash, start, noProof: false })
    const task = this.#dependencies.request(peer, bytes, controller.signal).then(
      (response) => this.#answered(id, start, response),
      (error: unknown) => {
        this.#requests.delete(id)
        this.#tell((ranges, now) => ranges.failed(id, unansweredKind(error), now))
      },
    )
    const work: Promise<void> = task.finally(() => this.#work.delete(work))
    this.#work.add(work)
  }

  async #answered(id: number, start: Position, response: Uint8Array): Promise<void> {
    // Given up meanwhile.
    if (!this.#requests.delete(id)) return
    this.#tell((ranges, now) => ranges.answered(id, response.length, now))
    try {
      const piece = await this.#dependencies.work.piece(start, response)
      this.#tell((ranges, now) => ranges.stored(id, piece, now))
    } catch (error) {
      if (error instanceof PieceError) this.#tell((ranges, now) => ranges.rejected(id, error.fault, now))
      else this.#end?.reject(error instanceof Error ? error : new Error(errorMessage(error)))
    }
  }

  #log(now: number): void {
    if (now - this.#loggedAt < LOG_MS) return
    this.#loggedAt = now
    const status = this.status()
    if (status === undefined) return
    const { entries, bytes, share, bytesPerSecond, ranges, peers } = status
    this.#dependencies.logger.info('the state is being fetched', {
      entries, bytes, percent: Math.floor(share * 100), bytesPerSecond: Math.round(bytesPerSecond), ranges, peers: peers.length,
    })
  }
}

function failureOf(reason: 'unavailable' | 'too-large', { hash, number }: StateTarget): JoinError {
  return reason === 'unavailable'
    ? new JoinError('JOIN_STATE_GONE', `no connected peer has the state of block #${number}.`, { data: { hash, number } })
    : new JoinError('JOIN_STATE_TOO_LARGE', `the state of block #${number} is larger than what this node takes.`, { data: { hash, number } })
}

function damagedOften({ hash, number }: StateTarget, times: number): JoinError {
  return new JoinError('JOIN_STATE_DAMAGED', `What was downloaded of the state of block #${number} was damaged on the disk ${times} times in a row.`, {
    data: { hash, number, times },
    hint: 'The disk or the memory of this computer may be failing. Check them, or move the data to another disk, and start again.',
  })
}
