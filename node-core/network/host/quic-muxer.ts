/**
 * Streams of a QUIC connection, for libp2p.
 *
 * QUIC has streams of its own, each with a window: a peer may send what fits into it, and more only when that was read. The published
 * transport reads on without being asked, so that a reader who is slow ends in a buffer that overflows and a stream that breaks; it takes a
 * stream that was reset for one that ended, so that half of an answer looks like a whole one; and it loses streams that a peer opens at
 * once. So its connections are kept, and the streams upon them are these:
 *
 * - what is paused is not read; the peer's window closes, and the peer waits. In our memory are the window and one piece;
 * - the end that the peer said is an end, and anything else is an error;
 * - a piece is written when the one before was taken, so that what waits is in the sender's hands.
 *
 * The connection itself carries no bytes as libp2p sees it. Each piece goes through its `sendData` and `onData` all the same, which let
 * everything pass: there bytes are counted (traffic.ts) and held back (throttle.ts), without the packets' own headers.
 *
 * What is not noticed: that a peer reset a stream which is paused here, until it is read again.
 */
import { StreamResetError, type CreateStreamOptions, type MessageStream, type MessageStreamDirection, type MultiaddrConnection, type StreamMuxerFactory } from '@libp2p/interface'
import { AbstractStream, AbstractStreamMuxer, type SendResult } from '@libp2p/utils'
import { until } from './until.ts'

/** A read takes as much memory as it asks for, whatever comes: it grows while it is filled, and an idle stream costs the least. */
const LEAST_READ = 4 * 1024
const LARGEST_READ = 64 * 1024
/** Also the slice of a line that is limited; see throttle.ts. */
const PIECE = 64 * 1024
/** The peer may let no more streams be opened for now. */
const OPEN_TIMEOUT_MS = 10_000
/** A stream that was given up while the peer took nothing keeps its piece until the connection ends. Of these so many, and it does. */
const MAX_STUCK = 16

/** What the native part has: promises reject with an Error where the stream or its connection broke. */
export interface NativeStream {
  id(): string
  /** At most so many bytes; null at the end that the peer said. */
  read(maxBytes: number): Promise<Uint8Array | null>
  /** Resolves when it was taken over; one at a time. */
  write(data: Uint8Array): Promise<void>
  finishWrite(): Promise<void>
  /** These two wait for the write, or read, that is under way. */
  resetWrite(): Promise<void>
  stopRead(): Promise<void>
}

export interface NativeConnection {
  /** Rejects when the connection ended. */
  inboundStream(): Promise<NativeStream>
  outboundStream(): Promise<NativeStream>
  abort(): void
}

/** The functions of libp2p's connection through which bytes go. */
interface Passage {
  sendData(data: Pieces): SendResult
  onData(data: Uint8Array): void
  sendPause(): void
  sendResume(): void
}

type Pieces = Parameters<AbstractStream['sendData']>[0]

/** Streams upon `native`. Called before libp2p sees `connection`, which belongs to it. */
export function quicStreams(native: NativeConnection, connection: MultiaddrConnection): StreamMuxerFactory {
  const passage = connection as unknown as Passage
  let muxer: QuicMuxer | undefined
  let isPaused = false
  passage.sendData = (data) => ({ sentBytes: data.byteLength, canSendMore: true })
  passage.onData = () => undefined
  passage.sendPause = () => void (isPaused = true)
  passage.sendResume = () => {
    isPaused = false
    muxer?.readOn()
  }
  return {
    protocol: 'quic',
    createStreamMuxer(carrier) {
      muxer = new QuicMuxer(native, carrier, passage, () => isPaused)
      void muxer.accept()
      return muxer
    },
  }
}

class QuicMuxer extends AbstractStreamMuxer<QuicStream> {
  readonly #native: NativeConnection
  readonly #passage: Passage
  readonly #isPaused: () => boolean
  #stuck = 0

  constructor(native: NativeConnection, carrier: MessageStream, passage: Passage, isPaused: () => boolean) {
    super(carrier, { protocol: 'quic', name: 'quic' })
    this.#native = native
    this.#passage = passage
    this.#isPaused = isPaused
  }

  /** Until the connection ends, which says itself why. */
  async accept(): Promise<void> {
    try {
      while (this.status === 'open') this.onRemoteStream(this.#adopt(await this.#native.inboundStream(), 'inbound'))
    } catch (error) {
      this.log('no more streams - %e', error)
    }
  }

  readOn(): void {
    for (const stream of this.streams) stream.sendResume()
  }

  override async onCreateStream({ signal }: CreateStreamOptions): Promise<QuicStream> {
    const opening = this.#native.outboundStream()
    try {
      return this.#adopt(await until(signal ?? AbortSignal.timeout(OPEN_TIMEOUT_MS), opening), 'outbound')
    } catch (error) {
      // It may still be opened, for nobody.
      opening.then((native) => native.resetWrite()).catch(() => undefined)
      throw error
    }
  }

  /** Nothing comes this way. */
  override onData(): void {}

  /** Whatever streams waited for does not come. */
  override onTransportClosed(error?: Error): void {
    super.onTransportClosed(error ?? new StreamResetError('the connection ended'))
  }

  #adopt(native: NativeStream, direction: MessageStreamDirection): QuicStream {
    const stream = new QuicStream(native, this.#passage, this.#isPaused, (by) => this.#onStuck(by), {
      id: native.id(),
      direction,
      log: this.log.newScope(`${direction}:${native.id()}`),
      maxMessageSize: PIECE,
    })
    stream.sendResume()
    return stream
  }

  #onStuck(by: 1 | -1): void {
    this.#stuck += by
    if (this.#stuck > MAX_STUCK) this.#native.abort()
  }
}

class QuicStream extends AbstractStream {
  readonly #native: NativeStream
  readonly #passage: Passage
  readonly #isPaused: () => boolean
  readonly #onStuck: (by: 1 | -1) => void
  #isReading = false
  #isWriting = false

  constructor(native: NativeStream, passage: Passage, isPaused: () => boolean, onStuck: (by: 1 | -1) => void, init: ConstructorParameters<typeof AbstractStream>[0]) {
    super(init)
    this.#native = native
    this.#passage = passage
    this.#isPaused = isPaused
    this.#onStuck = onStuck
  }

  override sendData(data: Pieces): SendResult {
    if (this.#isWriting) return { sentBytes: 0, canSendMore: false }
    const { sentBytes } = this.#passage.sendData(data)
    if (sentBytes > 0) void this.#write(data.subarray(0, sentBytes))
    return { sentBytes, canSendMore: false }
  }

  /** The line has room again: what was under way says so itself. */
  override onMuxerDrain(): void {
    if (!this.#isWriting) super.onMuxerDrain()
  }

  override sendReset(): void {
    if (this.#isWriting) this.#onStuck(1)
    this.#native.resetWrite().catch(() => undefined)
    this.#native.stopRead().catch(() => undefined)
  }

  override async sendCloseWrite(): Promise<void> {
    await this.#native.finishWrite()
  }

  override sendCloseRead(): Promise<void> {
    // Waits for a read that is under way, which nobody needs to.
    this.#native.stopRead().then(() => this.onRemoteCloseWrite(), () => undefined)
    return Promise.resolve()
  }

  /** The reader looks before each piece. */
  override sendPause(): void {}

  override sendResume(): void {
    if (!this.#isReading && this.#mayRead) void this.#read()
  }

  get #mayRead(): boolean {
    return this.readStatus === 'readable' && this.remoteWriteStatus === 'writable' && !this.#isPaused()
  }

  async #read(): Promise<void> {
    this.#isReading = true
    let size = LEAST_READ
    try {
      while (this.#mayRead) {
        const data = await this.#native.read(size)
        if (data === null) return this.onRemoteCloseWrite()
        size = data.byteLength === size ? Math.min(size * 2, LARGEST_READ) : LEAST_READ
        this.#passage.onData(data)
        this.onData(data)
      }
    } catch (error) {
      this.#onBroken(error as Error)
    } finally {
      this.#isReading = false
    }
  }

  #onBroken(error: Error): void {
    if (this.status !== 'open' && this.status !== 'closing') return
    this.log('reading ended - %e', error)
    this.onRemoteReset()
    this.#native.resetWrite().catch(() => undefined)
  }

  async #write(data: Uint8Array): Promise<void> {
    this.#isWriting = true
    try {
      await this.#native.write(data)
    } catch (error) {
      this.#onRefused(error as Error)
    }
    this.#isWriting = false
    if (this.status === 'aborted') this.#onStuck(-1)
    else this.safeDispatchEvent('drain')
  }

  /** The peer reads no more, or the stream broke: what the peer said before may still be read, and that it broke is found there. */
  #onRefused(error: Error): void {
    if (this.status !== 'open' && this.status !== 'closing') return
    this.log('writing ended - %e', error)
    this.onRemoteCloseRead()
    this.writeStatus = 'closed'
    if (this.remoteWriteStatus === 'closed') this.onTransportClosed()
  }
}
