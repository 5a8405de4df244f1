/** What the API says of a network whose members a file fixes: its check before it is a setting, the members, and what the network knows of QUIC and of relaying. */
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getTRPCErrorFromUnknown } from '@trpc/server'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { appRouter } from '../../../node-core/api/router.ts'
import { toProblem } from '../../../node-core/api/trpc.ts'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { chainProfileSchema, nodeOptionsOf } from '../../../node-core/manager/kinds/chain/profile.ts'
import { FakeManager, type FakeRunningNode } from '../../helpers/fake-manager.ts'
import { PEERS } from '../../helpers/fake-network.ts'
import { writeNetworkKey } from '../../helpers/network-key-file.ts'

let folder = ''
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'nodestead-members-'))))
afterEach(() => rm(folder, { recursive: true, force: true }))

async function setUp() {
  const clock = new FakeClock(1_000_000)
  const manager = new FakeManager({ clock })
  await manager.start('dev')
  const abort = new AbortController()
  const app = { name: 'Nodestead', version: '1.2.3', host: 'headless', platform: 'linux' } as const
  return { abort, node: manager.node('dev') as FakeRunningNode, caller: appRouter.createCaller({ manager, app, clock }, { signal: abort.signal }) }
}

const problemOf = async (asked: Promise<unknown>) => asked.then(() => undefined, (error: unknown) => toProblem(getTRPCErrorFromUnknown(error)))

describe('a file that a setting names', () => {
  it('is told with its members, or with what is wrong in it', async () => {
    const { caller } = await setUp()
    const path = join(folder, 'peers.json')
    const check = () => caller.settings.checkFile({ kind: 'topologyFile', path })
    expect(await problemOf(check())).toMatchObject({ code: 'NETWORK_TOPOLOGY_UNREADABLE', hint: expect.not.stringContaining('--') as unknown })
    await writeFile(path, JSON.stringify({ peers: PEERS.map((id) => ({ id, addresses: [] })) }))
    expect(await check()).toEqual({ members: 3 })
    await writeFile(path, '{"peers":[{"id":"ada","addresses":[]}]}')
    expect(await problemOf(check())).toMatchObject({ code: 'NETWORK_TOPOLOGY_INVALID', data: { problem: 'peer-id', subject: 'ada' } })
    expect(await problemOf(caller.settings.checkFile({ kind: 'topologyFile', path: '' }))).toMatchObject({ code: 'API_BAD_INPUT' })
  })

  it('is no key, or is one of which nothing is said; it stays as it is', async () => {
    const { caller } = await setUp()
    const [path, notes] = [join(folder, 'swarm.key'), join(folder, 'notes.txt')]
    await writeNetworkKey(path)
    await writeFile(notes, 'my notes')
    for (const file of [path, notes]) await chmod(file, 0o644)
    expect(await caller.settings.checkFile({ kind: 'networkKeyFile', path })).toEqual({ members: undefined })
    const problem = await problemOf(caller.settings.checkFile({ kind: 'networkKeyFile', path: notes }))
    expect(problem).toMatchObject({ code: 'NETWORK_KEY_INVALID' })
    expect(JSON.stringify(problem)).not.toContain('my notes')
    if (process.platform !== 'win32') for (const file of [path, notes]) expect((await stat(file)).mode & 0o777).toBe(0o644)
  })

  it('is an option of the node only where there is one', () => {
    const profile = (network: object) => chainProfileSchema.parse({ id: 'dev', kind: 'chain', chain: { kind: 'known', name: 'dev' }, folder, settings: { name: 'Mine', network } })
    expect(nodeOptionsOf(profile({})).network).toMatchObject({ quic: false, topologyFile: undefined, networkKeyFile: undefined })
    const files = { topologyFile: join(folder, 'peers.json'), networkKeyFile: join(folder, 'swarm.key') }
    expect(nodeOptionsOf(profile({ quic: true, ...files })).network).toMatchObject({ quic: true, ...files })
    expect(() => profile({ topologyFile: 'peers.json' })).toThrow()
  })
})

it('members, QUIC and what is given as a relay are told as they are', async () => {
  const { caller, node, abort } = await setUp()
  const topology = { path: '/peers.json', problem: undefined, members: [{ id: PEERS[0], addresses: [], connected: false, failure: { code: 'NETWORK_DIAL_OTHER_PEER', at: 1, nextAt: 2, found: PEERS[1] } }] }
  node.network.topologyIs = topology
  node.network.quicIs = { state: 'unavailable', why: 'no-socket', reason: 'x' }
  for await (const batch of await caller.peers.members({ network: 'dev' })) {
    expect(batch).toEqual({ topology })
    break
  }
  for await (const batch of await caller.traffic.watch({ network: 'dev' })) {
    expect(batch).toMatchObject({ quic: { state: 'unavailable', why: 'no-socket' }, relay: undefined })
    break
  }
  abort.abort()
})
