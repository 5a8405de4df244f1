/** Gossip between hosts of ours over TCP: what goes on a line of three, where the one in the middle has to pass it on. */
import { afterEach, describe, expect, it } from 'vitest'
import { utf8 } from '../../../node-core/base/bytes.ts'
import type { Verdict } from '../../../node-core/network/contracts.ts'
import type { GossipKind } from '../../../node-core/network/spread/gossip.ts'
import { GossipNode, type GossipNodeOptions } from '../../helpers/gossip-node.ts'
import { eventually, TestNetwork } from '../../helpers/network.ts'

const TOPIC = 'news'
let nodes: GossipNode[] = []

afterEach(async () => {
  await Promise.all(nodes.map((node) => node.stop()))
  nodes = []
})

/** Each is linked with the one before; `middle` is what the second of three adds. */
async function line(options: Partial<GossipNodeOptions> = {}, middle: Partial<GossipNodeOptions> = {}): Promise<[GossipNode, GossipNode, GossipNode]> {
  for (const i of [0, 1, 2]) nodes.push(await GossipNode.start({ topic: TOPIC, ...options, ...(i === 1 ? middle : {}) }))
  const [a, b, c] = nodes as [GossipNode, GossipNode, GossipNode]
  await a.dial(b.address)
  await c.dial(b.address)
  for (const [x, y] of [[a, b], [b, a], [b, c], [c, b]] as const) await x.meets(y.id)
  return [a, b, c]
}

const texts = (node: GossipNode): string[] => node.arrivals.map(({ content }) => new TextDecoder().decode(content))

describe('gossip', () => {
  it('brings a signed message further than to the peers of its source, once, and says whose it is', async () => {
    const [a, b, c] = await line()
    expect(await a.send(utf8('hello'))).toEqual({ sent: [b.id], unsent: [] })
    await eventually(() => c.arrivals.length > 0, 'the message')
    expect(c.arrivals).toMatchObject([{ source: a.id, from: b.id, way: 'gossip', content: utf8('hello') }])
    expect(c.arrivals[0]?.id).toBe(b.arrivals[0]?.id)
    await c.send(utf8('and back'))
    await eventually(() => a.arrivals.length > 0, 'the answer')
    expect(a.arrivals).toMatchObject([{ source: c.id, from: b.id }])
    expect([texts(a), texts(b), texts(c)]).toEqual([['and back'], ['hello', 'and back'], ['hello']])
  })

  it('brings an unsigned one too, of which nobody knows whose it is', async () => {
    const kind: GossipKind = 'unsigned'
    const [a, , c] = await line({ kind })
    await a.send(utf8('hello'))
    await eventually(() => c.arrivals.length > 0, 'the message')
    expect(c.arrivals).toMatchObject([{ source: '', content: utf8('hello') }])
  })

  it('passes on only what the owner accepts, and charges for what it rejects', async () => {
    const verdicts: Readonly<Record<string, Verdict>> = { bad: { kind: 'reject', fault: { code: 'nonsense', cost: -50 } }, old: { kind: 'ignore', reason: 'old' } }
    const [a, b, c] = await line({}, { judge: ({ content }) => verdicts[new TextDecoder().decode(content)] ?? { kind: 'accept' } })
    for (const text of ['bad', 'old', 'good']) await a.send(utf8(text))
    await eventually(() => c.arrivals.length > 0, 'the good one')
    expect(texts(b)).toEqual(['bad', 'old', 'good'])
    expect(texts(c)).toEqual(['good'])
    expect(b.faults).toEqual([{ peer: a.id, fault: { code: 'nonsense', cost: -50 } }])
  })

  it('rejects what is longer than the topic takes, before its owner sees it', async () => {
    const [a, b, c] = await line({}, { maxContentBytes: 100 })
    await a.send(new Uint8Array(101))
    await a.send(new Uint8Array(100))
    await eventually(() => c.arrivals.length > 0, 'the short one')
    expect(c.arrivals.map(({ content }) => content.length)).toEqual([100])
    expect(b.faults).toMatchObject([{ peer: a.id, fault: { code: 'gossip-too-long' } }])
    await expect(b.send(new Uint8Array(101))).rejects.toMatchObject({ code: 'SPREAD_TOO_LARGE' })
  })

  it('says who is alone on a topic, and nothing after its end', async () => {
    nodes.push(await GossipNode.start({ topic: TOPIC }))
    const [alone] = nodes as [GossipNode]
    expect(await alone.send(utf8('hello'))).toEqual({ sent: [], unsent: [] })
    alone.spreader.stop()
    alone.spreader.stop()
    await expect(alone.send(utf8('hello'))).rejects.toMatchObject({ code: 'SPREAD_STOPPED' })
  })

  it('is there while the network service runs, in the kinds that its options have', async () => {
    const network = new TestNetwork()
    try {
      const plain = await network.start([])
      expect(plain.network.gossip('signed')).toBeUndefined()
      const signed = await network.start([], { gossip: ['signed'] })
      expect(signed.network.gossip('signed')).toBeDefined()
      expect(signed.network.gossip('unsigned')).toBeUndefined()
      await signed.network.stop()
      expect(signed.network.gossip('signed')).toBeUndefined()
    } finally {
      await network.stop()
    }
  })
})
