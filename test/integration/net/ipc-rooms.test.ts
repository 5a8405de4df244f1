/** The rooms over the local socket by which programs talk: what one may call of each with its scopes and without, back-pressure, and what is left when it is gone. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ALLOWED } from '../../../node-core/net/ipc/methods/allowances.ts'
import { Channels, Groups, Topics, Way, WhenFull, type Channel as ChannelMessage, type ListenEvent, type TopicEvent, type TopicMessage } from '../../../node-core/net/ipc/proto/nodestead/net/v1/ipc_pb.ts'
import type { Channel } from '../../../node-core/net/channels/types.ts'
import { ended, refused, stands } from '../../helpers/ipc-calls.ts'
import type { StreamCall } from '../../helpers/ipc-client.ts'
import { NetLab } from '../../helpers/net-lab.ts'
import { eventually } from '../../helpers/network.ts'

let lab: NetLab
beforeEach(() => {
  lab = new NetLab()
})
afterEach(() => lab.stop())

const bytes = (value: string): Uint8Array => new Uint8Array(Buffer.from(value))
const text = (value: Uint8Array): string => Buffer.from(value).toString()
const NEWS = { name: 'news', maxMessageBytes: 100_000, perSecond: 1000, burst: 1000 } as const

const messages = (call: StreamCall<typeof Topics.method.subscribe.output>): readonly TopicMessage[] =>
  call.items.flatMap(({ message: { event } }: { readonly message: TopicEvent }) => (event.case === 'message' ? [event.value] : []))
const channelsOf = (call: StreamCall<typeof Channels.method.listen.output>): readonly ChannelMessage[] =>
  call.items.flatMap(({ message: { event } }: { readonly message: ListenEvent }) => (event.case === 'channel' ? [event.value] : []))

describe('topics', () => {
  it('are declared, subscribed to and sent on by programs of two nodes, and told to a list with a report', async () => {
    const [a, b] = await lab.pair()
    const { session: first } = await lab.program(a, 'first', ['topics'])
    const { session: second } = await lab.program(b, 'second', ['topics:news'])
    await stands(first.stream(Topics.method.declare, NEWS))
    await stands(second.stream(Topics.method.declare, NEWS))
    const heard = await stands(second.stream(Topics.method.subscribe, { topic: 'news' }))
    const own = await stands(first.stream(Topics.method.subscribe, { topic: 'news', service: 'own' }))
    const other = await stands(first.stream(Topics.method.subscribe, { topic: 'news', service: 'other' }))
    await eventually(() => a.net.topics.figures()[0]?.peers.length === 1, 'the topic')
    const delivery = await first.call(Topics.method.publish, { topic: 'news', data: bytes('hello'), service: 'own', recipients: { case: 'only', value: { peers: [a.id, b.id, 'nobody'] } } })
    expect(delivery).toMatchObject({ way: Way.DIRECT, sent: [b.id], taken: [b.id], undelivered: [{ peer: 'nobody', reason: 'not-connected' }] })
    await eventually(() => messages(heard).length === 1 && messages(other).length === 1, 'the message')
    expect(messages(heard)[0]).toMatchObject({ topic: 'news', id: delivery.id, source: a.id, way: Way.DIRECT, data: bytes('hello') })
    expect(messages(own)).toEqual([])
    await first.call(Topics.method.publish, { topic: 'news', data: bytes('not you'), recipients: { case: 'except', value: { peers: [b.id] } } })
    await first.call(Topics.method.publish, { topic: 'news', data: bytes('all'), way: Way.DIRECT })
    await eventually(() => messages(heard).length === 2, 'the message to all')
    expect(messages(heard).map(({ data }) => text(data))).toEqual(['hello', 'all'])
    expect(messages(own).map(({ data }) => text(data))).toEqual(['not you', 'all'])
    expect((await first.call(Topics.method.list, {})).topics).toMatchObject([{ name: 'news', peers: [b.id], maxMessageBytes: 100_000 }])
    expect(b.net.topics.figures()[0]?.services.map(({ service }) => service)).toEqual(['second'])
    await expect(first.call(Topics.method.publish, { topic: 'news', data: new Uint8Array(100_001) })).rejects.toMatchObject({ failure: { code: 'NET_MESSAGE_TOO_LONG', data: { maxBytes: '100000' } } })
    await expect(first.call(Topics.method.publish, { topic: 'olds', data: bytes('x') })).rejects.toMatchObject({ failure: { code: 'NET_TOPIC_UNKNOWN' } })
  })

  it('cannot be read, declared, listed or sent on without their scope', async () => {
    const node = await lab.node()
    const { session: owner } = await lab.program(node, 'owner', ['topics'])
    const { session } = await lab.program(node, 'stranger', ['topics:olds/*', 'channels'])
    await stands(owner.stream(Topics.method.declare, NEWS))
    await refused(session.stream(Topics.method.declare, NEWS), 'topics:news')
    await refused(session.stream(Topics.method.subscribe, { topic: 'news' }), 'topics:news')
    await expect(session.call(Topics.method.publish, { topic: 'news', data: bytes('x') })).rejects.toMatchObject({ failure: { code: 'NET_SCOPE_MISSING' } })
    expect((await session.call(Topics.method.list, {})).topics).toEqual([])
    const { session: none } = await lab.program(node, 'none', ['channels'])
    await expect(none.call(Topics.method.list, {})).rejects.toMatchObject({ failure: { code: 'NET_SCOPE_MISSING', data: { scope: 'topics' } } })
  })

  it('lose nothing but the oldest messages of a program that takes them too slowly, which is told how many', async () => {
    const node = await lab.node()
    const { session, token } = await lab.program(node, 'slow', ['topics'])
    const { session: quick } = await lab.connect(node.net, token)
    await stands(session.stream(Topics.method.declare, NEWS))
    const slow = session.stream(Topics.method.subscribe, { topic: 'news', service: 'slow' }, 1)
    const fast = await stands(quick.stream(Topics.method.subscribe, { topic: 'news', service: 'fast' }))
    await stands(slow)
    const count = 1500
    for (let i = 0; i < count; i++) {
      await node.net.topics.publish('news', Uint8Array.of(i >> 8, i & 255))
      if (i % 100 === 0) await eventually(() => messages(fast).length === i + 1, 'what was sent at the other')
    }
    await eventually(() => messages(fast).length === count, 'all messages at the other')
    slow.grant(count)
    await eventually(() => messages(slow).at(-1)?.data[1] === ((count - 1) & 255) && messages(slow).at(-1)?.data[0] === (count - 1) >> 8, 'the newest message')
    const lost = slow.items.reduce((sum, { dropped }) => sum + dropped, 0)
    expect([lost, messages(slow).length]).toEqual([count - 1024, 1024])
    expect(fast.items.every(({ dropped }) => dropped === 0)).toBe(true)
    expect(node.net.ipc.dropped).toBe(lost)
  })

  it('are closed when the last program that declared them is gone, and no program takes them all', async () => {
    const node = await lab.node()
    const { session, client, token } = await lab.program(node, 'program', ['topics'])
    const { session: second, client: other } = await lab.connect(node.net, token)
    await stands(session.stream(Topics.method.declare, NEWS))
    const declared = await stands(second.stream(Topics.method.declare, NEWS))
    expect(await ended(declared, second.stream(Topics.method.declare, { ...NEWS, maxMessageBytes: 1 }))).toMatchObject({ code: 'NET_TOPIC_DIFFERS' })
    expect(await ended(declared, second.stream(Topics.method.declare, { ...NEWS, way: Way.TREE }))).toMatchObject({ code: 'NET_TOPIC_DIFFERS' })
    expect(await ended(declared, second.stream(Topics.method.declare, { ...NEWS, name: 'other', way: Way.CHUNKS }))).toMatchObject({ code: 'NET_TOPIC_INVALID' })
    client.close()
    await eventually(() => node.net.ipc.clients.size === 1, 'the end of the first')
    expect(node.net.topics.figures()).toHaveLength(1)
    for (let i = 1; i < ALLOWED.topics; i++) await stands(second.stream(Topics.method.declare, { ...NEWS, name: `news-${i}` }))
    const tooMany = second.stream(Topics.method.declare, { ...NEWS, name: 'more' })
    expect(await ended(tooMany, tooMany)).toMatchObject({ code: 'NET_TOO_MANY_OPEN', data: { kind: 'topics' } })
    const { session: reader } = await lab.program(node, 'reader', ['topics'])
    const subscription = await stands(reader.stream(Topics.method.subscribe, { topic: 'news' }))
    other.close()
    await eventually(() => node.net.topics.figures().length === 0, 'the end of the topics')
    expect(await ended(subscription, subscription)).toBe('end')
  })
})

describe('channels', () => {
  it('go from a program of one node to a program of another, both ways, until they are closed', async () => {
    const [a, b] = await lab.pair()
    const { session: caller, token } = await lab.program(a, 'caller', ['channels'])
    const { session: server } = await lab.program(b, 'server', ['channels:echo'])
    const listening = await stands(server.stream(Channels.method.listen, { service: 'echo', maxMessageBytes: 5000 }))
    const dialled = await caller.call(Channels.method.dial, { address: `/nodestead/echo/p2p/${b.id}`, metadata: bytes('who') })
    expect(dialled).toMatchObject({ maxMessageBytes: 5000, state: { peer: b.id, service: 'echo', open: true, phase: 'open', inbound: false, found: 'connected' } })
    const channel = dialled.state?.channel as string
    await eventually(() => channelsOf(listening).length === 1, 'the channel')
    const taken = channelsOf(listening)[0]
    expect(taken).toMatchObject({ metadata: bytes('who'), state: { peer: a.id, inbound: true, phase: 'open' } })
    const there = taken?.state?.channel as string
    const [hearing, answers] = [server.stream(Channels.method.receive, { channel: there }), caller.stream(Channels.method.receive, { channel })]
    await caller.call(Channels.method.send, { channel, data: bytes('one'), confirm: true })
    await caller.call(Channels.method.send, { channel, data: bytes('two') })
    await server.call(Channels.method.send, { channel: there, data: bytes('back'), confirm: true })
    await eventually(() => hearing.items.length === 2 && answers.items.length === 1, 'the messages')
    expect(hearing.items.map(({ message }) => text(message.data))).toEqual(['one', 'two'])
    expect(await caller.call(Channels.method.metrics, { channel })).toMatchObject({ sent: { messages: 2n, bytes: 6n }, received: { messages: 1n }, queued: { messages: 0n } })
    await expect(caller.call(Channels.method.send, { channel, data: new Uint8Array(5001) })).rejects.toMatchObject({ failure: { code: 'CHANNEL_TOO_LARGE' } })
    const closed = server.call(Channels.method.closed, { channel: there })
    await caller.call(Channels.method.close, { channel })
    await eventually(() => hearing.end !== undefined, 'the end')
    expect(hearing.end).toBe('end')
    await closed
    expect(await server.call(Channels.method.state, { channel: there })).toMatchObject({ open: false, phase: 'closed' })
    await expect(server.call(Channels.method.send, { channel: there, data: bytes('late') })).rejects.toMatchObject({ failure: { code: 'CHANNEL_CLOSED' } })
    // Another connection has other channels, though it is the same program's.
    const { session: second } = await lab.connect(a.net, token)
    await expect(second.call(Channels.method.state, { channel })).rejects.toMatchObject({ failure: { code: 'CHANNEL_CLOSED' } })
  })

  it('cannot be listened for or dialled without their scope, nor those of groups by their name', async () => {
    const [a, b] = await lab.pair()
    b.net.api.listen('echo', { onChannel: () => undefined })
    const { session } = await lab.program(a, 'program', ['channels:chat'])
    await refused(session.stream(Channels.method.listen, { service: 'echo' }), 'channels:echo')
    const failure = { failure: { code: 'NET_SCOPE_MISSING', data: { scope: 'channels:echo' } } }
    await expect(session.call(Channels.method.dial, { address: `/nodestead/echo/p2p/${b.id}`, service: 'chat' })).rejects.toMatchObject(failure)
    await expect(session.call(Channels.method.dial, { address: b.id, service: 'echo' })).rejects.toMatchObject(failure)
    await expect(session.call(Channels.method.unicast, { address: b.id, service: 'echo', data: bytes('x') })).rejects.toMatchObject(failure)
    await expect(session.call(Channels.method.unicast, { address: b.id, service: 'chat', data: bytes('x'), sealed: true })).rejects.toMatchObject({ failure: { code: 'NET_SCOPE_MISSING', data: { scope: 'sealed:chat' } } })
    await refused(session.stream(Channels.method.listen, { service: 'chat', advertise: true }), 'discovery:chat')
    const { session: all } = await lab.program(a, 'all', ['channels'])
    await refused(all.stream(Channels.method.listen, { service: 'group/table' }), 'groups:table')
    await expect(all.call(Channels.method.dial, { address: b.id, service: 'none' })).rejects.toMatchObject({ failure: { code: 'CHANNEL_REFUSED', data: { reason: 'unknown-service' } } })
    await expect(all.call(Channels.method.dial, { address: b.id })).rejects.toMatchObject({ failure: { code: 'NET_SERVICE_MISSING' } })
  })

  it('hold their sender while their program does not read, and no other channel', async () => {
    const [a, b] = await lab.pair()
    const { session } = await lab.program(b, 'reader', ['channels'])
    const listening = await stands(session.stream(Channels.method.listen, { service: 'data' }))
    const [held, free] = [await a.net.api.dial(b.id, { service: 'data' }), await a.net.api.dial(b.id, { service: 'data' })]
    await eventually(() => channelsOf(listening).length === 2, 'the channels')
    const [first, second] = channelsOf(listening).map(({ state }) => state?.channel as string) as [string, string]
    const slow = session.stream(Channels.method.receive, { channel: first }, 2)
    const quick = session.stream(Channels.method.receive, { channel: second })
    const block = new Uint8Array(65_536)
    let sent = 0
    const sending = (async () => {
      for (; sent < 400; sent++) await held.send(block)
      await held.close()
    })()
    let [last, still] = [-1, 0]
    await eventually(() => {
      still = sent === last ? still + 1 : 0
      last = sent
      return still > 40
    }, 'a standstill')
    // What the program was given, its queue, the window on its node, and what may wait at the sender's.
    expect(sent).toBeLessThan(400)
    expect(slow.items).toHaveLength(2)
    for (let i = 0; i < 50; i++) await free.send(block, { confirm: true })
    await eventually(() => quick.items.length === 50, 'the messages of the other')
    slow.grant(1000)
    await sending
    await eventually(() => slow.end !== undefined, 'the end')
    expect([slow.end, slow.items.length, slow.items.every(({ dropped }) => dropped === 0)]).toEqual(['end', 400, true])
  })

  it('are broken off when their program is gone, and the service with it', async () => {
    const [a, b] = await lab.pair()
    const { session, client } = await lab.program(b, 'program', ['channels'])
    await stands(session.stream(Channels.method.listen, { service: 'echo' }))
    const channels: Channel[] = [await a.net.api.dial(b.id, { service: 'echo' }), await a.net.api.dial(b.id, { service: 'echo' })]
    const other = await lab.program(b, 'other', ['channels'])
    const taken = other.session.stream(Channels.method.listen, { service: 'echo' })
    expect(await ended(taken, taken)).toMatchObject({ code: 'CHANNEL_INVALID' })
    client.close()
    expect(await Promise.all(channels.map(({ closed }) => closed))).toMatchObject([{ code: 'CHANNEL_RESET' }, { code: 'CHANNEL_RESET' }])
    await stands(other.session.stream(Channels.method.listen, { service: 'echo' }))
    expect(b.net.channels.channels()).toEqual([])
  })

  it('of which the program was never told are broken off when it listens no more', async () => {
    const [a, b] = await lab.pair()
    const { session } = await lab.program(b, 'program', ['channels'])
    // The one item that is granted says that it listens.
    const listening = await stands(session.stream(Channels.method.listen, { service: 'echo' }, 1))
    const channel = await a.net.api.dial(b.id, { service: 'echo' })
    listening.cancel()
    expect(await channel.closed).toMatchObject({ code: 'CHANNEL_RESET' })
    expect(await ended(listening, listening)).toMatchObject({ code: 'NET_CALL_CANCELLED' })
    await stands(session.stream(Channels.method.listen, { service: 'echo' }))
  })
})

describe('groups', () => {
  it('carry messages to all members and to one, with what became of each', async () => {
    const [a, b] = await lab.pair()
    const { session: first } = await lab.program(a, 'first', ['groups'])
    const { session: second, client } = await lab.program(b, 'second', ['groups:table'])
    expect(await first.call(Groups.method.open, { address: '/nodestead/group/table', members: [b.id], whenFull: WhenFull.HOLD })).toMatchObject({ group: 'table', open: true, members: [{ peer: b.id }] })
    await second.call(Groups.method.open, { address: 'table', members: [a.id] })
    const heard = second.stream(Groups.method.receive, { group: 'table' })
    const sending = first.stream(Groups.method.send, { group: 'table', data: bytes('all') })
    await eventually(() => sending.end !== undefined, 'the outcome')
    expect(sending.items.map(({ message }) => message.event.case).toSorted()).toEqual(['outcome', 'room'])
    expect(sending.items.find(({ message }) => message.event.case === 'outcome')?.message.event.value).toMatchObject({ peer: b.id, outcome: 'delivered' })
    const one = first.stream(Groups.method.send, { group: 'table', data: bytes('you'), peer: b.id })
    await eventually(() => one.end === 'end' && heard.items.length === 2, 'the message to one')
    expect(heard.items.map(({ message }) => `${message.from === a.id} ${text(message.data)}`)).toEqual(['true all', 'true you'])
    expect(await second.call(Groups.method.state, { group: 'table' })).toMatchObject({ received: { messages: 2n, bytes: 6n } })
    const none = first.stream(Groups.method.send, { group: 'table', data: bytes('x'), peer: a.id })
    expect(await ended(none, none)).toMatchObject({ code: 'CHANNEL_INVALID' })
    await expect(second.call(Groups.method.open, { address: 'chairs', members: [a.id] })).rejects.toMatchObject({ failure: { code: 'NET_SCOPE_MISSING', data: { scope: 'groups:chairs' } } })
    await expect(first.call(Groups.method.open, { address: 'empty', members: [] })).rejects.toMatchObject({ failure: { code: 'NET_GROUP_MEMBERS' } })
    await second.call(Groups.method.close, { group: 'table' })
    expect(await ended(heard, heard)).toBe('end')
    await expect(second.call(Groups.method.state, { group: 'table' })).rejects.toMatchObject({ failure: { code: 'CHANNEL_CLOSED' } })
    await second.call(Groups.method.open, { address: 'table', members: [a.id] })
    expect((await second.call(Groups.method.remove, { group: 'table', peer: a.id })).members).toEqual([])
    expect((await second.call(Groups.method.add, { group: 'table', peer: a.id })).members).toMatchObject([{ peer: a.id }])
    client.close()
    await eventually(() => b.net.ipc.clients.size === 0, 'the end of the program')
    const again = await b.net.api.group('table', { members: [a.id] })
    expect(again.state.open).toBe(true)
  })
})
