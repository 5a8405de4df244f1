/**
 * The receiving half of a topic with one peer: from the chunks of a stream to messages.
 *
 * In this order, so that a stranger's bytes cost as little as can be:
 *
 *   1. the length in front of a frame: one that is too long, or no length, breaks the stream before anything is kept for it
 *   2. the rate: a message above it is dropped unread, and its sender told on (topics.ts)
 *   3. what is in hand: while too many of this peer's messages, or too many bytes, are being handled, the stream is paused. Flow
 *      control then makes the peer wait, and not the node
 *
 * Where the other side ends the stream, the whole messages that came before are handled first.
 */
import type { Stream, StreamMessageEvent } from '@libp2p/interface'
import type { PeerFault } from '../contracts.ts'
import { FAULTS } from '../faults.ts'
import type { FrameReader } from '../framing.ts'
import type { Excess } from './rate-limit.ts'

/** Messages of one peer on one topic that are being handled at the same time, where the topic says nothing. */
const FEW_IN_HAND = 16
/** Bytes of them; the last one may go beyond. */
const MAX_BYTES_IN_HAND = 4 * 1024 * 1024

export interface ReaderEvents {
  /** Counts a message; says who has had more than its rate with it. */
  count(): Excess | undefined
  /** A promise is one that never rejects: it resolves when the message was dealt with. */
  onMessage(message: Uint8Array): void | Promise<void>
  /** Over the rate: the frame was dropped unread. */
  onLimited(bytes: number, excess: Excess): void
  /** The other side ended the stream, after the last whole message was read, or broke the framing (`fault`). */
  onFailure(reason: string, fault?: PeerFault): void
}

/** Of the topic. */
export interface ReaderLimits {
  readonly maxMessageBytes: number
  readonly inHand?: number
}

export class PeerReader {
  readonly #stream: Stream
  readonly #frames: FrameReader
  readonly #limits: ReaderLimits
  readonly #events: ReaderEvents
  #inHand = 0
  #bytesInHand = 0
  #paused = false
  /** The stream hands out what it held while it was paused. */
  #resuming = false
  #started = false
  #remoteEnded = false
  #ended = false
  /** Who waits until nothing is in hand. */
  #onIdle: (() => void) | undefined

  /** `frames` may hold what came behind the handshake. Nothing is read before {@link start}. */
  constructor(stream: Stream, frames: FrameReader, limits: ReaderLimits, events: ReaderEvents) {
    this.#stream = stream
    this.#frames = frames
    this.#limits = limits
    this.#events = events
  }

  start(): void {
    if (this.#started || this.#ended) return
    this.#started = true
    this.#stream.addEventListener('message', this.#onData)
    this.#stream.addEventListener('end', this.#onEnd)
    this.#read()
    if (this.#stream.readableEnded) this.#onEnd()
  }

  end(): void {
    this.#ended = true
    this.#stream.removeEventListener('message', this.#onData)
    this.#stream.removeEventListener('end', this.#onEnd)
  }

  /** Resolves when no message is being handled. To be called once, after {@link end}. */
  handled(): Promise<void> {
    return this.#inHand === 0 ? Promise.resolve() : new Promise((resolve) => (this.#onIdle = resolve))
  }

  /** As much is being handled as may be. */
  get #isFull(): boolean {
    return this.#inHand >= (this.#limits.inHand ?? FEW_IN_HAND) || this.#bytesInHand >= MAX_BYTES_IN_HAND
  }

  readonly #onData = (event: StreamMessageEvent): void => {
    this.#frames.push(event.data.subarray())
    this.#read()
  }

  /** Data that comes with the end of the stream is announced behind it. */
  readonly #onEnd = (): void =>
    queueMicrotask(() => {
      this.#remoteEnded = true
      if (!this.#ended) this.#read()
    })

  #read(): void {
    while (!this.#ended && !this.#isFull) {
      let message: Uint8Array | undefined
      try {
        message = this.#frames.next(this.#limits.maxMessageBytes)
      } catch (error) {
        this.#events.onFailure((error as Error).message, FAULTS.frame)
        return
      }
      if (message === undefined) {
        if (this.#remoteEnded) return this.#events.onFailure('the other side ended the stream')
        break
      }
      const excess = this.#events.count()
      if (excess !== undefined) {
        this.#events.onLimited(message.length, excess)
        continue
      }
      const handled = this.#events.onMessage(message)
      if (handled === undefined) continue
      this.#inHand++
      this.#bytesInHand += message.length
      void handled.then(() => this.#onHandled(message.length))
    }
    this.#backPressure()
  }

  #onHandled(bytes: number): void {
    this.#inHand--
    this.#bytesInHand -= bytes
    if (this.#inHand === 0) this.#onIdle?.()
    if (!this.#ended) this.#read()
  }

  /**
   * A stream that resumes hands out what it holds, and tells the peer only then that there is room: a pause in the midst of that is lost, and the peer
   * sends on until the stream breaks. So what that leads to is looked at behind it.
   */
  #backPressure(): void {
    while (!this.#resuming && !this.#ended && this.#stream.readStatus !== 'closed' && this.#stream.readStatus !== 'closing') {
      const full = this.#isFull
      if (full === this.#paused) return
      this.#paused = full
      if (full) return this.#stream.pause()
      this.#resuming = true
      this.#stream.resume()
      this.#resuming = false
    }
  }
}
