/** The list of networks as it is kept: read again, damaged, and of other versions. */
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ProfilesBatch } from '../../../node-core/api/network/network-admin.ts'
import { appRouter } from '../../../node-core/api/router.ts'
import { FakeClock } from '../../../node-core/base/clock.ts'
import type { NetworkAdmin } from '../../../node-core/manager/networks/network-admin.ts'
import { dataPathOf } from '../../../node-core/manager/kinds/chain/profile.ts'
import type { ProfileStore } from '../../../node-core/manager/networks/profile-store.ts'
import { FakeManager } from '../../helpers/fake-manager.ts'
import { adminIn, firstProfile, StandInHost, storeIn } from '../../helpers/network-admin.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-list-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const turned = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const initial = (): ReturnType<typeof firstProfile> => firstProfile(folder)
const openStore = (): ProfileStore => storeIn(folder)
const openAdmin = (): NetworkAdmin => adminIn(folder, new StandInHost(), openStore())

describe('the list of networks', () => {
  it('begins with what was there before, and is read again', async () => {
    const admin = openAdmin()
    expect(admin.list().map(({ dataPath }) => dataPath)).toEqual([join(folder, 'data/chains/nodestead_dev')])
    await admin.add({ kind: 'chain', known: 'westend' }, {})
    expect(openAdmin().list().map(({ profile }) => profile.settings.name)).toEqual(['Development', 'Westend'])
    expect((await stat(join(folder, 'networks.json'))).mode & 0o077).toBe(0)
  })

  it('that was damaged gets its networks back with their data, where these lie', async () => {
    const admin = openAdmin()
    const { profile } = await admin.add({ kind: 'chain', known: 'westend' }, {})
    await mkdir(join(dataPathOf(profile), 'db'), { recursive: true })
    await mkdir(join(folder, 'networks/empty'))
    await writeFile(join(folder, 'networks.json'), 'damaged')
    const again = openAdmin()
    expect([again.list().length, again.damage?.recovered]).toEqual([1, 0])
    expect(await again.leftFolders()).toEqual([{ folder: profile.folder, name: 'Westend', choice: { kind: 'chain', known: 'westend' } }])
    expect((await again.addLeft(profile.folder)).dataPath).toBe(dataPathOf(profile))
    expect(await again.leftFolders()).toEqual([])
    await expect(again.addLeft('/etc')).rejects.toMatchObject({ code: 'NETWORK_UNKNOWN' })
  })

  it('whose damage is dismissed tells the window at once', async () => {
    await writeFile(join(folder, 'networks.json'), 'damaged')
    const clock = new FakeClock(1)
    const networks = openAdmin()
    const abort = new AbortController()
    const app = { name: 'Nodestead', version: '0.0.0', host: 'desktop', platform: 'linux' } as const
    const caller = appRouter.createCaller({ manager: new FakeManager({ clock }), networks, app, clock }, { signal: abort.signal })
    const batches = (await caller.networks.profiles())[Symbol.asyncIterator]() as AsyncIterator<ProfilesBatch>
    expect((await batches.next()).value).toMatchObject({ damage: { recovered: 0 } })
    const next = batches.next()
    await turned()
    clock.advance(250)
    await turned()
    await caller.networks.dismissDamage()
    expect((await next).value).toMatchObject({ damage: undefined })
    abort.abort()
  })

  it('keeps a damaged file aside, says so, and goes on', async () => {
    await writeFile(join(folder, 'networks.json'), '{"version":1,"networks":[{')
    const store = openStore()
    expect(store.list().map(({ id }) => id)).toEqual(['dev'])
    expect(store.damage?.keptAs).toContain('networks.json.damaged-2026-11-21')
    expect(await readFile(store.damage?.keptAs ?? '', 'utf8')).toBe('{"version":1,"networks":[{')
  })

  it('keeps the networks of a damaged file that can be read', async () => {
    await openAdmin().add({ kind: 'chain', known: 'kusama' }, { name: 'Mine' })
    const path = join(folder, 'networks.json')
    const file = JSON.parse(await readFile(path, 'utf8')) as { networks: Record<string, unknown>[] }
    await writeFile(path, JSON.stringify({ ...file, networks: [{ ...file.networks[0], folder: 7 }, file.networks[1]] }))
    const store = openStore()
    expect(store.list().map(({ settings }) => settings.name)).toEqual(['Mine'])
    expect(store.damage).toMatchObject({ recovered: 1, reason: expect.stringContaining('folder') })
  })

  it('takes the networks of a version without kinds as chains, and writes that down', async () => {
    const { kind: _, ...before } = initial()
    const path = join(folder, 'networks.json')
    await writeFile(path, JSON.stringify({ version: 1, networks: [before] }))
    const store = openStore()
    expect([store.list(), store.damage]).toEqual([[initial()], undefined])
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ version: 2, networks: [initial()] })
  })

  it('keeps networks of a kind that it does not know aside', async () => {
    await writeFile(join(folder, 'networks.json'), JSON.stringify({ version: 2, networks: [initial(), { ...initial(), id: 'odd', kind: 'unheard-of' }] }))
    const store = openStore()
    expect(store.list()).toEqual([initial()])
    expect(store.damage).toMatchObject({ recovered: 1, reason: expect.stringContaining('does not know') })
  })

  it('refuses a file of a version that it does not know, and keeps it', async () => {
    await writeFile(join(folder, 'networks.json'), JSON.stringify({ version: 99, networks: [] }))
    expect(openStore().damage?.reason).toContain('version')
  })
})
