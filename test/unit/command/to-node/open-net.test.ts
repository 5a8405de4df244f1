/** `topics`, `topics send`, `share`, `fetch`: a node that is open to programs. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { NodeError } from '../../../../node-core/base/errors.ts'
import { AskedNode, eventually, hastyClock, type Reader } from '../../../helpers/asked-node.ts'
import { FakeNet } from '../../../helpers/fake-net.ts'

const PEER = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'
const ROOT = 'c4'.repeat(32)

let folder: string
let node: AskedNode
let net: FakeNet
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-open-net-'))
  node = await AskedNode.start()
  await node.manager.start('dev')
  net = new FakeNet(node.service.clock, folder)
  const dev = node.manager.node('dev')
  if (dev !== undefined) dev.net = net
})
afterEach(async () => {
  await node.stop()
  await rm(folder, { recursive: true, force: true })
})

it('a network that is not open to programs is refused with what to do', async () => {
  const dev = node.manager.node('dev')
  if (dev !== undefined) dev.net = undefined
  for (const words of [['topics'], ['share', '/a.b'], ['fetch', ROOT, join(folder, 'x.bin')]]) expect(await node.run(words)).toMatchObject({ code: 1, error: { code: 'API_NET_OFF', hint: expect.stringContaining('--net') } })
})

describe('topics', () => {
  beforeEach(() => {
    net.topicFigures = [{ name: 'weather/1', peers: [PEER], services: [], senders: [], ways: [] }]
  })

  it('lists them', async () => {
    expect((await node.run(['topics'])).out).toBe('weather/1\t1\t-\n')
    expect((await node.run(['topics'], { reader: 'terminal', env: { NO_COLOR: '1' } })).out).toBe('TOPIC      PEERS  SERVICES\nweather/1      1  -\n')
    expect(JSON.parse((await node.run(['topics'], { reader: 'program' })).out)).toMatchObject({ topics: [{ name: 'weather/1', peers: [PEER], subscribers: [] }] })
  })

  it('send takes a text, bytes, or standard input, and says what became of it', async () => {
    net.delivery = { id: '0x5a', way: 'direct', sent: [PEER], taken: [], undelivered: [{ peer: PEER, reason: 'timeout' as never }] }
    expect((await node.run(['topics', 'send', 'weather/1', 'rain', '--only', PEER])).out).toBe(`0x5a  sent to 1 peer (direct), not by ${PEER} (timeout)\n`)
    await node.run(['topics', 'send', 'weather/1', '--hex', '0x0102'])
    await node.run(['topics', 'send', 'weather/1'], { input: 'from a pipe' })
    expect(net.published.map(({ payload, options }) => [Buffer.from(payload, 'hex').toString(), options.to])).toEqual([['rain', { only: [PEER] }], ['\x01\x02', 'everybody'], ['from a pipe', 'everybody']])
    expect(JSON.parse((await node.run(['topics', 'send', 'weather/1', 'x'], { reader: 'program' })).out)).toMatchObject({ messageId: '0x5a' })
    expect(await node.run(['topics', 'send', 'moon', 'x'])).toMatchObject({ code: 1, error: { code: 'NET_TOPIC_UNKNOWN' } })
  })
})

describe('topics tail', () => {
  const message = (text: string, number: number) => ({ topic: 'weather/1', id: `0x${String(number).repeat(64)}` as const, source: PEER, payload: Buffer.from(text, 'latin1'), way: 'direct' as const, at: 1_750_000_000_000 })

  it.each<Reader>(['pipe', 'program', 'terminal'])('for a %s: messages as they come, on a topic that it opens itself, until Ctrl-C', async (reader) => {
    const tailing = node.begin(['topics', 'tail', 'weather/1', '--declare'], { reader, env: { NO_COLOR: '1' } })
    await eventually(() => expect(net.subscribers.size).toBe(1))
    net.receive(message('rain', 1))
    net.receive(message('\xff\x00', 2))
    await eventually(() => expect(tailing.out().trimEnd().split('\n')).toHaveLength(reader === 'terminal' ? 4 : 2))
    expect(await tailing.interrupt()).toMatchObject({ code: 0, error: undefined })
    const lines = tailing.out().trimEnd().split('\n')
    if (reader === 'program') expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([{ source: PEER, payload: 'cmFpbg==' }, { payload: '/wA=' }])
    else if (reader === 'pipe') expect(lines.map((line) => line.split('\t'))).toEqual([['2025-06-15T15:06:40.000Z', PEER, 'rain'], ['2025-06-15T15:06:40.000Z', PEER, '0xff00']])
    else expect(lines).toEqual([`2025-06-15T15:06:40.000Z ${PEER}`, 'rain', `2025-06-15T15:06:40.000Z ${PEER}`, '0xff00'])
  })

  it('is refused where nobody here has the topic, and waits where it is taken back meanwhile', async () => {
    expect(await node.run(['topics', 'tail', 'weather/1'])).toMatchObject({ code: 1, error: { code: 'NET_TOPIC_UNKNOWN' } })
    const declared = [{ name: 'weather/1', peers: [], services: [], senders: [], ways: [] }]
    net.topicFigures = declared
    const tailing = node.begin(['topics', 'tail', 'weather/1'], { clock: hastyClock(100) })
    await eventually(() => expect(net.subscribers.size).toBe(1))
    net.receive(message('rain', 1))
    await eventually(() => expect(tailing.out()).toContain('rain'))
    net.closeTopic('weather/1')
    await eventually(() => expect(tailing.notes()).toContain('waiting for it'))
    net.topicFigures = declared
    await eventually(() => expect(tailing.notes()).toContain('The node is back.'))
    net.receive(message('sun', 2))
    await eventually(() => expect(tailing.out()).toContain('sun'))
    expect(await tailing.interrupt()).toMatchObject({ code: 0 })
  })
})

describe('share', () => {
  const path = '/data/a.tar'

  it('says the root, and how far hashing is meanwhile', async () => {
    let hashed: () => void = () => undefined
    const add = net.resources.catalogue.add.bind(net.resources.catalogue)
    Object.assign(net.resources.catalogue, { add: (given: string) => new Promise<void>((resolve) => (hashed = resolve)).then(() => add(given)) })
    net.adding = { path, bytes: 12_000_000, of: 48_000_000 }
    const sharing = node.begin(['share', path], { reader: 'terminal', env: { NO_COLOR: '1', TERM: 'xterm' }, clock: hastyClock(50) })
    await eventually(() => expect(sharing.notes()).toMatch(/Hashing █+░+ 12\.0 MB of 48\.0 MB/))
    hashed()
    expect(await sharing.done).toMatchObject({ code: 0, out: `${ROOT}\n${path}, 48.0 MB. Others get it by: fetch ${ROOT}\n` })
    expect(sharing.notes()).toMatch(/48\.0 MB of 48\.0 MB, .*\/s/)
  })

  it('is a row for a pipe and a document for programs; what is no file is refused', async () => {
    expect((await node.run(['share', path])).out).toBe(`${ROOT}\t48000000\t${path}\n`)
    expect(JSON.parse((await node.run(['share', path], { reader: 'program' })).out)).toEqual({ root: ROOT, path, size: '48000000', withdrawn: '' })
    expect(await node.run(['share', '/data/folder'])).toMatchObject({ code: 1, error: { code: 'NET_RESOURCE_UNREADABLE' } })
    expect(await node.run(['share', 'a.tar'])).toMatchObject({ code: 2, error: { message: expect.stringContaining('named by its whole path') } })
  })
})

describe('fetch', () => {
  const path = '/data/b.tar'
  const progress = (hadBytes: number) => ({ state: 'fetching', bytesPerSecond: 0, peers: [], length: 48_000_000, wantedBytes: 48_000_000, hadBytes }) as never
  const set = (change: object): void => void (net.fetched = net.fetched.map((one) => ({ ...one, ...change })))

  it('shows how far it is, and ends when the file is there', async () => {
    const fetching = node.begin(['fetch', `0x${ROOT.toUpperCase()}`, path, '--peers', PEER], { clock: hastyClock(100) })
    await eventually(() => expect(net.asked).toEqual([`fetch ${path}`]))
    expect(net.fetched[0]?.request).toMatchObject({ root: ROOT, path, peers: [{ peer: PEER }] })
    set({ progress: progress(24_000_000) })
    await eventually(() => expect(fetching.notes()).toMatch(/Fetching: 24\.0 MB of 48\.0 MB\n/))
    set({ progress: progress(48_000_000), outcome: { kind: 'done' } })
    expect(await fetching.done).toMatchObject({ code: 0, out: `${ROOT}\t48000000\t${path}\n` })
  })

  it('goes on with one that was begun before, and says why one failed', async () => {
    net.fetched = [{ request: { root: ROOT, path, peers: [] }, isPaused: true, progress: progress(1), outcome: undefined }]
    const fetching = node.begin(['fetch', ROOT, path], { clock: hastyClock(100) })
    await eventually(() => expect(net.asked).toEqual([`resume ${path}`]))
    set({ isPaused: false, outcome: { kind: 'failed', error: new NodeError('X', 'Nobody has it.') } })
    expect(await fetching.done).toMatchObject({ code: 1, error: { code: 'FETCH_FAILED', message: 'The file could not be fetched: Nobody has it.' } })
  })

  it('is not ended by Ctrl-C: the command is', async () => {
    const fetching = node.begin(['fetch', ROOT, path], { clock: hastyClock(100) })
    await eventually(() => expect(net.asked).toHaveLength(1))
    expect(await fetching.interrupt()).toMatchObject({ code: 130, error: { code: 'INTERRUPTED', message: 'Interrupted; the node goes on with what it fetches.' } })
    expect(net.asked).toEqual([`fetch ${path}`])
    expect(await node.run(['fetch', 'c4', path])).toMatchObject({ code: 5 })
  })
})
