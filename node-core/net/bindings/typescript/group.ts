/** A group of the node, used over the socket. */
import type { Disposer } from '../../../base/disposers.ts'
import { ChannelError } from '../../channels/errors.ts'
import { addCounts } from '../../channels/metrics.ts'
import type { GroupHandler, GroupMetrics, GroupState, MemberState, Outcome, Sending } from '../../channels/multicast.ts'
import { Groups, type GroupMessage, type GroupState as StateInfo } from '../../ipc/proto/nodestead/net/v1/ipc_pb.ts'
import { PATHS } from '../../ipc/words.ts'
import type { NetGroup } from '../../surface.ts'
import type { Connection } from './connection.ts'
import { countOf } from './figures.ts'
import { Reading } from './reading.ts'

/** Messages on their way from the node. */
const CREDIT = 16

export class SocketGroup implements NetGroup {
  readonly name: string
  readonly #connection: Connection
  readonly #reading = new Reading<GroupMessage>('group')
  readonly #members: Set<string>
  #isReceiving = false
  #isOpen = true

  constructor(connection: Connection, { group, members }: StateInfo) {
    this.#connection = connection
    this.name = group
    this.#members = new Set(members.map(({ peer }) => peer))
  }

  get state(): Promise<GroupState> {
    return this.#connection.call(Groups.method.state, { group: this.name }).then((state) => ({ name: state.group, open: state.open, members: membersOf(state) }))
  }

  get metrics(): Promise<GroupMetrics> {
    return this.#connection.call(Groups.method.state, { group: this.name }).then((state) => {
      const members = membersOf(state)
      return {
        delivered: members.map(({ delivered }) => delivered).reduce(addCounts, { messages: 0, bytes: 0 }),
        queued: members.map(({ queued }) => queued).reduce(addCounts, { messages: 0, bytes: 0 }),
        received: countOf(state.received),
        dropped: members.reduce((sum, { dropped }) => sum + dropped, 0),
        failed: members.reduce((sum, { failed }) => sum + failed, 0),
      }
    })
  }

  async add(peer: string): Promise<void> {
    await this.#connection.call(Groups.method.add, { group: this.name, peer })
    this.#members.add(peer)
  }

  async remove(peer: string): Promise<void> {
    this.#members.delete(peer)
    await this.#connection.call(Groups.method.remove, { group: this.name, peer })
  }

  send(message: Uint8Array): Sending {
    return this.#send([...this.#members], message, '')
  }

  unicast(peer: string, message: Uint8Array): Sending {
    if (!this.#members.has(peer)) throw new ChannelError('CHANNEL_INVALID', `${peer} is no member of the group ${this.name}.`)
    return this.#send([peer], message, peer)
  }

  onMessage(handler: GroupHandler): Disposer {
    // As in the process: what a handler makes of a message is its own affair, so the group goes on.
    const stop = this.#reading.handle(({ data, from }) => handler(data, from), () => undefined)
    if (!this.#isReceiving) {
      this.#isReceiving = true
      const { done } = this.#connection.open(Groups.method.receive, { group: this.name }, { credit: CREDIT, onItem: (message) => this.#reading.put(message) })
      done.catch(() => undefined)
    }
    return stop
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return
    this.#isOpen = false
    await this.#connection.call(Groups.method.close, { group: this.name })
  }

  #send(peers: readonly string[], data: Uint8Array, peer: string): Sending {
    if (!this.#isOpen) throw new ChannelError('CHANNEL_CLOSED', `The group ${this.name} is not open.`)
    const settlers = new Map<string, (outcome: Outcome) => void>()
    const deliveries = peers.map((each) => ({ peer: each, outcome: new Promise<Outcome>((resolve) => settlers.set(each, resolve)) }))
    const { promise: room, resolve: onRoom } = Promise.withResolvers<void>()
    const { done } = this.#connection.open(Groups.method.send, { group: this.name, data, peer }, {
      credit: peers.length + 2,
      onItem: ({ event }) => {
        if (event.case === 'outcome') settlers.get(event.value.peer)?.(event.value.outcome as Outcome)
        else onRoom()
      },
    })
    const rest = (): void => {
      for (const settle of settlers.values()) settle('failed')
      onRoom()
    }
    done.then(rest, rest)
    return { deliveries, room }
  }
}

function membersOf({ members }: StateInfo): readonly MemberState[] {
  return members.map(({ peer, phase, path, delivered, queued, dropped, failed }) => ({
    peer,
    phase: phase as MemberState['phase'],
    path: PATHS.word(path),
    delivered: countOf(delivered),
    queued: countOf(queued),
    dropped: Number(dropped),
    failed: Number(failed),
  }))
}
