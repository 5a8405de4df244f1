/**
 * One channel of a session: queues of both directions, who reads, and how it ends.
 *
 * Each direction ends on its own (half-close). `end` says that no more comes, behind all messages; `deaf` says with it that no more is
 * read, so the other side stops sending too. A reset ends both at once. When both have ended the session forgets the channel; what
 * came before can still be read.
 */
import type { Disposer } from '../../../base/disposers.ts'
import { ChannelError, ChannelProtocolError, type ResetReason } from '../errors.ts'
import type { ChannelClass, DataFrame, SequencedFrame } from '../frames/frames.ts'
import { MESSAGE_COST, type Inbox } from './inbox.ts'
import { Outbox, type Part } from './outbox.ts'
import type { Taken } from '../session/sent-log.ts'
import type { Channel, ChannelMetrics, ChannelState, MessageHandler, Path, SendOptions } from '../types.ts'

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
  readonly #inbox: Inbox
  readonly #outbox: Outbox
  #resolveClosed: (error: ChannelError | undefined) => void = () => undefined
  /** The longest message that the other side takes; undefined before the channel was accepted. */
  #maxMessageBytes: number | undefined
  #end: { sending: 'open' | 'ending' | 'said'; deaf: boolean; saidDeaf: boolean; received: boolean } = { sending: 'open', deaf: false, saidDeaf: false, received: false }
  /** How the channel ended, once it did. */
  #over: { readonly error: ChannelError | undefined } | undefined
  #handler: MessageHandler | undefined
  #isHandling = false
  #hasReader = false
  /** Who iterates, and waits for a message. */
  #wakeReader: (() => void) | undefined
  /** The grant whose end was told. */
  #blockedAt: number | undefined
  #sent = { messages: 0, bytes: 0 }
  #received = { messages: 0, bytes: 0 }
  #dropped = 0
  /** Who waits until the other side took the end, and whether it took the last one that was said. */
  readonly #ends: Taken[] = []
  #endTaken = false
  /** Rejects those who wait for something that will not come. */
  readonly #waiting = new Set<(error: ChannelError) => void>()

  constructor(session: ChannelSession, init: ChannelInit, inbox: Inbox) {
    this.#session = session
    this.init = init
    this.#inbox = inbox
    this.#outbox = new Outbox(init.number)
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
    const sends = this.#over === undefined && this.#end.sending === 'open'
    const receives = this.#over === undefined && !this.#end.received && !this.#end.deaf
    const phase = sends ? (receives ? 'open' : 'sending') : receives ? 'receiving' : 'closed'
    return { id, peer: this.peer, service, class: name, direction, open: sends && this.#maxMessageBytes !== undefined, phase, found, path: this.#session.path }
  }

  get metrics(): ChannelMetrics {
    return {
      sent: { ...this.#sent },
      received: { ...this.#received },
      queued: { messages: this.#outbox.length, bytes: this.#outbox.bytes },
      unread: { messages: this.#inbox.length, bytes: this.#inbox.bytes },
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
    if (confirm) taken = this.#waitFor((resolve) => (onTaken = resolve))
    if (!this.#outbox.push(message, onTaken)) {
      taken?.catch(() => undefined)
      this.#dropped++
      throw new ChannelError('CHANNEL_QUEUE_FULL', 'The channel takes no more messages at the moment.', { hint: 'Wait for one message before you send the next.' })
    }
    this.#session.onReady(this)
    if (taken !== undefined) return taken
    if (this.#outbox.isFull) await this.#waitFor((resolve) => this.#outbox.whenRoom(resolve))
  }

  onMessage(handler: MessageHandler): Disposer {
    this.#claimReading()
    this.#handler = handler
    this.#read()
    return () => {
      if (this.#handler !== handler) return
      this.#handler = undefined
      this.#hasReader = false
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    this.#claimReading()
    try {
      for (;;) {
        const message = this.#inbox.shift()
        if (message !== undefined) {
          this.#onRead(message.length)
          yield message
        } else if (this.#over?.error !== undefined) {
          throw this.#over.error
        } else if (this.#end.received || this.#over !== undefined || this.#end.deaf) {
          return
        } else {
          await new Promise<void>((resolve) => (this.#wakeReader = resolve))
        }
      }
    } finally {
      this.#hasReader = false
    }
  }

  end(): Promise<void> {
    if (this.#over !== undefined) return Promise.resolve()
    if (this.#end.sending === 'open') this.#end.sending = 'ending'
    return this.#sayEnd()
  }

  close(): Promise<void> {
    if (this.#over !== undefined) return Promise.resolve()
    if (this.#end.sending === 'open') this.#end.sending = 'ending'
    this.#end.deaf = true
    this.#read()
    this.#wakeReader?.()
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
    if (this.#end.received) throw new ChannelProtocolError('it sent behind the end of a channel')
    this.#received.bytes += frame.payload.length
    if (!this.#inbox.push(frame)) return
    this.#received.messages++
    this.#read()
    this.#wakeReader?.()
  }

  onCredit(limit: number): void {
    if (!this.#outbox.granted(limit)) throw new ChannelProtocolError('it took credit back')
    this.#session.onReady(this)
  }

  onBlocked(): void {
    if (this.#inbox.onBlocked()) this.#grant()
  }

  onEnd(deaf: boolean): void {
    if (this.#end.received && !deaf) throw new ChannelProtocolError('it ended a channel twice')
    // It may drop the rest of a message that nobody wants here any more.
    if (this.#inbox.isPartial && !this.#end.deaf) throw new ChannelProtocolError('it ended a channel in the middle of a message')
    this.#end.received = true
    this.#wakeReader?.()
    if (deaf && this.#end.sending !== 'said') {
      this.#end.sending = 'ending'
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
    this.#inbox.close()
    this.#wakeReader?.()
    this.#session.forget(this)
    this.#resolveClosed(error)
  }

  #assertSending(): void {
    if (this.#over?.error !== undefined) throw again(this.#over.error)
    if (this.#over !== undefined || this.#end.sending !== 'open') throw new ChannelError('CHANNEL_CLOSED', 'The channel was closed.')
  }

  #claimReading(): void {
    if (this.#hasReader) throw new ChannelError('CHANNEL_INVALID', 'The channel has a reader already.')
    this.#hasReader = true
  }

  /** Hands messages to the handler, or drops them where nobody reads any more. */
  #read(): void {
    while (!this.#isHandling) {
      const handler = this.#handler
      if (handler === undefined && !this.#end.deaf) return
      const message = this.#inbox.shift()
      if (message === undefined) return
      const handled = this.#end.deaf ? undefined : this.#handle(handler, message)
      if (handled === undefined) {
        this.#onRead(message.length)
        continue
      }
      this.#isHandling = true
      void handled.then(() => {
        this.#isHandling = false
        this.#onRead(message.length)
        this.#read()
      })
    }
  }

  /** A promise is one that never rejects. */
  #handle(handler: MessageHandler | undefined, message: Uint8Array): Promise<void> | undefined {
    try {
      return handler?.(message)?.catch(() => this.reset('failed'))
    } catch (error) {
      this.reset('failed')
      return undefined
    }
  }

  #onRead(bytes: number): void {
    this.#inbox.taken(bytes)
    this.#grant()
    this.#releaseIfRead()
  }

  #grant(): void {
    if (this.#over !== undefined || this.#end.received) return
    const limit = this.#inbox.grant()
    if (limit !== undefined) this.#session.say({ kind: 'credit', channel: this.init.number, limit })
  }

  /** Resolves when the other side took the end. */
  #sayEnd(): Promise<void> {
    const said = this.#waitFor((resolve) => this.#ends.push(resolve))
    this.#endIfDue()
    // Where the channel breaks before that, `closed` says so.
    return said.catch(() => undefined)
  }

  /** Says the end once nothing waits, and says it again where the first was not deaf. */
  #endIfDue(): void {
    const end = this.#end
    if (this.#over !== undefined || end.sending === 'open' || this.#outbox.length > 0 || !this.isAccepted) return
    if (end.sending === 'said' && (!end.deaf || end.saidDeaf)) {
      if (this.#endTaken) for (const resolve of this.#ends.splice(0)) resolve()
      return
    }
    end.sending = 'said'
    end.saidDeaf = end.deaf
    this.#endTaken = false
    this.#session.say({ kind: 'end', channel: this.init.number, deaf: end.deaf }, () => {
      // Where the session was lost instead, nobody is left to tell.
      this.#endTaken = true
      for (const resolve of this.#ends.splice(0)) resolve()
    })
    this.#finishIfDue()
  }

  #finishIfDue(): void {
    if (this.#over !== undefined || !this.#end.received || this.#end.sending !== 'said') return
    this.#over = { error: undefined }
    this.#session.forget(this)
    this.#releaseIfRead()
    this.#resolveClosed(undefined)
  }

  /** Room for messages is given back when none comes any more and all were read. */
  #releaseIfRead(): void {
    if (this.#over !== undefined && this.#inbox.length === 0 && !this.#isHandling) this.#inbox.close()
  }

  #drop(error: ChannelError): void {
    for (const reject of [...this.#waiting]) reject(error)
    this.#dropped += this.#outbox.clear()
  }

  /** Resolves when what was registered is called without an error. Rejects where it is called with one, or the channel drops what waits. */
  #waitFor(register: (settle: Taken) => unknown): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const fail = (error: ChannelError): void => {
        this.#waiting.delete(fail)
        reject(again(error))
      }
      this.#waiting.add(fail)
      register((error) => {
        if (error !== undefined) return fail(error)
        this.#waiting.delete(fail)
        resolve()
      })
    })
  }
}

/** An error of its own for each who hears it. */
function again(error: ChannelError): ChannelError {
  return new ChannelError(error.code, error.message, { data: error.data, ...(error.hint === undefined ? {} : { hint: error.hint }), cause: error })
}
