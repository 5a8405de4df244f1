/** Messages on a libp2p stream: frames of bounded length in, frames out with a wait where the other side does not read. */
import type { Stream, StreamMessageEvent } from '@libp2p/interface'
import type { Clock } from '../../base/clock.ts'
import type { Disposer } from '../../base/disposers.ts'
import { errorMessage } from '../../base/errors.ts'
import type { PeerFault } from '../../network/contracts.ts'
import { FAULTS } from '../../network/faults.ts'
import { FrameReader } from '../../network/framing.ts'
import { onRoom } from '../../network/stream-room.ts'

export interface FrameEvents {
  /** A view of what came, which nobody else writes on. What it throws ends the stream as malformed. */
  onFrame(frame: Uint8Array): void
  /** Once: the stream takes and gives nothing any more. Not called after {@link FrameStream.end}. */
  onEnd(reason: string, fault?: PeerFault): void
}

export class FrameStream {
  readonly #stream: Stream
  readonly #maxBytes: number
  readonly #events: FrameEvents
  readonly #frames = new FrameReader()
  readonly #onDrained = new Set<() => void>()
  #stopAsking: Disposer = () => undefined
  #ended = false

  /** Nothing is read before {@link start}. */
  constructor(stream: Stream, maxBytes: number, events: FrameEvents) {
    this.#stream = stream
    this.#maxBytes = maxBytes
    this.#events = events
  }

  start(): void {
    this.#stream.addEventListener('message', this.#onMessage)
    this.#stream.addEventListener('close', this.#onClose)
    this.#stream.addEventListener('end', this.#onClose)
    this.#stopAsking = onRoom(this.#stream, this.#drained)
    if (this.#stream.readableEnded || this.#stream.status !== 'open') this.#onClose()
  }

  get isEnded(): boolean {
    return this.#ended
  }

  /** A message with its length in front; it must not be written on any more. False where whoever sends more should wait for {@link drained}. */
  send(frame: Uint8Array): boolean {
    if (this.#ended) return true
    try {
      return this.#stream.send(frame) && !this.#stream.writableNeedsDrain
    } catch (error) {
      this.#fail(errorMessage(error))
      return true
    }
  }

  /** Resolves when the stream takes more or has ended; ends it where that takes longer than `ms`. */
  async drained(clock: Clock, ms: number): Promise<void> {
    if (this.#ended || !this.#stream.writableNeedsDrain) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#onDrained.add(resolve)
    const cancel = clock.schedule(ms, () => this.#fail('it reads nothing', FAULTS.unread))
    await promise
    cancel()
  }

  /** Lets go of the stream; `error` says why, to this side. */
  end(error?: Error): void {
    if (this.#ended) return
    this.#detach()
    if (error !== undefined) this.#stream.abort(error)
    else this.#stream.close().catch((reason: unknown) => this.#stream.abort(reason instanceof Error ? reason : new Error(errorMessage(reason))))
  }

  #detach(): void {
    this.#ended = true
    this.#stream.removeEventListener('message', this.#onMessage)
    this.#stream.removeEventListener('close', this.#onClose)
    this.#stream.removeEventListener('end', this.#onClose)
    this.#stopAsking()
    this.#drained()
  }

  readonly #drained = (): void => {
    for (const resolve of this.#onDrained) resolve()
    this.#onDrained.clear()
  }

  readonly #onMessage = ({ data }: StreamMessageEvent): void => {
    if (data instanceof Uint8Array) this.#frames.push(data)
    else for (const piece of data) this.#frames.push(piece)
    try {
      for (let frame = this.#frames.next(this.#maxBytes); frame !== undefined && !this.#ended; frame = this.#frames.next(this.#maxBytes)) this.#events.onFrame(frame)
    } catch (error) {
      this.#fail(errorMessage(error), FAULTS.malformed)
    }
  }

  /** Data that comes with the end is announced behind it. */
  readonly #onClose = (): void => void setImmediate(() => this.#fail('the other side ended the stream'))

  #fail(reason: string, fault?: PeerFault): void {
    if (this.#ended) return
    this.#detach()
    this.#stream.abort(new Error(reason))
    this.#events.onEnd(reason, fault)
  }
}
