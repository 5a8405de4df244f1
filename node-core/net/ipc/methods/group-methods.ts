/** Groups for programs: one message to many peers. A group is kept for the session that opened it, by its name, and closed when that ends. */
import type { MessageInitShape } from '@bufbuild/protobuf'
import type { Disposer } from '../../../base/disposers.ts'
import { ChannelError } from '../../channels/errors.ts'
import type { MulticastChannel } from '../../channels/multicast.ts'
import { unlessAborted } from '../../channels/unless-aborted.ts'
import type { NetApi } from '../../net-api.ts'
import { parseNetAddress } from '../../routing/addresses.ts'
import { invalidRequest } from '../errors.ts'
import { Groups, type GroupStateSchema } from '../proto/nodestead/net/v1/ipc_pb.ts'
import type { CallContext, Methods } from '../session/methods.ts'
import { CLASSES, countOf, FULL_RULES, PATHS } from '../words.ts'
import { Allowance } from './allowances.ts'
import { longest } from './channel-methods.ts'
import { whileCalled } from './lasting.ts'

/** A message is sent once for each. */
const MAX_MEMBERS = 256
/** Messages that were taken off the channels and wait for the program. */
const QUEUE = 16
const MAX_QUEUE = { messages: 65_536, bytes: 64 * 1024 * 1024 } as const

export function registerGroupMethods(methods: Methods, api: Pick<NetApi, 'group'>): Disposer {
  const kept = new KeptGroups()
  const { open, close, add, remove, send, receive, state } = Groups.method
  const scopes = ['groups'] as const
  const disposers = [
    methods.register(open, { scopes }, async ({ address, members, class: urgency, maxMessageBytes, queueMessages, queueBytes, whenFull }, call) => {
      const { program, session } = call
      program.may.requireNamed('groups', nameOf(address))
      if (members.length > MAX_MEMBERS) throw invalidRequest(`A group of a program has ${MAX_MEMBERS} members at most.`)
      if (queueMessages > MAX_QUEUE.messages || queueBytes > MAX_QUEUE.bytes) throw invalidRequest(`For a member of a group ${MAX_QUEUE.messages} messages and ${MAX_QUEUE.bytes} bytes may wait.`)
      const free = kept.allowance.take(program.name)
      try {
        const group = await api.group(address, {
          members,
          class: CLASSES.word(urgency) ?? 'normal',
          ...longest(maxMessageBytes),
          ...(queueMessages === 0 ? {} : { queueMessages }),
          ...(queueBytes === 0 ? {} : { queueBytes }),
          whenFull: FULL_RULES.word(whenFull) ?? 'drop-oldest',
        })
        if (session.ended.aborted) await group.close()
        session.ended.throwIfAborted()
        kept.keep(call, group, free)
        return stateOf(group)
      } catch (error) {
        free()
        throw error
      }
    }),

    methods.register(close, { scopes }, async ({ group }, call) => {
      await kept.close(call, group)
      return {}
    }),

    methods.register(add, { scopes }, ({ group: name, peer }, call) => {
      const group = kept.find(call, name)
      if (group.state.members.length >= MAX_MEMBERS) throw invalidRequest(`A group of a program has ${MAX_MEMBERS} members at most.`)
      group.add(peer)
      return stateOf(group)
    }),

    methods.register(remove, { scopes }, async ({ group: name, peer }, call) => {
      const group = kept.find(call, name)
      await group.remove(peer)
      return stateOf(group)
    }),

    methods.registerStream(send, { scopes, queueItems: MAX_MEMBERS + 1, whenSlow: 'hold' }, async ({ group: name, data, peer }, call, sink) => {
      const group = kept.find(call, name)
      const { deliveries, room } = peer === '' ? group.send(data) : group.unicast(peer, data)
      const told = deliveries.map(async ({ peer: member, outcome: coming }) => {
        const outcome = await coming
        void sink.send({ event: { case: 'outcome', value: { peer: member, outcome } } })
      })
      told.push(room.then(() => void sink.send({ event: { case: 'room', value: {} } })))
      await unlessAborted(Promise.all(told), call.signal)
    }),

    methods.registerStream(receive, { scopes, queueItems: QUEUE, whenSlow: 'hold' }, async ({ group: name }, call, sink) => {
      const group = kept.find(call, name)
      await whileCalled(AbortSignal.any([call.signal, kept.closing(call, name)]), group.onMessage((data, from) => sink.send({ from, data })))
    }),

    methods.register(state, { scopes }, ({ group }, call) => stateOf(kept.find(call, group))),
  ]
  return () => {
    for (const dispose of disposers) dispose()
  }
}

interface Kept {
  readonly group: MulticastChannel
  readonly closing: AbortController
  readonly free: Disposer
}

class KeptGroups {
  readonly allowance = new Allowance('groups')
  readonly #bySession = new Map<number, Map<string, Kept>>()

  keep({ session }: CallContext, group: MulticastChannel, free: Disposer): void {
    let groups = this.#bySession.get(session.id)
    if (groups === undefined) {
      this.#bySession.set(session.id, (groups = new Map<string, Kept>()))
      session.ended.addEventListener('abort', () => this.#release(session.id), { once: true })
    }
    groups.set(group.name, { group, closing: new AbortController(), free })
  }

  /** Throws a ChannelError CHANNEL_CLOSED. */
  find(call: CallContext, name: string): MulticastChannel {
    return this.#kept(call, name).group
  }

  /** Aborts when the group is closed. */
  closing(call: CallContext, name: string): AbortSignal {
    return this.#kept(call, name).closing.signal
  }

  /** Does nothing where it is closed. */
  async close({ session }: Pick<CallContext, 'session'>, name: string): Promise<void> {
    const groups = this.#bySession.get(session.id)
    const kept = groups?.get(name)
    groups?.delete(name)
    if (kept === undefined) return
    kept.free()
    kept.closing.abort()
    await kept.group.close()
  }

  #kept({ session }: CallContext, name: string): Kept {
    const kept = this.#bySession.get(session.id)?.get(name)
    if (kept === undefined) throw new ChannelError('CHANNEL_CLOSED', `The group ${name.slice(0, 64)} is not open on this connection.`, { data: { group: name.slice(0, 64) } })
    return kept
  }

  #release(session: number): void {
    const groups = this.#bySession.get(session)
    this.#bySession.delete(session)
    for (const { group, free, closing } of groups?.values() ?? []) {
      free()
      closing.abort()
      void group.close().catch(() => undefined)
    }
  }
}

/** Throws NET_ADDRESS_INVALID. */
function nameOf(address: string): string {
  if (!address.startsWith('/')) return address
  const parsed = parseNetAddress(address)
  return parsed.kind === 'group' ? parsed.group : ''
}

function stateOf(group: MulticastChannel): MessageInitShape<typeof GroupStateSchema> {
  const { name, open, members } = group.state
  return {
    group: name,
    open,
    members: members.map(({ peer, phase, path, delivered, queued, dropped, failed }) => ({
      peer,
      phase,
      path: PATHS.number(path),
      delivered: countOf(delivered),
      queued: countOf(queued),
      dropped: BigInt(dropped),
      failed: BigInt(failed),
    })),
    received: countOf(group.metrics.received),
  }
}
