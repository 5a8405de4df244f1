/** The service API and the commands between two real nodes: topics, channels and files that go from one to the other over the network. */
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, type Transport } from '@connectrpc/connect'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { NetClient } from '../../../node-core/net/bindings/typescript/client.ts'
import { Channels } from '../../../node-core/services/proto/nodestead/v1/channels_pb.ts'
import { Network } from '../../../node-core/services/proto/nodestead/v1/network_pb.ts'
import { Peers } from '../../../node-core/services/proto/nodestead/v1/peers_pb.ts'
import { Resources } from '../../../node-core/services/proto/nodestead/v1/resources_pb.ts'
import { Topics } from '../../../node-core/services/proto/nodestead/v1/topics_pb.ts'
import { CliProcess } from '../../helpers/cli.ts'
import { transportOf } from '../../helpers/service-client.ts'

const LIMITS = { maxMessageBytes: 100_000, messagesPerSecond: 100, burst: 200 } as const
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString()
const bytes = (message: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(message))

/** One of the two: its process, a client of its service API, and a program at its socket. */
class Running {
  readonly data: string
  readonly cli: CliProcess
  transport!: Transport
  program!: NetClient
  peerId = ''
  address = ''

  constructor(name: string) {
    this.data = join(folder, name)
    this.cli = new CliProcess([
      '--chain', 'dev', '--base-path', this.data, '--listen-addr', '/ip4/127.0.0.1/tcp/0', '--rpc-port', '0', '--no-prometheus', '--no-mdns', '--net', '--net-token-file', `${this.data}.program`,
      '--service-port', '0', '--service-token-file', `${this.data}.token`,
    ])
  }

  async ready(): Promise<this> {
    const [, api = ''] = await this.cli.waitFor(/Service API: (\S+)/)
    const [, path = ''] = await this.cli.waitFor(/programs of this computer are served socket=(\S+)/)
    this.transport = transportOf('gRPC', api, (await readFile(`${this.data}.token`, 'utf8')).trim())
    this.program = await NetClient.connect({ path, token: (await readFile(`${this.data}.program`, 'utf8')).trim() })
    const { peerId, listenAddresses } = await createClient(Network, this.transport).reachability({})
    this.peerId = peerId
    this.address = listenAddresses.find((address) => address.startsWith('/ip4/127.0.0.1/tcp/') && !address.includes('/ws')) ?? ''
    return this
  }

  ask(...words: string[]): CliProcess {
    return new CliProcess([...words, '--base-path', this.data])
  }
}

let folder: string
let here: Running | undefined
let there: Running | undefined
const both = (): readonly [Running, Running] => [here as Running, there as Running]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-two-'))
  here = new Running('here')
  there = new Running('there')
  const [a, b] = await Promise.all([here.ready(), there.ready()])
  await createClient(Peers, b.transport).connect({ address: a.address.includes('/p2p/') ? a.address : `${a.address}/p2p/${a.peerId}` })
  const connected = await Promise.all([a, b].map(({ transport }) => createClient(Peers, transport).listPeers({})))
  expect(connected.map(({ peers }) => peers.map(({ peerId }) => peerId))).toEqual([[b.peerId], [a.peerId]])
})
afterAll(async () => {
  for (const node of [here, there]) {
    await node?.program?.close()
    await node?.cli.interrupt()
  }
  await rm(folder, { recursive: true, force: true })
})

it('a message that a client publishes on one node comes to who watches the topic on the other, and its cursor goes on there', async () => {
  const [a, b] = both()
  const [sender, watcher] = [createClient(Topics, a.transport), createClient(Topics, b.transport)]
  await Promise.all([sender, watcher].map((topics) => topics.declare({ topic: 'weather/1', ...LIMITS })))
  const stream = watcher.watchTopic({ topic: 'weather/1' })[Symbol.asyncIterator]()
  await stream.next()
  await expect.poll(async () => (await sender.listTopics({})).topics.find(({ name }) => name === 'weather/1')?.peers).toEqual([b.peerId])
  const large = new Uint8Array(randomBytes(50_000))
  const { messageId, sent, taken } = await sender.publish({ topic: 'weather/1', message: bytes('rain'), only: [b.peerId] })
  expect([sent, taken]).toEqual([[b.peerId], [b.peerId]])
  await sender.publish({ topic: 'weather/1', message: large })
  const first = (await stream.next()).value
  expect(first?.message).toMatchObject({ messageId, source: a.peerId })
  expect(text(first?.message?.payload ?? bytes(''))).toBe('rain')
  await stream.return?.()
  const again = watcher.watchTopic({ topic: 'weather/1', cursor: first?.cursor ?? '' })[Symbol.asyncIterator]()
  await again.next()
  expect(Buffer.from((await again.next()).value?.message?.payload ?? bytes('')).equals(large)).toBe(true)
  await again.return?.()
  expect((await watcher.listTopics({})).topics.find(({ name }) => name === 'weather/1')?.senders).toMatchObject([{ peerId: a.peerId, messages: 2n, bytes: 50_004n }])
})

it('a channel between programs of the two nodes is listed on both with its figures, and closed by the API', async () => {
  const [a, b] = both()
  const stop = await b.program.listen('echo', { onChannel: (channel) => void channel.onMessage((message) => channel.send(message)) })
  const channel = await a.program.dial(b.peerId, { service: 'echo' })
  const answers = channel[Symbol.asyncIterator]()
  for (const message of ['one', 'three']) {
    await channel.send(bytes(message))
    expect(text((await answers.next()).value ?? bytes(''))).toBe(message)
  }
  const [near, far] = [createClient(Channels, a.transport), createClient(Channels, b.transport)]
  const figures = { messagesSent: 2n, bytesSent: 8n, messagesReceived: 2n, bytesReceived: 8n, dropped: 0n }
  const [own] = (await near.listChannels({ peerId: b.peerId })).channels
  expect(own).toMatchObject({ peerId: b.peerId, service: 'echo', inbound: false, phase: 'open', path: 'direct', figures })
  expect((await far.listChannels({ peerId: a.peerId })).channels).toMatchObject([{ peerId: a.peerId, service: 'echo', inbound: true, figures }])
  expect((await near.channel({ id: own?.id ?? '' })).channel?.figures).toMatchObject(figures)
  expect((await near.channelPeers({})).peers).toMatchObject([{ peerId: b.peerId, channels: 1, path: 'direct', figures }])
  await near.closeChannel({ id: own?.id ?? '' })
  await expect.poll(async () => (await far.listChannels({})).channels).toEqual([])
  expect(await answers.next()).toMatchObject({ done: true })
  stop()
})

it('a file that is shared on one node is fetched on the other, and the fetch is watched to its end', async () => {
  const [a, b] = both()
  const content = randomBytes(3_000_000)
  const [from, to] = [join(folder, 'a.bin'), join(folder, 'b.bin')]
  await writeFile(from, content)
  const { file } = await createClient(Resources, a.transport).share({ path: from })
  expect(file).toMatchObject({ size: 3_000_000n, path: from })
  const resources = createClient(Resources, b.transport)
  await resources.fetch({ root: file?.root ?? '', path: to, peers: [a.peerId] })
  const seen: bigint[] = []
  let last = ''
  for await (const { fetch } of resources.watchFetch({ path: to })) {
    if (fetch === undefined) continue
    seen.push(fetch.bytesDone)
    last = fetch.state
  }
  expect(last).toBe('done')
  expect(seen).toEqual([...seen].sort((x, y) => Number(x - y)))
  expect(seen.at(-1)).toBe(3_000_000n)
  expect(createHash('sha256').update(await readFile(to)).digest('hex')).toBe(createHash('sha256').update(content).digest('hex'))
})

it('the same by commands: share here and fetch there, topics tail there and topics send here', async () => {
  const [a, b] = both()
  const [from, to] = [join(folder, 'c.bin'), join(folder, 'd.bin')]
  const content = randomBytes(200_000)
  await writeFile(from, content)
  const tail = b.ask('topics', 'tail', 'news/1', '--declare')
  let taken = ''
  tail.child.stdout?.on('data', (chunk: Buffer) => (taken += chunk.toString()))
  const [shared, early] = await Promise.all([a.ask('share', from).finished, a.ask('topics', 'send', 'news/1', 'too early', '--declare').finished])
  expect([shared.code, shared.stderr.replace(/^Hashing: .*\n/gm, ''), early.code, early.stderr]).toEqual([0, '', 0, ''])
  const root = shared.stdout.split('\t')[0] ?? ''
  await expect.poll(async () => (await createClient(Topics, a.transport).listTopics({})).topics.find(({ name }) => name === 'news/1')?.peers).toEqual([b.peerId])
  await expect.poll(async () => (await createClient(Topics, b.transport).listTopics({})).topics.find(({ name }) => name === 'news/1')?.subscribers.length).toBe(1)
  const [fetched, sent] = await Promise.all([b.ask('fetch', root, to, '--peers', a.peerId).finished, a.ask('topics', 'send', 'news/1', 'hello there').finished])
  expect([fetched.code, fetched.stdout]).toEqual([0, `${root}\t200000\t${to}\n`])
  expect((await readFile(to)).equals(content)).toBe(true)
  expect([sent.code, sent.stdout]).toEqual([0, expect.stringContaining('sent to 1 peer')])
  await expect.poll(() => taken).toMatch(new RegExp(`\\t${a.peerId}\\thello there\\n`))
  expect(await tail.interrupt()).toMatchObject({ code: 0, stderr: '' })
})
