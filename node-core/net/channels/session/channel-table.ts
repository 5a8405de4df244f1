/**
 * The channels of a session by their numbers, and those that the other side asks for. Pure.
 *
 * Whoever opens a channel numbers it, counting up; numbers of the peer with the lower id are even, the other's odd, so both may open at the same
 * time. What comes for a channel that was is ignored (it was under way when that ended); for one that never was it is a fault.
 */
import type { SessionChannel } from '../channel/channel.ts'
import { ChannelProtocolError } from '../errors.ts'
import type { OpenFrame, SequencedFrame } from '../frames/frames.ts'

export interface ChannelTableOptions {
  /** This node's id is below the peer's. */
  readonly isLower: boolean
  /** At the same time, in both directions. */
  readonly maxChannels: number
}

export class ChannelTable {
  readonly #maxChannels: number
  readonly #channels = new Map<number, SessionChannel>()
  /** Channels that the other side asked for and that were not answered. */
  readonly #requests = new Map<number, OpenFrame>()
  /** The other side's parity. */
  readonly #theirs: number
  #nextNumber: number
  #lastOfPeer = -1

  constructor({ isLower, maxChannels }: ChannelTableOptions) {
    this.#maxChannels = maxChannels
    this.#nextNumber = isLower ? 0 : 1
    this.#theirs = 1 - this.#nextNumber
  }

  get all(): readonly SessionChannel[] {
    return [...this.#channels.values()]
  }

  get isEmpty(): boolean {
    return this.#channels.size === 0 && this.#requests.size === 0
  }

  get isFull(): boolean {
    return this.#channels.size + this.#requests.size >= this.#maxChannels
  }

  /** Of the channel that is opened here next; {@link add} moves on. */
  get nextNumber(): number {
    return this.#nextNumber
  }

  get(number: number): SessionChannel | undefined {
    return this.#channels.get(number)
  }

  add(channel: SessionChannel): void {
    const { number } = channel.init
    this.#channels.set(number, channel)
    if (number === this.#nextNumber) this.#nextNumber += 2
  }

  /** False where it was not there. */
  remove(channel: SessionChannel): boolean {
    return this.#channels.delete(channel.init.number)
  }

  /** The other side asks for a channel. Throws a {@link ChannelProtocolError}. */
  assertNew(number: number): void {
    if (number % 2 !== this.#theirs || number <= this.#lastOfPeer) throw new ChannelProtocolError('it opened a channel under a number that it may not use')
  }

  ask(frame: OpenFrame): void {
    this.#lastOfPeer = frame.channel
    this.#requests.set(frame.channel, frame)
  }

  /** What the other side asks for, where that was not answered. */
  request(number: number): OpenFrame | undefined {
    return this.#requests.get(number)
  }

  /** The question was answered, or taken back; false where there was none. */
  answer(number: number): boolean {
    return this.#requests.delete(number)
  }

  forgetRequests(): void {
    this.#requests.clear()
  }

  /**
   * A frame came for a channel that is not there: it was, it is asked for, or it never was. True where it takes back what was asked for.
   * Throws a {@link ChannelProtocolError}.
   */
  onStray(frame: Exclude<SequencedFrame, OpenFrame>): boolean {
    const isTheirs = frame.channel % 2 === this.#theirs
    if (isTheirs ? frame.channel > this.#lastOfPeer : frame.channel >= this.#nextNumber) throw new ChannelProtocolError('it spoke of a channel that never was')
    if (!this.#requests.has(frame.channel)) return false
    if (frame.kind !== 'reset') throw new ChannelProtocolError('it used a channel before that was accepted')
    return this.#requests.delete(frame.channel)
  }
}
