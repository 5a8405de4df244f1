/**
 * The side of `/nodestead/sealed/1` that takes: envelopes for this node go to its inbox; those for others are kept where the
 * node does that. What a peer may bring is bounded in length before it is read, and in number over time.
 */
import type { Clock } from '../../base/clock.ts'
import { isNodeError } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import { Lru } from '../../base/lru.ts'
import type { PeerFault, PeerJudge } from '../../network/contracts.ts'
import type { NodeKey } from '../../network/node-key.ts'
import { FAULTS } from '../../network/faults.ts'
import { FrameError } from '../../network/framing.ts'
import { until } from '../../network/host/until.ts'
import type { PeerStream } from '../../network/streams.ts'
import { TokenBucket } from '../../network/token-bucket.ts'
import { within } from '../within.ts'
import { isSigned, readEnvelope } from './envelope.ts'
import type { SealedError } from './errors.ts'
import { FrameStream } from './frame-stream.ts'
import type { Inbox } from './inbox.ts'
import { decodeRequest, encodeAnswer, MAX_REQUEST_BYTES, type Outcome } from './wire.ts'

/** Envelopes of one peer: so many a second, and as many at once as a shelf may hold for one recipient. */
const RATE = { perSecond: 20, burst: 512 }
const MAX_BUCKETS = 1024
/** Between one envelope and the next. */
const IDLE_MS = 30_000

export interface DeskDependencies {
  /** Of this node. */
  readonly key: Pick<NodeKey, 'peerId'>
  readonly inbox: Pick<Inbox, 'take'>
  /** Keeps a message for somebody else. Rejects with a SealedError. Undefined where this node does not do that. */
  readonly keep: ((envelope: Uint8Array) => Promise<void>) | undefined
  readonly judge: Pick<PeerJudge, 'report'>
  readonly clock: Clock
  readonly logger: Logger
}

/** What the one who brought it has done wrong: he could have seen it. */
const BLAMED: readonly string[] = ['NET_SEALED_MALFORMED', 'NET_SEALED_RECIPIENT', 'NET_SEALED_SIGNATURE']

export class Desk {
  readonly #deps: DeskDependencies
  readonly #buckets = new Lru<string, TokenBucket>(MAX_BUCKETS)
  readonly #outcomes = new Map<Outcome, number>()

  constructor(dependencies: DeskDependencies) {
    this.#deps = dependencies
  }

  /** What became of the envelopes that came, since the start. */
  get outcomes(): ReadonlyMap<Outcome, number> {
    return this.#outcomes
  }

  /** Answers what comes on a stream, until it ends or is ended by the signal. Never rejects. */
  async attend({ stream, peer }: PeerStream, signal: AbortSignal): Promise<void> {
    const { clock, judge, logger } = this.#deps
    const frames = new FrameStream(stream, MAX_REQUEST_BYTES)
    try {
      for (;;) {
        const frame = await within(clock, IDLE_MS, signal, (own) => frames.next(own))
        if (frame === undefined) break
        const outcome = await this.#answer(peer, frame, signal)
        this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + 1)
        await within(clock, IDLE_MS, signal, (own) => frames.send(encodeAnswer(outcome), own))
      }
      await frames.close()
    } catch (error) {
      if (error instanceof FrameError) judge.report(peer, FAULTS.frame)
      logger.debug('a stream of sealed messages ended early', { peer, reason: (error as Error).message })
      frames.abort(error as Error)
    }
  }

  async #answer(peer: string, frame: Uint8Array, signal: AbortSignal): Promise<Outcome> {
    if (!this.#bucketOf(peer).take()) return this.#blame(peer, FAULTS.rate, 'full')
    try {
      const { kind, envelope } = decodeRequest(frame)
      const { sender, recipient } = readEnvelope(envelope)
      // Only its sender may say that it was sent just now, and asks for it to be kept.
      if (kind !== 'deliver-kept' && sender !== peer) return this.#blame(peer, FAULTS.malformed, 'refused')
      if (kind === 'keep') return await this.#keep(peer, envelope, recipient)
      // A service that takes its time does not hold up the end of the node.
      await until(signal, this.#deps.inbox.take(envelope, kind === 'deliver-kept'))
      return 'taken'
    } catch (error) {
      if (!isNodeError(error)) throw error
      if (BLAMED.includes(error.code)) return this.#blame(peer, FAULTS.malformed, 'refused')
      const outcome = outcomeOf(error as SealedError)
      if (outcome !== 'known') this.#deps.logger.debug('a sealed message was not taken', { peer, reason: error.message })
      return outcome
    }
  }

  async #keep(peer: string, envelope: Uint8Array, recipient: string): Promise<Outcome> {
    const { keep, key } = this.#deps
    if (keep === undefined) return 'unwilling'
    if (recipient === key.peerId || !isSigned(envelope)) return this.#blame(peer, FAULTS.malformed, 'refused')
    await keep(envelope)
    return 'taken'
  }

  #blame(peer: string, fault: PeerFault, outcome: Outcome): Outcome {
    this.#deps.judge.report(peer, fault)
    return outcome
  }

  #bucketOf(peer: string): TokenBucket {
    const known = this.#buckets.get(peer)
    if (known !== undefined) return known
    const bucket = new TokenBucket(this.#deps.clock, RATE)
    this.#buckets.set(peer, bucket)
    return bucket
  }
}

function outcomeOf({ code }: SealedError): Outcome {
  switch (code) {
    case 'NET_SEALED_REPLAYED':
      return 'known'
    case 'NET_SEALED_TIME':
    case 'NET_SEALED_CROWDED':
      return 'late'
    case 'NET_SEALED_NO_SERVICE':
      return 'no-service'
    case 'NET_SEALED_FULL':
    case 'NET_SEALED_STORAGE':
    case 'NET_SEALED_CLOSED':
      return 'full'
    default:
      return 'refused'
  }
}
