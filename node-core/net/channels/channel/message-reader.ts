/**
 * Who reads a channel: a handler, or somebody who iterates, one of them. Hands on what is in the inbox, one message after the other, and
 * grants the sender as much again once a message was read. Where nobody reads any more what comes is dropped.
 */
import type { Disposer } from '../../../base/disposers.ts'
import { ChannelError } from '../errors.ts'
import type { DataFrame } from '../frames/frames.ts'
import type { Count, MessageHandler } from '../types.ts'
import type { ChannelEnds } from './channel-ends.ts'
import type { Inbox } from './inbox.ts'

export interface ReaderEvents {
  /** The sender is granted so much, all in all. */
  onGrant(limit: number): void
  /** A handler rejected. */
  onFailed(): void
}

export class MessageReader {
  readonly #inbox: Inbox
  readonly #ends: ChannelEnds
  readonly #events: ReaderEvents
  #handler: MessageHandler | undefined
  #isHandling = false
  #hasReader = false
  /** Who iterates, and waits for a message. */
  #wake: (() => void) | undefined
  #received = { messages: 0, bytes: 0 }
  /** How the channel ended, once it did. */
  #over: { readonly error: ChannelError | undefined } | undefined

  constructor(inbox: Inbox, ends: ChannelEnds, events: ReaderEvents) {
    this.#inbox = inbox
    this.#ends = ends
    this.#events = events
  }

  get received(): Count {
    return { ...this.#received }
  }

  get unread(): Count {
    return { messages: this.#inbox.length, bytes: this.#inbox.bytes }
  }

  /** In the middle of a message. */
  get isPartial(): boolean {
    return this.#inbox.isPartial
  }

  onMessage(handler: MessageHandler): Disposer {
    this.#claim()
    this.#handler = handler
    this.read()
    return () => {
      if (this.#handler !== handler) return
      this.#handler = undefined
      this.#hasReader = false
    }
  }

  async *messages(): AsyncGenerator<Uint8Array, void, undefined> {
    this.#claim()
    try {
      for (;;) {
        const message = this.#inbox.shift()
        if (message !== undefined) {
          this.#onRead(message.length)
          yield message
        } else if (this.#over?.error !== undefined) {
          throw this.#over.error
        } else if (this.#over !== undefined || this.#ends.isReceived || this.#ends.isDeaf) {
          return
        } else {
          await new Promise<void>((resolve) => (this.#wake = resolve))
        }
      }
    } finally {
      this.#hasReader = false
    }
  }

  onData(frame: DataFrame): void {
    this.#received.bytes += frame.payload.length
    if (!this.#inbox.push(frame)) return
    this.#received.messages++
    this.read()
    this.wake()
  }

  /** The sender would send more than it was granted. */
  onBlocked(): void {
    if (this.#inbox.onBlocked()) this.#grant()
  }

  /** Hands messages to the handler, or drops them where nobody reads any more. */
  read(): void {
    while (!this.#isHandling) {
      const handler = this.#handler
      if (handler === undefined && !this.#ends.isDeaf) return
      const message = this.#inbox.shift()
      if (message === undefined) return
      const handled = this.#ends.isDeaf ? undefined : this.#handle(handler, message)
      if (handled === undefined) {
        this.#onRead(message.length)
        continue
      }
      this.#isHandling = true
      void handled.then(() => {
        this.#isHandling = false
        this.#onRead(message.length)
        this.read()
      })
    }
  }

  /** Whoever iterates looks anew. */
  wake(): void {
    this.#wake?.()
  }

  /** The channel ended; with an error what was not read is dropped. */
  end(error: ChannelError | undefined): void {
    this.#over = { error }
    if (error === undefined) return this.#releaseIfRead()
    this.#inbox.close()
    this.wake()
  }

  #claim(): void {
    if (this.#hasReader) throw new ChannelError('CHANNEL_INVALID', 'The channel has a reader already.')
    this.#hasReader = true
  }

  /** A promise is one that never rejects. */
  #handle(handler: MessageHandler | undefined, message: Uint8Array): Promise<void> | undefined {
    try {
      return handler?.(message)?.catch(() => this.#events.onFailed())
    } catch {
      this.#events.onFailed()
      return undefined
    }
  }

  #onRead(bytes: number): void {
    this.#inbox.taken(bytes)
    this.#grant()
    this.#releaseIfRead()
  }

  #grant(): void {
    if (this.#over !== undefined || this.#ends.isReceived) return
    const limit = this.#inbox.grant()
    if (limit !== undefined) this.#events.onGrant(limit)
  }

  /** Room for messages is given back when none comes any more and all were read. */
  #releaseIfRead(): void {
    if (this.#over !== undefined && this.#inbox.length === 0 && !this.#isHandling) this.#inbox.close()
  }
}
