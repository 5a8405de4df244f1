/** The session with a peer and the stream that it has at the moment: frames of that go to it, and what it has to say goes there. */
import type { Clock } from '../../../base/clock.ts'
import type { PeerFault } from '../../../network/contracts.ts'
import type { Budget } from '../budget.ts'
import { NONCE_BYTES, type HelloFrame } from '../frames/frames.ts'
import { Session } from '../session/session.ts'
import type { SessionEvents, SessionOptions } from '../session/types.ts'
import type { GreetedLink } from './greeted-link.ts'
import type { LinkEvents, StreamLink } from './stream-link.ts'

export interface LinkedSessionDependencies {
  readonly clock: Clock
  /** Of this peer. */
  readonly budget: Budget
  readonly random: (bytes: number) => Uint8Array
  readonly events: Omit<SessionEvents, 'onWork' | 'onRequest'> & { onRequest(session: Session, ...asked: Parameters<SessionEvents['onRequest']>): void }
  /** A stream ended, which need not be the present one. With `fault`, the peer broke the protocol. */
  readonly onLinkEnd: (link: StreamLink, reason: string, fault: PeerFault | undefined) => void
}

export class LinkedSession {
  readonly #deps: LinkedSessionDependencies
  readonly #options: SessionOptions
  #session: Session | undefined
  #link: StreamLink | undefined
  #isPumpDue = false

  constructor(dependencies: LinkedSessionDependencies, options: SessionOptions) {
    this.#deps = dependencies
    this.#options = options
  }

  get session(): Session | undefined {
    return this.#session
  }

  /** Of the present session, which has greeted on it. */
  get link(): StreamLink | undefined {
    return this.#link
  }

  /** The session there is, or a new one. */
  begun(): Session {
    return (this.#session ??= this.#begin())
  }

  /** The present stream is heard no more. */
  letGo(): StreamLink | undefined {
    const former = this.#link
    former?.mute()
    this.#link = undefined
    this.#session?.detach()
    return former
  }

  /** Both sides greeted on the stream. */
  attach(session: Session, link: GreetedLink, hello: HelloFrame): void {
    this.#link = link.link
    session.attach(link.link, hello)
    link.begin()
  }

  /** There is no session any more; the one there was is the caller's to be failed. Its stream is closed. */
  forget(): Session | undefined {
    const session = this.#session
    this.letGo()?.close()
    this.#session = undefined
    return session
  }

  pump(): void {
    this.#session?.pump(this.#deps.clock.now())
  }

  /** For a stream that may become the session's. */
  linkEvents(): (link: () => StreamLink) => LinkEvents {
    return (link) => ({
      onFrame: (frame) => {
        if (this.#link === link()) this.#session?.receive(frame, this.#deps.clock.now())
      },
      onWritable: () => this.pump(),
      onEnd: (reason, fault) => this.#deps.onLinkEnd(link(), reason, fault),
    })
  }

  #begin(): Session {
    const { random, budget, events } = this.#deps
    const session: Session = new Session(
      {
        nonce: random(NONCE_BYTES),
        budget,
        events: {
          ...events,
          onWork: () => this.#pumpSoon(),
          onRequest: (channel, request) => events.onRequest(session, channel, request),
        },
      },
      this.#options,
    )
    return session
  }

  /** When everything that is ready now has had its turn: whoever sends one message after the other fills a batch with them. */
  #pumpSoon(): void {
    if (this.#isPumpDue) return
    this.#isPumpDue = true
    setImmediate(() => {
      this.#isPumpDue = false
      this.pump()
    })
  }
}
