/**
 * The session with one peer: many channels over one stream at a time, and none of them lost when the stream is. Pure: it is handed a link
 * to write to, frames that came and the time; it makes frames and calls its events. stream/peer-session.ts puts it on libp2p's streams.
 *
 * Numbers. Sequenced frames are counted on both sides (sent-log.ts). A new link begins with each side's count of what it took; what lies
 * behind is sent again. Whoever says its count stops reading the link before, so nothing comes twice.
 *
 * Channels have numbers that whoever opens them counts up; those of the peer with the lower id are even, the other's odd. So both may open at
 * the same time. What comes for a channel that was is ignored (it was under way when that ended); for one that never was it is a fault.
 *
 * The end. A side without channels says goodbye; the other answers with the same where it has none either, and both forget the session.
 * Whoever has one by then says nothing: the news of it is under way, and whoever wanted to leave stays.
 *
 * Against a peer that means harm: frames, channels, and what may wait are bounded; what it holds of our memory is what was granted. A frame that
 * breaks the rules throws a {@link ChannelProtocolError}, and the session is over.
 */
import { equalBytes, toHex } from '../../../base/bytes.ts'
import type { Budget } from '../budget.ts'
import { SessionChannel, type ChannelInit, type ChannelSession } from '../channel/channel.ts'
import { ChannelError, ChannelProtocolError, REFUSAL_TEXTS, type Refusal } from '../errors.ts'
import { isSequenced, NONCE_BYTES, type Frame, type HelloFrame, type OpenFrame, type SequencedFrame } from '../frames/frames.ts'
import { firstWindow, Inbox } from '../channel/inbox.ts'
import { Sender, type SenderLink } from './sender.ts'
import type { Taken } from './sent-log.ts'
import type { ChannelClass, Path } from '../types.ts'

/** Frames that need no credit and wait for a peer that takes none: refusals of what it asks for, above all. */
const MAX_SAYINGS = 4096
const NO_NONCE = new Uint8Array(NONCE_BYTES)

/** Whoever greets does not know the other side's nonce: to it the session is a new one. */
export function isUnnamed(hello: HelloFrame): boolean {
  return equalBytes(hello.peerNonce, NO_NONCE)
}

/** An answer to a greeting of a session that is not known here: it fits none. */
export function strangeHello(nonce: Uint8Array): HelloFrame {
  return { kind: 'hello', nonce, peerNonce: NO_NONCE, received: 0 }
}

export interface SessionLink extends SenderLink {
  readonly path: Path
}

/** What the other side wants when it opens a channel. */
export interface OpenRequest {
  readonly peer: string
  readonly service: string
  readonly class: ChannelClass
  readonly metadata: Uint8Array
}

export interface SessionEvents {
  /** {@link Session.pump} is wanted soon: once for all that happens until then. */
  onWork(): void
  /** The other side opens a channel: {@link Session.accept} or {@link Session.refuse} answers, now or later. */
  onRequest(channel: number, request: OpenRequest): void
  /** A channel of ours was taken. */
  onAccepted(channel: SessionChannel): void
  /** A channel has ended. */
  onEnded(channel: SessionChannel): void
  /** A channel came or went, or the last frame was acknowledged: it may be idle, or no longer. */
  onChange(): void
}

export interface SessionDependencies {
  readonly events: SessionEvents
  readonly budget: Budget
  /** 16 bytes, new in each session. */
  readonly nonce: Uint8Array
}

export interface SessionOptions {
  readonly peer: string
  /** This node's id is below the peer's. */
  readonly isLower: boolean
  /** At the same time, in both directions. */
  readonly maxChannels: number
}

export interface OpenOptions {
  readonly service: string
  readonly class: ChannelClass
  readonly metadata: Uint8Array
  readonly maxMessageBytes: number
  readonly found: string
}

export class Session implements ChannelSession {
  readonly #deps: SessionDependencies
  readonly #options: SessionOptions
  readonly #sender = new Sender()
  readonly #channels = new Map<number, SessionChannel>()
  /** Channels that the other side asked for and that were not answered. */
  readonly #requests = new Map<number, OpenFrame>()
  /** Our parity, and the other side's. */
  readonly #ours: number
  readonly #theirs: number
  #peerNonce: Uint8Array | undefined
  #link: SessionLink | undefined
  #received = 0
  #nextNumber: number
  #lastOfPeer = -1
  #isLeaving = false
  #over: ChannelError | undefined

  constructor(dependencies: SessionDependencies, options: SessionOptions) {
    this.#deps = dependencies
    this.#options = options
    this.#ours = options.isLower ? 0 : 1
    this.#theirs = 1 - this.#ours
    this.#nextNumber = this.#ours
  }

  get peer(): string {
    return this.#options.peer
  }

  get path(): Path | undefined {
    return this.#link?.path
  }

  get rttMs(): number | undefined {
    return this.#sender.pacer.rttMs
  }

  /** What is known of the line. */
  get line(): { readonly inFlight: number; readonly window: number; readonly bytesPerSecond: number | undefined } {
    const { inFlight, window, bytesPerSecond } = this.#sender.pacer
    return { inFlight, window, bytesPerSecond }
  }

  get channels(): readonly SessionChannel[] {
    return [...this.#channels.values()]
  }

  /** Nothing goes on here: no channel, no question, and everything was taken. */
  get isIdle(): boolean {
    return this.#channels.size === 0 && this.#requests.size === 0 && this.#sender.isIdle
  }

  get isOver(): boolean {
    return this.#over !== undefined
  }

  /** A goodbye was said: no channel may be opened before it is answered, or the other side opens one. */
  get isLeaving(): boolean {
    return this.#isLeaving
  }

  /** When the oldest acknowledgement was asked for that did not come. */
  get waitingSince(): number | undefined {
    return this.#sender.waitingSince
  }

  // The link.

  hello(): HelloFrame {
    return { kind: 'hello', nonce: this.#deps.nonce, peerNonce: this.#peerNonce ?? NO_NONCE, received: this.#received }
  }

  /**
   * What a greeting is to this session: `fits` is of it, and {@link attach} may follow; `stale` is of it too, and from a stream that
   * was given up since; `other` is of another session, or one that the other side no longer has.
   */
  judge(hello: HelloFrame): 'fits' | 'stale' | 'other' {
    const isKnown = this.#peerNonce === undefined || equalBytes(hello.nonce, this.#peerNonce)
    const knowsUs = equalBytes(hello.peerNonce, this.#deps.nonce)
    // It has not heard of us yet; then it has not taken anything either.
    const isNew = isUnnamed(hello) && hello.received === 0
    if (!isKnown || !(knowsUs || isNew)) return 'other'
    return this.#sender.isPossible(hello.received) ? 'fits' : 'stale'
  }

  /** Reads and writes no more until {@link attach}. */
  detach(): void {
    this.#link = undefined
    this.#isLeaving = false
    this.#sender.sayBye(false)
    this.#sender.detach()
  }

  /** Goes on over this link, whose greeting {@link judge} found to fit. */
  attach(link: SessionLink, hello: HelloFrame): void {
    this.detach()
    this.#peerNonce = hello.nonce.slice()
    this.#link = link
    this.#sender.attach(hello.received)
    this.#deps.events.onWork()
  }

  /** A frame that came over the link. Throws a {@link ChannelProtocolError}; then the session must be {@link fail}ed. */
  receive(frame: Frame, now: number): void {
    if (isSequenced(frame)) {
      this.#received++
      this.#onSequenced(frame)
      return
    }
    switch (frame.kind) {
      case 'hello':
        throw new ChannelProtocolError('it greeted twice')
      case 'ask':
        this.#sender.acknowledge(this.#received)
        break
      case 'ack':
        this.#sender.onAck(frame.received, now)
        if (this.isIdle) this.#deps.events.onChange()
        break
      case 'bye':
        return this.#onBye(now)
    }
    this.#deps.events.onWork()
  }

  /** Gives the link what it takes. */
  pump(now: number): void {
    if (this.#link !== undefined && this.#sender.pump(this.#link, now)) this.#deps.events.onWork()
  }

  // Channels.

  /** Asks the other side for a channel. Throws a {@link ChannelError} CHANNEL_NO_ROOM, or what the session ended with. */
  open(options: OpenOptions): SessionChannel {
    if (this.#over !== undefined) throw this.#over
    const { service, class: name, metadata, maxMessageBytes, found } = options
    if (this.#isFull) {
      throw new ChannelError('CHANNEL_NO_ROOM', `There are ${this.#options.maxChannels} channels with this peer already.`, { hint: 'Close one of them.' })
    }
    const number = this.#nextNumber
    const channel = this.#create({ number, service, class: name, metadata, found, direction: 'outbound' }, maxMessageBytes)
    if (channel === undefined) {
      throw new ChannelError('CHANNEL_NO_ROOM', 'All memory that channels may hold is promised to others.', { hint: 'Close channels, or take shorter messages.' })
    }
    this.#nextNumber += 2
    this.say({ kind: 'open', channel: number, class: name, window: firstWindow(maxMessageBytes), maxMessageBytes, service, metadata })
    return channel
  }

  /** Takes a channel that was asked for; undefined where it is no longer wanted, or there is no memory for it (which is told). */
  accept(number: number, maxMessageBytes: number): SessionChannel | undefined {
    const request = this.#requests.get(number)
    if (request === undefined) return undefined
    const { service, class: name, metadata } = request
    const channel = this.#create({ number, service, class: name, metadata, found: 'inbound', direction: 'inbound' }, maxMessageBytes)
    if (channel === undefined) {
      this.refuse(number, 'busy')
      return undefined
    }
    this.#requests.delete(number)
    this.say({ kind: 'accept', channel: number, window: firstWindow(maxMessageBytes), maxMessageBytes })
    channel.accepted(request.window, request.maxMessageBytes)
    return channel
  }

  refuse(number: number, reason: Refusal): void {
    if (!this.#requests.delete(number)) return
    this.say({ kind: 'refuse', channel: number, reason })
    this.#deps.events.onChange()
  }

  /** Says goodbye, where nothing goes on here. */
  leave(): void {
    if (this.#isLeaving || !this.isIdle || this.#link === undefined) return
    this.#isLeaving = true
    this.#sender.sayBye(true)
    this.#deps.events.onWork()
  }

  /** Ends everything, and every channel with this error. */
  fail(error: ChannelError): void {
    if (this.#over !== undefined) return
    this.#over = error
    this.detach()
    this.#requests.clear()
    for (const channel of this.channels) channel.fail(error)
    this.#sender.fail(error)
    this.#deps.events.onChange()
  }

  // What channels ask for.

  onReady(channel: SessionChannel): void {
    if (this.#over !== undefined || !this.#channels.has(channel.init.number)) return
    this.#sender.onReady(channel)
    this.#deps.events.onWork()
  }

  say(frame: SequencedFrame, onTaken?: Taken): void {
    if (this.#over !== undefined) return onTaken?.(this.#over)
    this.#sender.say(frame, onTaken)
    this.#deps.events.onWork()
  }

  forget(channel: SessionChannel): void {
    this.#sender.remove(channel)
    if (!this.#channels.delete(channel.init.number)) return
    this.#deps.events.onEnded(channel)
    this.#deps.events.onChange()
  }

  // What comes.

  #onSequenced(frame: SequencedFrame): void {
    if (frame.kind === 'open') return this.#onOpen(frame)
    const channel = this.#channels.get(frame.channel)
    if (channel === undefined) return this.#onStray(frame)
    if (frame.kind === 'reset') {
      return channel.fail(new ChannelError('CHANNEL_RESET', 'The other side broke the channel off.', { data: { reason: frame.reason } }))
    }
    if (!channel.isAccepted) return this.#onAnswer(channel, frame)
    switch (frame.kind) {
      case 'data':
        return channel.onData(frame)
      case 'credit':
        return channel.onCredit(frame.limit)
      case 'blocked':
        return channel.onBlocked()
      case 'end':
        return channel.onEnd(frame.deaf)
      case 'accept':
      case 'refuse':
        throw new ChannelProtocolError('it answered a question that was not asked')
    }
  }

  #onAnswer(channel: SessionChannel, frame: SequencedFrame): void {
    if (frame.kind === 'accept') {
      channel.accepted(frame.window, frame.maxMessageBytes)
      return this.#deps.events.onAccepted(channel)
    }
    if (frame.kind !== 'refuse') throw new ChannelProtocolError('it used a channel before it accepted it')
    channel.fail(new ChannelError('CHANNEL_REFUSED', `The other side did not take the channel: ${REFUSAL_TEXTS[frame.reason]}.`, { data: { reason: frame.reason } }))
  }

  #onOpen(frame: OpenFrame): void {
    const { channel, service, class: name } = frame
    if (channel % 2 !== this.#theirs || channel <= this.#lastOfPeer) throw new ChannelProtocolError('it opened a channel under a number that it may not use')
    if (this.#sender.sayings > MAX_SAYINGS) throw new ChannelProtocolError('it opens channels and takes no answers')
    this.#lastOfPeer = channel
    // Whoever wanted to leave stays.
    this.#isLeaving = false
    this.#sender.sayBye(false)
    const isFull = this.#isFull
    const metadata = frame.metadata.slice()
    this.#requests.set(channel, { ...frame, metadata })
    if (isFull) return this.refuse(channel, 'too-many-channels')
    this.#deps.events.onChange()
    this.#deps.events.onRequest(channel, { peer: this.peer, service, class: name, metadata })
  }

  /** For a channel that is not there: it was, it is asked for, or it never was. */
  #onStray(frame: Exclude<SequencedFrame, OpenFrame>): void {
    const isTheirs = frame.channel % 2 === this.#theirs
    if (isTheirs ? frame.channel > this.#lastOfPeer : frame.channel >= this.#nextNumber) throw new ChannelProtocolError('it spoke of a channel that never was')
    if (!this.#requests.has(frame.channel)) return
    if (frame.kind !== 'reset') throw new ChannelProtocolError('it used a channel before that was accepted')
    this.#requests.delete(frame.channel)
    this.#deps.events.onChange()
  }

  #onBye(now: number): void {
    if (!this.isIdle) return
    if (!this.#isLeaving) {
      this.#sender.sayBye(true)
      this.pump(now)
    }
    this.fail(new ChannelError('CHANNEL_CLOSED', 'The session has ended: neither side had a channel.'))
  }

  get #isFull(): boolean {
    return this.#channels.size + this.#requests.size >= this.#options.maxChannels
  }

  #create(init: Omit<ChannelInit, 'id'>, maxMessageBytes: number): SessionChannel | undefined {
    const { budget, nonce, events } = this.#deps
    if (!budget.take(firstWindow(maxMessageBytes))) return undefined
    // Numbers are of both sides, nonces of one: ours with ours, the other side's with its own.
    const owner = init.direction === 'outbound' ? nonce : (this.#peerNonce ?? nonce)
    const id = `${toHex(owner.subarray(0, 8)).slice(2)}-${init.number}`
    const channel = new SessionChannel(this, { ...init, id }, new Inbox(maxMessageBytes, budget))
    this.#channels.set(init.number, channel)
    events.onChange()
    return channel
  }
}
