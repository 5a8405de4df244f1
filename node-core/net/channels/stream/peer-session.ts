/**
 * A session on libp2p's streams: has one opened when it is needed (stream-opener.ts), goes on over another where that one is lost or a better
 * path is there, takes those that the peer opens (stream-taker.ts), and ends when nobody uses it.
 *
 * A stream begins with a greeting of each side: whoever opened it first, then the other. With it both say which session they mean (nonces
 * of both, see session/session-name.ts) and how much they took. Whoever greets stops listening to the stream before, so its count stays
 * true. Greetings meet four cases: both are new; both know the session, and it goes on; one side has forgotten it, and the
 * other's channels fail; a late greeting of a stream that was given up, which is ignored.
 *
 * Where both open a stream at the same time, that of the peer with the lower id counts: it refuses the other's, whose opener gives its own up.
 * The lower one also is the one who tries at once, and the other a little later.
 */
import type { Clock } from '../../../base/clock.ts'
import type { Disposer } from '../../../base/disposers.ts'
import type { PeerFault } from '../../../network/contracts.ts'
import { Budget } from '../budget.ts'
import type { SessionChannel } from '../channel/channel.ts'
import type { ChannelDoor, ChannelStream } from '../door.ts'
import { ChannelError } from '../errors.ts'
import { NONCE_BYTES, type HelloFrame } from '../frames/frames.ts'
import { isUnnamed, strangeHello } from '../session/session-name.ts'
import type { Session } from '../session/session.ts'
import type { OpenOptions, OpenRequest } from '../session/types.ts'
import type { Path } from '../types.ts'
import { unlessAborted } from '../unless-aborted.ts'
import { ChannelAsks } from './channel-asks.ts'
import type { GreetedLink } from './greeted-link.ts'
import { LinkedSession } from './linked-session.ts'
import { SessionWatch } from './session-watch.ts'
import type { StreamLink } from './stream-link.ts'
import { ForgottenError, StreamOpener, type OpenerSession } from './stream-opener.ts'
import { StreamTaker } from './stream-taker.ts'

/** The peer with the higher id waits so long for the lower one. */
const COURTESY_MS = 1000

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

export class PeerSession {
  readonly #deps: PeerSessionDependencies
  readonly #options: PeerSessionOptions
  readonly #isLower: boolean
  readonly #linked: LinkedSession
  readonly #opener: StreamOpener
  readonly #taker: StreamTaker
  readonly #asks: ChannelAsks
  readonly #watch: SessionWatch
  #stopped = false
  #lost: Disposer | undefined
  #move: Disposer | undefined
  /** Called when there is a link, or the session is over, or stays. */
  #onSettled: (() => void)[] = []
  #resumed = 0
  #moved = 0

  constructor(dependencies: PeerSessionDependencies, options: PeerSessionOptions) {
    this.#deps = dependencies
    this.#options = options
    const { door, clock, random, onRequest, onEnded } = dependencies
    this.#isLower = door.peerId < options.peer
    this.#linked = new LinkedSession(
      {
        clock,
        budget: new Budget(options.maxBytes, dependencies.budget),
        random,
        events: { onRequest, onEnded, onAccepted: (channel) => this.#asks.onAccepted(channel), onChange: () => this.#onSessionChange() },
        onLinkEnd: (link, reason, fault) => this.#onLinkEnd(link, reason, fault),
      },
      { peer: options.peer, isLower: this.#isLower, maxChannels: options.maxChannels },
    )
    this.#asks = new ChannelAsks(clock)
    this.#opener = new StreamOpener({ door, clock, session: this.#asSeenByOpener() }, { peer: options.peer, isLower: this.#isLower })
    this.#taker = new StreamTaker({
      clock,
      linkEvents: () => this.#linked.linkEvents(),
      onGreeted: (link, hello) => this.#onGreeted(link, hello),
      onFault: (fault) => dependencies.report(options.peer, fault),
    })
    this.#watch = new SessionWatch(
      clock,
      {
        onIdle: () => this.#linked.session?.leave(),
        onStalled: () => {
          if (this.#linked.link !== undefined) this.#onLinkEnd(this.#linked.link, 'it carries nothing', undefined)
        },
      },
      { idleMs: options.idleMs, isLinked: () => this.#linked.link !== undefined, waitingSince: () => this.#linked.session?.waitingSince },
    )
  }

  get session(): Session | undefined {
    return this.#linked.session
  }

  get path(): Path | undefined {
    return this.#linked.link?.path
  }

  get changes(): { readonly resumed: number; readonly moved: number } {
    return { resumed: this.#resumed, moved: this.#moved }
  }

  /** Nothing is here, and nothing is being made. */
  get isVacant(): boolean {
    return this.#linked.session === undefined && !this.#opener.isBusy
  }

  /** Opens a channel: resolves when the other side took it. Rejects with a {@link ChannelError}, or what the network says of the peer. */
  async open(options: OpenOptions, { addresses = [], signal }: { readonly addresses?: readonly string[]; readonly signal?: AbortSignal | undefined } = {}): Promise<SessionChannel> {
    if (addresses.length > 0) this.#opener.addresses = addresses
    for (let again = false; ; again = true) {
      const session = await this.#usable(signal)
      try {
        return await this.#asks.ask(session, options, signal)
      } catch (error) {
        // The session ended before the other side said anything to it: the next one may do.
        if (again || !session.isOver || signal?.aborted === true || this.#stopped) throw error
      }
    }
  }

  /** A stream that the peer opened. Never rejects. */
  async accept(stream: ChannelStream): Promise<void> {
    if (this.#stopped) return stream.stream.abort(new Error('no streams are taken'))
    await this.#taker.take(stream)
  }

  /** A better way to the peer may be there. */
  onPath(): void {
    if (this.#linked.link?.path !== 'relayed' || this.#move !== undefined || !this.#hasDirect) return
    this.#move = this.#deps.clock.schedule(this.#isLower ? 0 : COURTESY_MS, () => {
      this.#move = undefined
      if (this.#stopped || this.#linked.link?.path !== 'relayed' || this.#opener.isTrying || !this.#hasDirect) return
      // Where it fails the relayed path goes on, or is resumed.
      this.#opener.try('direct').catch(() => undefined)
    })
  }

  /** Ends every channel, says so, and lets go of the stream. */
  stop(): void {
    if (this.#stopped) return
    this.#stopped = true
    const session = this.#linked.session
    for (const channel of session?.channels ?? []) channel.reset('stopping')
    this.#linked.pump()
    this.#opener.giveUp('this node stops')
    this.#linked.link?.close()
    this.#drop(new ChannelError('CHANNEL_LOST', 'Channels were stopped.'))
    this.#move?.()
  }

  get #hasDirect(): boolean {
    return this.#deps.door.connections(this.#options.peer).some(({ path }) => path === 'direct')
  }

  /** There is something that is worth to be resumed. */
  get #isWorthIt(): boolean {
    return !this.#stopped && this.#linked.session?.isIdle === false
  }

  #asSeenByOpener(): OpenerSession {
    return {
      link: () => this.#linked.link,
      isWorthIt: () => this.#isWorthIt,
      isStopped: () => this.#stopped,
      linkEvents: () => this.#linked.linkEvents(),
      begun: () => this.#linked.begun(),
      letGo: () => this.#linked.letGo(),
      goOn: (session, link, hello, former) => this.#goOn(session, link, hello, former),
      drop: (error) => this.#drop(error),
      onLost: () => this.#onLost(),
      onTried: (error) => {
        if (this.#linked.session?.isIdle === true && this.#linked.link === undefined) this.#drop(error)
      },
      whenSettled: (call) => this.#onSettled.push(call),
    }
  }

  /** A session with a link, in which channels may be opened. */
  async #usable(signal: AbortSignal | undefined): Promise<Session> {
    for (let forgotten = 0; ; ) {
      signal?.throwIfAborted()
      if (this.#stopped) throw new ChannelError('CHANNEL_CLOSED', 'Channels were stopped.')
      if (this.#linked.session?.isLeaving === true) {
        await new Promise<void>((resolve) => this.#onSettled.push(resolve))
        continue
      }
      if (this.#linked.session !== undefined && this.#linked.link !== undefined) return this.#linked.session
      try {
        await unlessAborted(this.#opener.connect(), signal)
      } catch (error) {
        // The peer did not know the session any more: a new one may do.
        if (!(error instanceof ForgottenError) || forgotten++ > 0) throw error
      }
    }
  }

  /** The peer opened a stream and greeted. */
  #onGreeted(link: GreetedLink, hello: HelloFrame): void {
    if (this.#stopped || (this.#opener.hasGreeted && this.#isLower)) return link.link.abort(new Error('another stream was first'))
    const verdict = this.#linked.session?.judge(hello)
    if (verdict === 'stale') return link.link.abort(new Error('the greeting is an old one'))
    if (verdict === 'other') this.#drop(new ForgottenError())
    if (this.#linked.session === undefined && !isUnnamed(hello)) {
      link.link.sendFrame(strangeHello(this.#deps.random(NONCE_BYTES)))
      return link.link.close()
    }
    const session = this.#linked.begun()
    this.#opener.giveUp('the peer was first')
    const former = this.#linked.letGo()
    link.link.sendFrame(session.hello())
    this.#goOn(session, link, hello, former?.path)
    former?.abort(new Error('the session went on over another stream'))
  }

  #goOn(session: Session, link: GreetedLink, hello: HelloFrame, former: Path | undefined): void {
    if (this.#lost !== undefined || former !== undefined) this.#resumed++
    if (former === 'relayed' && link.link.path === 'direct') this.#moved++
    this.#lost?.()
    this.#lost = undefined
    this.#linked.attach(session, link, hello)
    this.#watch.onLink()
    this.onPath()
    this.#onSessionChange()
  }

  #onLinkEnd(link: StreamLink, reason: string, fault: PeerFault | undefined): void {
    if (fault !== undefined) this.#deps.report(this.#options.peer, fault)
    link.abort(new Error(reason))
    if (this.#linked.link !== link) return
    this.#linked.letGo()
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
      if (this.#linked.link === undefined && this.#isWorthIt) this.#opener.connect().catch(() => undefined)
    })
  }

  /** Ends the session. */
  #drop(error: ChannelError): void {
    const session = this.#linked.forget()
    if (session === undefined) return
    this.#watch.stop()
    this.#lost?.()
    this.#lost = undefined
    session.fail(error)
    this.#settle()
    this.#deps.onChange()
  }

  #onSessionChange(): void {
    const session = this.#linked.session
    if (session === undefined) return
    // It said goodbye in good order, which may still be on its way.
    if (session.isOver) return this.#drop(new ChannelError('CHANNEL_CLOSED', 'The session has ended.'))
    if (!session.isLeaving) this.#settle()
    this.#deps.onChange()
    this.#watch.onUse(session.isIdle && this.#linked.link !== undefined)
  }

  #settle(): void {
    const waiting = this.#onSettled
    this.#onSettled = []
    for (const resolve of waiting) resolve()
  }
}
