/**
 * A group: one message to many peers, each over a channel of its own.
 *
 * Who is in it, whoever opens it says (and changes): a group has a name under which its nodes know it, and no common list. Each node
 * sends over channels that it opened itself, and hears what comes on channels that others opened under the name; so it does not matter
 * who came first. Messages of one sender arrive in its order, of several in any.
 *
 * A member that stops reading, or is gone, holds nobody but itself: what it does not take waits in a queue of its own, and by the
 * group's rule the oldest or newest of it is dropped, and counted, or its sender may wait (member-queue.ts). What became of a message each
 * member's {@link Delivery} tells.
 *
 * This is for dozens of members: a message is sent once for each. Topics are for more.
 */
import type { Clock } from '../../base/clock.ts'
import { Disposers, type Disposer } from '../../base/disposers.ts'
import type { Channels } from './channels.ts'
import { ChannelError } from './errors.ts'
import { GroupMember, type MemberState } from './group-member.ts'
import type { Outcome, QueueBounds, WhenFull } from './member-queue.ts'
import type { Channel, ChannelClass, Count } from './types.ts'

export type { MemberState } from './group-member.ts'
export type { Outcome, WhenFull } from './member-queue.ts'

export interface Delivery {
  readonly peer: string
  /** Never rejects. */
  readonly outcome: Promise<Outcome>
}

export interface Sending {
  readonly deliveries: readonly Delivery[]
  /** Resolves when there is room with every member for another message: at once but where messages are held. */
  readonly room: Promise<void>
}

export interface GroupOptions {
  readonly class?: ChannelClass
  /** The longest message that is taken from others: 256 KiB where nothing is said. */
  readonly maxMessageBytes?: number
  /** For each member: 256 messages and 4 MiB, of which the oldest goes, where nothing is said. */
  readonly queueMessages?: number
  readonly queueBytes?: number
  readonly whenFull?: WhenFull
  /** Who else may send to the group here: members only where nothing is said. */
  readonly accepts?: (peer: string) => boolean
}

export interface GroupMetrics {
  readonly delivered: Count
  readonly queued: Count
  readonly received: Count
  readonly dropped: number
  readonly failed: number
}

export interface GroupState {
  readonly name: string
  readonly open: boolean
  readonly members: readonly MemberState[]
}

export type GroupHandler = (message: Uint8Array, peer: string) => void | Promise<void>

export interface MulticastDependencies {
  readonly channels: Pick<Channels, 'dial' | 'listen'>
  readonly clock: Clock
}

export class MulticastChannel {
  readonly name: string
  readonly #deps: MulticastDependencies
  readonly #options: GroupOptions
  readonly #bounds: QueueBounds
  readonly #members = new Map<string, GroupMember>()
  /** Channels that others opened. */
  readonly #inbound = new Set<Channel>()
  /** Those that are read. */
  readonly #reading = new Map<Channel, Disposer>()
  readonly #cleanUp = new Disposers()
  #handler: GroupHandler | undefined
  #received = { messages: 0, bytes: 0 }
  #isOpen = false

  /** Throws a {@link ChannelError} CHANNEL_INVALID where the name has more than 58 letters, digits and `._-/`. */
  constructor(name: string, dependencies: MulticastDependencies, options: GroupOptions = {}) {
    this.name = name
    this.#deps = dependencies
    this.#options = options
    this.#bounds = { messages: options.queueMessages ?? 256, bytes: options.queueBytes ?? 4 * 1024 * 1024, whenFull: options.whenFull ?? 'drop-oldest' }
  }

  get state(): GroupState {
    return { name: this.name, open: this.#isOpen, members: [...this.#members.values()].map(({ state }) => state) }
  }

  get metrics(): GroupMetrics {
    const states = this.state.members
    const sum = (of: (state: MemberState) => number): number => states.reduce((total, state) => total + of(state), 0)
    return {
      delivered: { messages: sum(({ delivered }) => delivered.messages), bytes: sum(({ delivered }) => delivered.bytes) },
      queued: { messages: sum(({ queued }) => queued.messages), bytes: sum(({ queued }) => queued.bytes) },
      received: { ...this.#received },
      dropped: sum(({ dropped }) => dropped),
      failed: sum(({ failed }) => failed),
    }
  }

  /** Listens for the others. Throws a {@link ChannelError} CHANNEL_INVALID where the name is none, or the group is open already. */
  open(): void {
    if (this.#isOpen) return
    const { accepts, maxMessageBytes } = this.#options
    this.#cleanUp.add(
      this.#deps.channels.listen(this.#service, {
        ...(maxMessageBytes === undefined ? {} : { maxMessageBytes }),
        admit: ({ peer }) => (this.#members.has(peer) || accepts?.(peer) === true ? undefined : 'not-allowed'),
        onChannel: (channel) => this.#hear(channel),
      }),
    )
    this.#isOpen = true
  }

  /** Ends it: what waits fails. Resolves when the members have taken the end. Idempotent. */
  async close(): Promise<void> {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#cleanUp.dispose()
    const members = [...this.#members.values()]
    this.#members.clear()
    await Promise.all([...members.map((member) => member.stop()), ...[...this.#inbound].map((channel) => channel.close())])
  }

  /** Takes a peer in; it is reached from now on, and again where it is lost. */
  add(peer: string): void {
    if (!this.#isOpen) throw new ChannelError('CHANNEL_CLOSED', `The group ${this.name} is not open.`)
    if (this.#members.has(peer)) return
    const { class: name, maxMessageBytes } = this.#options
    const open = (who: string, signal: AbortSignal): Promise<Channel> =>
      this.#deps.channels.dial(who, this.#service, { signal, found: 'group', ...(name === undefined ? {} : { class: name }), ...(maxMessageBytes === undefined ? {} : { maxMessageBytes }) })
    const member = new GroupMember(peer, { clock: this.#deps.clock, open }, this.#bounds)
    this.#members.set(peer, member)
    member.start()
  }

  /** What waits for it fails, and it may send to the group no more. */
  async remove(peer: string): Promise<void> {
    const member = this.#members.get(peer)
    this.#members.delete(peer)
    const inbound = this.#options.accepts?.(peer) === true ? [] : [...this.#inbound].filter((channel) => channel.peer === peer)
    await Promise.all([member?.stop(), ...inbound.map((channel) => channel.close())])
  }

  /** To every member. The message's bytes must stay as they are until every outcome is known. */
  send(message: Uint8Array): Sending {
    return this.#send([...this.#members], message)
  }

  /** To one member. Throws a {@link ChannelError} CHANNEL_INVALID where the peer is none. */
  unicast(peer: string, message: Uint8Array): Sending {
    const member = this.#members.get(peer)
    if (member === undefined) throw new ChannelError('CHANNEL_INVALID', `${peer} is no member of the group ${this.name}.`)
    return this.#send([[peer, member]], message)
  }

  /** Calls for each message, of one peer one after the other: the next when the promise of the one before resolved. Once at a time. */
  onMessage(handler: GroupHandler): Disposer {
    if (this.#handler !== undefined) throw new ChannelError('CHANNEL_INVALID', 'The group has a reader already.')
    this.#handler = handler
    for (const channel of this.#inbound) this.#read(channel)
    return () => {
      if (this.#handler !== handler) return
      this.#handler = undefined
      for (const stop of this.#reading.values()) stop()
      this.#reading.clear()
    }
  }

  get #service(): string {
    return `group/${this.name}`
  }

  #send(members: readonly (readonly [string, GroupMember])[], message: Uint8Array): Sending {
    if (!this.#isOpen) throw new ChannelError('CHANNEL_CLOSED', `The group ${this.name} is not open.`)
    const deliveries = members.map(([peer, member]) => ({ peer, outcome: new Promise<Outcome>((settle) => member.send({ message, settle })) }))
    return { deliveries, room: Promise.all(members.map(([, member]) => member.room())).then(() => undefined) }
  }

  /** A newer channel of a peer does not take an older one's place: that may still have something to say. */
  #hear(channel: Channel): void {
    this.#inbound.add(channel)
    void channel.closed.then(() => {
      this.#inbound.delete(channel)
      this.#reading.delete(channel)
    })
    if (this.#handler !== undefined) this.#read(channel)
  }

  /** Until nobody listens any more: then messages wait, and their sender. */
  #read(channel: Channel): void {
    const handler = this.#handler
    if (handler === undefined || this.#reading.has(channel)) return
    const stop = channel.onMessage((message) => {
      this.#received.messages++
      this.#received.bytes += message.length
      return handler(message, channel.peer)
    })
    this.#reading.set(channel, stop)
  }
}
