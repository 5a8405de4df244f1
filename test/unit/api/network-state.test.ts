/** Peers, topics, sync and traffic as a client of the API sees them. */
import { getTRPCErrorFromUnknown } from '@trpc/server'
import { describe, expect, it } from 'vitest'
import { Rates } from '../../../node-core/api/network/rates.ts'
import { appRouter } from '../../../node-core/api/router.ts'
import { toProblem } from '../../../node-core/api/trpc.ts'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { dialError } from '../../../node-core/network/host/dial.ts'
import { FakeManager, type FakeRunningNode } from '../../helpers/fake-manager.ts'
import { PEERS, fakePeer, fakeTopic } from '../../helpers/fake-network.ts'
import { syncStatus } from '../chain/rpc/fakes.ts'

const network = 'dev'

async function setUp({ started = true } = {}) {
  const clock = new FakeClock(1_000_000)
  const manager = new FakeManager({ clock })
  if (started) await manager.start(network)
  const abort = new AbortController()
  const app = { name: 'Nodestead', version: '1.2.3', host: 'headless', platform: 'linux' } as const
  const caller = appRouter.createCaller({ manager, app, clock }, { signal: abort.signal })
  return { clock, manager, abort, caller, node: manager.node(network) as FakeRunningNode }
}

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

/** A subscription, second by second: what it said since the last time, or undefined. */
async function follow<T>(clock: FakeClock, subscription: Promise<AsyncIterable<T>>) {
  const iterator = (await subscription)[Symbol.asyncIterator]() as AsyncIterator<T, unknown, undefined>
  const said: T[] = []
  let ended = false
  void (async () => {
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) said.push(next.value)
    ended = true
  })()
  await settle()
  return {
    get ended() {
      return ended
    },
    now: () => said.splice(0),
    async second(): Promise<T | undefined> {
      // The pause after a batch, then the rest of the second.
      clock.advance(100)
      await settle()
      clock.advance(900)
      await settle()
      return said.shift()
    },
  }
}

/** All that a subscription says until it ends. */
async function outcomes<T>(subscription: AsyncIterable<T>): Promise<T[]> {
  const said: T[] = []
  for await (const one of subscription) said.push(one)
  return said
}

async function problemOf(work: Promise<unknown>) {
  try {
    await work
  } catch (thrown) {
    return toProblem(getTRPCErrorFromUnknown(thrown))
  }
  throw new Error('it did not fail')
}

describe('peers', () => {
  it('are listed, reserved ones marked, and none while the node does not run', async () => {
    const { caller, node, manager } = await setUp()
    node.network.details = [fakePeer(PEERS[0]), fakePeer(PEERS[1])]
    node.network.reserved = [PEERS[1]]
    expect((await caller.peers.list({ network })).map(({ peerId, reserved }) => [peerId, reserved])).toEqual([[PEERS[0], false], [PEERS[1], true]])
    await manager.stop(network)
    expect(await caller.peers.list({ network })).toEqual([])
    expect((await problemOf(caller.peers.list({ network: 'none' }))).code).toBe('API_UNKNOWN_NETWORK')
  })

  it('are watched: all first, then once a second what changed and who left', async () => {
    const { caller, node, clock, abort } = await setUp()
    node.network.details = [fakePeer(PEERS[0]), fakePeer(PEERS[1])]
    const watch = await follow(clock, caller.peers.watch({ network }))
    expect(watch.now()).toMatchObject([{ reset: true, changed: [{ peerId: PEERS[0] }, { peerId: PEERS[1] }], left: [] }])
    expect(await watch.second()).toBeUndefined()
    node.network.details = [fakePeer(PEERS[1], { bytesIn: 2000 }), fakePeer(PEERS[2])]
    expect(await watch.second()).toMatchObject({ reset: false, changed: [{ peerId: PEERS[1], bytesIn: 2000 }, { peerId: PEERS[2] }], left: [PEERS[0]] })
    expect(await watch.second()).toMatchObject({ changed: [{ peerId: PEERS[1], perSecond: { bytesIn: 333 } }], left: [] })
    abort.abort()
    await settle()
    expect([watch.ended, clock.nextDue()]).toEqual([true, undefined])
  })

  it('begin anew with another node', async () => {
    const { caller, node, clock, manager } = await setUp()
    node.network.details = [fakePeer(PEERS[0])]
    const watch = await follow(clock, caller.peers.watch({ network }))
    watch.now()
    await manager.restart(network)
    const second = manager.node(network) as FakeRunningNode
    second.network.details = [fakePeer(PEERS[0])]
    expect(await watch.second()).toMatchObject({ reset: true, changed: [{ peerId: PEERS[0] }] })
    await manager.stop(network)
    expect(await watch.second()).toEqual({ reset: true, changed: [], left: [], bans: [], reserved: [] })
  })

  it('are banned, pardoned, disconnected and reserved', async () => {
    const { caller, node } = await setUp()
    const [peer] = PEERS
    const address = `/ip4/192.0.2.1/tcp/30333/p2p/${peer}`
    node.network.details = [fakePeer(peer)]
    await caller.peers.ban({ network, peer, minutes: 90 })
    await caller.peers.pardon({ network, peer })
    node.network.details = [fakePeer(peer)]
    await caller.peers.disconnect({ network, peer })
    expect(await outcomes(await caller.peers.connect({ network, address: ` ${address}\n` }))).toEqual([{ kind: 'connected' }])
    expect(await outcomes(await caller.peers.connect({ network, address }))).toEqual([{ kind: 'already' }])
    await caller.peers.removeReserved({ network, peer })
    expect(node.network.actions).toEqual([`ban ${peer} 5400000`, `pardon ${peer}`, `disconnect ${peer}`, `add ${address}`, `add ${address}`, `remove ${peer}`])
    node.network.banned = [{ peerId: peer, until: 5, reason: 'by-hand', times: 1 }]
    expect(await caller.peers.bans({ network })).toHaveLength(1)
  })

  it('that cannot be reached say why, and whether they are called again', async () => {
    const { caller, node } = await setUp()
    const [peer, other] = PEERS
    const address = `/ip4/192.0.2.1/tcp/30333/p2p/${peer}`
    node.network.refusal = dialError('NETWORK_DIAL_OTHER_PEER', undefined, { found: other })
    expect(await outcomes(await caller.peers.connect({ network, address }))).toEqual([{ kind: 'failed', code: 'NETWORK_DIAL_OTHER_PEER', found: other, reserved: true }])
    await caller.peers.removeReserved({ network, peer })
    node.network.refusal = dialError('NETWORK_DIAL_BANNED')
    expect(await outcomes(await caller.peers.connect({ network, address }))).toEqual([{ kind: 'failed', code: 'NETWORK_DIAL_BANNED', found: undefined, reserved: false }])
  })

  it('are called until the listener goes', async () => {
    const { caller, node, abort } = await setUp()
    const heard = outcomes(await caller.peers.connect({ network, address: `/ip4/192.0.2.1/tcp/1/p2p/${PEERS[0]}` }))
    await settle()
    expect(node.network.waitingCalls).toBe(1)
    abort.abort()
    await heard
    expect([node.network.waitingCalls, node.network.reservedPeers()]).toEqual([0, [PEERS[0]]])
  })

  it('refuses what makes no sense, in sentences', async () => {
    const { caller, node, manager } = await setUp()
    const [peer] = PEERS
    for (const minutes of [0, -1, 1.5, 1e9, NaN]) expect((await problemOf(caller.peers.ban({ network, peer, minutes }))).code).toBe('API_BAD_INPUT')
    expect((await problemOf(caller.peers.ban({ network, peer: '../../x', minutes: 1 }))).message).toContain('not a peer id')
    expect(await problemOf(caller.peers.disconnect({ network, peer }))).toMatchObject({ code: 'API_PEER_UNKNOWN', message: 'This peer is no longer connected.' })
    expect(await problemOf(caller.peers.connect({ network, address: '/ip4/192.0.2.1/tcp/1' }).then(outcomes))).toMatchObject({
      code: 'NETWORK_ADDRESS_INVALID',
      message: expect.stringContaining('has no peer id'),
      hint: expect.not.stringContaining('--'),
    })
    expect((await problemOf(caller.peers.connect({ network, address: 'x'.repeat(600) }).then(outcomes))).code).toBe('API_BAD_INPUT')
    expect(node.network.actions).toEqual([])
    await manager.stop(network)
    expect(await problemOf(caller.peers.ban({ network, peer, minutes: 1 }))).toMatchObject({ code: 'API_NODE_NOT_RUNNING', hint: 'Start the node first.' })
  })
})

describe('topics', () => {
  it('have counters and rates per second, which begin anew with another node', async () => {
    const { caller, node, clock, manager } = await setUp()
    node.network.topics = [fakeTopic({ messagesIn: 100, bytesIn: 5000, subscribers: 3 })]
    const watch = await follow(clock, caller.topics.watch({ network }))
    expect(watch.now()).toMatchObject([{ topics: [{ topic: 'block-announces', messagesIn: 100, subscribers: 3, perSecond: { messagesIn: 0 } }] }])
    node.network.topics = [fakeTopic({ messagesIn: 110, bytesIn: 5500, duplicates: 4, dropped: 1, subscribers: 3 })]
    expect((await watch.second())?.topics[0]?.perSecond).toEqual({ messagesIn: 10, messagesOut: 0, bytesIn: 500, bytesOut: 0, duplicates: 4, dropped: 1, rejected: 0 })
    await manager.restart(network)
    ;(manager.node(network) as FakeRunningNode).network.topics = [fakeTopic({ messagesIn: 500 })]
    expect((await watch.second())?.topics[0]).toMatchObject({ messagesIn: 500, perSecond: { messagesIn: 0 } })
  })
})

describe('the inspector', () => {
  const problemOf = async (subscription: AsyncIterable<unknown>): Promise<string | undefined> => {
    try {
      await outcomes(subscription)
      return undefined
    } catch (error) {
      return toProblem(getTRPCErrorFromUnknown(error)).code
    }
  }

  it('shows what goes by on a topic, of whatever kind', async () => {
    const { caller, clock, node, abort } = await setUp()
    const inspecting = await follow(clock, caller.topics.inspect({ network, topic: 'grandpa' }))
    expect(inspecting.now()).toEqual([{ isLooking: true, messages: [], skipped: 0 }])
    const message = { at: 1, direction: 'in', peer: PEERS[0], size: 3, fate: 'accepted', reason: undefined, content: { kind: 'of-its-owner' }, hex: '0x' } as const
    node.network.pass('grandpa', message)
    expect(await inspecting.second()).toEqual({ isLooking: true, messages: [message], skipped: 0 })
    abort.abort()
    await settle()
    expect([inspecting.ended, node.network.inspectors.size]).toEqual([true, 0])
  })

  it('says that the node has no such topic, at once or as soon as it runs', async () => {
    const { caller, manager, clock } = await setUp({ started: false })
    const early = caller.topics.inspect({ network, topic: 'weather' }).then(problemOf)
    await settle()
    const starting = manager.start(network)
    for (let i = 0; i < 5; i++) {
      clock.advance(1000)
      await settle()
    }
    await starting
    expect(await early).toBe('NETWORK_TOPIC_UNKNOWN')
    expect(await caller.topics.inspect({ network, topic: 'weather' }).then(problemOf)).toBe('NETWORK_TOPIC_UNKNOWN')
  })
})

describe('sync', () => {
  it('is told and watched, only where it changed', async () => {
    const { caller, node, clock } = await setUp()
    const watch = await follow(clock, caller.sync.watch({ network }))
    expect(watch.now()).toEqual([{ status: undefined }])
    node.syncStatus = syncStatus(0, 10, 500)
    expect(await watch.second()).toEqual({ status: node.syncStatus })
    expect(await watch.second()).toBeUndefined()
    expect(await caller.sync.status({ network })).toMatchObject({ currentBlock: 10, highestBlock: 500 })
  })
})

describe('traffic and metrics', () => {
  it('are told while the node runs', async () => {
    const { caller, node, clock, manager } = await setUp()
    node.network.bytes = { bytesIn: 1000, bytesOut: 0 }
    const watch = await follow(clock, caller.traffic.watch({ network }))
    expect(watch.now()).toMatchObject([{ total: { bytesIn: 1000 }, perSecond: { bytesIn: 0 }, protocols: [{ protocol: '/sync/2' }], nat: { status: 'off' } }])
    node.network.bytes = { bytesIn: 3000, bytesOut: 100 }
    expect(await watch.second()).toMatchObject({ perSecond: { bytesIn: 2000, bytesOut: 100 } })
    node.families = [{ name: 'one', help: 'One.', type: 'gauge', samples: [{ labels: {}, value: 1 }] }]
    expect(await caller.metrics.latest({ network })).toEqual(node.families)
    await manager.stop(network)
    expect(await watch.second()).toMatchObject({ total: { bytesIn: 0 }, addresses: [], nat: undefined })
    expect(await caller.metrics.latest({ network })).toEqual([])
  })
})

describe('rates', () => {
  it('are those of the last five seconds', () => {
    const clock = new FakeClock()
    const rates = new Rates<'n'>(clock)
    expect(rates.add({ n: 1000 })).toEqual({ n: 0 })
    const seen: number[] = []
    for (const n of [1010, 1020, 1030, 1040, 1050, 1050, 1050, 1050, 1050, 1050]) {
      clock.advance(1000)
      seen.push(rates.add({ n }).n)
    }
    expect(seen).toEqual([10, 10, 10, 10, 10, 8, 6, 4, 2, 0])
    clock.advance(1000)
    expect(rates.add({ n: 3 })).toEqual({ n: 0 })
  })
})
