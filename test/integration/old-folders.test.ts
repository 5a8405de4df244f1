/** Data folders of before there was a runtime of our own open as what they are, beside which networks of today are new ones. */
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../../node-core/base/clock.ts'
import { silentLogger } from '../../node-core/base/logger.ts'
import { buildGenesis } from '../../node-core/chain/spec/genesis.ts'
import { parseChainSpec } from '../../node-core/chain/spec/load.ts'
import { oldChainIn, oldChainSpec } from '../../node-core/chain/spec/old-chains.ts'
import type { ChainSpec } from '../../node-core/chain/spec/schema.ts'
import { CHAIN } from '../../node-core/manager/kinds/chain/chain.ts'
import { FolderMemory } from '../../node-core/manager/folders/folder-memory.ts'
import { NetworkAdmin } from '../../node-core/manager/networks/network-admin.ts'
import { hosted } from '../../node-core/manager/networks/network-creation.ts'
import { ProfileStore } from '../../node-core/manager/networks/profile-store.ts'
import type { NetworkHost } from '../../node-core/manager/networks/admin-types.ts'
import type { NetworkSummary } from '../../node-core/manager/types.ts'
import { CHAINS } from '../helpers/chain-files.ts'
import { CliProcess } from '../helpers/cli.ts'
import { DevNode } from '../helpers/dev-node.ts'
import { ownSpec } from '../helpers/own-spec.ts'

const INSTALLATION = { chainsPath: CHAINS }

/** What the folder was made with: another genesis than that of today, under the name and the id of then. */
const OLD: ChainSpec = { ...ownSpec({ id: 'dev', patch: { settings: { epochLength: 77 } } }), name: 'Development' }
const genesisHash = buildGenesis(OLD).hash

let made: string
let height: number
let folder: string

beforeAll(async () => {
  made = await mkdtemp(join(tmpdir(), 'nodestead-old-made-'))
  const node = await DevNode.start({ spec: OLD, basePath: join(made, 'data') })
  await node.slots(4)
  height = node.node.blocks.best().number
  await node.stop()
})
afterAll(() => rm(made, { recursive: true, force: true }))

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-old-'))
  await cp(made, folder, { recursive: true })
})
afterEach(() => rm(folder, { recursive: true, force: true }))

function openAdmin(): { readonly admin: NetworkAdmin; readonly store: ProfileStore } {
  const store = new ProfileStore({ logger: silentLogger, now: Date.now, initial: () => [] }, folder)
  store.load()
  const host: NetworkHost = {
    networks: (): readonly NetworkSummary[] => [],
    setNetwork: async () => undefined,
    forgetNetwork: async () => undefined,
    start: async () => undefined,
    beginAnew: async () => undefined,
    useAsItIs: async () => undefined,
    node: () => undefined,
    keys: () => {
      throw new RangeError('nobody asks for keys here')
    },
  }
  const memory = new FolderMemory({ logger: silentLogger }, folder)
  return { store, admin: new NetworkAdmin({ host, store, logger: silentLogger, memory }, { networksFolder: join(folder, 'networks'), movesFolder: join(folder, 'moves'), installation: INSTALLATION }) }
}

/** The list of networks as the version before left it. */
async function writeProfile(name = 'dev'): Promise<void> {
  const settings = { name: 'Development', role: 'validator', account: 'alice', autoStart: false }
  await writeFile(join(folder, 'networks.json'), JSON.stringify({ version: 1, networks: [{ id: 'dev', chain: { kind: 'known', name }, folder: join(folder, 'data'), settings }] }))
}

describe('a profile of the development network', () => {
  it('stays with its data: their specification is written down once, and the node goes on from its height', async () => {
    await writeProfile()
    const { admin } = openAdmin()
    expect(admin.details('dev')).toMatchObject({ development: true, dataPath: join(folder, 'data/chains/dev'), profile: { chain: { kind: 'custom', specId: 'dev', chainType: 'Development' }, settings: { account: 'alice' } } })
    const { spec } = await CHAIN.plan(admin.begin('dev'), INSTALLATION)
    expect(buildGenesis(spec).hash).toBe(genesisHash)
    expect(spec).toMatchObject({ id: 'dev', name: 'Development', chainType: 'Development', protocolId: 'dev', properties: { tokenSymbol: 'UNIT' } })
    const node = await DevNode.start({ spec, basePath: join(folder, 'data'), clock: new FakeClock(1_700_000_601_000) })
    try {
      expect(node.node.blocks.best().number).toBe(height)
      await node.slots(2)
      expect(node.node.blocks.best().number).toBe(height + 2)
    } finally {
      await node.stop()
    }
    // The next start of the app finds it so, and the file is whole without the database.
    const again = openAdmin()
    expect(hosted(again.admin.begin('dev')).dataPath).toBe(join(folder, 'data/chains/dev'))
    expect(buildGenesis(parseChainSpec(await readFile(join(folder, 'data/chain-spec.json'), 'utf8'), 'x')).hash).toBe(genesisHash)
    expect(buildGenesis(parseChainSpec((await admin.export('dev')).text, 'exported')).hash).toBe(genesisHash)
  })

  it('is exported before its node ever started again', async () => {
    await writeProfile()
    const { admin } = openAdmin()
    const exported = parseChainSpec((await admin.export('dev')).text, 'exported')
    expect([exported.id, exported.chainType, buildGenesis(exported).hash]).toEqual(['dev', 'Development', genesisHash])
  })

  it('is one of today where a new one is added beside, and where the folder has data of today', async () => {
    await writeProfile()
    const { admin } = openAdmin()
    const added = await admin.add({ kind: 'chain', known: 'dev' }, {})
    expect(added.profile).toMatchObject({ chain: { kind: 'known', name: 'dev' } })
    expect(added.dataPath).toContain('chains/nodestead_dev')
    await mkdir(join(folder, 'data/chains/nodestead_dev/db'), { recursive: true })
    await writeProfile()
    expect(openAdmin().admin.details('dev').dataPath).toBe(join(folder, 'data/chains/nodestead_dev'))
  })

  it('is left alone where the folder is that of another network', async () => {
    await writeProfile('local')
    expect(openAdmin().admin.details('dev').dataPath).toBe(join(folder, 'data/chains/nodestead_local'))
  })

  it('whose database cannot be opened says so', async () => {
    await writeProfile()
    const holder = await DevNode.start({ spec: OLD, basePath: join(folder, 'data') })
    try {
      const { admin } = openAdmin()
      await expect(CHAIN.plan(admin.begin('dev'), INSTALLATION)).rejects.toMatchObject({ code: 'STATE_DB_LOCKED' })
    } finally {
      await holder.stop()
    }
    expect(existsSync(join(folder, 'data/chain-spec.json'))).toBe(false)
  })
})

describe('a folder that the command line is given', () => {
  it('is told apart from one of today', async () => {
    const data = join(folder, 'data')
    expect(['dev', 'development', 'local', 'polkadot', join(data, 'x.json')].map((name) => oldChainIn(data, name)?.id)).toEqual(['dev', 'dev', undefined, undefined, undefined])
    const old = oldChainIn(data, 'dev')
    expect(old && buildGenesis(await oldChainSpec(data, old)).hash).toBe(genesisHash)
    await mkdir(join(data, 'chains/nodestead_dev/db'), { recursive: true })
    expect(oldChainIn(data, 'dev')).toBeUndefined()
  })

  it('goes on as what it is, with a word about it', async () => {
    const cli = new CliProcess(['--dev', '--base-path', join(folder, 'data'), '--port', '0', '--rpc-port', '0', '--no-prometheus', '--no-mdns'])
    try {
      await cli.waitFor(/holds the development network of an earlier version/)
      const [, best] = await cli.waitFor(/state opened best=(\d+)/)
      expect(Number(best)).toBe(height)
      await cli.waitFor(/authored a block/)
    } finally {
      await cli.interrupt()
    }
    expect(existsSync(join(folder, 'data/chains/nodestead_dev'))).toBe(false)
  })
})
