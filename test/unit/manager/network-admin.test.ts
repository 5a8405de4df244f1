/** Adding, changing, duplicating, exporting and removing networks, on real folders and a manager without nodes. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { describeError } from '../../../node-core/base/errors.ts'
import { readJournal } from '../../../node-core/manager/folders/move-journal.ts'
import type { NetworkAdmin } from '../../../node-core/manager/networks/network-admin.ts'
import { dataPathOf, nodeOptionsOf } from '../../../node-core/manager/kinds/chain/profile.ts'
import type { ProfileStore } from '../../../node-core/manager/networks/profile-store.ts'
import { CHAINS, readChainFile } from '../../helpers/chain-files.ts'
import { DevNode } from '../../helpers/dev-node.ts'
import { adminIn, StandInHost, storeIn } from '../../helpers/network-admin.ts'
import { buildGenesis } from '../../../node-core/chain/spec/genesis.ts'
import { parseChainSpec } from '../../../node-core/chain/spec/load.ts'
import { MAX_SPEC_BYTES } from '../../../node-core/chain/spec/spec-file.ts'

let folder: string
let host: StandInHost

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-admin-'))
  host = new StandInHost()
})
afterEach(() => rm(folder, { recursive: true, force: true }))

function openStore(): ProfileStore {
  return storeIn(folder)
}

function openAdmin(store = openStore()): NetworkAdmin {
  return adminIn(folder, host, store)
}

async function problem(promise: Promise<unknown>): Promise<string> {
  return promise.then(() => 'no error', describeError)
}

const settled = (admin: NetworkAdmin, network: string) =>
  expect.poll(() => admin.details(network).move?.state, { timeout: 10_000 }).not.toBe('moving')

describe('a chain that starts again from its genesis', () => {
  it('does so in every network of this computer that is of it, before any of them starts', async () => {
    const admin = openAdmin()
    const local = await admin.add({ kind: 'chain', known: 'local' }, { name: 'Local', role: 'validator', account: 'alice' })
    const bob = await admin.addBeside(local.profile.id, { address: '/ip4/127.0.0.1/tcp/30333/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp', authorities: ['alice', 'bob'] })
    expect(bob.profile.settings).toMatchObject({ account: 'bob', role: 'validator' })
    const idle = await admin.duplicate(local.profile.id)
    for (const { profile } of [local, bob]) host.states.set(profile.id, 'running')
    host.calls.length = 0
    await expect(admin.reset(bob.profile.id, 'Local')).rejects.toMatchObject({ code: 'NETWORK_NAME_DIFFERS' })
    expect(host.calls).toEqual([])
    await admin.reset(bob.profile.id, 'Local (Bob)')
    const how = JSON.stringify({ discard: true, forgetPublicKeys: true, start: false })
    const nodes = [local, bob, idle].map(({ profile }) => profile.id)
    expect(host.calls).toEqual([...nodes.map((id) => `begin anew ${id} ${how}`), `start ${nodes[0]}`, `start ${nodes[1]}`])
  })

  it('is none of a public network', async () => {
    const admin = openAdmin()
    const { profile } = await admin.add({ kind: 'chain', known: 'westend' }, {})
    await expect(admin.reset(profile.id, profile.settings.name)).rejects.toMatchObject({ code: 'NETWORK_PUBLIC' })
    expect(host.calls).toEqual([])
  })
})

describe('adding', () => {
  it('chooses a name, a folder and ports of its own', async () => {
    const admin = openAdmin()
    const first = await admin.add({ kind: 'chain', known: 'dev' }, { role: 'validator', account: 'bob' })
    const second = await admin.add({ kind: 'chain', known: 'dev' }, {})
    expect([first, second].map(({ profile }) => profile.settings.name)).toEqual(['Local development', 'Local development 2'])
    const ports = [first, second].flatMap(({ profile: { settings } }) => [settings.network.port, settings.network.port + 1, settings.rpc.port, settings.prometheus.port])
    expect(new Set(ports).size).toBe(8)
    expect(new Set(admin.list().map(({ profile }) => profile.folder)).size).toBe(3)
    expect(nodeOptionsOf(admin.begin(first.profile.id))).toMatchObject({ chain: 'dev', validator: true, forceAuthoring: false, account: 'bob', basePath: first.profile.folder })
  })

  it('makes no validator of a live relay chain, whether it ships or its genesis runtime says so', async () => {
    const admin = openAdmin()
    for (const known of ['polkadot', 'kusama', 'westend', 'paseo']) {
      expect(await problem(admin.add({ kind: 'chain', known }, { role: 'validator' }))).toContain('must also back and check parachain blocks')
    }
    const { profile, canValidate } = await admin.add({ kind: 'chain', known: 'polkadot' }, {})
    expect(canValidate).toBe(false)
    expect(() => admin.update(profile.id, { ...profile.settings, role: 'validator' })).toThrow('must also back and check parachain blocks')
    expect((await admin.look({ kind: 'chain', specPath: join(CHAINS, 'westend.json') })).canValidate).toBe(false)
    expect(await problem(admin.add({ kind: 'chain', specPath: join(CHAINS, 'westend.json') }, { role: 'validator' }))).toContain('must also back and check parachain blocks')
    expect((await admin.look({ kind: 'chain', specPath: join(CHAINS, 'local.json') })).canValidate).toBe(true)
  })

  it('keeps no blocks of before its start on a public network, and all on one of its own, unless a person says otherwise', async () => {
    const admin = openAdmin()
    const { profile } = await admin.add({ kind: 'chain', known: 'polkadot' }, {})
    expect(nodeOptionsOf(profile)).toMatchObject({ blocksPruning: 0 })
    expect(nodeOptionsOf(profile).sync).toBeUndefined()
    expect(nodeOptionsOf(admin.begin(admin.list()[0]!.profile.id)).blocksPruning).toBeUndefined()
    const kept = { ...profile, settings: { ...profile.settings, sync: 'full' as const, blocksPruning: '14400' } }
    expect(nodeOptionsOf(kept)).toMatchObject({ sync: 'full', blocksPruning: 14_400 })
    const rpc = { ...profile.settings.rpc, methods: 'safe' as const, external: true, maxConnections: 7, maxSubscriptionsPerConnection: 8, maxRequestSize: 9, maxResponseSize: 10, maxBatch: 0, callsPerMinute: 60 }
    expect(nodeOptionsOf({ ...profile, settings: { ...profile.settings, rpc } }).rpc).toMatchObject(rpc)
    expect(nodeOptionsOf({ ...kept, settings: { ...kept.settings, blocksPruning: 'archive' } }).blocksPruning).toBe('archive')
    expect(nodeOptionsOf(profile).statePruning).toBeUndefined()
    expect(nodeOptionsOf({ ...kept, settings: { ...kept.settings, statePruning: '512' } }).statePruning).toBe(512)
  })

  it('refuses development keys on a public network', async () => {
    expect(await problem(openAdmin().add({ kind: 'chain', known: 'polkadot' }, { account: 'alice' }))).toContain('whose keys are public')
  })

  it('refuses a folder with other things in it, and one within another network', async () => {
    const admin = openAdmin()
    const full = join(folder, 'full')
    await mkdir(full)
    await writeFile(join(full, 'letter.txt'), 'dear')
    expect(await problem(admin.add({ kind: 'chain', known: 'westend' }, { folder: full }))).toContain('there are files in it')
    expect(await problem(admin.add({ kind: 'chain', known: 'westend' }, { folder: join(folder, 'data/below') }))).toContain('folder of another network')
    expect(await problem(admin.add({ kind: 'chain', known: 'westend' }, { folder: 'relative' }))).toContain('not an absolute path')
  })

  it('takes up data of the same chain', async () => {
    const old = join(folder, 'old')
    await mkdir(join(old, 'chains/westend2'), { recursive: true })
    expect((await openAdmin().add({ kind: 'chain', known: 'westend' }, { folder: old })).dataPath).toBe(join(old, 'chains/westend2'))
  })

  it('keeps the file of a chain of one’s own, and says what is wrong with a bad one', async () => {
    const admin = openAdmin()
    const summary = await admin.look({ kind: 'chain', specPath: join(CHAINS, 'westend.json') })
    expect(summary).toMatchObject({ id: 'westend2', known: 'westend', genesisHash: expect.stringMatching(/^0xe143f238/) })
    const added = await admin.add({ kind: 'chain', specPath: join(CHAINS, 'local.json') }, {})
    expect(added).toMatchObject({ development: true, profile: { kind: 'chain', chain: { kind: 'custom', specId: 'nodestead_local', chainType: 'Local' } } })
    expect(existsSync(join(added.profile.folder, 'chain-spec.json'))).toBe(true)
    await writeFile(join(folder, 'bad.json'), '{}')
    expect(await problem(admin.look({ kind: 'chain', specPath: join(folder, 'bad.json') }))).toContain('bad.json is JSON, but not a network file')
  })

  it('knows a network by the root of its genesis state alone, and keeps its file', async () => {
    const admin = openAdmin()
    const { name, id } = readChainFile('westend')
    const { stateRoot } = buildGenesis(readChainFile('westend')).header
    const specPath = join(folder, 'light.json')
    await writeFile(specPath, JSON.stringify({ name, id, genesis: { stateRootHash: stateRoot } }))
    const { known, genesisHash } = await admin.look({ kind: 'chain', specPath })
    expect([known, genesisHash]).toEqual(['westend', expect.stringMatching(/^0xe143f238/)])
    const { profile } = await admin.add({ kind: 'chain', specPath, genesisHash }, {})
    expect(JSON.parse(await readFile(join(profile.folder, 'chain-spec.json'), 'utf8')).genesis).toEqual({ stateRootHash: stateRoot })
  })

  it('adds the chain that was agreed to, and no other that its file holds by then', async () => {
    const admin = openAdmin()
    const specPath = join(folder, 'ours.chainspec')
    await copyFile(join(CHAINS, 'local.json'), specPath)
    const { genesisHash } = await admin.look({ kind: 'chain', specPath: specPath })
    await copyFile(join(CHAINS, 'westend.json'), specPath)
    expect(await problem(admin.add({ kind: 'chain', specPath, genesisHash }, {}))).toContain('now describes another network')
    expect(admin.list()).toHaveLength(1)
    await copyFile(join(CHAINS, 'local.json'), specPath)
    await admin.add({ kind: 'chain', specPath, genesisHash }, {})
    expect(admin.list()).toHaveLength(2)
  })

  it('reads a file, and nothing else of that name', async () => {
    const admin = openAdmin()
    const at = (name: string): string => join(folder, name)
    await mkdir(at('folder.json'))
    execFileSync('mkfifo', [at('pipe.json')])
    await symlink('/dev/zero', at('device.json'))
    await writeFile(at('large.json'), '')
    await truncate(at('large.json'), MAX_SPEC_BYTES + 1)
    for (const [name, why] of [['missing.json', 'there is no such file'], ['folder.json', 'it is a folder'], ['pipe.json', 'it is no file'], ['device.json', 'it is no file'], ['large.json', 'has 68 MB; the limit for a chain specification is 67 MB']] as const) {
      expect(await problem(admin.look({ kind: 'chain', specPath: at(name) }))).toContain(why)
      expect(await problem(admin.add({ kind: 'chain', specPath: at(name) }, {}))).toContain(why)
    }
  })
})

describe('a private network', () => {
  const choices = { name: 'Our net', authorities: [{ account: 'alice' }], balances: [{ address: 'bob', amount: 5 }] }

  it('has a genesis of its own, and its node makes blocks', async () => {
    const admin = openAdmin()
    const one = await admin.add({ kind: 'chain', private: choices }, { role: 'validator', account: 'alice' })
    const two = await admin.add({ kind: 'chain', private: choices }, {})
    const [a, b] = await Promise.all([one, two].map(({ profile }) => admin.look({ kind: 'chain', specPath: join(profile.folder, 'chain-spec.json') })))
    expect([a?.name, b?.id, a?.chainType]).toEqual(['Our net', 'our_net', 'Local'])
    expect(a?.genesisHash).not.toBe(b?.genesisHash)
    const spec = parseChainSpec(await readFile(join(one.profile.folder, 'chain-spec.json'), 'utf8'), 'spec')
    const node = await DevNode.start({ spec, basePath: one.profile.folder, account: 'alice' })
    try {
      // Its keys listen first: somebody may have joined with them.
      await node.slots(10)
      expect(node.node.blocks.best().number).toBeGreaterThanOrEqual(3)
      expect(node.node.dataPath).toBe(one.dataPath)
    } finally {
      await node.stop()
    }
  })

  it('takes session keys that were pasted', async () => {
    const admin = openAdmin()
    const stash = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY'
    const added = await admin.add({ kind: 'chain', private: { name: 'Keys', authorities: [{ stash, sessionKeys: `0x${'11'.repeat(32)}${'22'.repeat(32)}` }], balances: [] } }, {})
    const text = await readFile(join(added.profile.folder, 'chain-spec.json'), 'utf8')
    expect(text).toContain('22'.repeat(32))
    expect(await problem(admin.add({ kind: 'chain', private: { name: 'X', authorities: [{ stash, sessionKeys: '0x12' }], balances: [] } }, {}))).toContain('author_rotateKeys')
    expect(await problem(admin.add({ kind: 'chain', private: { name: 'X', authorities: [{ stash: 'nobody', sessionKeys: '0x12' }], balances: [] } }, {}))).toContain('is not an address')
  })
})

describe('changing', () => {
  it('says whether a restart is needed, until it happened', async () => {
    const admin = openAdmin()
    const { settings } = admin.details('dev').profile
    expect(admin.update('dev', { ...settings, rpc: { ...settings.rpc, port: 1234 } }).restartNeeded).toBe(false)
    admin.begin('dev')
    host.states.set('dev', 'running')
    expect(admin.update('dev', { ...settings, name: 'Other' }).pendingRestart).toEqual(['rpc.port'])
    admin.begin('dev')
    expect(admin.details('dev').pendingRestart).toEqual([])
    expect(admin.update('dev', { ...admin.details('dev').profile.settings, autoStart: true }).restartNeeded).toBe(false)
  })

  it('refuses a name that is taken', async () => {
    const admin = openAdmin()
    const added = await admin.add({ kind: 'chain', known: 'westend' }, {})
    expect(() => admin.update(added.profile.id, { ...added.profile.settings, name: 'Development' })).toThrow('A network named Development already exists')
  })

  it('duplicates settings, not data, with ports of its own', async () => {
    const admin = openAdmin()
    const source = await admin.add({ kind: 'chain', private: { name: 'Ours', authorities: [{ account: 'alice' }], balances: [] } }, {})
    const { settings } = source.profile
    admin.update(source.profile.id, { ...settings, network: { ...settings.network, inPeers: 3 } })
    const copy = await admin.duplicate(source.profile.id)
    expect(copy.profile.settings).toMatchObject({ name: 'Ours 2', network: { inPeers: 3 } })
    expect(copy.profile.settings.network.port).not.toBe(settings.network.port)
    expect(await readdir(copy.profile.folder)).toEqual(['chain-spec.json'])
  })

  it('carries neither role nor account to a duplicate: two nodes with the same keys would both sign', async () => {
    const admin = openAdmin()
    const { settings } = (await admin.duplicate('dev')).profile
    expect(settings).toMatchObject({ role: 'full', account: 'none', forceAuthoring: false })
  })

  it('shares a network as a chain specification that says nothing of this computer, and takes it up again', async () => {
    const admin = openAdmin()
    const { profile } = await admin.add({ kind: 'chain', private: { name: 'Ours', authorities: [{ account: 'alice' }], balances: [] } }, { role: 'validator', account: 'alice' })
    const { fileName, text } = await admin.export(profile.id)
    // The system opens it with the app.
    expect(fileName).toBe('ours.chainspec')
    expect(text.includes(folder)).toBe(false)
    const { nodestead, ...plain } = JSON.parse(text) as Record<string, unknown>
    expect(Object.keys(plain)).not.toContain('settings')
    expect(Object.keys(nodestead as object).sort()).toEqual(['addresses', 'by', 'choices', 'mark', 'members', 'runtime', 'signature', 'version'])
    const path = join(folder, fileName)
    await writeFile(path, text)
    const summary = await admin.look({ kind: 'chain', specPath: path })
    expect(summary).toMatchObject({ name: 'Ours', members: [{ name: 'Alice' }], signedBy: expect.stringMatching(/^12D3KooW/) })
    const again = await admin.add({ kind: 'chain', specPath: path }, {})
    expect(again.profile.settings).toMatchObject({ name: 'Ours 2', role: 'full', account: 'none', network: { reservedNodes: summary.addresses } })
    const [one, two] = await Promise.all([profile, again.profile].map((p) => admin.look({ kind: 'chain', specPath: join(p.folder, 'chain-spec.json') })))
    expect(one?.genesisHash).toBe(two?.genesisHash)
  })

  it('shares a network that ships with the app by its own specification', async () => {
    const admin = openAdmin()
    const { text } = await admin.export('dev')
    const path = join(folder, 'dev.json')
    await writeFile(path, text)
    expect((await admin.look({ kind: 'chain', specPath: path })).known).toBe(undefined)
    expect((await admin.look({ kind: 'chain', specPath: path })).genesisHash).toBe((await admin.look({ kind: 'chain', known: 'dev' })).genesisHash)
  })

  it('reads what earlier versions exported, without the role and the account', async () => {
    const admin = openAdmin()
    const chainSpec = await readFile(join(CHAINS, 'local.json'), 'utf8')
    const settings = { name: 'Old', role: 'validator', account: 'alice', autoStart: true, network: { port: 40333 } }
    const path = join(folder, 'old.nodestead.json')
    await writeFile(path, `{"format":"nodestead-network","version":1,"chain":{"kind":"custom","specId":"nodestead_local","chainType":"Local"},"settings":${JSON.stringify(settings)},"chainSpec":${chainSpec}}`)
    const { profile } = await admin.add({ kind: 'chain', specPath: path }, {})
    expect(profile.settings).toMatchObject({ role: 'full', account: 'none', autoStart: false })
    expect(profile.settings.network.port).not.toBe(40333)
    await writeFile(path, JSON.stringify({ format: 'nodestead-network', version: 1, chain: { kind: 'known', name: 'westend' }, settings }))
    expect((await admin.add({ kind: 'chain', specPath: path }, {})).profile).toMatchObject({ chain: { kind: 'known', name: 'westend' }, settings: { role: 'full', name: 'Westend' } })
  })

  it('removes a network and its data, and nothing else, when its name is typed', async () => {
    const admin = openAdmin()
    const data = dataPathOf(admin.details('dev').profile)
    await mkdir(data, { recursive: true })
    await writeFile(join(data, 'db'), 'data')
    await writeFile(join(folder, 'data/own.txt'), 'mine')
    expect(await problem(admin.remove('dev', 'development'))).toContain('Type Development exactly')
    host.states.set('dev', 'running')
    expect(await problem(admin.remove('dev', 'Development'))).toContain('Stop the node first')
    host.states.set('dev', 'stopped')
    await admin.remove('dev', 'Development')
    expect(admin.list()).toEqual([])
    expect(await readdir(join(folder, 'data'))).toEqual(['own.txt'])
    expect(openAdmin().list()).toEqual([])
  })
})

describe('moving the data', () => {
  const from = () => join(folder, 'data/chains/nodestead_dev')

  beforeEach(async () => {
    await mkdir(join(from(), 'keystore'), { recursive: true, mode: 0o700 })
    await writeFile(join(from(), 'keystore/secret'), 'key', { mode: 0o600 })
    // What the keys signed goes where the keys go.
    await mkdir(join(from(), 'signing-record'), { mode: 0o700 })
    await writeFile(join(from(), 'signing-record/one.json'), '{}', { mode: 0o600 })
    await writeFile(join(from(), 'big'), Buffer.alloc(3_000_000, 7))
    await writeFile(join(folder, 'data/other.txt'), 'not ours')
  })

  it('copies, switches, then deletes the old one; modes stay', async () => {
    const admin = openAdmin()
    const to = join(folder, 'elsewhere')
    await admin.move('dev', to)
    expect(await problem(admin.remove('dev', 'Development'))).toContain('are being moved')
    expect(() => admin.begin('dev')).toThrow('are being moved')
    await settled(admin, 'dev')
    expect(admin.details('dev')).toMatchObject({ dataPath: join(to, 'chains/nodestead_dev'), move: { state: 'done' } })
    expect((await stat(join(to, 'chains/nodestead_dev/keystore/secret'))).mode & 0o777).toBe(0o600)
    expect((await stat(join(to, 'chains/nodestead_dev/signing-record'))).mode & 0o777).toBe(0o700)
    expect((await stat(join(to, 'chains/nodestead_dev/signing-record/one.json'))).mode & 0o777).toBe(0o600)
    expect((await stat(join(to, 'chains/nodestead_dev/big'))).size).toBe(3_000_000)
    expect(await readdir(join(folder, 'data'))).toEqual(['other.txt'])
    expect(host.paths.get('dev')).toBe(join(to, 'chains/nodestead_dev'))
    expect(await readdir(join(folder, 'moves'))).toEqual([])
    expect(openAdmin().details('dev').profile.folder).toBe(to)
  })

  it('refuses while the node runs and where the folder cannot be used', async () => {
    const admin = openAdmin()
    host.states.set('dev', 'running')
    expect(await problem(admin.move('dev', join(folder, 'x')))).toContain('Stop the node first')
    host.states.set('dev', 'stopped')
    await mkdir(join(folder, 'x'))
    await writeFile(join(folder, 'x/y'), '')
    expect(await problem(admin.move('dev', join(folder, 'x')))).toContain('there are files in it')
    expect(await problem(admin.move('dev', join(folder, 'data/inside')))).toContain('another network')
  })

  it('is cancelled without a trace', async () => {
    const admin = openAdmin()
    const to = join(folder, 'elsewhere')
    await admin.move('dev', to)
    await admin.cancelMove('dev')
    expect(admin.details('dev')).toMatchObject({ dataPath: from(), move: { state: 'cancelled' } })
    expect(existsSync(join(to, 'chains'))).toBe(false)
    expect((await readFile(join(from(), 'keystore/secret'))).toString()).toBe('key')
    expect(await readJournal(join(folder, 'moves/dev.jsonl'))).toBeUndefined()
  })
})
