/** A data folder that is not the one that was used last: never a new chain in silence, and always a way on. */
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { GuardedNetwork } from './guarded-network.ts'

const PATIENT = { timeout: 30_000 }

let userData: string
let network: GuardedNetwork

beforeEach(async () => {
  userData = await mkdtemp(join(tmpdir(), 'nodestead-guard-'))
  network = new GuardedNetwork(userData)
})
afterEach(async () => {
  await network.manager.stopAll()
  await rm(userData, { recursive: true, force: true })
})

/** The app is opened again. */
function reopen(): GuardedNetwork {
  const { blocks } = network
  network = new GuardedNetwork(userData)
  network.blocks = blocks
  return network
}

const start = (): Promise<unknown> => network.manager.start('dev').then(() => 'running', (error: unknown) => error)
const marker = async (): Promise<Record<string, unknown>> => JSON.parse(await readFile(join(network.dataPath, 'instance.json'), 'utf8')) as Record<string, unknown>

/** It does not start for this reason, has its card, and nothing was made in its place. */
async function expectFault(code: string, reason: string): Promise<void> {
  const before = await listing()
  expect(await start()).toMatchObject({ code })
  expect(network.status.state).toBe('failed')
  expect(network.troubles).toMatchObject([{ code: 'data-folder', reason, path: network.dataPath, soleAuthority: true, actions: ['start'] }])
  expect(await listing()).toEqual(before)
}

const listing = (): Promise<string[] | undefined> => readdir(network.dataPath, { recursive: true }).then((names) => names.sort(), () => undefined)

describe('the first start', () => {
  it('of a new network is not hindered, and marks its folder', async () => {
    expect(await start()).toBe('running')
    await network.manager.stop('dev')
    expect(await marker()).toMatchObject({ network: network.node?.blocks.genesisHash, instance: expect.stringMatching(/^[0-9a-f]{32}$/) as string, clean: true })
    expect((await stat(join(network.dataPath, 'instance.json'))).mode & 0o777).toBe(0o600)
  })

  it('in a folder of an earlier version marks it in silence', async () => {
    await network.run(3)
    await rm(join(network.dataPath, 'instance.json'))
    await rm(join(userData, 'data-folders.json'))
    expect(await reopen().manager.start('dev').then(() => 'running')).toBe('running')
    await network.manager.stop('dev')
    expect(await marker()).toMatchObject({ clean: true, newest: { number: 3 } })
  })
})

describe('before a start', () => {
  beforeEach(() => network.run(10))

  it('the same folder is no news, after a restart of the app neither', async () => {
    expect(await start()).toBe('running')
    await network.manager.stop('dev')
    await network.memory.flush()
    reopen()
    expect(await start()).toBe('running')
    expect(network.seen).toEqual([{ newest: 10, settled: 8 }])
  })

  it('a folder that was renamed is gone; when it is back, the node goes on', async () => {
    await rename(network.dataPath, `${network.dataPath}-elsewhere`)
    await expectFault('DATA_FOLDER_GONE', 'gone')
    await rename(`${network.dataPath}-elsewhere`, network.dataPath)
    await network.manager.mend('dev', 'data-folder', 'start')
    expect([network.status.state, network.troubles]).toEqual(['running', []])
  })

  it('a place without its disk is empty', async () => {
    await rm(network.dataPath, { recursive: true })
    await mkdir(network.dataPath)
    await expectFault('DATA_FOLDER_EMPTY', 'empty')
  })

  it('a file in its place is told', async () => {
    await rm(network.dataPath, { recursive: true })
    await writeFile(network.dataPath, '')
    await expectFault('DATA_FOLDER_NOT_A_FOLDER', 'not-a-folder')
  })

  it.skipIf(process.getuid?.() === 0 || process.platform === 'win32')('a folder without permission is told, and left as it is', async () => {
    await chmod(network.dataPath, 0o500)
    expect(await start()).toMatchObject({ code: 'DATA_FOLDER_DENIED' })
    await chmod(network.dataPath, 0o700)
  })

  it('the data of another network are told, and not touched', async () => {
    const other = new GuardedNetwork(join(userData, 'other'))
    other.genesis = `0x${'ab'.repeat(32)}`
    await other.run(2)
    await rm(network.dataPath, { recursive: true })
    await cp(other.dataPath, network.dataPath, { recursive: true })
    await expectFault('DATA_FOLDER_OTHER_NETWORK', 'other-network')
  })

  it('the data of another node are told; they can be used as they are', async () => {
    const other = new GuardedNetwork(join(userData, 'other'))
    await other.run(2)
    await rm(network.dataPath, { recursive: true })
    await cp(other.dataPath, network.dataPath, { recursive: true })
    await expectFault('DATA_FOLDER_OTHER_INSTANCE', 'other-instance')
    network.blocks = 2
    await network.manager.useAsItIs('dev')
    expect(network.status).toMatchObject({ state: 'running', newest: { number: 2 } })
    await network.manager.stop('dev')
    expect(await start()).toBe('running')
  })

  it('a copy from before there were markers is told by its identity', async () => {
    const other = new GuardedNetwork(join(userData, 'other'))
    await other.run()
    await rm(join(network.dataPath, 'instance.json'))
    expect(await start()).toBe('running')
    await network.manager.stop('dev')
    await rm(join(network.dataPath, 'instance.json'))
    await cp(join(other.dataPath, 'network'), join(network.dataPath, 'network'), { recursive: true })
    await expectFault('DATA_FOLDER_OTHER_INSTANCE', 'other-instance')
  })

  it.each([
    ['db', 'DATA_FOLDER_NO_DATABASE', 'no-database'],
    ['network', 'DATA_FOLDER_NO_IDENTITY', 'no-identity'],
  ])('a folder without %s is told', async (part, code, reason) => {
    await rm(join(network.dataPath, part), { recursive: true })
    await expectFault(code, reason)
    await network.manager.useAsItIs('dev')
    expect(network.status.state).toBe('running')
  })

  it('keys that are missing are told, and keys that were removed one by one are not', async () => {
    const keystore = join(network.dataPath, 'keystore')
    await mkdir(keystore)
    await writeFile(join(keystore, 'passphrase.json'), '{}')
    await writeFile(join(keystore, 'sr25519-babe-00.json'), '{}')
    await network.run()
    await rm(join(keystore, 'sr25519-babe-00.json'))
    await network.run()
    await rm(keystore, { recursive: true })
    await expectFault('DATA_FOLDER_NO_KEYS', 'no-keys')
  })

  it('the node is told how far the data had come: all of it after a stop, less after a crash', async () => {
    await start()
    network.import(20)
    await network.pass(65_000)
    // Neither stopped nor told: another program on the same folders.
    await network.memory.flush()
    const crashed = reopen()
    await start()
    expect(crashed.seen).toEqual([{ newest: 30 - 8, settled: 28 }])
  })

  it('where only the database was restored, the marker beside it knows better', async () => {
    await rm(join(userData, 'data-folders.json'))
    reopen()
    await start()
    expect(network.seen).toEqual([{ newest: 10, settled: 8 }])
  })
})

describe('to begin anew', () => {
  beforeEach(() => network.run(10))

  it('after the folder is gone makes a new one, which is remembered from then on', async () => {
    await rename(network.dataPath, `${network.dataPath}-elsewhere`)
    await start()
    network.blocks = 0
    await network.manager.beginAnew('dev')
    expect(network.status).toMatchObject({ state: 'running', newest: { number: 0 } })
    await network.manager.stop('dev')
    expect(await start()).toBe('running')
    // The old one is another's now.
    await network.manager.stop('dev')
    await rm(network.dataPath, { recursive: true })
    await rename(`${network.dataPath}-elsewhere`, network.dataPath)
    await expectFault('DATA_FOLDER_OTHER_INSTANCE', 'other-instance')
  })

  it('puts the database aside and keeps identity and keys, while the node runs too', async () => {
    await start()
    const { instance, peerId } = await marker()
    network.blocks = 0
    await network.manager.beginAnew('dev')
    expect(network.status).toMatchObject({ state: 'running', newest: { number: 0 } })
    expect(await marker()).toMatchObject({ instance, peerId })
    expect((await readdir(network.dataPath)).filter((name) => name.startsWith('db.aside-'))).toHaveLength(1)
  })

  it('keeps nothing aside where that was said, and keeps no keys where that was said', async () => {
    await network.manager.beginAnew('dev', { discard: true })
    expect((await readdir(network.dataPath)).filter((name) => name.startsWith('db.aside-'))).toEqual([])
    const { peerId } = await marker()
    await network.manager.beginAnew('dev', { keepKeys: false })
    expect((await marker())['peerId']).not.toBe(peerId)
    expect((await readdir(join(network.dataPath, '..'))).filter((name) => name.startsWith('dev.aside-'))).toHaveLength(1)
  })

  it("puts another node's data aside as a whole: its identity is not taken on", async () => {
    const other = new GuardedNetwork(join(userData, 'other'))
    await other.run(2)
    await rm(network.dataPath, { recursive: true })
    await cp(other.dataPath, network.dataPath, { recursive: true })
    await start()
    await network.manager.beginAnew('dev')
    const { peerId: others } = other.memory.get('dev') ?? {}
    expect((await marker())['peerId']).not.toBe(others)
    const [aside = ''] = (await readdir(join(network.dataPath, '..'))).filter((name) => name.startsWith('dev.aside-'))
    expect(await readdir(join(network.dataPath, '..', aside))).toEqual(await readdir(other.dataPath))
  })
})

describe('while the node runs', () => {
  beforeEach(async () => {
    await network.run(10)
    await start()
  })

  it.each([
    ['deleted', 'gone', () => rm(network.dataPath, { recursive: true })],
    ['renamed', 'gone', () => rename(network.dataPath, `${network.dataPath}-elsewhere`)],
    ['emptied', 'empty', async () => {
      for (const name of await readdir(network.dataPath)) await rm(join(network.dataPath, name), { recursive: true })
    }],
    ['short of its database', 'no-database', () => rm(join(network.dataPath, 'db'), { recursive: true })],
    ['replaced by a copy of itself', 'replaced', async () => {
      await cp(network.dataPath, `${network.dataPath}-copy`, { recursive: true })
      await rename(network.dataPath, `${network.dataPath}-old`)
      await rename(`${network.dataPath}-copy`, network.dataPath)
    }],
  ])('a folder that is %s stops it within seconds, and nothing is made in its place', async (_what, reason, change) => {
    const { node } = network
    await network.pass(5_000)
    expect([network.status.state, network.troubles]).toEqual(['running', []])
    await change()
    const before = await listing()
    await network.pass(5_000)
    await vi.waitFor(() => expect([network.status.state, node?.calls]).toEqual(['failed', ['stop']]))
    expect(network.troubles).toMatchObject([{ code: 'data-folder', reason }])
    // How far it had come is still said.
    expect(network.status.newest).toMatchObject({ number: 10 })
    expect(await listing()).toEqual(before)
  })

  it('a marker that is lost is written again', async () => {
    await rm(join(network.dataPath, 'instance.json'))
    await vi.waitFor(async () => {
      await network.pass(5_000)
      expect(await marker()).toMatchObject({ clean: false })
    }, PATIENT)
    expect(network.status.state).toBe('running')
  })

  it('a look that fails is not the last one', async () => {
    network.diskFault = new Error('EIO: i/o error')
    await network.pass(15_000)
    expect(network.status.state).toBe('running')
    network.diskFault = undefined
    await rm(network.dataPath, { recursive: true })
    await vi.waitFor(async () => {
      await network.pass(5_000)
      expect(network.status.state).toBe('failed')
    }, PATIENT)
    expect(network.troubles).toMatchObject([{ code: 'data-folder', reason: 'gone' }])
  })

  it('any other failure of a node whose folder is gone has that reason', async () => {
    await rm(network.dataPath, { recursive: true })
    network.node?.fail(new Error('IO error'))
    await network.pass(5_000)
    await vi.waitFor(() => expect(network.status.state).toBe('failed'))
    expect(network.troubles).toMatchObject([{ code: 'data-folder', reason: 'gone', outlook: undefined }])
  })
})

describe('after a stop', () => {
  it('the heights are still known, and after a restart of the app too', async () => {
    await network.run(10)
    expect(network.status).toMatchObject({ state: 'stopped', newest: { number: 10 }, settled: { number: 8 } })
    expect(reopen().status).toMatchObject({ state: 'stopped', newest: { number: 10 }, settled: { number: 8 } })
  })
})

describe('without a memory outside, as on the command line', () => {
  it('the marker in the folder gives away what is missing in it', async () => {
    network = new GuardedNetwork(userData, { remembers: false })
    await network.run(10)
    network = new GuardedNetwork(userData, { remembers: false })
    expect(network.status.newest).toBeUndefined()
    await rm(join(network.dataPath, 'db'), { recursive: true })
    expect(await start()).toMatchObject({ code: 'DATA_FOLDER_NO_DATABASE' })
  })
})
