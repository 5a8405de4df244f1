/** `status`, `networks`, `peers`, `logs`, `metrics`: as people, pipes and programs get them. */
import { stripVTControlCharacters } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AskedNode, eventually, type Reader } from '../../../helpers/asked-node.ts'
import { fakePeer, PEERS, type FakeNetwork } from '../../../helpers/fake-network.ts'

let node: AskedNode
beforeEach(async () => {
  node = await AskedNode.start()
  await node.manager.start('dev')
})
afterEach(() => node.stop())

const rows = (text: string): string[][] => text.trimEnd().split('\n').map((line) => line.split('\t'))

describe('status', () => {
  it('is of the running network, in lines of a name and a value', async () => {
    node.manager.produce('dev')
    const { code, out, notes } = await node.run(['status'])
    expect([code, notes]).toEqual([0, ''])
    const facts = new Map(rows(out).map(([name, value]) => [name, value]))
    expect(Object.fromEntries(facts)).toMatchObject({ network: 'dev', state: 'running', best: expect.stringMatching(/^1 0x/), finalized: expect.stringMatching(/^0 0x/), peers: '0', failure: '-', 'json-rpc': 'ws://127.0.0.1:9944' })
    expect(out).not.toContain('\x1b')
  })

  it('is aligned and coloured on a terminal, without colours where NO_COLOR is set, and one document for programs', async () => {
    const shown = await node.run(['status'], { reader: 'terminal' })
    expect(shown.out).toContain('\x1b[32mrunning')
    const starts = stripVTControlCharacters(shown.out).trimEnd().split('\n').map((line) => /^[a-z -]+? {2,}/.exec(line)?.[0].length)
    expect(new Set(starts).size).toBe(1)
    expect((await node.run(['status'], { reader: 'terminal', env: { NO_COLOR: '1' } })).out).toBe(stripVTControlCharacters(shown.out))
    const { out } = await node.run(['status'], { reader: 'program' })
    expect(out.split('\n')).toHaveLength(2)
    expect(JSON.parse(out)).toMatchObject({ program: { name: 'Nodestead', host: 'headless' }, status: { network: 'dev', state: 'NODE_STATE_RUNNING', peers: 0, troubles: [] } })
  })

  it('tells why a network failed, and shows nothing that a terminal would obey', async () => {
    node.manager.setStatus('dev', { state: 'failed', failure: { code: 'X', message: 'The disk \x1b[2Jis full.', hint: 'Make room.' } })
    const { out, code } = await node.run(['status', '--network', 'dev'], { reader: 'terminal' })
    expect([code, stripVTControlCharacters(out)]).toEqual([0, expect.stringContaining('The disk �[2Jis full. Make room.')])
  })

  it('asks which network is meant where several or none run, and knows those it has', async () => {
    await node.manager.start('local')
    expect(await node.run(['status'])).toMatchObject({ code: 2, out: '', error: { message: expect.stringContaining('dev (running), local (running)') } })
    expect(await node.run(['status', '-n', 'moon'])).toMatchObject({ code: 2, error: { message: expect.stringContaining('no network "moon"; it has dev') } })
    expect((await node.run(['status', '-n', 'Local'])).out).toContain('network\tlocal')
  })
})

it('networks lists all of them', async () => {
  const { out } = await node.run(['networks'])
  expect(rows(out)).toEqual([['dev', 'running', '0', '0', '0', '-', '/tmp/nodestead/dev', 'Development'], ['local', 'stopped', '-', '-', '0', '-', '/tmp/nodestead/dev', 'Local']])
  const shown = await node.run(['networks'], { reader: 'terminal', env: { NO_COLOR: '1' } })
  expect(shown.out.split('\n').map((line) => line.slice(0, 16))).toEqual(['NETWORK  STATE  ', 'dev      running', 'local    stopped', ''])
  expect(JSON.parse((await node.run(['networks'], { reader: 'program' })).out)).toMatchObject({ networks: [{ network: 'dev' }, { network: 'local' }] })
})

describe('peers', () => {
  const [PEER] = PEERS
  const network = (): FakeNetwork => node.manager.node('dev')?.network as FakeNetwork
  const connect = (): void => void (network().details = [fakePeer(PEER, { agent: 'Other/1.0\t\x1b[31m' })])

  it('lists them, whole for pipes and short for eyes', async () => {
    expect(await node.run(['peers'])).toMatchObject({ code: 0, out: '', notes: 'No peer is connected.\n' })
    connect()
    const { out } = await node.run(['peers'])
    expect(rows(out)).toHaveLength(1)
    expect(rows(out)[0]).toHaveLength(12)
    expect(rows(out)[0]?.[0]).toBe(PEER)
    const shown = await node.run(['peers'], { reader: 'terminal', env: { NO_COLOR: '1' } })
    expect(shown.out).toContain(`${PEER.slice(0, 10)}…${PEER.slice(-6)}`)
    for (const line of shown.out.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
    expect(JSON.parse((await node.run(['peers'], { reader: 'program' })).out)).toMatchObject({ peers: [{ peerId: PEER, bytesIn: expect.any(String) }], reserved: [] })
  })

  it('of a network that does not run are refused, with the code of it', async () => {
    expect(await node.run(['peers', '-n', 'local'])).toMatchObject({ code: 6, error: { code: 'API_NODE_NOT_RUNNING', hint: 'Start it by the command start.' } })
  })

  it.each<Reader>(['pipe', 'program', 'terminal'])('are watched by a %s until Ctrl-C', async (reader) => {
    connect()
    const watching = node.begin(['peers', '--watch'], { reader })
    await eventually(() => expect(watching.out()).toContain(PEER))
    network().peerEvents.emit('changed', { peer: PEER, connected: false })
    await eventually(() => expect(watching.out().trimEnd().split('\n')).toHaveLength(2))
    expect(await watching.interrupt()).toMatchObject({ code: 0, error: undefined })
    const lines = watching.out().trimEnd().split('\n')
    if (reader === 'program') expect(lines.map((line) => (JSON.parse(line) as { connected: boolean }).connected)).toEqual([true, false])
    else expect(lines.map((line) => stripVTControlCharacters(line)[0])).toEqual(['+', '-'])
    if (reader === 'pipe') expect(lines.map((line) => line.split('\t').length)).toEqual([13, 13])
  })
})

describe('logs', () => {
  it('are the newest lines, of a level, a module and a network', async () => {
    for (let at = 0; at < 5; at++) node.manager.log(at === 3 ? 'warn' : 'info', at % 2 === 0 ? 'sync' : 'core', `line ${at}`, { at })
    expect((await node.run(['logs', '--lines', '2'])).out).toMatch(/^\S+ \S+ WARN {2}core {5}line 3 at=3\n\S+ \S+ INFO {2}sync {5}line 4 at=4\n$/)
    expect((await node.run(['logs', '--level', 'warn'])).out.split('\n')).toHaveLength(2)
    expect((await node.run(['logs', '--module', 'sync'])).out).not.toContain('line 1')
    expect((await node.run(['logs', '--level', 'warn'], { reader: 'terminal' })).out).toContain('\x1b[36mWARN')
    expect(JSON.parse((await node.run(['logs', '--level', 'warn'], { reader: 'program' })).out)).toMatchObject({ level: 'LOG_LEVEL_WARN', message: 'line 3', fields: { at: '3' } })
    expect(await node.run(['logs', '--lines', '9999'])).toMatchObject({ code: 2, error: { message: '--lines takes a number from 0 to 2000, not "9999".' } })
    expect(await node.run(['logs', '--level', 'loud'])).toMatchObject({ code: 2 })
  })
})

describe('metrics', () => {
  beforeEach(() => {
    const dev = node.manager.node('dev')
    if (dev !== undefined) dev.families = [{ name: 'substrate_block_height', help: 'Heights.', type: 'gauge', samples: [{ labels: { status: 'best' }, value: 7 }, { labels: {}, value: 1.5 }] }]
  })

  it('are rows of a name, a value and a meaning; the text of Prometheus; JSON', async () => {
    expect(rows((await node.run(['metrics', 'substrate'])).out)).toEqual([['substrate_block_height{status="best"}', '7', 'Heights.'], ['substrate_block_height', '1.5', 'Heights.']])
    expect((await node.run(['metrics'], { reader: 'terminal', env: { NO_COLOR: '1' } })).out).toMatch(/^METRIC +VALUE {2}MEANS\n/)
    expect(JSON.parse((await node.run(['metrics'], { reader: 'program' })).out)).toMatchObject({ families: [{ samples: [{ value: 7 }, { value: 1.5 }] }] })
    expect(await node.run(['metrics', '--text'])).toMatchObject({ code: 0, error: undefined })
    expect(await node.run(['metrics', 'moon'])).toMatchObject({ code: 0, out: '', notes: 'No metric has a name that begins with "moon".\n' })
  })
})
