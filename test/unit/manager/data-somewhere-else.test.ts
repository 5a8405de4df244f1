/** Data of a network that a person shows the way to, or gives up. */
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentLogger } from '../../../node-core/base/logger.ts'
import { FolderMemory } from '../../../node-core/manager/folders/folder-memory.ts'
import { writeMarker } from '../../../node-core/manager/folders/seen-data.ts'
import type { NetworkAdmin } from '../../../node-core/manager/networks/network-admin.ts'
import { CHAINS } from '../../helpers/chain-files.ts'
import { adminIn, StandInHost } from '../../helpers/network-admin.ts'

let folder: string
let host: StandInHost
let memory: FolderMemory

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-admin-'))
  host = new StandInHost()
})
afterEach(async () => {
  await memory.flush()
  await rm(folder, { recursive: true, force: true })
})

describe('data that are somewhere else now', () => {
  const seen = (network: string, instance: string) => ({ version: 1 as const, network, instance, peerId: undefined, clean: true, keys: false, database: true, soleAuthority: false })
  const INSTANCE = 'ab'.repeat(16)

  async function putData(at: string, network = 'genesis', instance = INSTANCE): Promise<void> {
    await mkdir(join(at, 'db'), { recursive: true })
    await writeMarker(at, seen(network, instance))
  }

  function openRemembering(): NetworkAdmin {
    memory = new FolderMemory({ logger: silentLogger }, folder)
    memory.set('dev', seen('genesis', INSTANCE))
    return adminIn(folder, host, undefined, memory)
  }

  it.each([
    ['the network’s folder', '', ''],
    ['the folder between', 'chains', ''],
    ['the data folder', 'chains/nodestead_dev', ''],
  ])('are found by %s, and the node is started', async (_what, chosen) => {
    const admin = openRemembering()
    await putData(join(folder, 'elsewhere/chains/nodestead_dev'))
    await admin.locateData('dev', join(folder, 'elsewhere', chosen))
    expect(admin.details('dev').profile.folder).toBe(join(folder, 'elsewhere'))
    expect(host.calls).toEqual(['start dev'])
  })

  it('under another name get their name back', async () => {
    const admin = openRemembering()
    await putData(join(folder, 'data/chains/renamed'))
    await admin.locateData('dev', join(folder, 'data/chains/renamed'))
    expect(await readdir(join(folder, 'data/chains'))).toEqual(['nodestead_dev'])
    expect([admin.details('dev').profile.folder, host.calls]).toEqual([join(folder, 'data'), ['start dev']])
  })

  it.each([
    ['nothing of a node', 'FOLDER_WITHOUT_DATA', undefined],
    ['another network', 'FOLDER_OF_OTHER_NETWORK', ['other', INSTANCE]],
    ['another node', 'FOLDER_OF_OTHER_NODE', ['genesis', 'cd'.repeat(16)]],
  ] as const)('with %s are refused, and nothing changes', async (_what, code, data) => {
    const admin = openRemembering()
    await mkdir(join(folder, 'elsewhere'))
    if (data !== undefined) await putData(join(folder, 'elsewhere/chains/nodestead_dev'), ...data)
    await expect(admin.locateData('dev', join(folder, 'elsewhere'))).rejects.toMatchObject({ code })
    expect([admin.details('dev').profile.folder, host.calls]).toEqual([join(folder, 'data'), []])
  })

  it('begin anew only where the name was typed', async () => {
    const admin = openRemembering()
    await expect(admin.beginAnew('dev', 'Develop')).rejects.toMatchObject({ code: 'NETWORK_NAME_DIFFERS' })
    await expect(admin.useDataAsItIs('dev', '')).rejects.toMatchObject({ code: 'NETWORK_NAME_DIFFERS' })
    await admin.beginAnew('dev', 'Development')
    await admin.useDataAsItIs('dev', 'Development')
    expect(host.calls).toEqual(['begin anew dev', 'use dev'])
  })

  it('of a network of one’s own: its specification comes back where its folder is gone', async () => {
    const admin = openRemembering()
    const specPath = join(folder, 'own.json')
    await copyFile(join(CHAINS, 'dev.json'), specPath)
    const { profile } = await admin.add({ kind: 'chain', specPath }, {})
    await admin.plan(profile.id)
    const spec = await readFile(join(profile.folder, 'chain-spec.json'), 'utf8')
    await rm(profile.folder, { recursive: true })
    await admin.beginAnew(profile.id, profile.settings.name)
    expect((await readFile(join(profile.folder, 'chain-spec.json'), 'utf8')).trimEnd()).toBe(spec.trimEnd())
  })
})
