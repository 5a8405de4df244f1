/** The network opened to services and programs, as a client of the API sees it and uses it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getTRPCErrorFromUnknown } from '@trpc/server'
import { afterEach, describe, expect, it } from 'vitest'
import { appRouter } from '../../../node-core/api/router.ts'
import { toProblem } from '../../../node-core/api/trpc.ts'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { NodeError } from '../../../node-core/base/errors.ts'
import { chainProfileSchema, nodeOptionsOf } from '../../../node-core/manager/kinds/chain/profile.ts'
import { FakeManager, type FakeRunningNode } from '../../helpers/fake-manager.ts'
import { LinkError } from '../../../node-core/net/link/errors.ts'
import { linkHost } from '../../../node-core/net/link/hosts.ts'
import { FakeNet, NO_CONNECTIONS, NO_TRAFFIC } from '../../helpers/fake-net.ts'
import { PEERS } from '../../helpers/fake-network.ts'

const network = 'dev'
const ROOT = 'ab'.repeat(32)
const folders: string[] = []
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })))

async function setUp({ open = true } = {}) {
  const clock = new FakeClock(1_000_000)
  const manager = new FakeManager({ clock })
  await manager.start(network)
  const folder = mkdtempSync(join(tmpdir(), 'nodestead-net-'))
  folders.push(folder)
  const net = new FakeNet(clock, folder)
  const node = manager.node(network) as FakeRunningNode
  if (open) node.net = net
  const abort = new AbortController()
  const app = { name: 'Nodestead', version: '1.2.3', host: 'headless', platform: 'linux' } as const
  return { clock, manager, node, net, abort, caller: appRouter.createCaller({ manager, app, clock }, { signal: abort.signal }).net }
}

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

/** What a subscription says first, and after each second in which something changed. */
async function follow<T>(clock: FakeClock, subscription: Promise<AsyncIterable<T>>) {
  const iterator = (await subscription)[Symbol.asyncIterator]()
  const said: T[] = []
  void (async () => {
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) said.push(next.value)
  })()
  await settle()
  return {
    said,
    second: async (): Promise<void> => {
      clock.advance(100)
      await settle()
      clock.advance(900)
      await settle()
    },
  }
}

async function problemOf(task: Promise<unknown>) {
  return task.then(
    () => expect.unreachable('it worked'),
    (error: unknown) => toProblem(getTRPCErrorFromUnknown(error)),
  )
}

describe('a network that is not open', () => {
  it('says so to whoever watches, and refuses the rest with what to do', async () => {
    const { caller, clock, manager } = await setUp({ open: false })
    const { said, second } = await follow(clock, caller.programs.watch({ network }))
    expect(said).toEqual([{ opening: 'off', socket: undefined, programs: [], strangers: [] }])
    expect(await problemOf(caller.topics.publish({ network, topic: 'news', payload: { text: 'x' }, to: 'everybody' }))).toMatchObject({ code: 'API_NET_OFF', hint: expect.stringContaining('Open to programs') })
    await manager.stop(network)
    await second()
    expect(said.at(-1)).toMatchObject({ opening: 'stopped' })
    expect(await problemOf(caller.resources.share({ network, path: '/a.txt' }))).toMatchObject({ code: 'API_NODE_NOT_RUNNING' })
    expect(await problemOf(caller.channels.watch({ network: 'nowhere' }).then((batches) => batches[Symbol.asyncIterator]().next()))).toMatchObject({ code: 'API_UNKNOWN_NETWORK' })
  })

  it('is opened by a setting of the network, which is off', () => {
    const profile = { id: 'dev', kind: 'chain', chain: { kind: 'known', name: 'dev' }, folder: '/data', settings: { name: 'Mine' } }
    const old = chainProfileSchema.parse(profile)
    expect(old.settings.net).toEqual({ enabled: false })
    expect(nodeOptionsOf(old).net.enabled).toBe(false)
    expect(nodeOptionsOf(chainProfileSchema.parse({ ...profile, settings: { name: 'Mine', net: { enabled: true } } })).net.enabled).toBe(true)
  })
})

describe('topics of services', () => {
  const figures = { name: 'news', peers: [PEERS[0]], services: [{ service: 'reader', received: 3, dropped: 1, waiting: 0, waitingBytes: 0 }], senders: [], ways: [{ way: 'direct', delivered: 3, duplicates: 2 }] } as const

  it('are told, and told again where their figures change', async () => {
    const { caller, clock, net } = await setUp()
    const { said, second } = await follow(clock, caller.topics.watch({ network }))
    expect(said).toEqual([{ opening: 'open', topics: [] }])
    await second()
    expect(said).toHaveLength(1)
    net.topicFigures = [{ ...figures }]
    await second()
    expect(said.at(-1)).toEqual({ opening: 'open', topics: [figures] })
  })

  it('carry what a person writes, as text or as bytes, to those who are meant', async () => {
    const { caller, net } = await setUp()
    net.topicFigures = [{ ...figures }]
    net.delivery = { id: `0x${'01'.repeat(32)}`, way: 'direct', sent: [PEERS[0]], taken: [PEERS[0]], undelivered: [{ peer: PEERS[1], reason: 'no-service' }] }
    expect(await caller.topics.publish({ network, topic: 'news', payload: { text: 'é' }, to: { only: [PEERS[0], PEERS[1]] } })).toEqual(net.delivery)
    await caller.topics.publish({ network, topic: 'news', payload: { hex: '0x00FF' }, to: { except: [PEERS[2]] } })
    await caller.topics.publish({ network, topic: 'news', payload: { hex: '' }, to: 'everybody' })
    expect(net.published).toEqual([
      { topic: 'news', payload: 'c3a9', options: { to: { only: [PEERS[0], PEERS[1]] } } },
      { topic: 'news', payload: '00ff', options: { to: { except: [PEERS[2]] } } },
      { topic: 'news', payload: '', options: { to: 'everybody' } },
    ])
  })

  it('refuse what is no message, names no peer or is too long, and pass on why one was not sent', async () => {
    const { caller, net } = await setUp()
    net.topicFigures = [{ ...figures }]
    const send = (change: object) => problemOf(caller.topics.publish({ network, topic: 'news', payload: { text: 'x' }, to: 'everybody', ...change }))
    for (const change of [{ payload: { hex: 'abc' } }, { payload: { hex: 'zz' } }, { payload: { text: 'x'.repeat(262_145) } }, { to: { only: [] } }, { to: { only: ['me'] } }, { to: { only: Array(257).fill(PEERS[0]) } }]) {
      expect(await send(change)).toMatchObject({ code: 'API_BAD_INPUT' })
    }
    expect(net.published).toEqual([])
    expect(await send({ topic: 'other' })).toMatchObject({ code: 'NET_TOPIC_UNKNOWN' })
    net.delivery = new NodeError('NET_MESSAGE_TOO_LONG', 'It is too long.', { data: { bytes: 9, maxBytes: 8 } })
    expect(await send({})).toMatchObject({ code: 'NET_MESSAGE_TOO_LONG', data: { bytes: 9, maxBytes: 8 } })
  })
})

describe('channels', () => {
  it('are told with their state and what goes over them by the second', async () => {
    const { caller, clock, net } = await setUp()
    const state = { id: '1', peer: PEERS[0], service: 'chat', class: 'normal', direction: 'outbound', open: true, phase: 'open', found: 'kademlia', path: 'relayed' } as const
    net.openChannels = [{ state, metrics: NO_TRAFFIC }]
    const { said, second } = await follow(clock, caller.channels.watch({ network }))
    expect(said).toMatchObject([{ opening: 'open', channels: [{ ...state, perSecond: { bytesIn: 0, bytesOut: 0 } }], peers: [] }])
    net.openChannels = [{ state: { ...state, path: 'direct' }, metrics: { ...NO_TRAFFIC, sent: { messages: 1, bytes: 5000 }, received: { messages: 2, bytes: 700 } } }]
    await second()
    expect(said.at(-1)?.channels[0]).toMatchObject({ path: 'direct', perSecond: { bytesIn: 700, bytesOut: 5000 } })
    net.openChannels = []
    await second()
    expect(said.at(-1)?.channels).toEqual([])
  })
})

describe('files', () => {
  it('are shared by their path, told with how far the hashing is, and taken out by their root', async () => {
    const { caller, clock, net } = await setUp()
    const { said, second } = await follow(clock, caller.resources.watch({ network }))
    net.adding = { path: '/data/a.iso', bytes: 10, of: 100 }
    await second()
    expect(said.at(-1)).toMatchObject({ adding: net.adding })
    net.adding = undefined
    const { root } = await caller.resources.share({ network, path: '/data/a.iso' })
    await second()
    expect(said.at(-1)).toMatchObject({ adding: undefined, shared: [{ root, path: '/data/a.iso' }] })
    expect(await caller.resources.unshare({ network, root: `0x${root.toUpperCase()}` })).toBe(true)
    expect(net.shared).toEqual([])
    expect(await problemOf(caller.resources.share({ network, path: '/data' }))).toMatchObject({ code: 'NET_RESOURCE_UNREADABLE' })
  })

  it('are fetched into a folder, from peers that are named or found', async () => {
    const { caller, net } = await setUp()
    await caller.resources.fetch({ network, root: ` 0x${ROOT.toUpperCase()}`, folder: '/data', name: 'a.iso', peers: [PEERS[0], `/ip4/192.0.2.1/tcp/30333/p2p/${PEERS[1]}`] })
    expect(net.fetched.map(({ request }) => request)).toEqual([
      { root: ROOT, path: join('/data', 'a.iso'), peers: [{ peer: PEERS[0], addresses: [] }, { peer: PEERS[1], addresses: [`/ip4/192.0.2.1/tcp/30333/p2p/${PEERS[1]}`] }] },
    ])
    const wrong = (change: object) => problemOf(caller.resources.fetch({ network, root: ROOT, folder: '/data', name: 'b', ...change }))
    for (const change of [{ root: 'ab' }, { name: '../b' }, { name: '..' }, { name: 'a\\b' }, { folder: '' }, { peers: Array(33).fill(PEERS[0]) }]) expect(await wrong(change)).toMatchObject({ code: 'API_BAD_INPUT' })
    for (const peers of [['nobody'], ['/nodestead/group/team']]) expect(await wrong({ peers })).toMatchObject({ code: 'NET_ADDRESS_INVALID' })
    expect(net.fetched).toHaveLength(1)
  })

  it('tell how far they are, why they failed, and are paused, resumed and discarded', async () => {
    const { caller, clock, net } = await setUp()
    const request = { root: ROOT, path: '/data/a.iso', peers: [] }
    const figures = { length: 100, wantedBytes: 100, hadBytes: 40, wastedBytes: 0, bytesPerSecond: 20, secondsLeft: 3, peers: [{ peer: PEERS[0], state: 'ready', bytes: 40, bytesPerSecond: 20, hasAll: true }] } as const
    net.fetched = [{ request, isPaused: false, progress: { ...figures, state: 'fetching', left: [] }, outcome: undefined }]
    const { said, second } = await follow(clock, caller.resources.watch({ network }))
    expect(said.at(-1)?.fetches).toEqual([{ root: ROOT, path: '/data/a.iso', state: 'fetching', progress: figures, problem: undefined }])
    await caller.resources.pause({ network, path: request.path })
    await second()
    expect(said.at(-1)?.fetches[0]).toMatchObject({ state: 'paused' })
    await caller.resources.resume({ network, path: request.path })
    net.fetched = [{ request, isPaused: false, progress: { ...figures, state: 'failed', left: [] }, outcome: { kind: 'failed', error: new NodeError('NET_RESOURCE_NOBODY', 'Nobody has it.', { hint: 'Wait.' }) } }]
    await second()
    expect(said.at(-1)?.fetches[0]).toMatchObject({ state: 'failed', problem: { code: 'NET_RESOURCE_NOBODY', message: 'Nobody has it.', hint: 'Wait.' } })
    await caller.resources.discard({ network, path: request.path })
    await second()
    expect(said.at(-1)?.fetches).toEqual([])
    expect(net.asked).toEqual(['pause /data/a.iso', 'resume /data/a.iso', 'discard /data/a.iso'])
  })
})

describe('private links', () => {
  it('are opened for peers one by one, and told with what goes through them', async () => {
    const { caller, clock, net, manager } = await setUp()
    const { said, second } = await follow(clock, caller.link.watch({ network }))
    expect(said.at(-1)).toMatchObject({ opening: 'open', openings: [], forwards: [], socks: undefined, ip: undefined, tun: { available: process.platform === 'linux', system: process.platform } })
    await caller.link.open({ network, port: 80, name: 'web', peers: [PEERS[0]], targetPort: 8080, relayed: false })
    await caller.link.allow({ network, port: 80, peer: ` ${PEERS[1]} ` })
    net.linkFigures.set(80, { ...NO_CONNECTIONS, connections: 2, receivedBytes: 700 })
    await second()
    expect(said.at(-1)?.openings).toEqual([{ port: 80, name: 'web', peers: [PEERS[0], PEERS[1]], target: { host: '127.0.0.1', port: 8080 }, relayed: false, figures: { ...NO_CONNECTIONS, connections: 2, receivedBytes: 700 } }])
    await caller.link.forbid({ network, port: 80, peer: PEERS[0] })
    expect(net.links.openings).toMatchObject([{ peers: [PEERS[1]] }])
    await caller.link.forbid({ network, port: 80, peer: PEERS[1] })
    expect(net.links.openings).toEqual([])
    expect(await problemOf(caller.link.close({ network, port: 80 }))).toMatchObject({ code: 'NET_LINK_UNKNOWN' })
    await manager.stop(network)
    await second()
    expect(said.at(-1)).toMatchObject({ opening: 'stopped', openings: [], host: undefined })
  })

  it('lead local ports to peers, and say why one does not listen', async () => {
    const { caller, clock, net } = await setUp()
    const { said, second } = await follow(clock, caller.link.watch({ network }))
    await caller.link.forward({ network, localPort: 8080, peer: PEERS[0], wanted: { name: 'web' }, relayed: true })
    net.takenPorts.add(8080)
    await second()
    expect(said.at(-1)?.forwards).toMatchObject([{ localPort: 8080, peer: PEERS[0], wanted: { name: 'web' }, relayed: true, problem: { code: 'NET_LINK_PORT_TAKEN', data: { port: 8080 }, hint: expect.stringContaining('another port') } }])
    net.takenPorts.add(8081)
    const forward = (change: object) => problemOf(caller.link.forward({ network, localPort: 8081, peer: PEERS[0], wanted: { port: 80 }, relayed: false, ...change }))
    expect(await forward({})).toMatchObject({ code: 'NET_LINK_PORT_TAKEN' })
    expect(await forward({ localPort: 8082, peer: 'ada' })).toMatchObject({ code: 'NET_LINK_INVALID' })
    for (const change of [{ localPort: 0 }, { localPort: 65_536 }, { localPort: 1.5 }, { peer: '' }, { peer: 'x'.repeat(129) }, { wanted: {} }, { wanted: { port: 80, name: 'web' } }, { wanted: { name: 'x'.repeat(65) } }]) expect(await forward(change)).toMatchObject({ code: 'API_BAD_INPUT' })
    await caller.link.removeForward({ network, localPort: 8080 })
    expect(net.links.forwards).toEqual([])
  })

  it('have an IP link, and say why it has no device', async () => {
    const { caller, clock, net } = await setUp()
    const { said, second } = await follow(clock, caller.link.watch({ network }))
    const peers = [{ peer: PEERS[0], addresses: ['10.77.0.2'], relayed: false }]
    await caller.link.openIp({ network, device: ' nodestead0 ', peers })
    await second()
    expect(said.at(-1)?.ip).toMatchObject({ device: 'nodestead0', problem: undefined, peers: [{ peer: PEERS[0], addresses: ['10.77.0.2'], state: 'open' }] })
    net.ipFailure = new LinkError('NET_LINK_TUN_MISSING', 'There is none.', { hint: 'Make one.', data: { device: 'nodestead0' } })
    await second()
    expect(said.at(-1)?.ip?.problem).toEqual({ code: 'NET_LINK_TUN_MISSING', message: 'There is none.', hint: 'Make one.', data: { device: 'nodestead0' } })
    expect(await problemOf(caller.link.openIp({ network, device: 'nodestead0', peers }))).toMatchObject({ code: 'NET_LINK_TUN_MISSING' })
    net.ipFailure = undefined
    expect(await problemOf(caller.link.openIp({ network, device: 'nodestead0', peers: [{ ...peers[0], addresses: ['ada'] } as (typeof peers)[0]] }))).toMatchObject({ code: 'NET_LINK_INVALID' })
    for (const change of [{ device: '' }, { peers: [{ peer: PEERS[0], addresses: '10.77.0.2', relayed: false }] }]) expect(await problemOf(caller.link.openIp({ network, device: 'nodestead0', peers, ...change } as never))).toMatchObject({ code: 'API_BAD_INPUT' })
    await caller.link.closeIp({ network })
    await second()
    expect(said.at(-1)?.ip).toBeUndefined()
  })

  it('have a door whose password is told once, and names for peers there', async () => {
    const { caller, clock, node } = await setUp()
    const { said, second } = await follow(clock, caller.link.watch({ network }))
    expect(await caller.link.openSocks({ network, localPort: 1080, relayed: false, password: false })).toBeNull()
    expect(await caller.link.openSocks({ network, localPort: 1080, relayed: true, password: true })).toEqual({ user: 'nodestead', password: 'a-secret-of-the-door' })
    await second()
    expect(said.at(-1)?.socks).toMatchObject({ localPort: 1080, relayed: true, wantsPassword: true, problem: undefined })
    expect(JSON.stringify(said)).not.toMatch(/a-secret|5a5a/)
    expect(said.at(-1)?.host).toBe(linkHost(node.network.localPeerId))
    await caller.link.closeSocks({ network })
    await second()
    expect(said.at(-1)?.socks).toBeUndefined()
    expect(await caller.link.host({ peer: PEERS[0], name: 'web' })).toBe(linkHost(PEERS[0], 'web'))
    expect(await caller.link.host({ peer: linkHost(PEERS[0]).replace('.nodestead', '') })).toBe(linkHost(PEERS[0]))
    expect(await problemOf(caller.link.host({ peer: 'ada' }))).toMatchObject({ code: 'NET_LINK_INVALID' })
  })

  it('are not opened where the network is not', async () => {
    const { caller } = await setUp({ open: false })
    expect(await problemOf(caller.link.openSocks({ network, localPort: 1080, relayed: false, password: true }))).toMatchObject({ code: 'API_NET_OFF' })
  })
})

describe('programs', () => {
  it('are added with a token that is told once, and shown with what they hold', async () => {
    const { caller, clock, net } = await setUp()
    const { said, second } = await follow(clock, caller.programs.watch({ network }))
    const { token } = await caller.programs.add({ network, name: 'weather', scopes: ['topics:news/*', 'metrics'], ownSocket: true })
    expect(net.programs.byToken(token).name).toBe('weather')
    net.connect('weather', 'weatherd 2.1')
    await second()
    expect(said.at(-1)).toMatchObject({
      opening: 'open',
      socket: expect.stringMatching(/net\.sock$/),
      programs: [{ name: 'weather', scopes: ['topics:news/*', 'metrics'], ownSocket: true, socket: expect.stringMatching(/weather\.sock$/), streams: 2, protocols: ['/weather/1'], clients: [{ program: 'weather', software: 'weatherd 2.1', kind: 'session' }] }],
      strangers: [],
    })
    expect(JSON.stringify(said)).not.toContain(token)
    await caller.programs.end({ network, name: 'weather' })
    expect(net.clients.size).toBe(0)
  })

  it('get other scopes, lose their socket, and are revoked', async () => {
    const { caller, net } = await setUp()
    const { token } = await caller.programs.add({ network, name: 'weather', scopes: ['dht'], ownSocket: true })
    await caller.programs.change({ network, name: 'weather', ownSocket: false })
    await caller.programs.change({ network, name: 'weather', scopes: ['events'] })
    expect(net.programs.list()).toMatchObject([{ scopes: ['events'], ownSocket: false }])
    await caller.programs.revoke({ network, name: 'weather' })
    expect(() => net.programs.byToken(token)).toThrow(expect.objectContaining({ code: 'NET_TOKEN_UNKNOWN' }))
  })

  it('refuse names and scopes that are none, with a code for each', async () => {
    const { caller } = await setUp()
    const add = (change: object) => problemOf(caller.programs.add({ network, name: 'weather', scopes: [], ownSocket: false, ...change }))
    expect(await add({ name: 'Weather Station' })).toMatchObject({ code: 'NET_PROGRAM_NAME_INVALID' })
    expect(await add({ scopes: ['everything'] })).toMatchObject({ code: 'NET_SCOPE_INVALID' })
    expect(await add({ name: '' })).toMatchObject({ code: 'API_BAD_INPUT' })
    expect(await add({ scopes: ['x'.repeat(257)] })).toMatchObject({ code: 'API_BAD_INPUT' })
    await caller.programs.add({ network, name: 'weather', scopes: [], ownSocket: false })
    expect(await add({})).toMatchObject({ code: 'NET_PROGRAM_EXISTS' })
    expect(await problemOf(caller.programs.revoke({ network, name: 'other' }))).toMatchObject({ code: 'NET_PROGRAM_UNKNOWN' })
  })
})
