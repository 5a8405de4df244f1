/**
 * How far each direction of a channel has ended. Pure.
 *
 * Each ends on its own (half-close). `end` says that no more comes, behind all messages; `deaf` says with it that no more is read, so the
 * other side stops sending too. Whoever ended first and stops reading later says it a second time, deaf.
 */
import { ChannelProtocolError } from '../errors.ts'
import type { Taken } from '../session/sent-log.ts'

export class ChannelEnds {
  #sending: 'open' | 'ending' | 'said' = 'open'
  #isDeaf = false
  #saidDeaf = false
  #received = false
  /** Who waits until the other side took the end, and whether it took the last one that was said. */
  readonly #waiting: Taken[] = []
  #isTaken = false

  /** Messages may be sent. */
  get isSending(): boolean {
    return this.#sending === 'open'
  }

  /** An end was said. */
  get isSaid(): boolean {
    return this.#sending === 'said'
  }

  /** Nothing is read here any more. */
  get isDeaf(): boolean {
    return this.#isDeaf
  }

  /** The other side sends no more. */
  get isReceived(): boolean {
    return this.#received
  }

  get isBoth(): boolean {
    return this.#received && this.#sending === 'said'
  }

  /** No message is taken for sending any more; those that wait still go out. */
  stopSending(): void {
    if (this.#sending === 'open') this.#sending = 'ending'
  }

  stopReading(): void {
    this.#isDeaf = true
  }

  /** Calls when the other side took the end. */
  whenTaken(call: Taken): void {
    this.#waiting.push(call)
  }

  /** The end to say now that nothing waits to be sent; undefined where it was said. Once it is taken {@link onTaken} is to be called. */
  next(): { readonly deaf: boolean } | undefined {
    if (this.#sending === 'open') return undefined
    if (this.#sending === 'said' && (!this.#isDeaf || this.#saidDeaf)) {
      if (this.#isTaken) this.#settle()
      return undefined
    }
    this.#sending = 'said'
    this.#saidDeaf = this.#isDeaf
    this.#isTaken = false
    return { deaf: this.#isDeaf }
  }

  /** The other side took what {@link next} gave; or the session was lost, and nobody is left to tell. */
  onTaken(): void {
    this.#isTaken = true
    this.#settle()
  }

  /**
   * The other side's end came. True where it reads no more and our end was not said: what waits here is in vain. Throws a
   * {@link ChannelProtocolError}.
   */
  onEnd(deaf: boolean, isInMessage: boolean): boolean {
    if (this.#received && !deaf) throw new ChannelProtocolError('it ended a channel twice')
    // It may drop the rest of a message that nobody wants here any more.
    if (isInMessage && !this.#isDeaf) throw new ChannelProtocolError('it ended a channel in the middle of a message')
    this.#received = true
    if (!deaf || this.#sending === 'said') return false
    this.#sending = 'ending'
    return true
  }

  #settle(): void {
    for (const call of this.#waiting.splice(0)) call()
  }
}
