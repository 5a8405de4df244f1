/**
 * One channel of a session: messages of both directions (outbox.ts, inbox.ts), who reads them (message-reader.ts), and how it ends.
 *
 * Each direction ends on its own (channel-ends.ts). A reset ends both at once. When both have ended the session forgets the channel; what
 * came before can still be read.
 */
import type { Disposer } from '../../../base/disposers.ts'
import { ChannelError, ChannelProtocolError, type ResetReason } from '../errors.ts'
import type { ChannelClass, DataFrame, SequencedFrame } from '../frames/frames.ts'
import type { Taken } from '../session/sent-log.ts'
import type { Channel, ChannelMetrics, ChannelState, MessageHandler, Path, SendOptions } from '../types.ts'
import { ChannelEnds } from './channel-ends.ts'
import { MESSAGE_COST, type Inbox } from './inbox.ts'
import { MessageReader } from './message-reader.ts'
import { Outbox, type Part } from './outbox.ts'
import { again, Pending } from './pending.ts'

/** What a channel needs of its session. */
export interface ChannelSession {
  readonly peer: string
  readonly path: Path | undefined
  readonly rttMs: number | undefined
  /** The channel has something to send, or no longer has. */
  onReady(channel: SessionChannel): void
  /** A frame that needs no credit. */
  say(frame: SequencedFrame, onTaken?: Taken): void
  /** Both directions have ended. */
  forget(channel: SessionChannel): void
}

export interface ChannelInit {
  readonly id: string
  readonly number: number
  readonly service: string
  readonly class: ChannelClass
  readonly direction: 'inbound' | 'outbound'
  readonly found: string
  readonly metadata: Uint8Array
}

export class SessionChannel implements Channel {
  readonly init: ChannelInit
  readonly closed: Promise<ChannelError | undefined>
  readonly #session: ChannelSession
  readonly #reader: MessageReader
  readonly #outbox: Outbox
  readonly #ends = new ChannelEnds()
  readonly #pending = new Pending()
  #resolveClosed: (error: ChannelError | undefined) => void = () => undefined
  /** The longest message that the other side takes; undefined before the channel was accepted. */
  #maxMessageBytes: number | undefined
  /** How the channel ended, once it did. */
  #over: { readonly error: ChannelError | undefined } | undefined
  /** The grant whose end was told. */
  #blockedAt: number | undefined
  #sent = { messages: 0, bytes: 0 }
  #dropped = 0

  constructor(session: ChannelSession, init: ChannelInit, inbox: Inbox) {
    this.#session = session
    this.init = init
    this.#outbox = new Outbox(init.number)
    this.#reader = new MessageReader(inbox, this.#ends, {
      onGrant: (limit) => session.say({ kind: 'credit', channel: init.number, limit }),
      onFailed: () => this.reset('failed'),
    })
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve))
  }

  get id(): string {
    return this.init.id
  }

  get peer(): string {
    return this.#session.peer
  }

  get service(): string {
    return this.init.service
  }

  get metadata(): Uint8Array {
    return this.init.metadata
  }

  get maxMessageBytes(): number {
    return this.#maxMessageBytes ?? 0
  }

  get state(): ChannelState {
    const { id, service, class: name, direction, found } = this.init
    const sends = this.#over === undefined && this.#ends.isSending
    const receives = this.#over === undefined && !this.#ends.isReceived && !this.#ends.isDeaf
    const phase = sends ? (receives ? 'open' : 'sending') : receives ? 'receiving' : 'closed'
    return { id, peer: this.peer, service, class: name, direction, open: sends && this.#maxMessageBytes !== undefined, phase, found, path: this.#session.path }
  }

  get metrics(): ChannelMetrics {
    return {
      sent: { ...this.#sent },
      received: this.#reader.received,
      queued: { messages: this.#outbox.length, bytes: this.#outbox.bytes },
      unread: this.#reader.unread,
      credit: this.#outbox.credit,
      dropped: this.#dropped,
      rttMs: this.#session.rttMs,
    }
  }

  async send(message: Uint8Array, { confirm = false }: SendOptions = {}): Promise<void> {
    this.#assertSending()
    const most = this.maxMessageBytes
    if (message.length > most) {
      throw new ChannelError('CHANNEL_TOO_LARGE', `The message has ${message.length} bytes; the other side takes at most ${most} on this channel.`, { data: { bytes: message.length, most } })
    }
    let taken: Promise<void> | undefined
    let onTaken: Taken | undefined
    if (confirm) taken = this.#pending.until((resolve) => (onTaken = resolve))
    if (!this.#outbox.push(message, onTaken)) {
      taken?.catch(() => undefined)
      this.#dropped++
      throw new ChannelError('CHANNEL_QUEUE_FULL', 'The channel takes no more messages at the moment.', { hint: 'Wait for one message before you send the next.' })
    }
    this.#session.onReady(this)
    if (taken !== undefined) return taken
    if (this.#outbox.isFull) await this.#pending.until((resolve) => this.#outbox.whenRoom(resolve))
  }

  onMessage(handler: MessageHandler): Disposer {
    return this.#reader.onMessage(handler)
  }

  [Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    return this.#reader.messages()
  }

  end(): Promise<void> {
    if (this.#over !== undefined) return Promise.resolve()
    this.#ends.stopSending()
    return this.#sayEnd()
  }

  close(): Promise<void> {
    if (this.#over !== undefined) return Promise.resolve()
    this.#ends.stopSending()
    this.#ends.stopReading()
    this.#reader.read()
    this.#reader.wake()
    return this.#sayEnd()
  }

  reset(reason: ResetReason = 'cancelled'): void {
    if (this.#over !== undefined) return
    this.#session.say({ kind: 'reset', channel: this.init.number, reason })
    this.fail(new ChannelError('CHANNEL_RESET', 'The channel was broken off on this side.', { data: { reason } }))
  }

  // What the session calls.

  get isReady(): boolean {
    return this.#over === undefined && this.#outbox.isReady
  }

  /** There is more to send than was granted, and that is to be told: once for each grant. */
  claimsBlocked(): boolean {
    const { length, isReady, limit } = this.#outbox
    if (this.#over !== undefined || length === 0 || isReady || !this.isAccepted || this.#blockedAt === limit) return false
    this.#blockedAt = limit
    return true
  }

  /** Bytes of frames that wait, about. */
  get waitingBytes(): number {
    return this.#outbox.bytes + this.#outbox.length * MESSAGE_COST
  }

  /** Bytes of the first message that wait. */
  get firstBytes(): number {
    return this.#outbox.firstBytes
  }

  /** The longest message that is taken from the other side was told; it may send. */
  get isAccepted(): boolean {
    return this.#maxMessageBytes !== undefined
  }

  /** Both sides want it: `window` is the cost that may be sent. */
  accepted(window: number, maxMessageBytes: number): void {
    this.#maxMessageBytes = maxMessageBytes
    this.#outbox.granted(window)
  }

  /** The next frame; only while {@link isReady}. */
  nextPart(maxBytes: number): Part {
    const part = this.#outbox.next(maxBytes)
    this.#sent.bytes += part.frame.payload.length
    if (part.frame.last) this.#sent.messages++
    if (this.#outbox.length === 0) this.#endIfDue()
    return part
  }

  onData(frame: DataFrame): void {
    if (this.#ends.isReceived) throw new ChannelProtocolError('it sent behind the end of a channel')
    this.#reader.onData(frame)
  }

  onCredit(limit: number): void {
    if (!this.#outbox.granted(limit)) throw new ChannelProtocolError('it took credit back')
    this.#session.onReady(this)
  }

  onBlocked(): void {
    this.#reader.onBlocked()
  }

  onEnd(deaf: boolean): void {
    const isInVain = this.#ends.onEnd(deaf, this.#reader.isPartial)
    this.#reader.wake()
    if (isInVain) {
      this.#drop(new ChannelError('CHANNEL_CLOSED', 'The other side closed the channel and reads no more.'))
      this.#session.onReady(this)
      this.#endIfDue()
    }
    this.#finishIfDue()
  }

  /** Ends both directions, without a word to the other side. */
  fail(error: ChannelError): void {
    if (this.#over !== undefined) return
    this.#over = { error }
    this.#drop(error)
    this.#reader.end(error)
    this.#session.forget(this)
    this.#resolveClosed(error)
  }

  #assertSending(): void {
    if (this.#over?.error !== undefined) throw again(this.#over.error)
    if (this.#over !== undefined || !this.#ends.isSending) throw new ChannelError('CHANNEL_CLOSED', 'The channel was closed.')
  }

  /** Resolves when the other side took the end. */
  #sayEnd(): Promise<void> {
    const said = this.#pending.until((resolve) => this.#ends.whenTaken(resolve))
    this.#endIfDue()
    // Where the channel breaks before that, `closed` says so.
    return said.catch(() => undefined)
  }

  /** Says the end once nothing waits, and says it again where the first was not deaf. */
  #endIfDue(): void {
    if (this.#over !== undefined || this.#outbox.length > 0 || !this.isAccepted) return
    const end = this.#ends.next()
    if (end === undefined) return
    this.#session.say({ kind: 'end', channel: this.init.number, deaf: end.deaf }, () => this.#ends.onTaken())
    this.#finishIfDue()
  }

  #finishIfDue(): void {
    if (this.#over !== undefined || !this.#ends.isBoth) return
    this.#over = { error: undefined }
    this.#session.forget(this)
    this.#reader.end(undefined)
    this.#resolveClosed(undefined)
  }

  #drop(error: ChannelError): void {
    this.#pending.reject(error)
    this.#dropped += this.#outbox.clear()
  }
}
