/**
 * A libp2p stream as a link of a session: bytes into frames and back. The length in front of a frame is judged before the frame is
 * kept, and the frame before it is handed on; what is none ends the link, and costs the peer.
 *
 * It never holds the stream up: what a session takes is bounded by the credit that it granted.
 */
import type { StreamMessageEvent } from '@libp2p/interface'
import type { Disposer } from '../../../base/disposers.ts'
import { isNodeError } from '../../../base/errors.ts'
import type { PeerFault } from '../../../network/contracts.ts'
import { onRoom } from '../../../network/stream-room.ts'
import type { ChannelStream } from '../door.ts'
import { CHANNEL_FAULTS } from '../errors.ts'
import { ChannelFrameReader } from '../frames/frame-reader.ts'
import { decodeFrameBody } from '../frames/frame-decode.ts'
import { framedSize, writeFramed } from '../frames/frame-encode.ts'
import type { Frame } from '../frames/frames.ts'
import type { SessionLink } from '../session/types.ts'
import type { Path } from '../types.ts'

export interface LinkEvents {
  /** May throw what is the peer's fault: a NodeError CHANNEL_PROTOCOL. */
  onFrame(frame: Frame): void
  onWritable(): void
  /** Once, unless the link was {@link StreamLink.mute}d: the stream ended, or the peer broke the protocol. */
  onEnd(reason: string, fault: PeerFault | undefined): void
}

export class StreamLink implements SessionLink {
  readonly path: Path
  readonly #stream: ChannelStream['stream']
  readonly #events: LinkEvents
  readonly #frames = new ChannelFrameReader()
  readonly #stopAsking: Disposer
  #isMute = false

  constructor({ stream, path }: ChannelStream, events: LinkEvents) {
    this.path = path
    this.#stream = stream
    this.#events = events
    stream.addEventListener('message', this.#onData)
    this.#stopAsking = onRoom(stream, () => this.#events.onWritable())
    stream.addEventListener('end', this.#onStreamEnd)
    stream.addEventListener('close', this.#onStreamEnd)
    if (stream.readableEnded) this.#onStreamEnd()
  }

  get isFull(): boolean {
    return this.#isMute || this.#stream.writableNeedsDrain || this.#stream.writeStatus !== 'writable'
  }

  send(bytes: Uint8Array): void {
    if (this.#isMute) return
    try {
      this.#stream.send(bytes)
    } catch (error) {
      // Not in the middle of what the session does.
      queueMicrotask(() => this.#end((error as Error).message))
    }
  }

  sendFrame(frame: Frame): void {
    const bytes = new Uint8Array(framedSize(frame))
    writeFramed(bytes, 0, frame)
    this.send(bytes)
  }

  /** Hears and says nothing any more. The stream stays as it is. */
  mute(): void {
    if (this.#isMute) return
    this.#isMute = true
    this.#stream.removeEventListener('message', this.#onData)
    this.#stopAsking()
    this.#stream.removeEventListener('end', this.#onStreamEnd)
    this.#stream.removeEventListener('close', this.#onStreamEnd)
  }

  /** Lets what was given go out, and ends the stream. */
  close(): void {
    this.mute()
    this.#stream.close().catch((error: unknown) => this.abort(error as Error))
  }

  abort(error: Error): void {
    this.mute()
    // Not while the multiplexer is in the middle of handing over data: it would write to a stream that it just reset.
    queueMicrotask(() => this.#stream.abort(error))
  }

  readonly #onData = ({ data }: StreamMessageEvent): void => {
    this.guard(() => {
      if (data instanceof Uint8Array) this.#frames.push(data, this.#onBody)
      else for (const piece of data) this.#frames.push(piece, this.#onBody)
    })
  }

  /** False where nothing more is to be heard. */
  readonly #onBody = (body: Uint8Array): boolean => {
    if (this.#isMute) return false
    this.#events.onFrame(decodeFrameBody(body))
    return !this.#isMute
  }

  /** Does something with frames that came: where they are at fault, the link ends. */
  guard(task: () => void): void {
    try {
      task()
    } catch (error) {
      if (!isNodeError(error)) throw error
      this.#end(error.message, error.code === 'CHANNEL_PROTOCOL' ? CHANNEL_FAULTS.protocol : CHANNEL_FAULTS.frame)
    }
  }

  /** Data that comes with the end of the stream is announced behind it. */
  readonly #onStreamEnd = (): void => queueMicrotask(() => this.#end('the stream ended'))

  #end(reason: string, fault?: PeerFault): void {
    if (this.#isMute) return
    this.mute()
    this.#events.onEnd(reason, fault)
  }
}
