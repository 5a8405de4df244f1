/**
 * Notification substreams (Polkadot Host spec, 4.8.4 "Notification messages").
 *
 * A topic with a peer is two one-way streams. Each side opens one and says its handshake; the other side answers with its
 * own handshake, which means "accepted", or ends the stream, which means "no". After that only the opener writes. So one
 * channel here has an outbound stream with a {@link PeerWriter} and an inbound one with a {@link PeerReader}.
 *
 * The outbound stream is the channel. The topic is open as soon as the other side answered on it: its answer says who it
 * is, and messages can be sent. It is closed when that stream ends, in whichever way. The inbound stream only decides
 * what is heard: it may come before ours, after it, or never, and when the other side ends it, it may open another one.
 * That is how polkadot-sdk does it, and other implementations count on it: some open only the direction that they need.
 *
 * Whoever opens a stream to us gets ours in return, because we want to hear only from those whom we can tell apart and
 * answer; where ours is refused, theirs ends too. Of each direction there is one stream at a time.
 */
import type { Connection, Stream } from '@libp2p/interface'
import type { Clock } from '../../base/clock.ts'
import { Disposers } from '../../base/disposers.ts'
import { errorMessage } from '../../base/errors.ts'
import type { PeerFault, TopicHandler } from '../contracts.ts'
import { FAULTS } from '../faults.ts'
import { FrameError, FrameReader, encodeFrame } from '../framing.ts'
import { readHandshake } from './handshake.ts'
import type { Excess } from '../peers/rate-limit.ts'
import type { QueueRoom } from '../peers/queue-room.ts'
import { PeerReader } from '../peers/reader.ts'
import { PeerWriter } from '../peers/writer.ts'

/** For each handshake, from when its stream is asked for. */
export const HANDSHAKE_TIMEOUT_MS = 10_000
/** A queue holds so many of the topic's longest messages at least. */
const QUEUE_MESSAGES = 4
const QUEUE_BYTES = 1024 * 1024

/**
 * How a channel ended before it was open: `unsupported` does not speak the protocol, `mismatch` has a handshake that we
 * refuse, for `no-slot` there is no place here, `silent` did not answer in time; `ended` is everything else, a refusal of the
 * other side among it.
 */
export type ChannelEnd = Refusal | 'unsupported' | 'silent' | 'ended'
/** Why a handshake is not accepted. */
export type Refusal = 'mismatch' | 'no-slot'

export interface ChannelEvents {
  /** Judges a handshake that came on a stream of this protocol name; undefined where it is accepted. */
  refuses(handshake: Uint8Array, protocol: string): Refusal | undefined
  onOpen(): void
  /** Once, whether or not it ever was open. `fault` is what the peer did, where it did something. */
  onClosed(reason: string, fault: PeerFault | undefined, end: ChannelEnd): void
  onMessage(message: Uint8Array): void | Promise<void>
  /** Counts a message that came; says who has had more than its rate with it. */
  count(): Excess | undefined
  onLimited(bytes: number, excess: Excess): void
  /** The frame, its length in front, was handed to the stream. */
  onSent(frame: Uint8Array): void
  onDropped(count: number): void
  /** The other side did something wrong, and the channel goes on. */
  onFault(fault: PeerFault): void
}

export interface ChannelDependencies {
  readonly clock: Clock
  /** What waits for slow peers shares it. */
  readonly room: QueueRoom
}

interface Inbound {
  readonly stream: Stream
  readonly cleanUp: Disposers
  /** Once its handshake was accepted. */
  reader: PeerReader | undefined
}

export class NotificationChannel {
  readonly handler: TopicHandler
  readonly #deps: ChannelDependencies
  readonly #connection: Connection
  /** Names of the protocol, the one to offer first in front. */
  readonly #protocols: readonly string[]
  readonly #events: ChannelEvents
  readonly #cleanUp = new Disposers()
  readonly #abort = new AbortController()
  #inbound: Inbound | undefined
  #outbound: Stream | undefined
  #writer: PeerWriter | undefined
  /** Resolves when the messages of earlier inbound streams are dealt with. */
  #handled: Promise<void> = Promise.resolve()
  #outboundAsked = false
  #closed = false

  constructor(dependencies: ChannelDependencies, connection: Connection, handler: TopicHandler, protocols: readonly string[], events: ChannelEvents) {
    this.#deps = dependencies
    this.#connection = connection
    this.handler = handler
    this.#protocols = protocols
    this.#events = events
  }

  get isOpen(): boolean {
    return this.wasOpen && !this.#closed
  }

  /** Was open at some time: whoever was told so is told of the end too. */
  get wasOpen(): boolean {
    return this.#writer !== undefined
  }

  /** The other side's stream was accepted: it takes the topic for open already. */
  get isAccepted(): boolean {
    return this.#inbound?.reader !== undefined && !this.#closed
  }

  get queued(): { readonly messages: number; readonly bytes: number } {
    return this.#writer?.queued ?? { messages: 0, bytes: 0 }
  }

  /** Opens our stream, says our handshake, and waits for the answer. Never rejects. */
  async openOutbound(): Promise<void> {
    if (this.#outboundAsked || this.#closed) return
    this.#outboundAsked = true
    this.#cleanUp.add(
      this.#deps.clock.schedule(HANDSHAKE_TIMEOUT_MS, () => this.wasOpen || this.close('it did not answer our handshake in time', undefined, 'silent')),
    )
    try {
      const stream = await this.#connection.newStream([...this.#protocols], { signal: this.#abort.signal, maxOutboundStreams: 2 })
      this.#outbound = stream
      if (this.#closed) return stream.abort(new Error('the topic was closed meanwhile'))
      this.#watchOutbound(stream)
      stream.send(encodeFrame(this.handler.handshake()))
      const frames = new FrameReader()
      const answer = await readHandshake(stream, frames, this.handler.spec.maxHandshakeBytes, this.#abort.signal)
      if (this.#closed) return
      if (answer === undefined) return this.close('it refused our stream')
      const refusal = this.#events.refuses(answer, stream.protocol)
      if (refusal !== undefined) return this.close('its handshake was refused', undefined, refusal)
      if (frames.partial) return this.close('it wrote into our stream', FAULTS.wrongWay)
      this.#listenWrongWay(stream)
      if (!this.#closed) this.#open(stream)
    } catch (error) {
      const fault = error instanceof FrameError ? FAULTS.frame : undefined
      this.close(errorMessage(error), fault, (error as Error).name === 'UnsupportedProtocolError' ? 'unsupported' : 'ended')
    }
  }

  /** The other side opened its stream: hears its handshake, answers, and opens ours back. Never rejects. */
  async acceptInbound(stream: Stream): Promise<void> {
    if (this.#inbound !== undefined || this.#closed) return stream.abort(new Error('the topic has its stream already'))
    const inbound: Inbound = { stream, cleanUp: new Disposers(), reader: undefined }
    this.#inbound = inbound
    try {
      this.#watchInbound(inbound)
      const frames = new FrameReader()
      const handshake = await readHandshake(stream, frames, this.handler.spec.maxHandshakeBytes, this.#abort.signal)
      if (this.#inbound !== inbound || this.#closed) return
      if (handshake === undefined) return this.#dropInbound(inbound, 'the stream ended before a handshake')
      const refusal = this.#events.refuses(handshake, stream.protocol)
      if (refusal !== undefined) return this.close('its handshake was refused', undefined, refusal)
      stream.send(encodeFrame(this.handler.handshake()))
      inbound.reader = new PeerReader(stream, frames, this.handler.spec, {
        count: () => this.#events.count(),
        onMessage: (message) => this.#events.onMessage(message),
        onLimited: (bytes, excess) => this.#events.onLimited(bytes, excess),
        onFailure: (reason, fault) => (fault === undefined ? this.#dropInbound(inbound, reason) : this.close(reason, fault)),
      })
      this.#startReading()
      await this.openOutbound()
    } catch (error) {
      if (this.#inbound === inbound) this.close(errorMessage(error), error instanceof FrameError ? FAULTS.frame : undefined)
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
    const inbound = this.#inbound
    inbound?.reader?.end()
    inbound?.cleanUp.dispose()
    this.#writer?.end()
    this.#cleanUp.dispose()
    const error = new Error(reason)
    this.#abort.abort(error)
    // Not while the multiplexer is in the middle of handing over data: it would write to a stream that it just reset.
    queueMicrotask(() => {
      inbound?.stream.abort(error)
      this.#outbound?.abort(error)
    })
    this.#events.onClosed(reason, fault, end)
  }

  #open(stream: Stream): void {
    const { maxMessageBytes, queueLength } = this.handler.spec
    this.#writer = new PeerWriter(
      stream,
      { maxItems: queueLength, maxBytes: Math.max(QUEUE_BYTES, QUEUE_MESSAGES * maxMessageBytes) },
      {
        onSent: (frame) => this.#events.onSent(frame),
        onDropped: (count) => this.#events.onDropped(count),
        onFailure: (reason) => this.close(reason),
      },
      { clock: this.#deps.clock, room: this.#deps.room },
    )
    this.#events.onOpen()
    this.#startReading()
  }

  /**
   * A reader starts only when the topic is open: what comes earlier waits in the stream. And only when everything that the
   * stream before it brought is dealt with: what is in hand for a peer is bounded, however often it opens a stream anew.
   */
  #startReading(): void {
    const reader = this.#inbound?.reader
    if (reader === undefined || !this.isOpen) return
    void this.#handled.then(() => {
      if (this.#inbound?.reader === reader && this.isOpen) reader.start()
    })
  }

  /** Lets go of the other side's stream. The topic goes on without, where ours is there or is being opened. */
  #dropInbound(inbound: Inbound, reason: string, fault?: PeerFault): void {
    if (this.#closed || this.#inbound !== inbound) return
    if (!this.#outboundAsked) return this.close(reason, fault, fault === FAULTS.silent ? 'silent' : 'ended')
    this.#inbound = undefined
    inbound.cleanUp.dispose()
    const { reader } = inbound
    if (reader !== undefined) {
      reader.end()
      this.#handled = this.#handled.then(() => reader.handled())
    }
    queueMicrotask(() => {
      if (inbound.stream.remoteWriteStatus === 'closed') inbound.stream.close().catch(() => undefined)
      else inbound.stream.abort(new Error(reason))
    })
    if (fault !== undefined) this.#events.onFault(fault)
  }

  #watchInbound(inbound: Inbound): void {
    const { stream, cleanUp } = inbound
    const onClose = (): void => this.#dropInbound(inbound, 'the stream was closed')
    stream.addEventListener('close', onClose)
    cleanUp.add(() => stream.removeEventListener('close', onClose))
    cleanUp.add(
      this.#deps.clock.schedule(HANDSHAKE_TIMEOUT_MS, () => {
        if (inbound.reader === undefined) this.#dropInbound(inbound, 'it opened a stream and said nothing', FAULTS.silent)
      }),
    )
  }

  #watchOutbound(stream: Stream): void {
    const onClose = (): void => this.close('the stream was closed')
    stream.addEventListener('close', onClose)
    this.#cleanUp.add(() => stream.removeEventListener('close', onClose))
  }

  /** Behind its answer the other side has nothing to say on our stream; its end there means that it wants no more. */
  #listenWrongWay(stream: Stream): void {
    const onData = (): void => this.close('it wrote into our stream', FAULTS.wrongWay)
    const onEnd = (): void => this.close('it ended our stream')
    stream.addEventListener('message', onData)
    stream.addEventListener('remoteCloseWrite', onEnd)
    this.#cleanUp.add(() => {
      stream.removeEventListener('message', onData)
      stream.removeEventListener('remoteCloseWrite', onEnd)
    })
    if (stream.remoteWriteStatus === 'closed') onEnd()
  }
}
