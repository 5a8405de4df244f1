import { beforeEach, describe, expect, it, vi } from 'vitest'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { NodeError } from '../../../node-core/base/errors.ts'
import type { LogRecord } from '../../../node-core/base/logger.ts'
import { CHAIN } from '../../../node-core/manager/kinds/chain/chain.ts'
import { HostedChain } from '../../../node-core/manager/kinds/chain/hosted.ts'
import { NodeManager } from '../../../node-core/manager/manager.ts'
import type { NetworkSummary } from '../../../node-core/manager/types.ts'
import { PEERS, fakePeer } from '../../helpers/fake-network.ts'
import { fetchingState, provingFinality } from '../../helpers/joining-status.ts'
import { StandInNode } from '../../helpers/stand-in-node.ts'

let clock: FakeClock
let nodes: StandInNode[]
let prepare: (node: StandInNode) => void
let manager: NodeManager
let states: string[]
const logs: LogRecord[] = []

const status = () => (manager.networks()[0] as NetworkSummary).status
const settle = () => new Promise((resolve) => setImmediate(resolve))

beforeEach(() => {
  clock = new FakeClock(1_000_000)
  nodes = []
  states = []
  prepare = () => undefined
  manager = new NodeManager(
    {
      kinds: {
        chain: {
          ...CHAIN,
          create: async (_plan, { logger }) => {
            const node = new StandInNode()
            prepare(node)
            nodes.push(node)
            return new HostedChain(node, { logger, clock, chainType: 'Development' })
          },
        },
      },
      plan: () => undefined,
      installation: { chainsPath: '' },
      clock,
      logSinks: [(record) => logs.push(record)],
    },
    { networks: [{ id: 'dev', kind: 'chain', name: 'Development', dataPath: '/data' }], logFilter: { default: 'info' } },
  )
  manager.events.on('status', ({ status: { state } }) => states.push(state))
})

describe('start and stop', () => {
  it('goes through its states, once each', async () => {
    await Promise.all([manager.start('dev'), manager.start('dev')])
    expect(status()).toMatchObject({ state: 'running', startedAt: 1_000_000, producing: true, details: { rpcAddress: '127.0.0.1:9944' }, newest: { number: 0 } })
    await Promise.all([manager.stop('dev'), manager.stop('dev')])
    expect(states).toEqual(['starting', 'running', 'stopping', 'stopped'])
    expect(nodes.map(({ calls }) => calls)).toEqual([['start', 'stop']])
    expect(status()).toMatchObject({ state: 'stopped', newest: undefined, details: undefined, startedAt: undefined })
  })

  it('tells of a peer that comes or goes, though no block does', async () => {
    await manager.start('dev')
    const told: number[] = []
    manager.events.on('status', ({ status: { peers } }) => told.push(peers))
    const { network } = nodes[0] as StandInNode
    for (const connected of [true, false]) {
      network.details = connected ? [fakePeer('p')] : []
      network.peerEvents.emit('changed', { peer: 'p', connected })
      clock.advance(100)
    }
    expect(told).toEqual([1, 0])
  })

  it('tells how much of older data is carried over while the node starts', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    prepare = (node) => Object.assign(node, { start: () => promise })
    const start = manager.start('dev')
    await vi.waitFor(() => expect(nodes).toHaveLength(1))
    await settle()
    nodes[0]?.prepare(0.4)
    clock.advance(100)
    expect(status()).toMatchObject({ state: 'starting', preparing: 0.4 })
    resolve()
    await start
    expect(status()).toMatchObject({ state: 'running', preparing: undefined })
    expect((await manager.disk('dev')).parts).toEqual({ state: 1_100_000_000, blocks: 40_000_000 })
    await manager.stop('dev')
    expect((await manager.disk('dev')).parts).toBeUndefined()
  })

  it('tells each second how a chain is joined; its list of blocks begins when it stands on one', async () => {
    const shares: (number | undefined)[] = []
    prepare = (node) => Object.assign(node, { joiningStatus: fetchingState({ share: 0.2 }) })
    await manager.start('dev')
    const node = nodes[0] as StandInNode
    const { blocks } = node
    expect(manager.latestBlocks('dev', 10)).toEqual([])
    expect(status().details).toMatchObject({ rpcAddress: undefined, joining: { stage: 'state', state: { share: 0.2 } } })
    expect(JSON.stringify(status().details)).not.toContain(PEERS[0])
    manager.events.on('status', ({ status: { details } }) => shares.push(details?.joining?.state?.share))
    node.joiningStatus = fetchingState({ share: 0.4 })
    clock.advance(1000)
    expect(shares).toEqual([0.4])

    const told: number[] = []
    manager.events.on('block', ({ block }) => told.push(block.number))
    const anchor = blocks.add(blocks.genesisHash)
    blocks.setBest(anchor.hash)
    blocks.setFinalized(anchor.hash)
    await settle()
    expect(manager.latestBlocks('dev', 10).map(({ number, finalized }) => [number, finalized])).toEqual([[1, true], [0, true]])
    expect(told).toEqual([0, 1])
    const next = blocks.add(anchor.hash)
    blocks.events.emit('imported', { block: next, header: blocks.header(next.hash)!, isBest: true })
    blocks.setBest(next.hash)
    await settle()
    expect(told).toEqual([0, 1, 2])

    node.joiningStatus = undefined
    clock.advance(1000)
    expect(status().details).toMatchObject({ rpcAddress: '127.0.0.1:9944', joining: undefined })
    // Nothing is looked at any more.
    shares.length = 0
    clock.advance(10_000)
    expect(shares).toEqual([])
  })

  it('shows the blocks of a chain that could not be joined, and is synced from its first one', async () => {
    prepare = (node) => void (node.joiningStatus = provingFinality())
    await manager.start('dev')
    expect(manager.latestBlocks('dev', 10)).toEqual([])
    const node = nodes[0] as StandInNode
    node.joiningStatus = undefined
    clock.advance(1000)
    await settle()
    expect(manager.latestBlocks('dev', 10).map(({ number }) => number)).toEqual([0])
  })

  it('says what a stop waits for, an unfinished or failed start included', async () => {
    const { promise: stopped, resolve: letStop } = Promise.withResolvers<void>()
    const { promise: started, resolve: letStart } = Promise.withResolvers<void>()
    prepare = (node) =>
      Object.assign(node, {
        start: () => started.then(() => Promise.reject(new Error('no'))),
        stop: () => stopped,
        stopping: 'runtime',
      })
    expect(manager.stopping()).toEqual([])
    const start = manager.start('dev').catch(() => undefined)
    const stop = manager.stopAll()
    await settle()
    expect(manager.stopping()).toEqual(['Development'])
    letStart()
    await vi.waitFor(() => expect(manager.stopping()).toEqual(['Development: runtime']))
    letStop()
    await Promise.all([start, stop])
    expect(manager.stopping()).toEqual([])
  })

  it('restarts with a new node', async () => {
    await manager.start('dev')
    await manager.restart('dev')
    expect(nodes.map(({ calls }) => calls)).toEqual([['start', 'stop'], ['start']])
  })

  it('says why a start failed, and starts again when the reason is gone', async () => {
    prepare = (node) => {
      node.startError = new NodeError('RPC_PORT_IN_USE', 'Port 9944 is taken.', { hint: 'Choose another.' })
    }
    await expect(manager.start('dev')).rejects.toThrow('Port 9944 is taken.')
    expect(status()).toMatchObject({ state: 'failed', failure: { code: 'RPC_PORT_IN_USE', message: 'Port 9944 is taken.', hint: 'Choose another.' } })
    expect(nodes[0]?.calls).toEqual(['start', 'stop'])
    prepare = () => undefined
    await manager.start('dev')
    expect(status()).toMatchObject({ state: 'running', failure: undefined })
  })

  it('stops a node that fails while it runs, and keeps the reason', async () => {
    await manager.start('dev')
    nodes[0]?.fail(new Error('the disk is full'))
    await settle()
    expect(status()).toMatchObject({ state: 'failed', failure: { code: 'INTERNAL', message: 'the disk is full' } })
    expect(nodes[0]?.calls).toEqual(['start', 'stop'])
    await manager.stop('dev')
    expect(status().state).toBe('stopped')
  })

  it('knows its networks', async () => {
    await expect(manager.start('mars')).rejects.toMatchObject({ code: 'NETWORK_UNKNOWN' })
  })
})

describe('what it tells', () => {
  it('announces at most ten statuses a second, and the last one always', async () => {
    await manager.start('dev')
    const chain = (nodes[0] as StandInNode).blocks
    const bests: (number | undefined)[] = []
    manager.events.on('status', (summary) => bests.push(summary.status.newest?.number))
    clock.advance(1000)
    for (let i = 0; i < 5; i++) chain.setBest(chain.add(chain.best().hash).hash)
    clock.advance(1000)
    expect(bests).toEqual([1, 5])
  })

  it('shows blocks newest first and knows which are final', async () => {
    await manager.start('dev')
    const chain = (nodes[0] as StandInNode).blocks
    const shown: number[] = []
    manager.events.on('block', ({ block }) => shown.push(block.number))
    for (let i = 0; i < 3; i++) {
      const block = chain.add(chain.best().hash, [Uint8Array.of(0)])
      chain.setBest(block.hash)
      chain.events.emit('imported', { block, header: chain.header(block.hash) as never, isBest: true })
    }
    await settle()
    chain.setFinalized(chain.hashByNumber(2) as `0x${string}`)
    expect(shown).toEqual([1, 2, 3])
    expect(manager.latestBlocks('dev', 2)).toMatchObject([
      { number: 3, finalized: false, author: 'Alice', extrinsics: 1 },
      { number: 2, finalized: true },
    ])
  })

  it('leaves no listener behind when a node stops', async () => {
    await manager.start('dev')
    const { events } = (nodes[0] as StandInNode).blocks
    expect(events.listenerCount('imported')).toBe(1)
    await manager.stop('dev')
    for (const name of ['imported', 'bestChanged', 'finalized'] as const) expect(events.listenerCount(name)).toBe(0)
  })

  it('remembers the log', () => {
    const heard: string[] = []
    manager.events.on('log', ({ message }) => heard.push(message))
    manager.logger.child('core').info('one', { number: 1 })
    manager.logger.info('two')
    expect(manager.recentLogs(1)).toMatchObject([{ module: 'manager', message: 'two' }])
    expect(heard).toEqual(['one', 'two'])
    expect(logs.slice(-2).map(({ module }) => module)).toEqual(['core', 'manager'])
  })
})
