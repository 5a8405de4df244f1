/** What users of channels see of them. */
import type { Disposer } from '../../base/disposers.ts'
import type { ChannelError } from './errors.ts'
import type { Path } from '../../network/streams.ts'
import type { ChannelClass } from './frames/frames.ts'

export type { Path } from '../../network/streams.ts'
export type { ChannelClass } from './frames/frames.ts'

export interface Count {
  readonly messages: number
  readonly bytes: number
}

export interface ChannelMetrics {
  readonly sent: Count
  readonly received: Count
  /** Waits here to be sent. */
  readonly queued: Count
  /** Came, and waits for the reader. */
  readonly unread: Count
  /** Cost in bytes that the other side takes before it grants more; a message costs 32 bytes above its length. */
  readonly credit: number
  /** Messages that were not sent: for want of room, or because the channel ended. */
  readonly dropped: number
  /** Of the session, smoothed; undefined before the first answer. */
  readonly rttMs: number | undefined
}

/** The sum of a peer's channels, those that ended among them, and what its session knows. */
export interface PeerMetrics extends ChannelMetrics {
  readonly peer: string
  readonly channels: number
  readonly path: Path | undefined
  /** Bytes that were sent and not acknowledged, and how many may be. */
  readonly inFlight: number
  readonly window: number
  /** Bytes per second that come through, as measured of late. */
  readonly bytesPerSecond: number | undefined
  /** How often the session went on on another stream, and how often on a better path among these. */
  readonly resumed: number
  readonly moved: number
}

export interface ChannelState {
  /** Unique in this node's life and beyond. */
  readonly id: string
  readonly peer: string
  readonly service: string
  readonly class: ChannelClass
  readonly direction: 'inbound' | 'outbound'
  /** Messages may be sent. */
  readonly open: boolean
  /** What is left of it: both directions, one, or none. */
  readonly phase: 'open' | 'sending' | 'receiving' | 'closed'
  /** How the peer was found, in the words of whoever dialled; `inbound` where the peer came to us. */
  readonly found: string
  /** The way that bytes take now; undefined while there is no connection. */
  readonly path: Path | undefined
}

export interface SendOptions {
  /** Resolve when the other side's node has the whole message, instead of when there is room here. */
  readonly confirm?: boolean
}

export type MessageHandler = (message: Uint8Array) => void | Promise<void>

/** Messages both ways with one peer: whole, in order, each once. */
export interface Channel extends AsyncIterable<Uint8Array> {
  readonly id: string
  readonly peer: string
  readonly service: string
  /** What the side that opened it sent along. */
  readonly metadata: Uint8Array
  readonly state: ChannelState
  readonly metrics: ChannelMetrics
  /** The longest message that the other side takes, in bytes. */
  readonly maxMessageBytes: number
  /**
   * Sends a message, whose bytes must stay as they are until then. Resolves when there is room for more: whoever awaits it is held as the
   * other side and the line take it. Rejects with a {@link ChannelError} CHANNEL_{TOO_LARGE,QUEUE_FULL,CLOSED,RESET,LOST}.
   */
  send(message: Uint8Array, options?: SendOptions): Promise<void>
  /**
   * Calls for each message, one after the other: the next when the promise of the one before resolved, and while it does not the sender is
   * held. One that rejects breaks the channel off. Either this or iterating, once.
   */
  onMessage(handler: MessageHandler): Disposer
  /** Sends no more; messages go on coming. Resolves when the other side has everything. */
  end(): Promise<void>
  /** Sends what waits, and takes no more messages. Resolves when the other side has everything. */
  close(): Promise<void>
  /** Breaks it off: what waits here and there is dropped. */
  reset(): void
  /** Resolves when both directions are ended; undefined where in good order. */
  readonly closed: Promise<ChannelError | undefined>
}
