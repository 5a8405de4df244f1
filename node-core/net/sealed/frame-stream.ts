/**
 * Frames on a stream, one at a time: the other side is read no further than to the frame that is being waited for, and a stream whose frames nobody takes
 * is paused. Flow control then makes the other side wait.
 */
import type { Stream, StreamMessageEvent } from '@libp2p/interface'
import { encodeFrame, FrameReader } from '../../network/framing.ts'
import { until } from '../../network/host/until.ts'
import { roomIn } from '../../network/stream-room.ts'

export class FrameStream {
  readonly #stream: Stream
  readonly #maxBytes: number
  readonly #frames = new FrameReader()
  #resuming = false
  #ended = false
  #failure: Error | undefined
  #wake: (() => void) | undefined

  /** `maxBytes` of a frame from the other side. */
  constructor(stream: Stream, maxBytes: number) {
    this.#stream = stream
    this.#maxBytes = maxBytes
    stream.addEventListener('message', this.#onData)
    stream.addEventListener('end', this.#onEnd)
    stream.addEventListener('close', this.#onEnd)
    if (stream.readableEnded || (stream.status !== 'open' && stream.readBufferLength === 0)) this.#onEnd()
  }

  /** Undefined where the other side ended the stream behind a whole frame. Rejects with a FrameError, on a broken stream, and with the signal's reason. */
  async next(signal: AbortSignal): Promise<Uint8Array | undefined> {
    for (;;) {
      const frame = this.#frames.next(this.#maxBytes)
      if (frame !== undefined) return frame
      if (this.#failure !== undefined) throw this.#failure
      if (this.#ended) {
        if (this.#frames.partial) throw new Error('the stream ended within a frame')
        return undefined
      }
      this.#resume()
      if (this.#frames.buffered > this.#maxBytes) continue
      await until(signal, new Promise<void>((resolve) => (this.#wake = resolve)))
    }
  }

  /** Resolves when the stream has room for more. */
  async send(frame: Uint8Array, signal: AbortSignal): Promise<void> {
    if (this.#stream.send(encodeFrame(frame))) return
    await roomIn(this.#stream, signal)
  }

  async close(): Promise<void> {
    this.#detach()
    await this.#stream.close().catch((error: unknown) => this.#stream.abort(error as Error))
  }

  abort(error: Error): void {
    this.#detach()
    this.#stream.abort(error)
  }

  #detach(): void {
    this.#stream.removeEventListener('message', this.#onData)
    this.#stream.removeEventListener('end', this.#onEnd)
    this.#stream.removeEventListener('close', this.#onEnd)
  }

  readonly #onData = ({ data }: StreamMessageEvent): void => {
    this.#frames.push(data.subarray())
    this.#pauseWhereFull()
    this.#wake?.()
  }

  /** More than one frame and its length: nobody has taken what is there. */
  #pauseWhereFull(): void {
    if (!this.#resuming && this.#frames.buffered > this.#maxBytes && this.#stream.readStatus === 'readable') this.#stream.pause()
  }

  /** A pause while the stream hands out what it held would be lost: see network/peers/reader.ts. */
  #resume(): void {
    if (this.#stream.readStatus !== 'paused') return
    this.#resuming = true
    this.#stream.resume()
    this.#resuming = false
    this.#pauseWhereFull()
  }

  /** A frame with both the last bytes and the end of the stream announces the end first: the bytes get their turn. */
  readonly #onEnd = (event?: Event): void =>
    void setImmediate(() => {
      const { error } = (event ?? {}) as { readonly error?: Error }
      if (error !== undefined) this.#failure = error
      this.#ended = true
      this.#wake?.()
    })
}
