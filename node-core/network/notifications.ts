/**
 * Notification substreams (Polkadot Host spec, 4.8.4 "Notification messages").
 *
 * A topic with a peer is two one-way streams. Each side opens one and says its handshake; the other side answers with its
 * own handshake, which means "accepted", or ends the stream, which means "no". After that only the opener writes. So one
 * channel here has an outbound stream with a {@link PeerWriter} and an inbound one with a {@link PeerReader}; the topic
 * is open when both are accepted, and whichever ends, ends the other.
 */
import type { Connection, Stream, StreamMessageEvent } from '@libp2p/interface'
import type { Clock } from '../base/clock.ts'
import { Disposers, type Disposer } from '../base/disposers.ts'
import { errorMessage } from '../base/errors.ts'
import type { PeerFault, TopicHandler } from './contracts.ts'
import { FAULTS } from './faults.ts'
import { FrameReader, encodeFrame } from './framing.ts'
import { PeerReader } from './peers/reader.ts'
import { PeerWriter } from './peers/writer.ts'
import { TokenBucket } from './token-bucket.ts'

/** From the first stream of a topic to both being accepted, and for each handshake. */
export const HANDSHAKE_TIMEOUT_MS = 10_000
/** A queue holds so many of the topic's longest messages at least. */
const QUEUE_MESSAGES = 4
const QUEUE_BYTES = 1024 * 1024

/**
 * How a channel ended before it was open: `unsupported` does not speak the protocol, `mismatch` has a handshake that we
 * refuse, `silent` did not finish in time; `ended` is everything else, a refusal of the other side among it.
 */
export type ChannelEnd = 'unsupported' | 'mismatch' | 'silent' | 'ended'

export interface ChannelEvents {
  /** Judges a handshake that came on a stream of this protocol name. */
  admits(handshake: Uint8Array, protocol: string): boolean
  onOpen(): void
  /** Once, whether or not it ever was open. `fault` is what the peer did, where it did something. */
  onClosed(reason: string, fault: PeerFault | undefined, end: ChannelEnd): void
  onMessage(message: Uint8Array): void | Promise<void>
  onLimited(bytes: number): void
  /** The frame, its length in front, was handed to the stream. */
  onSent(frame: Uint8Array): void
  onDropped(count: number): void
}

export class NotificationChannel {
  readonly handler: TopicHandler
  readonly #protocols: readonly string[]
  readonly #clock: Clock
  readonly #connection: Connection
  readonly #events: ChannelEvents
  readonly #cleanUp = new Disposers()
  readonly #abort = new AbortController()
  #inbound: Stream | undefined
  #outbound: Stream | undefined
  #reader: PeerReader | undefined
  #writer: PeerWriter | undefined
  #outboundAsked = false
  #open = false
  #closed = false

  constructor(clock: Clock, connection: Connection, handler: TopicHandler, protocols: readonly string[], events: ChannelEvents) {
    this.#clock = clock
    this.#connection = connection
    this.handler = handler
    this.#protocols = protocols
    this.#events = events
    this.#cleanUp.add(clock.schedule(HANDSHAKE_TIMEOUT_MS, () => this.#open || this.close('the topic did not open in time', FAULTS.silent, 'silent')))
  }

  get isOpen(): boolean {
    return this.#open && !this.#closed
  }

  /** Was open at some time: whoever was told so is told of the end too. */
  get wasOpen(): boolean {
    return this.#open
  }

  /** The other side's stream was accepted: it may take the topic for open already. */
  get isAccepted(): boolean {
    return this.#reader !== undefined && !this.#closed
  }

  get queued(): { readonly messages: number; readonly bytes: number } {
    return this.#writer?.queued ?? { messages: 0, bytes: 0 }
  }

  /** Opens our stream, says our handshake, and waits for the answer. Never rejects. */
  async openOutbound(): Promise<void> {
    if (this.#outboundAsked || this.#closed) return
    this.#outboundAsked = true
    try {
      const stream = await this.#connection.newStream([...this.#protocols], { signal: this.#abort.signal, maxOutboundStreams: 2 })
      this.#outbound = stream
      if (this.#closed) return stream.abort(new Error('the topic was closed meanwhile'))
      this.#watch(stream)
      stream.send(encodeFrame(this.handler.handshake()))
      const frames = new FrameReader()
      const answer = await this.#firstFrame(stream, frames)
      if (answer === undefined || this.#closed) return
      if (!this.#events.admits(answer, stream.protocol)) return this.close('its handshake was refused', undefined, 'mismatch')
      if (frames.partial) return this.close('it wrote into our stream', FAULTS.wrongWay)
      const onData = (): void => this.close('it wrote into our stream', FAULTS.wrongWay)
      stream.addEventListener('message', onData)
      this.#cleanUp.add(() => stream.removeEventListener('message', onData))
      const { maxMessageBytes, queueLength } = this.handler.spec
      this.#writer = new PeerWriter(
        stream,
        { maxItems: queueLength, maxBytes: Math.max(QUEUE_BYTES, QUEUE_MESSAGES * maxMessageBytes) },
        {
          onSent: (frame) => this.#events.onSent(frame),
          onDropped: (count) => this.#events.onDropped(count),
          onFailure: (reason) => this.close(reason),
        },
      )
      this.#openWhenReady()
    } catch (error) {
      this.close(errorMessage(error), undefined, (error as Error).name === 'UnsupportedProtocolError' ? 'unsupported' : 'ended')
    }
  }

  /** The other side opened its stream: hears its handshake, answers, and opens ours back. Never rejects. */
  async acceptInbound(stream: Stream): Promise<void> {
    if (this.#inbound !== undefined || this.#closed) return stream.abort(new Error('the topic has its stream already'))
    this.#inbound = stream
    try {
      this.#watch(stream)
      const frames = new FrameReader()
      const handshake = await this.#firstFrame(stream, frames)
      if (handshake === undefined || this.#closed) return
      if (!this.#events.admits(handshake, stream.protocol)) return this.close('its handshake was refused', undefined, 'mismatch')
      stream.send(encodeFrame(this.handler.handshake()))
      const { maxMessageBytes, rate } = this.handler.spec
      this.#reader = new PeerReader(stream, frames, new TokenBucket(this.#clock, rate), maxMessageBytes, {
        onMessage: (message) => this.#events.onMessage(message),
        onLimited: (bytes) => this.#events.onLimited(bytes),
        onFailure: (reason, fault) => this.close(reason, fault),
      })
      this.#openWhenReady()
      await this.openOutbound()
    } catch (error) {
      this.close(errorMessage(error))
    }
  }

  /** `frame` carries its length. */
  send(frame: Uint8Array, kind?: string): void {
    if (this.isOpen) this.#writer?.send(frame, kind)
  }

  /** Ends both directions, once. */
  close(reason: string, fault?: PeerFault, end: ChannelEnd = 'ended'): void {
    if (this.#closed) return
    this.#closed = true
    this.#reader?.end()
    this.#writer?.end()
    this.#cleanUp.dispose()
    const error = new Error(reason)
    this.#abort.abort(error)
    // Not while the multiplexer is in the middle of handing over data: it would write to a stream that it just reset.
    queueMicrotask(() => {
      this.#inbound?.abort(error)
      this.#outbound?.abort(error)
    })
    this.#events.onClosed(reason, fault, end)
  }

  /** A reader starts only when the topic is open: what comes earlier waits in the stream. */
  #openWhenReady(): void {
    if (this.#open || this.#closed || this.#reader === undefined || this.#writer === undefined) return
    this.#open = true
    this.#events.onOpen()
    if (!this.#closed) this.#reader.start()
  }

  #watch(stream: Stream): void {
    const onClose = (): void => this.close('the stream was closed')
    stream.addEventListener('close', onClose)
    this.#cleanUp.add(() => stream.removeEventListener('close', onClose))
  }

  /** The first frame of a stream, which is a handshake. Undefined where the channel closed first. */
  #firstFrame(stream: Stream, frames: FrameReader): Promise<Uint8Array | undefined> {
    return new Promise((resolve) => {
      const settle = (value: Uint8Array | undefined): void => {
        detach()
        resolve(value)
      }
      const onData = (event: StreamMessageEvent): void => {
        frames.push(event.data.subarray())
        try {
          const frame = frames.next(this.handler.spec.maxHandshakeBytes)
          if (frame !== undefined) settle(frame)
        } catch (error) {
          this.close(errorMessage(error), FAULTS.frame)
        }
      }
      const onEnd = (): void => this.close('the stream ended before a handshake')
      const onClosed = (): void => settle(undefined)
      const detach: Disposer = () => {
        stream.removeEventListener('message', onData)
        stream.removeEventListener('remoteCloseWrite', onEnd)
        this.#abort.signal.removeEventListener('abort', onClosed)
      }
      this.#abort.signal.addEventListener('abort', onClosed)
      stream.addEventListener('message', onData)
      stream.addEventListener('remoteCloseWrite', onEnd)
    })
  }
}
