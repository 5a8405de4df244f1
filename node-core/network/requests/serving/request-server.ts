/**
 * Answers requests (Polkadot Host spec, 4.8.3 "Request-response messages"): one stream, one question, one answer.
 *
 * A question costs whoever asks a few bytes, and this node a walk through the database, a call of the runtime, and megabytes
 * that wait for their reader. So each goes through the same stations, and what a station holds back costs nobody anything
 * but time:
 *
 *   rate          too many of one peer or address: refused, the peer pays (../../peers/rate-limit.ts)
 *   at once       more than {@link MAX_INBOUND_REQUESTS} of one peer on one protocol: refused
 *   the request   read whole; too long, or none in time: refused, and a bad frame costs the peer (../exchange.ts)
 *   budget        bytes of answers over time: waits for its share (byte-budget.ts)
 *   place         answers of this protocol that are being made: waits for one (turnstile.ts)
 *   room          bytes of all answers that are held: waits for it (turnstile.ts)
 *   handler       the owner's; it refuses without blame, or with a fault, or answers
 *   delivery      in portions, as fast as the peer reads; who does not read is cut off (deliveries.ts)
 *
 * The waits together end after eight seconds, below what others wait for an answer: then it is refused. Rates and budgets are those of
 * the peer and of the address that it comes from, and outlive its connections; a budget may be shared by several protocols. Places
 * and room are shared so that no peer and no address fills them. The room is taken before the answer is made, by what it usually
 * takes at most, and kept until it was read: so the bytes held for others are bounded, whoever asks and whatever they read.
 */
import type { Connection, Stream } from '@libp2p/interface'
import type { Clock } from '../../../base/clock.ts'
import { MalformedError, errorMessage } from '../../../base/errors.ts'
import type { Logger } from '../../../base/logger.ts'
import type { AnswerBudget, PeerJudge, RequestAnswer, RequestHandler, RequestSpec } from '../../contracts.ts'
import { Ending, RequestError, readOne, remoteEnd } from '../exchange.ts'
import { FAULTS } from '../../faults.ts'
import { FrameError } from '../../framing.ts'
import { ipOf } from '../../peers/address.ts'
import { RateLimit, type Party } from '../../peers/rate-limit.ts'
import { until } from '../../host/until.ts'
import { ByteBudget } from './byte-budget.ts'
import { Deliveries, PORTION_BYTES, Unread } from './deliveries.ts'
import { LINGER_MS, MAX_WAIT_MS, PLACE_SHARES, RATE_SHARES, ROOM, SHORT_REQUEST_BYTES } from './options.ts'
import { Turnstile, type Pass } from './turnstile.ts'

/** Requests of one peer on one protocol that are under way at the same time, over all its connections. */
export const MAX_INBOUND_REQUESTS = 8

interface Dependencies {
  readonly clock: Clock
  readonly logger: Logger
  readonly judge: PeerJudge
  /** How long what is sent may stand in line on this side, in milliseconds. */
  readonly sendDelayMs: () => number
  /** How large an answer may be that goes out in time; undefined where bandwidth is not limited. */
  readonly fittingBytes: () => number | undefined
}

/** Who asks. */
interface Asker extends Party {
  readonly peer: string
}

/** What is kept for one protocol. */
interface Kind {
  readonly rates: RateLimit
  readonly places: Turnstile
  readonly budget: ByteBudget
  /** Requests under way, by peer. */
  readonly running: Map<string, number>
}

export class RequestServer {
  readonly #deps: Dependencies
  readonly #kinds = new Map<string, Kind>()
  /** What was taken of each budget; protocols may share one. */
  readonly #budgets = new Map<AnswerBudget, ByteBudget>()
  readonly #room: Turnstile
  readonly #deliveries: Deliveries
  readonly #stopping = new AbortController()

  constructor(dependencies: Dependencies) {
    const { clock, judge } = dependencies
    this.#deps = dependencies
    this.#deliveries = new Deliveries({ clock, isAwaited: () => this.#room.isAwaited, onUnread: (peer) => judge.report(peer, FAULTS.unread), delayMs: dependencies.sendDelayMs })
    this.#room = new Turnstile(clock, ROOM, () => this.#deliveries.press())
  }

  /** Ends everything that is under way. */
  stop(): void {
    this.#stopping.abort(new RequestError('NETWORK_ABORTED', 'The network service is stopping.'))
  }

  /** Answers that wait for their readers. */
  get unread(): { readonly messages: number; readonly bytes: number } {
    return this.#deliveries.running
  }

  /** Answers one stream. Never rejects. */
  async serve(handler: RequestHandler, stream: Stream, connection: Connection): Promise<void> {
    const { spec } = handler
    const peer = connection.remotePeer.toString()
    const party = { peer, ip: ipOf(connection.remoteAddr) }
    const kind = this.#kind(spec)
    const excess = kind.rates.take(party, { perSecond: spec.perMinute / 60, burst: spec.perMinute })
    if (excess !== undefined) {
      stream.abort(new Error('too many requests'))
      if (excess === 'peer') this.#deps.judge.report(peer, FAULTS.rate)
      return
    }
    const running = kind.running.get(peer) ?? 0
    if (running >= MAX_INBOUND_REQUESTS) return stream.abort(new Error('too many requests at once'))
    kind.running.set(peer, running + 1)
    const end = new Ending(this.#deps.clock, spec.timeoutMs, [this.#stopping.signal])
    try {
      await this.#exchange(handler, kind, stream, connection, party, end)
    } catch (error) {
      stream.abort(error instanceof Error ? error : new Error(errorMessage(error)))
      const fault = error instanceof FrameError ? FAULTS.frame : error instanceof MalformedError ? FAULTS.malformed : undefined
      if (fault !== undefined) this.#deps.judge.report(peer, fault)
      else if (error instanceof RequestError) this.#deps.logger.debug(`a request on ${spec.protocol} went without an answer`, { peer, reason: error.message })
      else if (!end.signal.aborted) this.#deps.logger.warn(`a request on ${spec.protocol} failed`, { peer, reason: errorMessage(error) })
    } finally {
      end.dispose()
      const left = (kind.running.get(peer) ?? 1) - 1
      if (left === 0) kind.running.delete(peer)
      else kind.running.set(peer, left)
    }
  }

  async #exchange(handler: RequestHandler, kind: Kind, stream: Stream, connection: Connection, party: Asker, end: Ending): Promise<void> {
    const { spec } = handler
    const passes: Pass[] = []
    let work: Promise<unknown> = Promise.resolve()
    const onClose = (): void => end.abort(new RequestError('NETWORK_DISCONNECTED', 'The peer disconnected.'))
    stream.addEventListener('close', onClose)
    try {
      const request = await readOne(stream, spec.maxRequestBytes, end.signal, (length) => this.#keep(party, length, passes))
      if (request === undefined) throw new RequestError('NETWORK_REFUSED', 'The peer sent no request.')
      const [place, room] = await this.#admit(spec, kind, party, end.signal, passes)
      const answering = handler.onRequest(party.peer, request, end.signal, this.#deps.fittingBytes()).finally(() => place.leave())
      work = answering
      const answer = await until(end.signal, answering)
      // From here on the stream closes because both sides are done: that is no disconnect.
      stream.removeEventListener('close', onClose)
      if (answer.kind === 'refuse') return this.#refuse(stream, party.peer, answer)
      const { length } = answer.bytes
      if (length > spec.maxResponseBytes) throw new RangeError(`a response of ${length} bytes where ${spec.maxResponseBytes} are allowed`)
      kind.budget.spend(party, length)
      // Beside the answer itself, what of it is encrypted and on its way.
      if (!(await room.resize(length + Math.min(length, PORTION_BYTES), end.signal))) throw new RequestError('NETWORK_REFUSED', 'The node has no capacity for the answer.')
      await this.#deliveries.send(connection, stream, answer.bytes, end.signal).catch((error: unknown) => {
        room.leave(error instanceof Unread)
        throw error
      })
      for (const pass of passes) pass.leave()
      // The other half is the peer's to close; a peer that does not, holds the stream until its time is over.
      await remoteEnd(stream, end.signal)
    } finally {
      stream.removeEventListener('close', onClose)
      // A handler may work on for a while after nobody waits for it, and takes its room until then; but not for ever.
      const leave = (): void => {
        cancel()
        for (const pass of passes) pass.leave()
      }
      const cancel = this.#deps.clock.schedule(LINGER_MS, leave)
      void work.then(leave, leave)
    }
  }

  /** Waits for budget, place and room. Rejects with a {@link RequestError} where that takes too long. */
  async #admit(
    { protocol, usualResponseBytes, maxResponseBytes }: RequestSpec, kind: Kind, party: Party, signal: AbortSignal, passes: Pass[],
  ): Promise<readonly [place: Pass, room: Pass]> {
    const patience = new Ending(this.#deps.clock, MAX_WAIT_MS, [signal])
    try {
      const isAdmitted = await kind.budget.admit(party, MAX_WAIT_MS, patience.signal)
      const place = isAdmitted ? await kind.places.enter(party, 1, patience.signal) : undefined
      if (place !== undefined) passes.push(place)
      const room = place === undefined ? undefined : await this.#room.enter(party, usualResponseBytes ?? maxResponseBytes, patience.signal)
      if (room !== undefined) passes.push(room)
      if (place === undefined || room === undefined) throw new RequestError('NETWORK_REFUSED', `This node is too busy for ${protocol}.`)
      return [place, room]
    } finally {
      patience.dispose()
    }
  }

  /** A request that comes in pieces is kept until it is whole. */
  #keep(party: Party, length: number, passes: Pass[]): boolean {
    if (length <= SHORT_REQUEST_BYTES) return true
    const pass = this.#room.tryEnter(party, length)
    if (pass !== undefined) passes.push(pass)
    return pass !== undefined
  }

  #refuse(stream: Stream, peer: string, { fault }: RequestAnswer & { readonly kind: 'refuse' }): void {
    stream.abort(new Error('refused'))
    if (fault !== undefined) this.#deps.judge.report(peer, fault)
  }

  #kind({ protocol, budget, places: { total, perPeer } = DEFAULT_PLACES }: RequestSpec): Kind {
    const known = this.#kinds.get(protocol)
    if (known !== undefined) return known
    const { subscriber, site, waiting } = PLACE_SHARES
    const share = (part: number): number => Math.max(perPeer, Math.ceil(total * part))
    const kind: Kind = {
      rates: new RateLimit(this.#deps.clock, RATE_SHARES),
      places: new Turnstile(this.#deps.clock, { total, perPeer, perSubscriber: share(subscriber), perSite: share(site), waiting }),
      budget: this.#budget(budget),
      running: new Map(),
    }
    this.#kinds.set(protocol, kind)
    return kind
  }

  #budget(limits: AnswerBudget): ByteBudget {
    let budget = this.#budgets.get(limits)
    if (budget === undefined) this.#budgets.set(limits, (budget = new ByteBudget(this.#deps.clock, limits)))
    return budget
  }
}

const DEFAULT_PLACES = { total: 16, perPeer: MAX_INBOUND_REQUESTS } as const
