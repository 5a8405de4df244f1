/**
 * A session on libp2p's streams: opens one when it is needed, goes on over another where that one is lost or a better path is
 * there, and ends when nobody uses it.
 *
 * A stream begins with a greeting of each side: whoever opened it first, then the other. With it both say which session they mean (nonces
 * of both, see session/session.ts) and how much they took. Whoever greets stops listening to the stream before, so its count stays
 * true. Greetings meet four cases: both are new; both know the session, and it goes on; one side has forgotten it, and the
 * other's channels fail; a late greeting of a stream that was given up, which is ignored.
 *
 * Where both open a stream at the same time, that of the peer with the lower id counts: it refuses the other's, whose opener gives its own up.
 * The lower one also is the one who tries at once, and the other a little later.
 */
import type { Clock } from '../../../base/clock.ts'
import type { Disposer } from '../../../base/disposers.ts'
import { errorMessage } from '../../../base/errors.ts'
import type { PeerFault } from '../../../network/contracts.ts'
import { Budget } from '../budget.ts'
import type { SessionChannel } from '../channel/channel.ts'
import type { ChannelDoor, ChannelStream } from '../door.ts'
import { ChannelError, CHANNEL_FAULTS } from '../errors.ts'
import { NONCE_BYTES, type HelloFrame } from '../frames/frames.ts'
import { GreetedLink } from './greeted-link.ts'
import { isUnnamed, Session, strangeHello, type OpenOptions, type OpenRequest } from '../session/session.ts'
import type { LinkEvents, StreamLink } from './stream-link.ts'
import { unlessAborted } from '../unless-aborted.ts'
import type { Path } from '../types.ts'

export const CHANNELS_PROTOCOL = '/nodestead/channels/1'
/** Until a stream is open and greeted. */
const GREETING_MS = 10_000
/** The peer with the higher id waits so long for the lower one. */
const COURTESY_MS = 1000
const RETRY_MS: readonly number[] = [100, 250, 500, 1000, 2000, 4000]
/** A link whose acknowledgements stay out for so long carries nothing. */
const STALLED_MS = 15_000
const LOOK_MS = 5000
/** Streams that a peer may bring for its session in a minute. */
const STREAMS_PER_MINUTE = 60

export interface PeerSessionDependencies {
  readonly door: ChannelDoor
  readonly clock: Clock
  /** Of all peers. */
  readonly budget: Budget
  readonly random: (bytes: number) => Uint8Array
  readonly report: (peer: string, fault: PeerFault) => void
  readonly onRequest: (session: Session, channel: number, request: OpenRequest) => void
  readonly onEnded: (channel: SessionChannel) => void
  /** The session is over, or a new one began. */
  readonly onChange: () => void
}

export interface PeerSessionOptions {
  readonly peer: string
  readonly maxChannels: number
  /** Bytes that may be promised to the peer. */
  readonly maxBytes: number
  /** A session without channels ends after so many milliseconds. */
  readonly idleMs: number
  /** One whose connection was lost is kept so long. */
  readonly resumeMs: number
}

/** A stream of ours that is being opened. */
interface Attempt {
  readonly abort: AbortController
  /** Our greeting went out: what the former stream brings does not count any more. */
  greeted: boolean
}

export class PeerSession {
  readonly #deps: PeerSessionDependencies
  readonly #options: PeerSessionOptions
  readonly #budget: Budget
  readonly #isLower: boolean
  #session: Session | undefined
  #link: StreamLink | undefined
  #attempt: Attempt | undefined
  #connecting: Promise<void> | undefined
  #addresses: readonly string[] = []
  #isPumpDue = false
  #stopped = false
  #idle: Disposer | undefined
  #lost: Disposer | undefined
  #look: Disposer | undefined
  #move: Disposer | undefined
  /** When the peer brought streams, in the last minute. */
  #arrivals: number[] = []
  readonly #accepted = new Map<SessionChannel, () => void>()
  /** The last attempt that failed had come so far that the peer could refuse it. */
  #wasGreeted = false
  /** Called when there is a link, or the session is over, or stays. */
  #onSettled: (() => void)[] = []
  #resumed = 0
  #moved = 0

  constructor(dependencies: PeerSessionDependencies, options: PeerSessionOptions) {
    this.#deps = dependencies
    this.#options = options
    this.#budget = new Budget(options.maxBytes, dependencies.budget)
    this.#isLower = dependencies.door.peerId < options.peer
  }

  get session(): Session | undefined {
    return this.#session
  }

  get path(): Path | undefined {
    return this.#link?.path
  }

  get changes(): { readonly resumed: number; readonly moved: number } {
    return { resumed: this.#resumed, moved: this.#moved }
  }

  /** Nothing is here, and nothing is being made. */
  get isVacant(): boolean {
    return this.#session === undefined && this.#attempt === undefined && this.#connecting === undefined
  }

  /** Opens a channel: resolves when the other side took it. Rejects with a {@link ChannelError}, or what the network says of the peer. */
  async open(options: OpenOptions, { addresses = [], signal }: { readonly addresses?: readonly string[]; readonly signal?: AbortSignal | undefined } = {}): Promise<SessionChannel> {
    if (addresses.length > 0) this.#addresses = addresses
    for (let again = false; ; again = true) {
      const session = await this.#usable(signal)
      try {
        return await this.#ask(session, options, signal)
      } catch (error) {
        // The session ended before the other side said anything to it: the next one may do.
        if (again || !session.isOver || signal?.aborted === true || this.#stopped) throw error
      }
    }
  }

  async #ask(session: Session, options: OpenOptions, signal: AbortSignal | undefined): Promise<SessionChannel> {
    const channel = session.open(options)
    const onAbort = (): void => channel.reset()
    let isLate = false
    const timer = this.#deps.clock.schedule(GREETING_MS, () => {
      isLate = true
      channel.reset()
    })
    signal?.addEventListener('abort', onAbort)
    try {
      await new Promise<void>((resolve, reject) => {
        this.#accepted.set(channel, resolve)
        void channel.closed.then((error) => reject(error ?? new ChannelError('CHANNEL_CLOSED', 'The channel was closed before it was taken.')))
      })
      return channel
    } catch (error) {
      signal?.throwIfAborted()
      throw isLate ? new ChannelError('CHANNEL_UNREACHABLE', 'The peer did not answer in time.', { cause: error }) : error
    } finally {
      timer()
      signal?.removeEventListener('abort', onAbort)
      this.#accepted.delete(channel)
    }
  }

  /** A stream that the peer opened. Never rejects. */
  async accept(stream: ChannelStream): Promise<void> {
    const now = this.#deps.clock.now()
    this.#arrivals = [...this.#arrivals.filter((at) => at > now - 60_000), now]
    if (this.#stopped || this.#arrivals.length > STREAMS_PER_MINUTE) {
      if (!this.#stopped) this.#deps.report(this.#options.peer, CHANNEL_FAULTS.restless)
      return stream.stream.abort(new Error('no streams are taken'))
    }
    const abort = new AbortController()
    const timer = this.#deps.clock.schedule(GREETING_MS, () => {
      this.#deps.report(this.#options.peer, CHANNEL_FAULTS.silent)
      abort.abort(new Error('it did not greet'))
    })
    const link = new GreetedLink(this.#events(), stream)
    try {
      this.#onGreeted(link, await link.greeting(abort.signal))
    } catch (error) {
      link.link.abort(error as Error)
    } finally {
      timer()
    }
  }

  /** A better way to the peer may be there. */
  onPath(): void {
    if (this.#link?.path !== 'relayed' || this.#move !== undefined || !this.#hasDirect) return
    this.#move = this.#deps.clock.schedule(this.#isLower ? 0 : COURTESY_MS, () => {
      this.#move = undefined
      if (this.#stopped || this.#link?.path !== 'relayed' || this.#attempt !== undefined || !this.#hasDirect) return
      // Where it fails the relayed path goes on, or is resumed.
      this.#try('direct').catch(() => undefined)
    })
  }

  /** Ends every channel, says so, and lets go of the stream. */
  stop(): void {
    if (this.#stopped) return
    this.#stopped = true
    const session = this.#session
    for (const channel of session?.channels ?? []) channel.reset('stopping')
    session?.pump(this.#deps.clock.now())
    this.#attempt?.abort.abort(new Error('this node stops'))
    this.#link?.close()
    this.#drop(new ChannelError('CHANNEL_LOST', 'Channels were stopped.'))
    this.#move?.()
  }

  get #hasDirect(): boolean {
    return this.#deps.door.connections(this.#options.peer).some(({ path }) => path === 'direct')
  }

  /** There is something that is worth to be resumed. */
  get #isWorthIt(): boolean {
    return !this.#stopped && this.#session?.isIdle === false
  }

  /** A session with a link, in which channels may be opened. */
  async #usable(signal: AbortSignal | undefined): Promise<Session> {
    for (let forgotten = 0; ; ) {
      signal?.throwIfAborted()
      if (this.#stopped) throw new ChannelError('CHANNEL_CLOSED', 'Channels were stopped.')
      if (this.#session?.isLeaving === true) {
        await new Promise<void>((resolve) => this.#onSettled.push(resolve))
        continue
      }
      if (this.#session !== undefined && this.#link !== undefined) return this.#session
      try {
        await unlessAborted(this.#connect(), signal)
      } catch (error) {
        // The peer did not know the session any more: a new one may do.
        if (!(error instanceof ForgottenError) || forgotten++ > 0) throw error
      }
    }
  }

  #connect(): Promise<void> {
    return (this.#connecting ??= this.#keepTrying().finally(() => (this.#connecting = undefined)))
  }

  /** Tries until there is a link; once only where there is nothing to be resumed. */
  async #keepTrying(): Promise<void> {
    for (let tries = 0; this.#link === undefined; tries++) {
      try {
        await this.#try('any')
      } catch (error) {
        if (this.#link !== undefined) return
        if (error instanceof ForgottenError || !(this.#isWorthIt || this.#mayHaveYielded(tries))) throw this.#unreachable(error)
        await this.#linkOr(RETRY_MS[Math.min(tries, RETRY_MS.length - 1)] as number)
        if (this.#link === undefined && !(this.#isWorthIt || this.#mayHaveYielded(tries))) throw this.#unreachable(error)
      }
    }
  }

  /** The peer's own stream goes before ours, and may be on its way when ours is refused. */
  #mayHaveYielded(tries: number): boolean {
    return !this.#stopped && !this.#isLower && tries === 0 && this.#wasGreeted
  }

  /** Resolves when there is a link, or the time is over. */
  async #linkOr(ms: number): Promise<void> {
    let timer: Disposer | undefined
    await new Promise<void>((resolve) => {
      timer = this.#deps.clock.schedule(ms, resolve)
      this.#onSettled.push(resolve)
    })
    timer?.()
  }

  #unreachable(error: unknown): Error {
    if (error instanceof ForgottenError || (error instanceof Error && 'code' in error)) return error
    return new ChannelError('CHANNEL_UNREACHABLE', `The peer was not reached: ${errorMessage(error)}`, { cause: error })
  }

  /** Opens a stream, greets, and goes on over it. */
  async #try(path: 'any' | 'direct'): Promise<void> {
    const { door, clock } = this.#deps
    const { peer } = this.#options
    const attempt: Attempt = { abort: new AbortController(), greeted: false }
    const { signal } = attempt.abort
    this.#attempt?.abort.abort(new Error('another stream is opened'))
    this.#attempt = attempt
    const timer = clock.schedule(GREETING_MS, () => attempt.abort.abort(new ChannelError('CHANNEL_UNREACHABLE', 'The peer did not answer in time.')))
    let link: GreetedLink | undefined
    let former: StreamLink | undefined
    try {
      if (door.connections(peer).length === 0) await unlessAborted(door.reach(peer, this.#addresses, { signal, relayed: true }), signal)
      const stream = await door.open(peer, [CHANNELS_PROTOCOL], { signal, relayed: true })
      link = new GreetedLink(this.#events(), stream)
      signal.throwIfAborted()
      if (path === 'direct' && stream.path !== 'direct') throw new Error('the direct connection is gone')
      const session = (this.#session ??= this.#begin())
      former = this.#letGo()
      attempt.greeted = true
      link.link.sendFrame(session.hello())
      const hello = await link.greeting(signal)
      if (session.judge(hello) !== 'fits') {
        const error = new ForgottenError()
        this.#drop(error)
        throw error
      }
      this.#goOn(session, link, hello, former?.path)
    } catch (error) {
      this.#wasGreeted = attempt.greeted
      link?.link.abort(error as Error)
      if (attempt.greeted && this.#link === undefined && this.#attempt === attempt) this.#onLost()
      throw error
    } finally {
      timer()
      former?.abort(new Error('the session went on over another stream'))
      if (this.#attempt === attempt) this.#attempt = undefined
      if (this.#session?.isIdle === true && this.#link === undefined) this.#drop(new ChannelError('CHANNEL_UNREACHABLE', 'The peer was not reached.'))
    }
  }

  /** The peer opened a stream and greeted. */
  #onGreeted(link: GreetedLink, hello: HelloFrame): void {
    if (this.#stopped || (this.#attempt?.greeted === true && this.#isLower)) return link.link.abort(new Error('another stream was first'))
    const verdict = this.#session?.judge(hello)
    if (verdict === 'stale') return link.link.abort(new Error('the greeting is an old one'))
    if (verdict === 'other') this.#drop(new ForgottenError())
    if (this.#session === undefined && !isUnnamed(hello)) {
      link.link.sendFrame(strangeHello(this.#deps.random(NONCE_BYTES)))
      return link.link.close()
    }
    const session = (this.#session ??= this.#begin())
    const attempt = this.#attempt
    this.#attempt = undefined
    attempt?.abort.abort(new Error('the peer was first'))
    const former = this.#letGo()
    link.link.sendFrame(session.hello())
    this.#goOn(session, link, hello, former?.path)
    former?.abort(new Error('the session went on over another stream'))
  }

  /** The stream before is heard no more. */
  #letGo(): StreamLink | undefined {
    const former = this.#link
    former?.mute()
    this.#link = undefined
    this.#session?.detach()
    return former
  }

  #goOn(session: Session, link: GreetedLink, hello: HelloFrame, former: Path | undefined): void {
    if (this.#lost !== undefined || former !== undefined) this.#resumed++
    if (former === 'relayed' && link.link.path === 'direct') this.#moved++
    this.#lost?.()
    this.#lost = undefined
    this.#link = link.link
    session.attach(link.link, hello)
    link.begin()
    this.#watch()
    this.onPath()
    this.#onSessionChange()
  }

  #begin(): Session {
    const { random, onRequest, onEnded } = this.#deps
    const session: Session = new Session(
      {
        nonce: random(NONCE_BYTES),
        budget: this.#budget,
        events: {
          onWork: () => this.#pumpSoon(),
          onRequest: (channel, request) => onRequest(session, channel, request),
          onAccepted: (channel) => this.#accepted.get(channel)?.(),
          onEnded,
          onChange: () => this.#onSessionChange(),
        },
      },
      { peer: this.#options.peer, isLower: this.#isLower, maxChannels: this.#options.maxChannels },
    )
    return session
  }

  /** When everything that is ready now has had its turn: whoever sends one message after the other fills a batch with them. */
  #pumpSoon(): void {
    if (this.#isPumpDue) return
    this.#isPumpDue = true
    setImmediate(() => {
      this.#isPumpDue = false
      this.#session?.pump(this.#deps.clock.now())
    })
  }

  #events(): (link: () => StreamLink) => LinkEvents {
    return (link) => ({
      onFrame: (frame) => {
        if (this.#link === link()) this.#session?.receive(frame, this.#deps.clock.now())
      },
      onWritable: () => this.#session?.pump(this.#deps.clock.now()),
      onEnd: (reason, fault) => this.#onLinkEnd(link(), reason, fault),
    })
  }

  #onLinkEnd(link: StreamLink, reason: string, fault: PeerFault | undefined): void {
    if (fault !== undefined) this.#deps.report(this.#options.peer, fault)
    link.abort(new Error(reason))
    if (this.#link !== link) return
    this.#letGo()
    if (fault === undefined) this.#onLost()
    else this.#drop(new ChannelError('CHANNEL_LOST', 'The session was ended: the peer broke the protocol.'))
  }

  /** There is no link. What goes on is kept for a while. */
  #onLost(): void {
    if (!this.#isWorthIt) return this.#drop(new ChannelError('CHANNEL_LOST', 'The connection to the peer was lost.'))
    const { clock } = this.#deps
    this.#lost ??= clock.schedule(this.#options.resumeMs, () => {
      const seconds = Math.round(this.#options.resumeMs / 1000)
      this.#drop(new ChannelError('CHANNEL_LOST', `The connection to the peer was lost, and did not come back within ${seconds} seconds.`))
    })
    clock.schedule(this.#isLower ? 0 : COURTESY_MS, () => {
      if (this.#link === undefined && this.#isWorthIt) this.#connect().catch(() => undefined)
    })
  }

  /** Ends the session. */
  #drop(error: ChannelError): void {
    const session = this.#session
    if (session === undefined) return
    this.#session = undefined
    const link = this.#letGo()
    link?.close()
    for (const timer of [this.#idle, this.#lost, this.#look]) timer?.()
    this.#idle = this.#lost = this.#look = undefined
    session.fail(error)
    this.#settle()
    this.#deps.onChange()
  }

  #onSessionChange(): void {
    const session = this.#session
    if (session === undefined) return
    // It said goodbye in good order, which may still be on its way.
    if (session.isOver) return this.#drop(new ChannelError('CHANNEL_CLOSED', 'The session has ended.'))
    if (!session.isLeaving) this.#settle()
    this.#deps.onChange()
    if (!session.isIdle || this.#link === undefined) {
      this.#idle?.()
      this.#idle = undefined
      return
    }
    this.#idle ??= this.#deps.clock.schedule(this.#options.idleMs, () => {
      this.#idle = undefined
      session.leave()
    })
  }

  #settle(): void {
    const waiting = this.#onSettled
    this.#onSettled = []
    for (const resolve of waiting) resolve()
  }

  /** Looks once in a while whether the link still carries what it is given. */
  #watch(): void {
    this.#look ??= this.#deps.clock.schedule(LOOK_MS, () => {
      this.#look = undefined
      const since = this.#session?.waitingSince
      if (this.#link !== undefined && since !== undefined && this.#deps.clock.now() - since > STALLED_MS) this.#onLinkEnd(this.#link, 'it carries nothing', undefined)
      if (this.#link !== undefined) this.#watch()
    })
  }
}

/** The other side has forgotten the session, as one does that was started anew. */
class ForgottenError extends ChannelError {
  constructor() {
    super('CHANNEL_LOST', 'The other side no longer knows of the channel: it was started anew.')
  }
}
