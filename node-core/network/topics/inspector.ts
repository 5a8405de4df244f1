/**
 * Looks into the messages of one topic while somebody watches. What it costs is bounded, whatever arrives: so many
 * messages and so many bytes a second are decoded; the rest is counted. A message that cannot be decoded is shown as such.
 */
import { toHex } from '../../base/bytes.ts'
import type { Clock } from '../../base/clock.ts'
import { errorMessage } from '../../base/errors.ts'
import type { TopicHandler } from '../contracts.ts'
import { withoutFrameLength } from '../framing.ts'
import type { MessageContent, MessageFate, MessageListener, UndescribedContent } from './message-types.ts'

/** Bytes of a message that are shown as they are. */
export const HEX_BYTES = 4096
/** A longer message is not decoded. */
const LONGEST_DECODED = 256 * 1024
/** What is looked at in one second. */
export const BUDGET = { messages: 100, bytes: 1024 * 1024 }

/** A message as the processor sees it go by. */
export interface Passing {
  readonly direction: 'in' | 'out'
  readonly peer: string
  /** Undefined where it went unread. With its length in front where `direction` is `out`. */
  readonly bytes: Uint8Array | undefined
  readonly size: number
  readonly fate: MessageFate
  readonly reason?: string | undefined
}

export class TopicInspector {
  readonly #clock: Clock
  readonly #handler: Pick<TopicHandler, 'describe'>
  readonly #listener: MessageListener
  #second = -1
  #messages = 0
  #bytes = 0

  constructor(clock: Clock, handler: Pick<TopicHandler, 'describe'>, listener: MessageListener) {
    this.#clock = clock
    this.#handler = handler
    this.#listener = listener
  }

  /** Never throws, whatever the bytes are. */
  see({ direction, peer, bytes, size, fate, reason }: Passing): void {
    const at = this.#clock.now()
    if (!this.#affords(at, bytes?.length ?? 0)) return this.#listener.onSkipped(1)
    const message = bytes === undefined || direction === 'in' ? bytes : withoutFrameLength(bytes)
    this.#listener.onMessage({
      at,
      direction,
      peer,
      size: message?.length ?? size,
      fate,
      reason,
      content: message === undefined ? { kind: 'unread' } : this.#describe(message),
      hex: message === undefined ? '' : toHex(message.subarray(0, HEX_BYTES)),
    })
  }

  #describe(message: Uint8Array): MessageContent | UndescribedContent {
    if (message.length > LONGEST_DECODED || this.#handler.describe === undefined) return { kind: 'unread' }
    try {
      return this.#handler.describe(message)
    } catch (error) {
      return { kind: 'unreadable', reason: errorMessage(error) }
    }
  }

  /** The first message of a second is looked at however long it is. */
  #affords(at: number, bytes: number): boolean {
    const second = Math.floor(at / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#messages = 0
      this.#bytes = 0
    }
    if (this.#messages >= BUDGET.messages || (this.#messages > 0 && this.#bytes + bytes > BUDGET.bytes)) return false
    this.#messages++
    this.#bytes += bytes
    return true
  }
}
