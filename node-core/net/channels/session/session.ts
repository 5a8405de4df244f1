/**
 * The session with one peer: many channels over one stream at a time, and none of them lost when the stream is. Pure: it is handed a link
 * to write to, frames that came and the time; it makes frames and calls its events. stream/peer-session.ts puts it on libp2p's streams.
 *
 * Numbers. Sequenced frames are counted on both sides (sent-log.ts). A new link begins with each side's count of what it took; what lies
 * behind is sent again. Whoever says its count stops reading the link before, so nothing comes twice.
 *
 * Channels, and what is asked for, stand in a table by their numbers (channel-table.ts). Which session a stream is for its greeting says
 * (session-name.ts).
 *
 * The end. A side without channels says goodbye; the other answers with the same where it has none either, and both forget the session.
 * Whoever has one by then says nothing: the news of it is under way, and whoever wanted to leave stays.
 *
 * Against a peer that means harm: frames, channels, and what may wait are bounded; what it holds of our memory is what was granted. A frame that
 * breaks the rules throws a {@link ChannelProtocolError}, and the session is over.
 */
import { SessionChannel, type ChannelInit, type ChannelSession } from '../channel/channel.ts'
import { firstWindow, Inbox } from '../channel/inbox.ts'
import { ChannelError, ChannelProtocolError, REFUSAL_TEXTS, type Refusal } from '../errors.ts'
import { isSequenced, type Frame, type HelloFrame, type OpenFrame, type SequencedFrame } from '../frames/frames.ts'
import type { Path } from '../types.ts'
import { ChannelTable } from './channel-table.ts'
import { Sender } from './sender.ts'
import type { Taken } from './sent-log.ts'
import { SessionName } from './session-name.ts'
import type { OpenOptions, SessionDependencies, SessionLink, SessionOptions } from './types.ts'

/** Frames that need no credit and wait for a peer that takes none: refusals of what it asks for, above all. */
const MAX_SAYINGS = 4096

export class Session implements ChannelSession {
  readonly #deps: SessionDependencies
  readonly #options: SessionOptions
  readonly #sender = new Sender()
  readonly #table: ChannelTable
  readonly #name: SessionName
  #link: SessionLink | undefined
  #received = 0
  #isLeaving = false
  #over: ChannelError | undefined

  constructor(dependencies: SessionDependencies, options: SessionOptions) {
    this.#deps = dependencies
    this.#options = options
    this.#table = new ChannelTable(options)
    this.#name = new SessionName(dependencies.nonce)
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
    return this.#table.all
  }

  /** Nothing goes on here: no channel, no question, and everything was taken. */
  get isIdle(): boolean {
    return this.#table.isEmpty && this.#sender.isIdle
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
    return this.#name.hello(this.#received)
  }

  /**
   * What a greeting is to this session: `fits` is of it, and {@link attach} may follow; `stale` is of it too, and from a stream that
   * was given up since; `other` is of another session, or one that the other side no longer has.
   */
  judge(hello: HelloFrame): 'fits' | 'stale' | 'other' {
    if (!this.#name.fits(hello)) return 'other'
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
    this.#name.learn(hello)
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
    if (this.#table.isFull) {
      throw new ChannelError('CHANNEL_NO_ROOM', `There are ${this.#options.maxChannels} channels with this peer already.`, { hint: 'Close one of them.' })
    }
    const number = this.#table.nextNumber
    const channel = this.#create({ number, service, class: name, metadata, found, direction: 'outbound' }, maxMessageBytes)
    if (channel === undefined) {
      throw new ChannelError('CHANNEL_NO_ROOM', 'All memory that channels may hold is promised to others.', { hint: 'Close channels, or take shorter messages.' })
    }
    this.say({ kind: 'open', channel: number, class: name, window: firstWindow(maxMessageBytes), maxMessageBytes, service, metadata })
    return channel
  }

  /** Takes a channel that was asked for; undefined where it is no longer wanted, or there is no memory for it (which is told). */
  accept(number: number, maxMessageBytes: number): SessionChannel | undefined {
    const request = this.#table.request(number)
    if (request === undefined) return undefined
    const { service, class: name, metadata } = request
    const channel = this.#create({ number, service, class: name, metadata, found: 'inbound', direction: 'inbound' }, maxMessageBytes)
    if (channel === undefined) {
      this.refuse(number, 'busy')
      return undefined
    }
    this.#table.answer(number)
    this.say({ kind: 'accept', channel: number, window: firstWindow(maxMessageBytes), maxMessageBytes })
    channel.accepted(request.window, request.maxMessageBytes)
    return channel
  }

  refuse(number: number, reason: Refusal): void {
    if (!this.#table.answer(number)) return
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
    this.#table.forgetRequests()
    for (const channel of this.channels) channel.fail(error)
    this.#sender.fail(error)
    this.#deps.events.onChange()
  }

  // What channels ask for.

  onReady(channel: SessionChannel): void {
    if (this.#over !== undefined || this.#table.get(channel.init.number) === undefined) return
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
    if (!this.#table.remove(channel)) return
    this.#deps.events.onEnded(channel)
    this.#deps.events.onChange()
  }

  // What comes.

  #onSequenced(frame: SequencedFrame): void {
    if (frame.kind === 'open') return this.#onOpen(frame)
    const channel = this.#table.get(frame.channel)
    if (channel === undefined) {
      if (this.#table.onStray(frame)) this.#deps.events.onChange()
      return
    }
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
    this.#table.assertNew(channel)
    if (this.#sender.sayings > MAX_SAYINGS) throw new ChannelProtocolError('it opens channels and takes no answers')
    // Whoever wanted to leave stays.
    this.#isLeaving = false
    this.#sender.sayBye(false)
    const { isFull } = this.#table
    const metadata = frame.metadata.slice()
    this.#table.ask({ ...frame, metadata })
    if (isFull) return this.refuse(channel, 'too-many-channels')
    this.#deps.events.onChange()
    this.#deps.events.onRequest(channel, { peer: this.peer, service, class: name, metadata })
  }

  #onBye(now: number): void {
    if (!this.isIdle) return
    if (!this.#isLeaving) {
      this.#sender.sayBye(true)
      this.pump(now)
    }
    this.fail(new ChannelError('CHANNEL_CLOSED', 'The session has ended: neither side had a channel.'))
  }

  #create(init: Omit<ChannelInit, 'id'>, maxMessageBytes: number): SessionChannel | undefined {
    const { budget, events } = this.#deps
    if (!budget.take(firstWindow(maxMessageBytes))) return undefined
    const id = this.#name.channelId(init.number, init.direction)
    const channel = new SessionChannel(this, { ...init, id }, new Inbox(maxMessageBytes, budget))
    this.#table.add(channel)
    events.onChange()
    return channel
  }
}
