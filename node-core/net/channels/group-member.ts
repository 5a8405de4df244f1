/**
 * One member of a group: a channel to it, opened anew where it is lost, and the queue of what it is to get. What it does not take
 * waits here, by the queue's rule, and concerns nobody else.
 */
import type { Clock } from '../../base/clock.ts'
import type { Disposer } from '../../base/disposers.ts'
import { MemberQueue, type QueueBounds, type WaitingMessage } from './member-queue.ts'
import type { Channel, Count, Path } from './types.ts'

/** Bytes that a channel is given and that were not confirmed, beyond one message. */
const UNCONFIRMED_BYTES = 256 * 1024
const RETRY_MS: readonly number[] = [500, 1000, 2000, 5000, 10_000, 30_000]

export interface MemberState {
  readonly peer: string
  /** `waiting`: it was not reached, or its channel was lost; it is tried again. */
  readonly phase: 'opening' | 'open' | 'waiting'
  readonly path: Path | undefined
  readonly delivered: Count
  readonly queued: Count
  readonly dropped: number
  readonly failed: number
}

export interface MemberDependencies {
  readonly clock: Clock
  readonly open: (peer: string, signal: AbortSignal) => Promise<Channel>
}

export class GroupMember {
  readonly #peer: string
  readonly #deps: MemberDependencies
  readonly #queue: MemberQueue
  readonly #leaving = new AbortController()
  #channel: Channel | undefined
  #phase: MemberState['phase'] = 'opening'
  #retry: Disposer | undefined
  #failures = 0
  #unconfirmed = 0
  #delivered = { messages: 0, bytes: 0 }
  #failed = 0

  constructor(peer: string, dependencies: MemberDependencies, bounds: QueueBounds) {
    this.#peer = peer
    this.#deps = dependencies
    this.#queue = new MemberQueue(bounds)
  }

  get state(): MemberState {
    const { length: messages, bytes, dropped } = this.#queue
    return {
      peer: this.#peer,
      phase: this.#phase,
      path: this.#channel?.state.path,
      delivered: { ...this.#delivered },
      queued: { messages, bytes },
      dropped,
      failed: this.#failed,
    }
  }

  start(): void {
    void this.#open()
  }

  /** What waits fails. Resolves when the channel has taken its end. */
  async stop(): Promise<void> {
    if (this.#leaving.signal.aborted) return
    this.#leaving.abort(new Error('the member left the group'))
    this.#retry?.()
    this.#failed += this.#queue.length
    this.#queue.clear('failed')
    await this.#channel?.close()
  }

  send(entry: WaitingMessage): void {
    if (this.#leaving.signal.aborted) return entry.settle('failed')
    this.#queue.push(entry)
    this.#pump()
  }

  room(): Promise<void> {
    return this.#queue.room()
  }

  /** Never rejects. */
  async #open(): Promise<void> {
    const { signal } = this.#leaving
    this.#phase = 'opening'
    try {
      const channel = await this.#deps.open(this.#peer, signal)
      if (signal.aborted) return void channel.close()
      this.#channel = channel
      this.#phase = 'open'
      this.#failures = 0
      // It is one-way: what the member has to say to the group comes on a channel of its own.
      channel.onMessage(() => channel.reset())
      this.#pump()
      await channel.closed
    } catch {
      // Why a member is not reached does not matter to the others: it is tried again.
    }
    this.#channel = undefined
    if (signal.aborted) return
    this.#phase = 'waiting'
    const ms = RETRY_MS[Math.min(this.#failures++, RETRY_MS.length - 1)] as number
    this.#retry = this.#deps.clock.schedule(ms, () => void this.#open())
  }

  #pump(): void {
    while (this.#channel?.state.open === true && (this.#unconfirmed === 0 || this.#unconfirmed < UNCONFIRMED_BYTES)) {
      const entry = this.#queue.shift()
      if (entry === undefined) return
      this.#give(this.#channel, entry)
    }
  }

  #give(channel: Channel, { message, settle }: WaitingMessage): void {
    this.#unconfirmed += message.length
    channel.send(message, { confirm: true }).then(
      () => {
        this.#unconfirmed -= message.length
        this.#delivered.messages++
        this.#delivered.bytes += message.length
        settle('delivered')
        this.#pump()
      },
      () => {
        this.#unconfirmed -= message.length
        this.#failed++
        settle('failed')
        this.#pump()
      },
    )
  }
}
