/** Secrets planted everywhere, and none of them in the bundle. */
import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { NodeError } from '../../../node-core/base/errors.ts'
import { tar } from '../../../node-core/base/tar.ts'
import { Redactor } from '../../../node-core/manager/support/redact.ts'
import { makeSupportBundle } from '../../../node-core/manager/support/support-bundle.ts'
import { FakeManager } from '../../helpers/fake-manager.ts'
import { fakePeer, PEERS } from '../../helpers/fake-network.ts'

const PERSON = { home: '/home/ada.lovelace', user: 'ada.lovelace', host: 'analytical-engine' }
const PHRASE = 'bottom drive obey lake curtain smoke basket hold race lonely fit walk'
const SECRETS = {
  phrase: PHRASE,
  seed: 'fac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e',
  nodeKey: '1122334455667788990011223344556677889900aabbccddeeff001122334455',
  passphrase: 'correct-horse-battery',
  quoted: 'with spaces, and commas',
  token: 'dG9rZW4tb2YtdGhlLWRhc2hib2FyZA',
  derived: 'ultra///hushhush',
  home: '/home/ada.lovelace',
  user: 'ada.lovelace',
  host: 'analytical-engine',
  peer4: '84.17.52.33',
  peer6: '2a02:8071:b782:5e00::1f',
  dns: 'node.ada-lovelace.example',
} as const

/** How people and programs write such things. */
const LINES = [
  `imported the phrase ${PHRASE}`,
  `words: ${JSON.stringify(PHRASE.split(' '))}`,
  `Phrase:\n${PHRASE.split(' ').join('\n')}`,
  `seed=0x${SECRETS.seed} and nodeKey: ${SECRETS.nodeKey}`,
  `--node-key ${SECRETS.nodeKey} given`,
  `passphrase=${SECRETS.passphrase} password: "${SECRETS.quoted}"`,
  `{"passphrase":"${SECRETS.passphrase}","token":"${SECRETS.token}","secretUri":"${SECRETS.quoted}"}`,
  `http://127.0.0.1:9100/?token=${SECRETS.token}#x`,
  `Authorization: Bearer ${SECRETS.token}`,
  `suri //Alice///${SECRETS.passphrase}`,
  `opened ${SECRETS.home}/.config/Nodestead/data and C:\\Users\\${SECRETS.user}\\AppData and /Users/${SECRETS.user}/Library`,
  `this is ${SECRETS.host}, ${SECRETS.user} runs it`,
  `dialled /ip4/${SECRETS.peer4}/tcp/30333 and /ip6/${SECRETS.peer6}/tcp/30333 and /dns4/${SECRETS.dns}/tcp/443/wss`,
  // As the log file has it, and what was JSON before it came there.
  JSON.stringify({ msg: `Phrase:\n${PHRASE.split(' ').join('\n')}`, words: JSON.stringify(PHRASE.split(' ')) }),
  JSON.stringify({ body: JSON.stringify({ passphrase: SECRETS.quoted, token: SECRETS.token, password: SECRETS.passphrase }) }),
  `peer at ${SECRETS.peer4}:30333, [${SECRETS.peer6}]:30333`,
]

function expectClean(text: string): void {
  for (const [name, secret] of Object.entries(SECRETS)) expect(text.includes(secret), `${name} is in it`).toBe(false)
  expect(text).not.toMatch(/curtain|lonely/)
  expect(text).not.toMatch(/ada\.lovelace|analytical-engine/i)
}

describe('taking out secrets', () => {
  it.each(LINES)('%s', (line) => expectClean(new Redactor(PERSON).text(line)))

  it('leaves what helps', () => {
    const redactor = new Redactor(PERSON)
    expect(redactor.text(`imported number=48120 hash=0x3f9a${'0'.repeat(56)}c2a1`)).toBe('imported number=48120 hash=0x3f9a…c2a1')
    expect(redactor.text('dialled 84.17.52.33 and 84.17.52.34, then 84.17.52.33 again')).toBe('dialled <ip4-1> and <ip4-2>, then <ip4-1> again')
    expect(redactor.text('listening at 127.0.0.1:9944, ::1 and 0.0.0.0 since 07:30:00.123, version 1.2.3')).toBe(
      'listening at 127.0.0.1:9944, ::1 and 0.0.0.0 since 07:30:00.123, version 1.2.3',
    )
    expect(redactor.text('V8 14.6.202.11-electron.0, "v8": "13.6.233.17-node.28", V8: 13.6.233.17')).toBe('V8 14.6.202.11-electron.0, "v8": "13.6.233.17-node.28", V8: 13.6.233.17')
    expect(redactor.text('the node of this network can be about to open its data folder now')).toBe('the node of this network can be about to open its data folder now')
    expect(redactor.text('/home/ada.lovelace/data')).toBe('~/data')
  })

  it('goes by the name of a setting', () => {
    const json = new Redactor(PERSON).json({ rpc: { port: 9944 }, nodeKey: 'short', keystore: { passphrase: ['a', 'b'], remembered: true }, big: 12n })
    expect(JSON.parse(json)).toEqual({ rpc: { port: 9944 }, nodeKey: '<removed>', keystore: { passphrase: '<removed>', remembered: true }, big: '12' })
  })
})

describe('the bundle', () => {
  it('has everything that helps and nothing that is planted, in a form that tar reads', async () => {
    const manager = new FakeManager({ clock: new FakeClock(1_700_000_000_000) })
    await manager.start('dev')
    manager.produce('dev')
    for (const line of LINES) manager.log('warn', 'test', line, { line, nodeKey: SECRETS.nodeKey, home: SECRETS.home })
    const node = manager.node('dev')
    if (node === undefined) throw new Error('it does not run')
    node.network.details = [
      fakePeer(PEERS[0], { address: `/ip4/${SECRETS.peer4}/tcp/30333`, agent: `nodestead of ${SECRETS.user}` }),
      fakePeer(PEERS[1], { address: `/ip6/${SECRETS.peer6}/tcp/30333`, direction: 'inbound' }),
    ]
    node.network.natState = { status: 'mapped', mappings: [{ transport: 'tcp', internalPort: 1, externalPort: 1, externalAddress: SECRETS.peer4 }], reachable: false }
    manager.failNextStart = new NodeError('INTERNAL', `cannot open ${SECRETS.home}: passphrase=${SECRETS.passphrase}`)
    await manager.start('local').catch(() => undefined)
    const { bytes, fileName } = await makeSupportBundle({
      manager,
      app: { name: 'Nodestead', version: '1.2.3', host: 'desktop', platform: 'linux' },
      now: 1_700_000_000_000,
      settings: { folder: SECRETS.home, nodeKey: SECRETS.nodeKey, bootnodes: [`/dns4/${SECRETS.dns}/tcp/1/p2p/${PEERS[0]}`], words: PHRASE.split(' ') },
      logTail: async () => LINES.join('\n'),
      redactor: new Redactor(PERSON),
    })
    await manager.stopAll()
    expect(fileName).toBe('nodestead-support-2023-11-14T22-13-20.tar.gz')
    expectClean(new TextDecoder().decode(gunzipSync(bytes)))

    const folder = await mkdtemp(join(tmpdir(), 'nodestead-bundle-'))
    await writeFile(join(folder, fileName), bytes)
    execFileSync('tar', ['-xzf', fileName], { cwd: folder })
    const inside = join(folder, 'nodestead-support')
    expect((await readdir(inside)).sort()).toEqual([
      'about.txt', 'failures.txt', 'log-file.txt', 'log.txt', 'metrics-dev.txt', 'metrics-local.txt', 'network-dev.json', 'network-local.json', 'settings.json', 'versions.json',
    ])
    expect(JSON.parse(await readFile(join(inside, 'network-dev.json'), 'utf8'))).toMatchObject({
      id: 'dev',
      status: { state: 'running', newest: { number: 1 }, chainName: 'Development' },
      peers: { count: 2, inbound: 1 },
    })
    expect(JSON.parse(await readFile(join(inside, 'versions.json'), 'utf8'))).toMatchObject({ version: '1.2.3', host: 'desktop' })
    expect(await readFile(join(inside, 'log.txt'), 'utf8')).toContain('imported a block')
    expect((await readFile(join(inside, 'failures.txt'), 'utf8')).split('\n').length).toBeGreaterThanOrEqual(LINES.length)
  })

  it('refuses names that do not fit', () => {
    expect(() => tar([{ name: 'a'.repeat(101), content: new Uint8Array(0) }], 0)).toThrow(RangeError)
    expect(() => tar([{ name: 'ä', content: new Uint8Array(0) }], 0)).toThrow(RangeError)
    expect(tar([{ name: 'a', content: new Uint8Array(513) }], 0)).toHaveLength(512 + 1024 + 1024)
  })
})
