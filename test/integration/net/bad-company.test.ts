/** A slow, a silent and a lying peer beside honest ones, on real sockets: the honest have everything in order, nobody waits for the slow one, and the liar is shut out. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../node-core/base/clock.ts'
import { silentLogger } from '../../../node-core/base/logger.ts'
import { CHANNELS_PROTOCOL } from '../../../node-core/net/channels/stream/stream-opener.ts'
import { ResourceCatalogue } from '../../../node-core/net/resources/catalogue/catalogue.ts'
import { ResourceServer } from '../../../node-core/net/resources/serving/server.ts'
import { RESOURCE_PROTOCOL } from '../../../node-core/net/resources/wire.ts'
import { NET_GATE } from '../../helpers/net-gate.ts'
import { NetLab, type NetNode } from '../../helpers/net-lab.ts'
import { eventually, RecordingTopic, TestNetwork, type TestPeer } from '../../helpers/network.ts'

const NEWS = { name: 'news', maxMessageBytes: 400_000, rate: { perSecond: 1000, burst: 1000 }, topology: 'mesh' } as const
const MESSAGES = 8
const MESSAGE_BYTES = 120_000
/** First bytes of a shard's frame on a topic. */
const SHARD = [2, 1]

let lab: NetLab
let strangers: TestNetwork
let folder: string
beforeEach(async () => {
  lab = new NetLab()
  strangers = new TestNetwork()
  folder = await mkdtemp(join(tmpdir(), 'nodestead-company-'))
})
afterEach(async () => {
  await lab.stop()
  await strangers.stop()
  await rm(folder, { recursive: true, force: true })
})

/** Has the topic, and does with its frames what it is told. */
function badTopic(onFrame: (topic: RecordingTopic, frame: Uint8Array) => void): RecordingTopic {
  const topic = new RecordingTopic('net/news', { protocol: '/net/topic/news/1', maxHandshakeBytes: 16, maxMessageBytes: 500_000, queueLength: 256 })
  topic.greeting = Uint8Array.of(1)
  topic.judge = (_peer, frame) => {
    onFrame(topic, frame)
    return { kind: 'accept' }
  }
  return topic
}

const numberOf = (payload: Uint8Array): number => new DataView(payload.buffer, payload.byteOffset).getUint32(0)

function numbered(number: number, length: number): Uint8Array {
  const payload = new Uint8Array(randomBytes(length))
  new DataView(payload.buffer).setUint32(0, number)
  return payload
}

describe('beside a slow, a silent and a lying peer', () => {
  it('honest members of a mesh have every large message, in order, and ban the liar', { timeout: 240_000 }, async () => {
    const honest: NetNode[] = []
    for (let i = 0; i < 6; i++) honest.push(await lab.node(...honest))
    const slow = await lab.node(...honest)
    const known: TestPeer[] = [...honest, slow]
    const silent = await strangers.start([NET_GATE, badTopic(() => undefined)], { reservedNodes: known.map(({ address }) => address) })
    let lies = 0
    const lying = badTopic((_topic, frame) => {
      if (!SHARD.every((byte, at) => frame[at] === byte)) return
      const changed = frame.slice()
      changed[changed.length - 1] = (changed.at(-1) as number) ^ 1
      lies += Number(liar.network.topics.send('net/news', changed, { except: [] }).length > 0)
    })
    const liar = await strangers.start([NET_GATE, lying], { reservedNodes: [...known, silent].map(({ address }) => address) })

    const release = Promise.withResolvers<void>()
    const got = new Map<NetNode, number[]>()
    for (const node of [...honest, slow]) {
      const numbers: number[] = []
      got.set(node, numbers)
      // The slow one thinks about the first message until all is over.
      node.net.topics.declare({ ...NEWS, ...(node === slow ? { validate: () => release.promise.then(() => ({ kind: 'accept' as const })) } : {}) })
      node.net.topics.subscribe('news', 'reader', ({ payload }) => void numbers.push(numberOf(payload)))
    }
    const [source, ...others] = honest as [NetNode, ...NetNode[]]
    const peersOf = ({ net }: NetNode): number => net.topics.figures()[0]?.peers.length ?? 0
    await eventually(() => [...honest, slow].every((node) => peersOf(node) === 8), 'the mesh')

    for (let number = 0; number < MESSAGES; number++) {
      expect(await source.net.api.broadcast('news', numbered(number, MESSAGE_BYTES))).toMatchObject({ way: 'chunks' })
      await eventually(() => others.every((node) => (got.get(node)?.length ?? 0) > number), `message ${number}`)
    }
    const all = Array.from({ length: MESSAGES }, (_, number) => number)
    for (const node of others) expect(got.get(node)).toEqual(all)
    expect(got.get(slow)).toEqual([])
    expect(lies).toBeGreaterThan(0)
    await eventually(() => others.every(({ network }) => network.state.lastBan(liar.id)?.reason === 'chunk-false'), 'the bans')
    for (const { network } of others) expect(network.state.bans().map(({ peerId }) => peerId)).toEqual([liar.id])

    release.resolve()
    await eventually(() => (got.get(slow)?.length ?? 0) === MESSAGES, 'what the slow one missed')
    expect(got.get(slow)?.toSorted((a, b) => a - b)).toEqual(all)
  })

  it('a file comes whole from the honest ones, and the liar is charged', { timeout: 240_000 }, async () => {
    const content = Buffer.from(randomBytes(3_000_000))
    const path = join(folder, 'file')
    await writeFile(path, content)
    const [honest, second, slow] = [await lab.node(), await lab.node(), await lab.nodeWith({ rates: { peerBytesPerSecond: 20_000 } })]
    const roots = await Promise.all([honest, second, slow].map(async ({ net }) => (await net.resources.catalogue.add(path)).root))
    expect(new Set(roots).size).toBe(1)
    const [silent, liar] = [await strangers.start([NET_GATE]), await strangers.start([NET_GATE])]
    let asked = 0
    silent.network.streams.serve(RESOURCE_PROTOCOL, { perPeer: 8, relayed: false }, () => void asked++)
    const catalogue = new ResourceCatalogue({ clock: systemClock, logger: silentLogger }, { folder: join(folder, 'lies') })
    await catalogue.start()
    await catalogue.add(path)
    const shelf = {
      async open(wanted: Uint8Array) {
        const resource = await catalogue.open(wanted)
        if (resource === undefined) return undefined
        const read = async (index: number, into: readonly Uint8Array[]): Promise<void> => {
          await resource.read(index, into)
          const first = into[0] as Uint8Array
          first[3] = (first[3] as number) ^ 1
        }
        return { length: resource.length, ranges: resource.ranges, proof: (group: number) => resource.proof(group), read, close: () => resource.close() }
      },
    }
    const server = new ResourceServer({ shelf, clock: systemClock, judge: { report: () => undefined, reward: () => undefined }, logger: silentLogger, onChanged: () => undefined }, {})
    liar.network.streams.serve(RESOURCE_PROTOCOL, { perPeer: 8, relayed: false }, (stream) => void server.onStream(stream))

    const fetcher = await lab.node()
    const target = join(folder, 'fetched')
    const peers = [slow, silent, liar, honest, second].map(({ id, address }) => ({ peer: id, addresses: [address] }))
    await fetcher.net.resources.fetch({ root: roots[0] as string, path: target, peers })
    await eventually(() => fetcher.net.resources.fetches()[0]?.outcome !== undefined, 'the end of the fetch')
    expect(fetcher.net.resources.fetches()[0]?.outcome).toMatchObject({ kind: 'done', isWhole: true })
    expect(content.equals(await readFile(target))).toBe(true)
    expect(asked).toBeGreaterThan(0)
    const points = (id: string): number | undefined => fetcher.network.state.peerDetails().find(({ peerId }) => peerId === id)?.reputation
    expect(fetcher.network.state.lastBan(liar.id) !== undefined || (points(liar.id) ?? 0) < 0).toBe(true)
    for (const { id } of [honest, second, slow]) expect([(points(id) ?? 0) >= 0, fetcher.network.state.lastBan(id)]).toEqual([true, undefined])
    await server.stop()
    await catalogue.stop()
  })

  it('a channel with an honest one goes on, in order', { timeout: 240_000 }, async () => {
    const [node, honest, slow] = [await lab.node(), await lab.node(), await lab.node()]
    const [silent, liar] = [await strangers.start([NET_GATE]), await strangers.start([NET_GATE])]
    silent.network.streams.serve(CHANNELS_PROTOCOL, { perPeer: 4, relayed: false }, () => undefined)
    liar.network.streams.serve(CHANNELS_PROTOCOL, { perPeer: 4, relayed: false }, ({ stream }) => void stream.send(new Uint8Array(200).fill(0xee)))
    const got: number[] = []
    honest.net.api.listen('count', { onChannel: (channel) => void channel.onMessage((message) => void got.push(numberOf(message))) })
    // It takes the channel and reads nothing.
    slow.net.api.listen('count', { onChannel: () => undefined })
    const dial = ({ id, address }: TestPeer) => node.net.api.dial(`${address.replace(/\/p2p\/.*$/, '')}/p2p/${id}`, { service: 'count' })

    const lied = expect(dial(liar)).rejects.toMatchObject({ code: expect.stringMatching(/^CHANNEL_/) as string })
    const unanswered = expect(dial(silent)).rejects.toMatchObject({ code: 'CHANNEL_UNREACHABLE' })
    const [toSlow, toHonest] = [await dial(slow), await dial(honest)]
    let isHeld = true
    void (async () => {
      for (let i = 0; i < 500; i++) await toSlow.send(numbered(i, 10_000))
      isHeld = false
    })().catch(() => undefined)
    for (let i = 0; i < 500; i++) await toHonest.send(numbered(i, 10_000))
    await toHonest.end()
    expect(got).toEqual(Array.from({ length: 500 }, (_, i) => i))
    expect(isHeld).toBe(true)
    await Promise.all([lied, unanswered])
    const points = (id: string): number => node.network.state.peerDetails().find(({ peerId }) => peerId === id)?.reputation ?? 0
    expect(points(liar.id)).toBeLessThan(0)
    expect([points(honest.id), points(slow.id)].every((value) => value >= 0)).toBe(true)
  })
})
