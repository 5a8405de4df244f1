/** A kind of node that is only in the table: the manager, the troubles, the window's screens and the API know it without a word of their own. */
import { getTRPCErrorFromUnknown } from '@trpc/server'
import { beforeEach, describe, expect, it } from 'vitest'
import { appRouter } from '../../../node-core/api/router.ts'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { NodeError } from '../../../node-core/base/errors.ts'
import { CHAIN } from '../../../node-core/manager/kinds/chain/chain.ts'
import { NodeManager } from '../../../node-core/manager/manager.ts'
import type { NetworkSummary } from '../../../node-core/manager/types.ts'
import { offeredScreens } from '../../../renderer/text/screens.ts'
import { MadeUpKind, type HostedMadeUp, type MadeUpNode } from '../../helpers/made-up-kind.ts'

let clock: FakeClock
let prepare: (node: MadeUpNode) => void
let kind: MadeUpKind
let manager: NodeManager

const summary = (): NetworkSummary => manager.networks()[0] as NetworkSummary
const hosted = (): HostedMadeUp => kind.hosted as HostedMadeUp
const codes = (): string[] => manager.troubles('mesh').map(({ code }) => code)

beforeEach(() => {
  clock = new FakeClock(1_000_000)
  prepare = () => undefined
  kind = new MadeUpKind((node) => prepare(node))
  manager = new NodeManager(
    { kinds: { chain: CHAIN, 'made-up': kind }, plan: ({ id }) => `plan of ${id}`, installation: { chainsPath: '' }, clock, logSinks: [] },
    { networks: [{ id: 'mesh', kind: 'made-up', name: 'Mesh', dataPath: '/made-up' }], logFilter: { default: 'off' } },
  )
})

describe('a further kind of node', () => {
  it('starts and stops, built with its own plan, and its progress is the status', async () => {
    expect(summary()).toMatchObject({ kind: 'made-up', status: { state: 'stopped', chainName: 'Mesh', newest: undefined, producing: false } })
    await manager.start('mesh')
    expect(hosted().node.plan).toBe('plan of mesh')
    expect(summary().status).toMatchObject({
      state: 'running', chainName: 'Mesh of nobody', newest: { number: 0 }, settled: { number: 0 }, catchingUp: { highest: 9 }, producing: true, intervalMs: 300_000, details: undefined,
    })
    clock.advance(1000)
    hosted().node.newest = { number: 7, hash: '0x07' }
    hosted().listener?.onNewest()
    expect(summary().status).toMatchObject({ newest: { number: 7 }, newestChangedAt: 1_001_000 })
    await manager.stop('mesh')
    expect(hosted().node.calls).toEqual(['start', 'stop'])
    expect(hosted().listener).toBeUndefined()
  })

  it('tells of a block and of what is settled as it comes', async () => {
    const told: unknown[] = []
    manager.events.on('block', (event) => told.push(event))
    manager.events.on('finalized', (event) => told.push(event))
    await manager.start('mesh')
    const block = { number: 1, hash: '0x01', parentHash: '0x00', author: undefined, extrinsics: 0, time: 5, finalized: false } as const
    hosted().listener?.onBlock(block)
    hosted().listener?.onSettled({ number: 1, hash: '0x01' })
    expect(told).toEqual([{ network: 'mesh', block }, { network: 'mesh', head: { number: 1, hash: '0x01' } }])
  })

  it('says in its own way why it failed, and waits for a person where only one can help', async () => {
    prepare = (node) => (node.startError = new NodeError('MADE_UP_PORT_TAKEN', 'Taken.', { data: { port: 7513 } }))
    await expect(manager.start('mesh')).rejects.toThrow('Taken.')
    expect(manager.troubles('mesh')).toMatchObject([{ code: 'port-in-use', purpose: 'rpc', port: 7513, outlook: undefined }])
    prepare = (node) => (node.startError = new Error('no'))
    await expect(manager.start('mesh')).rejects.toThrow('no')
    expect(codes()).toEqual(['node-failed'])
  })

  it('adds its own troubles, and leaves out what does not concern it', async () => {
    prepare = (node) => (node.surroundings.expectsPeers = true)
    await manager.start('mesh')
    clock.advance(70_000)
    expect(codes()).toEqual(['router'])
    hosted().node.surroundings.clockReading = { offsetMs: 60_000, peers: 2 }
    clock.advance(5_000)
    expect(codes()).toEqual(['clock-wrong', 'router'])
  })

  it('is offered the screens of every kind and its own', () => {
    expect(offeredScreens(summary().screens).map(({ id }) => id)).toEqual(['overview', 'peers', 'topics', 'metrics', 'keys', 'logs', 'settings', 'about'])
    expect(offeredScreens(CHAIN.screens)).toHaveLength(offeredScreens(undefined).length)
  })

  it('is told by the API that what belongs to chains is not there, and has the rest', async () => {
    const api = appRouter.createCaller({ manager, app: { name: 'Nodestead', version: '1', host: 'headless', platform: 'linux' }, clock })
    await manager.start('mesh')
    const refused = [
      api.sync.status({ network: 'mesh' }),
      api.blocks.latest({ network: 'mesh', count: 1 }),
      api.explorer.search({ network: 'mesh', text: '1' }),
      api.keys.state({ network: 'mesh' }),
    ]
    const errors = (await Promise.allSettled(refused)).map((result) => getTRPCErrorFromUnknown(result.status === 'rejected' ? result.reason : undefined))
    expect(errors.map(({ code, cause }) => [code, (cause as NodeError | undefined)?.code])).toEqual(Array.from(refused, () => ['PRECONDITION_FAILED', 'API_OTHER_KIND']))
    expect(await api.peers.list({ network: 'mesh' })).toEqual([])
    expect(await api.networks.list()).toMatchObject([{ id: 'mesh', kind: 'made-up', screens: ['keys', 'layers'] }])
  })

  it('has to be in the table', async () => {
    await expect(manager.setNetwork({ id: 'x', kind: 'unheard-of', name: 'X', dataPath: '/x' })).rejects.toMatchObject({ code: 'NETWORK_KIND_UNKNOWN' })
  })
})
