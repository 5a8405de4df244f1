/**
 * Streams that this node opens for its session with a peer: the first one, a further one where that was lost, and one on a better path.
 *
 * Where the session is worth to be resumed it tries until there is a link, a little later each time; otherwise once. A peer whose own stream
 * goes before ours refuses ours, and its own may be on its way by then: so whoever greeted in vain waits for that once.
 */
import type { Clock } from '../../../base/clock.ts'
import type { Disposer } from '../../../base/disposers.ts'
import { errorMessage } from '../../../base/errors.ts'
import type { ChannelDoor } from '../door.ts'
import { ChannelError } from '../errors.ts'
import type { HelloFrame } from '../frames/frames.ts'
import type { Session } from '../session/session.ts'
import type { Path } from '../types.ts'
import { unlessAborted } from '../unless-aborted.ts'
import { GreetedLink } from './greeted-link.ts'
import type { LinkEvents, StreamLink } from './stream-link.ts'

export const CHANNELS_PROTOCOL = '/nodestead/channels/1'
/** Until a stream is open and greeted. */
export const GREETING_MS = 10_000
const RETRY_MS: readonly number[] = [100, 250, 500, 1000, 2000, 4000]

/** What the streams are for: a session, with a link or without one. */
export interface OpenerSession {
  link(): StreamLink | undefined
  /** There is something that is worth to be resumed. */
  isWorthIt(): boolean
  isStopped(): boolean
  linkEvents(): (link: () => StreamLink) => LinkEvents
  /** The session there is, or a new one. */
  begun(): Session
  /** The present stream is heard no more. */
  letGo(): StreamLink | undefined
  goOn(session: Session, link: GreetedLink, hello: HelloFrame, former: Path | undefined): void
  /** Ends the session. */
  drop(error: ChannelError): void
  /** There is no link any more. */
  onLost(): void
  /** An attempt is over; `error` is for a session that has no link and nothing to be resumed. */
  onTried(error: ChannelError): void
  /** Calls once there is a link, or the session is over. */
  whenSettled(call: () => void): void
}

export interface StreamOpenerDependencies {
  readonly door: ChannelDoor
  readonly clock: Clock
  readonly session: OpenerSession
}

interface Attempt {
  readonly abort: AbortController
  /** Our greeting went out: what the former stream brings does not count any more. */
  greeted: boolean
}

/** The other side has forgotten the session, as one does that was started anew. */
export class ForgottenError extends ChannelError {
  constructor() {
    super('CHANNEL_LOST', 'The other side no longer knows of the channel: it was started anew.')
  }
}

export class StreamOpener {
  readonly #deps: StreamOpenerDependencies
  readonly #peer: string
  readonly #isLower: boolean
  /** Where the peer may be. */
  addresses: readonly string[] = []
  #attempt: Attempt | undefined
  #connecting: Promise<void> | undefined
  /** The last attempt that failed had come so far that the peer could refuse it. */
  #wasGreeted = false

  /** `isLower`: this node's id is below the peer's. */
  constructor(dependencies: StreamOpenerDependencies, { peer, isLower }: { readonly peer: string; readonly isLower: boolean }) {
    this.#deps = dependencies
    this.#peer = peer
    this.#isLower = isLower
  }

  get isTrying(): boolean {
    return this.#attempt !== undefined
  }

  get isBusy(): boolean {
    return this.#attempt !== undefined || this.#connecting !== undefined
  }

  /** Our greeting is on its way on a stream. */
  get hasGreeted(): boolean {
    return this.#attempt?.greeted === true
  }

  /** Gives up the attempt that is under way. */
  giveUp(reason: string): void {
    const attempt = this.#attempt
    this.#attempt = undefined
    attempt?.abort.abort(new Error(reason))
  }

  /** Resolves when there is a link. Rejects with a {@link ForgottenError}, another ChannelError, or what the network says of the peer. */
  connect(): Promise<void> {
    return (this.#connecting ??= this.#keepTrying().finally(() => (this.#connecting = undefined)))
  }

  /** Tries until there is a link; once only where there is nothing to be resumed. */
  async #keepTrying(): Promise<void> {
    const { session } = this.#deps
    for (let tries = 0; session.link() === undefined; tries++) {
      try {
        await this.try('any')
      } catch (error) {
        if (session.link() !== undefined) return
        if (error instanceof ForgottenError || !(session.isWorthIt() || this.#mayHaveYielded(tries))) throw unreachable(error)
        await this.#linkOr(RETRY_MS[Math.min(tries, RETRY_MS.length - 1)] as number)
        if (session.link() === undefined && !(session.isWorthIt() || this.#mayHaveYielded(tries))) throw unreachable(error)
      }
    }
  }

  /** The peer's own stream goes before ours, and may be on its way when ours is refused. */
  #mayHaveYielded(tries: number): boolean {
    return !this.#deps.session.isStopped() && !this.#isLower && tries === 0 && this.#wasGreeted
  }

  /** Resolves when there is a link, or the time is over. */
  async #linkOr(ms: number): Promise<void> {
    let timer: Disposer | undefined
    await new Promise<void>((resolve) => {
      timer = this.#deps.clock.schedule(ms, resolve)
      this.#deps.session.whenSettled(resolve)
    })
    timer?.()
  }

  /** Opens a stream, greets, and goes on over it. */
  async try(path: 'any' | 'direct'): Promise<void> {
    const { door, clock, session: host } = this.#deps
    const peer = this.#peer
    const attempt: Attempt = { abort: new AbortController(), greeted: false }
    const { signal } = attempt.abort
    this.#attempt?.abort.abort(new Error('another stream is opened'))
    this.#attempt = attempt
    const timer = clock.schedule(GREETING_MS, () => attempt.abort.abort(new ChannelError('CHANNEL_UNREACHABLE', 'The peer did not answer in time.')))
    let link: GreetedLink | undefined
    let former: StreamLink | undefined
    try {
      if (door.connections(peer).length === 0) await unlessAborted(door.reach(peer, this.addresses, { signal, relayed: true }), signal)
      const stream = await door.open(peer, [CHANNELS_PROTOCOL], { signal, relayed: true })
      link = new GreetedLink(host.linkEvents(), stream)
      signal.throwIfAborted()
      if (path === 'direct' && stream.path !== 'direct') throw new Error('the direct connection is gone')
      const session = host.begun()
      former = host.letGo()
      attempt.greeted = true
      link.link.sendFrame(session.hello())
      const hello = await link.greeting(signal)
      if (session.judge(hello) !== 'fits') {
        const error = new ForgottenError()
        host.drop(error)
        throw error
      }
      host.goOn(session, link, hello, former?.path)
    } catch (error) {
      this.#wasGreeted = attempt.greeted
      link?.link.abort(error as Error)
      if (attempt.greeted && host.link() === undefined && this.#attempt === attempt) host.onLost()
      throw error
    } finally {
      timer()
      former?.abort(new Error('the session went on over another stream'))
      if (this.#attempt === attempt) this.#attempt = undefined
      host.onTried(new ChannelError('CHANNEL_UNREACHABLE', 'The peer was not reached.'))
    }
  }
}

function unreachable(error: unknown): Error {
  if (error instanceof ForgottenError || (error instanceof Error && 'code' in error)) return error
  return new ChannelError('CHANNEL_UNREACHABLE', `The peer was not reached: ${errorMessage(error)}`, { cause: error })
}
