/**
 * What the interface of the net promises (node-core/net/surface.ts), as cases to which every way of having it is held: in the node's process, by the binding in TypeScript, by
 * the one in Python. A case is written once, here, so that the ways cannot drift apart.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { FakeClock } from '../../node-core/base/clock.ts'
import type { Disposer } from '../../node-core/base/disposers.ts'
import type { Awaitable } from '../../node-core/net/awaitable.ts'
import type { FetchState } from '../../node-core/net/resources/net-resources.ts'
import type { NetChannel, NetEvent, NetGroup, NetService, NetSurface } from '../../node-core/net/surface.ts'
import type { NetLab, NetNode } from './net-lab.ts'
import { eventually } from './network.ts'

/** The interface where another process has it: also what is thrown at once elsewhere is answered. */
export interface TestedSurface extends Omit<NetSurface, 'listen' | 'dial' | 'group'> {
  listen(service: string, handler: Omit<NetService, 'onChannel'> & { onChannel(channel: TestedChannel): void }, options?: { readonly advertise?: boolean }): Awaitable<Disposer>
  dial(...args: Parameters<NetSurface['dial']>): Promise<TestedChannel>
  group(...args: Parameters<NetSurface['group']>): Promise<TestedGroup>
}

export interface TestedChannel extends Omit<NetChannel, 'onMessage'> {
  onMessage(...args: Parameters<NetChannel['onMessage']>): Awaitable<Disposer>
}

export interface TestedGroup extends Omit<NetGroup, 'onMessage' | 'send' | 'unicast'> {
  onMessage(...args: Parameters<NetGroup['onMessage']>): Awaitable<Disposer>
  send(...args: Parameters<NetGroup['send']>): Awaitable<ReturnType<NetGroup['send']>>
  unicast(...args: Parameters<NetGroup['unicast']>): Awaitable<ReturnType<NetGroup['unicast']>>
}

const bytes = (value: string): Uint8Array => new Uint8Array(Buffer.from(value))
const text = (value: Uint8Array): string => Buffer.from(value).toString()
const NEWS = { name: 'news', maxMessageBytes: 1000, rate: { perSecond: 1000, burst: 1000 } } as const

/** The net of a node as a program has it that said a token. */
export interface TestedClient extends TestedSurface {
  readonly peerId: string
  readonly scopes: readonly string[]
}

/** The code of what was thrown at once, or rejected; `none` where nothing was. */
export async function codeOf(task: () => unknown): Promise<string> {
  try {
    await task()
  } catch (error) {
    return (error as { readonly code: string }).code
  }
  return 'none'
}

/** The cases, for one way. `open` gives the net of a node that way. */
export function itHoldsTheSurface(lab: () => NetLab, open: (node: NetNode) => Promise<TestedSurface>): void {
  /** Two connected nodes: what is tested here, and the other's. */
  async function two(): Promise<{ readonly a: NetNode; readonly b: NetNode; readonly here: TestedSurface; readonly there: TestedSurface }> {
    const [a, b] = await lab().pair()
    return { a, b, here: await open(a), there: await open(b) }
  }

  it('listens and dials: messages both ways, half-closed and closed, with state and figures', async () => {
    const { a, b, here, there } = await two()
    const came: TestedChannel[] = []
    const stop = await there.listen('echo', { maxMessageBytes: 5000, onChannel: (channel) => void came.push(channel) })
    const channel = await here.dial(`/nodestead/echo/p2p/${b.id}`, { metadata: bytes('who'), class: 'control' })
    await eventually(() => came.length === 1, 'the channel')
    const other = came[0] as TestedChannel
    expect([text(other.metadata), other.peer, channel.peer, channel.service, channel.maxMessageBytes]).toEqual(['who', a.id, b.id, 'echo', 5000])
    expect(await channel.state).toEqual({ id: channel.id, peer: b.id, service: 'echo', class: 'control', direction: 'outbound', open: true, phase: 'open', found: 'connected', path: 'direct' })
    const off = await other.onMessage((message) => other.send(message))
    await expect((async () => other.onMessage(() => undefined))()).rejects.toThrow(/reader already/)
    await channel.send(bytes('one'), { confirm: true })
    await channel.send(bytes('two'))
    const answers: string[] = []
    for await (const answer of channel) if (answers.push(text(answer)) === 2) break
    expect(answers).toEqual(['one', 'two'])
    expect(await channel.metrics).toMatchObject({ sent: { messages: 2, bytes: 6 }, received: { messages: 2, bytes: 6 }, queued: { messages: 0, bytes: 0 }, unread: { messages: 0 }, dropped: 0, rttMs: expect.any(Number) })
    expect(await codeOf(() => channel.send(new Uint8Array(5001)))).toBe('CHANNEL_TOO_LARGE')
    off()
    await other.end()
    for await (const more of channel) expect(text(more)).toBe('nothing')
    expect(await channel.state).toMatchObject({ phase: 'sending', open: true })
    await channel.close()
    expect(await codeOf(() => channel.send(bytes('late')))).toBe('CHANNEL_CLOSED')
    stop()
    await eventually(async () => (await codeOf(() => here.dial(b.id, { service: 'echo' }))) === 'CHANNEL_REFUSED', 'the end of the service')
  })

  it('says why a channel broke, and why there is none', async () => {
    const { a, b, here, there } = await two()
    const came: TestedChannel[] = []
    await there.listen('echo', { onChannel: (channel) => void came.push(channel) })
    const channel = await here.dial(b.id, { service: 'echo' })
    await eventually(() => came.length === 1, 'the channel')
    came[0]?.reset()
    expect(await channel.closed).toMatchObject({ code: 'CHANNEL_RESET' })
    expect(await codeOf(() => channel.send(bytes('x')))).toBe('CHANNEL_RESET')
    expect(await codeOf(async () => {
      for await (const message of channel) expect(message).toBeUndefined()
    })).toBe('CHANNEL_RESET')
    const second = await here.dial(b.id, { service: 'echo' })
    await eventually(() => came.length === 2, 'the second channel')
    await Promise.all([second.close(), came[1]?.close()])
    expect(await second.closed).toBeUndefined()
    expect(await codeOf(() => here.dial(b.id))).toBe('NET_SERVICE_MISSING')
    expect(await codeOf(() => here.dial('nobody', { service: 'echo' }))).toBe('NET_ADDRESS_INVALID')
    expect(await codeOf(() => here.dial(b.id, { service: 'none' }))).toBe('CHANNEL_REFUSED')
    expect(await codeOf(() => here.dial(a.id, { service: 'echo' }))).toMatch(/^(CHANNEL_INVALID|NET_ROUTE_NONE)$/)
    expect(await codeOf(() => there.listen('echo', { onChannel: () => undefined }))).toBe('CHANNEL_INVALID')
    expect(await codeOf(() => there.listen('no name!', { onChannel: () => undefined }))).toBe('CHANNEL_INVALID')
    const abort = new AbortController()
    abort.abort(new Error('enough'))
    await expect(here.dial(b.id, { service: 'echo', signal: abort.signal })).rejects.toThrow('enough')
  })

  it('holds a sender while nobody reads, and lets it go when somebody does', async () => {
    const { b, here, there } = await two()
    const came: TestedChannel[] = []
    await there.listen('data', { onChannel: (channel) => void came.push(channel) })
    const channel = await here.dial(b.id, { service: 'data' })
    let sent = 0
    const sending = (async () => {
      for (; sent < 300; sent++) await channel.send(new Uint8Array(65_536))
      await channel.close()
    })()
    let [last, still] = [-1, 0]
    await eventually(() => {
      still = sent === last ? still + 1 : 0
      last = sent
      return still > 40
    }, 'a standstill')
    expect(sent).toBeLessThan(300)
    let read = 0
    for await (const message of came[0] as TestedChannel) read += message.length
    await sending
    expect(read).toBe(300 * 65_536)
  })

  it('sends one message now, or sealed', async () => {
    const { a, b, here, there } = await two()
    const got: string[] = []
    await there.listen('note', { onChannel: (channel) => void channel.onMessage((message) => void got.push(text(message))) })
    const stop = await there.receive('letters', ({ sender, service, payload, kept }) => void got.push(`${sender === a.id} ${service} ${text(payload)} ${kept}`))
    expect(await here.unicast(`/nodestead/note/p2p/${b.id}`, bytes('now'))).toBeUndefined()
    expect(await here.unicast(b.id, bytes('sealed'), { service: 'letters', sealed: true })).toMatchObject({ state: 'delivered', relays: [] })
    await eventually(() => got.length === 2, 'both')
    expect(got).toEqual(['now', 'true letters sealed false'])
    expect(await codeOf(() => there.receive('letters', () => undefined))).toBe('NET_SEALED_SERVICE')
    stop()
    await eventually(async () => (await here.unicast(b.id, bytes('later'), { service: 'letters', sealed: true }))?.state === 'waiting', 'the end of the service')
  })

  it('broadcasts on topics: to all, to a list with a report, to all but a list', async () => {
    const { a, b, here, there } = await two()
    expect(await codeOf(() => here.broadcast('news', bytes('x')))).toBe('NET_TOPIC_UNKNOWN')
    expect(await codeOf(() => here.subscribe('news', 'reader', () => undefined))).toBe('NET_TOPIC_UNKNOWN')
    const withdraw = await here.declare(NEWS)
    await there.declare(NEWS)
    expect(await codeOf(() => here.declare({ ...NEWS, maxMessageBytes: 2000 }))).toBe('NET_TOPIC_DIFFERS')
    expect(await codeOf(() => here.declare({ ...NEWS, name: 'No Name' }))).toBe('NET_TOPIC_INVALID')
    const got: string[] = []
    const stop = await there.subscribe('news', 'reader', ({ source, payload, way }) => void got.push(`${source === a.id} ${text(payload)} ${way}`))
    expect(await codeOf(() => there.subscribe('news', 'reader', () => undefined))).toBe('NET_SERVICE_TAKEN')
    await eventually(async () => (await here.broadcast('news', bytes('first'), { to: { only: [b.id] } })).taken.length === 1, 'the topic')
    expect(await here.broadcast('news', bytes('second'), { to: { only: [b.id, 'nobody'] } })).toMatchObject({ way: 'direct', taken: [b.id], undelivered: [{ peer: 'nobody', reason: 'not-connected' }] })
    await here.broadcast('news', bytes('not you'), { to: { except: [b.id] } })
    await here.broadcast('news', bytes('all'), { way: 'direct' })
    await eventually(() => got.length === 3, 'the messages')
    expect(got).toEqual(['true first direct', 'true second direct', 'true all direct'])
    expect(await codeOf(() => here.broadcast('news', new Uint8Array(1001)))).toBe('NET_MESSAGE_TOO_LONG')
    stop()
    await eventually(async () => (await here.broadcast('news', bytes('x'), { to: { only: [b.id] } })).undelivered[0]?.reason === 'no-service', 'the end of the subscription')
    withdraw()
    await eventually(async () => (await codeOf(() => here.broadcast('news', bytes('x')))) === 'NET_TOPIC_UNKNOWN', 'the end of the topic')
  })

  it('has groups: to all members, to one, and what became of it', async () => {
    const { a, b, here, there } = await two()
    const [first, second] = [await here.group('/nodestead/group/table', { members: [b.id], whenFull: 'hold' }), await there.group('table', { members: [a.id] })]
    const got: string[] = []
    const off = await second.onMessage((message, peer) => void got.push(`${peer === a.id} ${text(message)}`))
    await expect((async () => second.onMessage(() => undefined))()).rejects.toThrow(/reader already/)
    const { deliveries, room } = await first.send(bytes('all'))
    await room
    expect(await Promise.all(deliveries.map(async ({ peer, outcome }) => [peer, await outcome]))).toEqual([[b.id, 'delivered']])
    expect(await (await first.unicast(b.id, bytes('you'))).deliveries[0]?.outcome).toBe('delivered')
    await expect((async () => first.unicast(a.id, bytes('x')))()).rejects.toThrow(/no member/)
    await eventually(() => got.length === 2, 'the messages')
    expect(got).toEqual(['true all', 'true you'])
    expect(await first.state).toMatchObject({ name: 'table', open: true, members: [{ peer: b.id, phase: 'open', path: 'direct', delivered: { messages: 2, bytes: 6 } }] })
    expect([await first.metrics, await second.metrics]).toMatchObject([{ delivered: { messages: 2 }, failed: 0, dropped: 0 }, { received: { messages: 2, bytes: 6 } }])
    off()
    await first.remove(b.id)
    expect((await first.state).members).toEqual([])
    await first.add(b.id)
    expect((await first.state).members).toMatchObject([{ peer: b.id }])
    await first.close()
    await first.close()
    await expect((async () => first.send(bytes('x')))()).rejects.toThrow(/not open/)
    expect(await codeOf(() => here.group('none', { members: [] }))).toBe('NET_GROUP_MEMBERS')
    await here.group('table', { members: [b.id] })
  })

  it('shares files, fetches them by their roots with progress, and offers them no longer', async () => {
    const { a, here, there } = await two()
    const folder = await lab().folder()
    const content = Buffer.from(Uint8Array.from({ length: 700_000 }, (_, i) => (i * 11) ^ (i >> 8)))
    await writeFile(join(folder, 'shared'), content)
    const file = await here.resources.share(join(folder, 'shared'))
    expect(file).toEqual({ root: expect.stringMatching(/^[0-9a-f]{64}$/), path: join(folder, 'shared'), length: 700_000, withdrawn: undefined })
    expect(await here.resources.shared()).toEqual([file])
    const peers = [{ peer: a.id, addresses: [a.address] }]
    const part = await there.resources.fetch(file.root, join(folder, 'part'), { peers, length: 700_000, range: { from: 100_000, to: 150_000 } })
    const end = await part.ended
    expect(end).toEqual({ kind: 'done', file: join(folder, 'part.part') })
    expect(content.subarray(100_000, 150_000).equals((await readFile(join(folder, 'part.part'))).subarray(100_000, 150_000))).toBe(true)
    expect((await part.state).hadBytes).toBeLessThan(700_000)
    const fetch = await there.resources.fetch(file.root, join(folder, 'fetched'), { peers })
    const steps: FetchState[] = []
    fetch.onProgress((state) => void steps.push(state))
    expect(await fetch.ended).toEqual({ kind: 'done', file: join(folder, 'fetched') })
    expect(content.equals(await readFile(join(folder, 'fetched')))).toBe(true)
    expect(await fetch.state).toMatchObject({ root: file.root, path: join(folder, 'fetched'), state: 'done', length: 700_000, wantedBytes: 700_000, hadBytes: 700_000, error: undefined })
    await eventually(() => steps.some(({ state }) => state === 'done'), 'the last step')
    // What was fetched whole is offered further.
    expect(await there.resources.shared()).toMatchObject([{ root: file.root, path: join(folder, 'fetched') }])
    const served = (await here.metrics()).serving.bytes
    expect(served).toBeGreaterThanOrEqual(750_000)
    // What a node offers itself is fetched from there.
    expect(await (await there.resources.fetch(file.root, join(folder, 'again'), { peers })).ended).toEqual({ kind: 'done', file: join(folder, 'again') })
    expect([content.equals(await readFile(join(folder, 'again'))), (await here.metrics()).serving.bytes]).toEqual([true, served])
    expect([await here.resources.withdraw(file.root), await here.resources.withdraw(file.root), await here.resources.shared()]).toEqual([true, false, []])
    expect(await here.resources.rates()).toEqual({ bytesPerSecond: 0, peerBytesPerSecond: 0, fetchBytesPerSecond: 0 })
    expect((await here.resources.folders()).at(-1)).toBe('*')
    expect(await codeOf(() => here.resources.share(join(folder, 'none')))).toBe('NET_RESOURCE_UNREADABLE')
    expect(await codeOf(() => here.resources.fetch('no root', join(folder, 'x')))).toBe('NET_RESOURCE_REQUEST')
  })

  it('pauses and cancels a fetch', async () => {
    const { here } = await two()
    const path = join(await lab().folder(), 'nothing')
    const waiting = await here.resources.fetch('ab'.repeat(32), path)
    expect(await codeOf(() => here.resources.fetch('ab'.repeat(32), path))).toBe('NET_RESOURCE_TWICE')
    await waiting.pause()
    expect(await waiting.state).toMatchObject({ state: 'paused', length: undefined, hadBytes: 0 })
    expect((await here.resources.fetches()).map((each) => each.path)).toEqual([path])
    await waiting.resume()
    expect(await waiting.state).toMatchObject({ state: 'fetching' })
    await waiting.cancel()
    expect([await waiting.ended, (await waiting.state).state, await here.resources.fetches()]).toEqual([{ kind: 'cancelled' }, 'cancelled', []])
    expect(await codeOf(() => waiting.cancel())).toBe('NET_RESOURCE_UNKNOWN')
    const abort = new AbortController()
    const second = await here.resources.fetch('ab'.repeat(32), path, { signal: abort.signal })
    abort.abort(new Error('enough'))
    expect(await second.ended).toEqual({ kind: 'cancelled' })
    await expect(here.resources.fetch('ab'.repeat(32), path, { signal: abort.signal })).rejects.toThrow('enough')
  })

  it('says clearly that nobody has a file any more', async () => {
    const clock = new FakeClock(Date.now())
    const node = await lab().nodeWith({ clock })
    const fetch = await (await open(node)).resources.fetch('ab'.repeat(32), join(await lab().folder(), 'nothing'))
    let end: unknown
    void fetch.ended.then((ended) => (end = ended))
    await eventually(() => {
      clock.advance(1000)
      return end !== undefined
    }, 'the answer')
    expect(end).toMatchObject({ kind: 'failed', error: { code: 'NET_RESOURCE_NOBODY', hint: expect.stringContaining('online') } })
    expect(await fetch.state).toMatchObject({ state: 'failed', error: { code: 'NET_RESOURCE_NOBODY' } })
  })

  it('tells of peers, channels and services as they come and go', async () => {
    const first = await lab().node()
    const [a, b] = [await lab().node(first), await lab().node(first)]
    const [here, there] = [await open(a), await open(b)]
    const events: NetEvent[] = []
    const stop = await here.events((event, lost) => {
      expect(lost).toBe(0)
      events.push(event)
    })
    const of = (kind: NetEvent['kind'], peer = b.id): readonly NetEvent[] => events.filter((event) => event.kind === kind && event.peer === peer)
    await there.listen('echo', { onChannel: (channel) => void channel.onMessage(() => undefined) }, { advertise: true })
    await eventually(async () => {
      for await (const { peer } of here.find('echo', { limit: 5 })) if (peer === b.id) return true
      return false
    }, 'the provider')
    expect(of('service-found')).toEqual([{ kind: 'service-found', service: 'echo', peer: b.id, addresses: expect.any(Array) }])
    // They may have met before.
    await a.network.streams.disconnect(b.id)
    await eventually(() => a.network.streams.connections(b.id).length === 0, 'the end of the connection')
    await a.network.streams.reach(b.id, [b.address])
    await eventually(() => of('peer-connected').length > 0, 'the connection')
    expect(of('peer-connected').at(-1)).toEqual({ kind: 'peer-connected', peer: b.id, path: 'direct' })
    const channel = await here.dial(b.id, { service: 'echo' })
    await eventually(() => of('channel-opened').length === 1, 'the channel')
    expect(of('channel-opened')).toEqual([{ kind: 'channel-opened', channel: channel.id, peer: b.id, service: 'echo', direction: 'outbound', path: 'direct' }])
    channel.reset()
    await eventually(() => of('channel-closed').length === 1, 'the end of the channel')
    expect(of('channel-closed')).toEqual([{ kind: 'channel-closed', channel: channel.id, peer: b.id, service: 'echo', code: 'CHANNEL_RESET' }])
    await there.close()
    await eventually(async () => (await codeOf(() => here.dial(b.id, { service: 'echo' }))) === 'CHANNEL_REFUSED', 'the end of the service')
    await eventually(() => of('service-lost').length === 1, 'the lost service')
    expect(of('service-lost')).toEqual([{ kind: 'service-lost', service: 'echo', peer: b.id, reason: 'refused' }])
    const ends = of('peer-disconnected').length
    await a.network.streams.disconnect(b.id)
    await eventually(() => of('peer-disconnected').length > ends, 'the end of the connection')
    stop()
    const meetings = of('peer-connected').length
    // What a program says first is heard first.
    await here.metrics()
    await a.network.streams.reach(b.id, [b.address])
    await here.metrics()
    expect(of('peer-connected')).toHaveLength(meetings)
  })

  it('counts: channels and their sums for each peer, and topics', async () => {
    const { a, b, here, there } = await two()
    await there.listen('data', { onChannel: (channel) => void channel.onMessage(() => undefined) })
    const [one, other] = [await here.dial(b.id, { service: 'data' }), await here.dial(b.id, { service: 'data' })]
    await one.send(bytes('12345'), { confirm: true })
    await other.send(bytes('678'), { confirm: true })
    expect((await one.metrics).sent).toEqual({ messages: 1, bytes: 5 })
    expect((await here.metrics()).peers).toMatchObject([{ peer: b.id, channels: 2, path: 'direct', sent: { messages: 2, bytes: 8 }, received: { messages: 0, bytes: 0 }, resumed: 0, moved: 0 }])
    await one.close()
    // Of a channel that has ended, too.
    expect((await here.metrics()).peers).toMatchObject([{ peer: b.id, channels: 1, sent: { messages: 2, bytes: 8 } }])
    expect((await there.metrics()).peers).toMatchObject([{ peer: a.id, received: { messages: 2, bytes: 8 } }])
    await here.declare(NEWS)
    await there.declare(NEWS)
    await there.subscribe('news', 'reader', () => undefined)
    await eventually(async () => (await here.broadcast('news', bytes('first'), { to: { only: [b.id] } })).taken.length === 1, 'the topic')
    const [topic] = (await there.metrics()).topics
    expect(topic).toMatchObject({ topic: 'news', peers: 1, services: [{ service: expect.stringContaining('reader'), received: 1, dropped: 0, waiting: 0 }] })
    expect(topic?.ways.find(({ way }) => way === 'direct')).toEqual({ way: 'direct', delivered: 1, duplicates: 0 })
  })

  it('finds who offers a service, and is over when it is closed', async () => {
    const first = await lab().node()
    const [a, b] = [await lab().node(first), await lab().node(first)]
    const [here, there] = [await open(a), await open(b)]
    await there.listen('echo', { onChannel: () => undefined }, { advertise: true })
    await eventually(async () => {
      for await (const { peer, addresses } of here.find('echo', { limit: 5 })) if (peer === b.id) return addresses.length > 0
      return false
    }, 'the provider')
    here.configure({ relayed: false })
    await there.close()
    await there.close()
    await eventually(() => b.net.discovery.services.length === 0, 'the end of what it offered')
    expect(await codeOf(() => there.dial(a.id, { service: 'x' }))).toBe('NET_CLOSED')
    expect(await codeOf(() => there.listen('x', { onChannel: () => undefined }))).toBe('NET_CLOSED')
    expect(await codeOf(() => there.broadcast('news', bytes('x')))).toBe('NET_CLOSED')
  })
}

/** The cases for programs alone. `connect` rejects with the node's error. */
export function itHoldsAProgram(lab: () => NetLab, connect: (path: string, token: string) => Promise<TestedClient>): void {
  it('has the scopes of its token, and no more', async () => {
    const { id, net } = await lab().node()
    const path = net.ipc.path as string
    const program = await connect(path, (await net.programs.add('echoes', ['channels:echo'])).token)
    expect([program.peerId, program.scopes]).toEqual([id, ['channels:echo']])
    await expect((async () => program.subscribe('news', 'reader', () => undefined))()).rejects.toMatchObject({ code: 'NET_SCOPE_MISSING', hint: expect.stringContaining('settings'), data: { scope: 'topics' } })
    expect(await codeOf(() => connect(path, 'none'))).toBe('NET_TOKEN_UNKNOWN')
    expect(await codeOf(() => connect(`${path}-none`, ''))).toBe('NET_SOCKET_FAILED')
  })

  it('hears that the node is gone', async () => {
    const [a, b] = await lab().pair()
    const program = await connect(a.net.ipc.path as string, (await a.net.programs.add('caller', ['channels'])).token)
    b.net.api.listen('echo', { onChannel: () => undefined })
    const channel = await program.dial(b.id, { service: 'echo' })
    const closed = channel.closed
    const reading = codeOf(async () => {
      for await (const message of channel) expect(message).toBeUndefined()
    })
    await a.net.stop()
    expect(await closed).toMatchObject({ code: expect.stringMatching(/^CHANNEL_(LOST|RESET|CLOSED)$/) })
    expect(await reading).toMatch(/^(CHANNEL_(LOST|RESET|CLOSED)|NET_CLOSED|none)$/)
    expect(await codeOf(() => channel.send(bytes('x')))).toBe('NET_CLOSED')
  })
}
