import { beforeEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../../../../../node-core/base/clock.ts'
import { MalformedError } from '../../../../../node-core/base/errors.ts'
import { messageId, sha256 } from '../../../../../node-core/network/spread/message-id.ts'
import { encodeTreeFrame } from '../../../../../node-core/network/spread/tree/frames.ts'
import { heightBetween, keyOf } from '../../../../../node-core/network/spread/tree/keys.ts'
import { decodeTreeMessage, encodeTreeMessage, signedBytes } from '../../../../../node-core/network/spread/tree/message.ts'
import { NETWORK, TOPIC, TreeNet, type TreeNode } from '../../../../helpers/spreading/tree-net.ts'

const CONTENT = Uint8Array.of(1, 2, 3)
const NONCE = new Uint8Array(8)

let clock: FakeClock
let net: TreeNet

beforeEach(() => {
  clock = new FakeClock()
  net = new TreeNet(clock)
})

/** Turns the clock in steps, so that verdicts, which are promises, come in between. */
async function run(ms: number): Promise<void> {
  for (let done = 0; done < ms; done += 10) {
    clock.advance(10)
    for (let i = 0; i < 5; i++) await Promise.resolve()
  }
}

function height(a: TreeNode, b: TreeNode): number {
  return heightBetween(keyOf(a.id), keyOf(b.id))
}

function message(source: TreeNode, { content = CONTENT, nonce = NONCE, network = NETWORK } = {}) {
  const id = messageId(TOPIC, source.id, nonce, sha256(content))
  return { id, bytes: encodeTreeMessage({ key: source.identity.publicKey, nonce, signature: source.identity.sign(signedBytes(network, id)), content }) }
}

describe('a tree of honest nodes', () => {
  it('brings a message to each node once, from its source, as one copy', async () => {
    const [source, ...others] = net.add(60) as [TreeNode, ...TreeNode[]]
    const { sent, unsent } = source.spread(CONTENT)
    expect(unsent).toEqual([])
    expect(sent.length).toBeGreaterThan(3)
    await run(3_000)
    for (const node of others) {
      expect(node.arrivals.map(({ content, source: from, way }) => ({ content, from, way }))).toEqual([{ content: CONTENT, from: source.id, way: 'tree' }])
      expect(node.copies()).toBe(1)
    }
    expect(net.nodes.flatMap(({ faults }) => faults)).toEqual([])
    // Nobody uploaded it 59 times.
    expect(Math.max(...net.nodes.map(({ spreader }) => spreader.statistics.copies))).toBeLessThan(10)
  })

  it('takes a few steps, not one after the other through all', async () => {
    net.add(60)
    net.nodes[0]?.spread(CONTENT)
    await run(500)
    expect(net.nodes.slice(1).every(({ arrivals }) => arrivals.length === 1)).toBe(true)
  })

  it('two messages of the same content with another nonce are two', async () => {
    const [source, other] = net.add(2) as [TreeNode, TreeNode]
    source.spread(CONTENT)
    source.spread(CONTENT, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0))
    await run(500)
    expect(other.arrivals).toHaveLength(2)
  })
})

describe('a peer that does not do its part', () => {
  /** The source, and two peers of one bucket of it; then `more` further ones of that bucket. */
  function sourceAndBucket(count: number, options = {}): { readonly source: TreeNode; readonly bucket: readonly TreeNode[] } {
    const [source, ...others] = net.add(30, options) as [TreeNode, ...TreeNode[]]
    const bucket = others.filter((other) => height(source, other) === 128).slice(0, count)
    for (const node of net.nodes) for (const other of net.nodes) if (node !== other && !(bucket.includes(node) && bucket.includes(other)) && !([node, other].includes(source) && [node, other].some((each) => bucket.includes(each)))) net.unlink(node, other)
    return { source, bucket }
  }

  it('that says nothing is passed over for the next of its bucket, which covers the subtree', async () => {
    const { source, bucket } = sourceAndBucket(6, { repairRounds: 0, blur: 0 })
    ;(bucket[0] as TreeNode).isSilent = true
    source.spread(CONTENT)
    await run(100)
    expect(bucket[1]?.copies()).toBe(0)
    await run(300)
    expect(bucket[1]?.received.some(({ from, frame }) => from === source.id && frame.kind === 'copy' && frame.height === 127)).toBe(true)
    await run(1_000)
    expect(bucket.map(({ arrivals }) => arrivals.length)).toEqual([1, 1, 1, 1, 1, 1])
    // It is not the first choice again.
    source.spread(CONTENT, Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0))
    await run(100)
    expect(bucket[0]?.arrivals).toHaveLength(1)
    expect(bucket[1]?.arrivals).toHaveLength(2)
  })

  it('that answers and does not pass it on leaves it to a spare, which asks', async () => {
    const { source, bucket } = sourceAndBucket(6, { repairRounds: 0, blur: 0 })
    const [liar] = bucket as [TreeNode]
    for (const other of bucket) if (other !== liar) net.unlink(liar, other)
    source.spread(CONTENT)
    await run(300)
    expect(bucket.map(({ arrivals }) => arrivals.length)).toEqual([1, 0, 0, 0, 0, 0])
    await run(2_000)
    expect(bucket.map(({ arrivals }) => arrivals.length)).toEqual([1, 1, 1, 1, 1, 1])
    expect(source.received.some(({ frame }) => frame.kind === 'pull')).toBe(true)
  })

  it('with all its spares leaves a hole that announcements fill', async () => {
    const { source, bucket } = sourceAndBucket(5, { repairMs: 400, beta: 1, blur: 0 })
    const [liar, ...cutOff] = bucket as [TreeNode, ...TreeNode[]]
    for (const other of cutOff) net.unlink(liar, other)
    source.spread(CONTENT)
    await run(380)
    expect(cutOff.every(({ arrivals }) => arrivals.length === 0)).toBe(true)
    await run(2_000)
    expect(cutOff.map(({ arrivals }) => arrivals.length)).toEqual([1, 1, 1, 1])
  })

  it('that goes away is replaced at once', async () => {
    const { source, bucket } = sourceAndBucket(3, { repairRounds: 0, blur: 0 })
    source.spread(CONTENT)
    net.unlink(source, bucket[0] as TreeNode)
    await run(80)
    expect(bucket[1]?.copies()).toBe(1)
  })

  it('that offers what it does not have costs its time limit, and the next one is asked', async () => {
    const [node, liar, honest] = net.add(3, { repairRounds: 0 }) as [TreeNode, TreeNode, TreeNode]
    const { id, bytes } = message(honest)
    liar.isSilent = true
    const offer = encodeTreeFrame({ kind: 'offer', offers: [{ id, length: bytes.length, height: 0, rank: 0 }] })
    net.deliver(liar, node, offer)
    await run(20)
    net.deliver(honest, node, offer)
    await run(850)
    expect(node.spreader.statistics).toMatchObject({ pulls: 1, timeouts: 0 })
    await run(300)
    expect(node.spreader.statistics).toMatchObject({ pulls: 2, timeouts: 1 })
    expect(honest.received.at(-1)?.frame).toEqual({ kind: 'pull', ids: [id] })
  })
})

describe('what a peer must not do', () => {
  let node: TreeNode
  let peer: TreeNode
  let third: TreeNode

  beforeEach(() => {
    ;[node, peer, third] = net.add(3) as [TreeNode, TreeNode, TreeNode]
  })

  async function verdictOf(bytes: Uint8Array): Promise<unknown> {
    net.deliver(peer, node, bytes)
    await run(10)
    return node.verdicts.at(-1)
  }

  it('hand over more than the subtree in which it is not', async () => {
    const allowed = height(node, peer) - 1
    const copy = (of: number) => encodeTreeFrame({ kind: 'copy', height: of, message: message(peer).bytes })
    if (allowed + 1 < 128) expect(await verdictOf(copy(allowed + 1))).toMatchObject({ kind: 'reject', fault: { code: 'tree-height' } })
    expect(await verdictOf(copy(allowed))).toEqual({ kind: 'accept' })
  })

  it.each([
    ['a broken signature', (bytes: Uint8Array) => bytes.with(50, (bytes[50] as number) ^ 1)],
    ['another content', (bytes: Uint8Array) => bytes.with(bytes.length - 1, 99)],
    ['another source', (bytes: Uint8Array) => Uint8Array.of(...peer.identity.publicKey, ...bytes.subarray(32))],
  ])('bring %s', async (_, change) => {
    expect(await verdictOf(encodeTreeFrame({ kind: 'copy', height: 0, message: change(message(third).bytes) }))).toMatchObject({ kind: 'reject', fault: { code: 'tree-signature' } })
    expect(node.arrivals).toEqual([])
  })

  it('bring a message of another network', async () => {
    expect(await verdictOf(encodeTreeFrame({ kind: 'copy', height: 0, message: message(third, { network: 'elsewhere' }).bytes }))).toMatchObject({ fault: { code: 'tree-signature' } })
  })

  it('send what is no frame', async () => {
    expect(() => node.listener?.onFrame(peer.id, Uint8Array.of(9, 9))).toThrow(MalformedError)
    expect(() => node.listener?.onFrame(peer.id, encodeTreeFrame({ kind: 'copy', height: 0, message: new Uint8Array(103) }))).toThrow(MalformedError)
    expect(await verdictOf(encodeTreeFrame({ kind: 'copy', height: 0, message: message(third).bytes }))).toEqual({ kind: 'accept' })
  })

  it('a spoiled answer is not the end: the next one who offered is asked', async () => {
    const { id, bytes } = message(peer)
    const offer = encodeTreeFrame({ kind: 'offer', offers: [{ id, length: bytes.length, height: 0, rank: 0 }] })
    peer.isSilent = third.isSilent = true
    net.deliver(peer, node, offer)
    net.deliver(third, node, offer)
    await run(200)
    expect(node.spreader.statistics.pulls).toBe(1)
    net.deliver(peer, node, encodeTreeFrame({ kind: 'copy', height: 0, message: bytes.with(50, (bytes[50] as number) ^ 1) }))
    expect(node.spreader.statistics.pulls).toBe(2)
    net.deliver(third, node, encodeTreeFrame({ kind: 'copy', height: 0, message: bytes }))
    await run(10)
    expect(node.arrivals).toHaveLength(1)
  })

  it('ask for what is not here, or for the same twice', async () => {
    const { id } = peer.spread(CONTENT).message
    await run(1_000)
    const before = peer.copies()
    const pull = encodeTreeFrame({ kind: 'pull', ids: [id] })
    net.deliver(third, node, pull)
    net.deliver(third, node, pull)
    await run(200)
    expect(third.received.filter(({ from, frame }) => from === node.id && frame.kind === 'copy' && frame.height === 0)).toHaveLength(1)
    expect(peer.copies()).toBe(before)
    const unknown = `0x${'77'.repeat(32)}` as const
    net.deliver(third, node, encodeTreeFrame({ kind: 'pull', ids: [unknown] }))
    await run(100)
    expect(third.received.at(-1)?.frame).toEqual({ kind: 'gone', ids: [unknown] })
  })

  it('offer without end: what one peer offers is bounded, and counted', async () => {
    for (let i = 0; i < 10; i++) {
      const offers = Array.from({ length: 64 }, (_, j) => ({ id: messageId(TOPIC, peer.id, NONCE, sha256(Uint8Array.of(i, j))), length: 5, height: 0, rank: 7 }))
      net.deliver(peer, node, encodeTreeFrame({ kind: 'offer', offers }))
    }
    expect(node.spreader.statistics.dropped).toBe(640 - 128)
  })
})

describe('the owner', () => {
  it('who rejects a message stops it, and its source and the relay pay', async () => {
    const [node, relay, source, further] = net.add(4, { repairMs: 10 }) as [TreeNode, TreeNode, TreeNode, TreeNode]
    node.verdict = () => ({ kind: 'reject', fault: { code: 'nonsense', cost: -50 } })
    net.unlink(node, source)
    net.deliver(relay, node, encodeTreeFrame({ kind: 'copy', height: height(node, relay) - 1, message: message(source).bytes }))
    await run(1_000)
    expect(node.verdicts[0]).toMatchObject({ kind: 'reject', fault: { code: 'nonsense' } })
    expect(node.faults.map(({ code }) => code)).toEqual(['nonsense'])
    expect(further.received.filter(({ frame }) => frame.kind !== 'have')).toEqual([])
  })

  it('who ignores it stops it, and nobody pays', async () => {
    const [node, source, further] = net.add(3, { repairMs: 10 }) as [TreeNode, TreeNode, TreeNode]
    node.verdict = () => ({ kind: 'ignore', reason: 'old' })
    net.unlink(source, further)
    source.spread(CONTENT)
    await run(1_000)
    expect(node.arrivals).toHaveLength(1)
    expect(node.faults).toEqual([])
    expect(further.received).toEqual([])
  })
})

describe('life', () => {
  it('after its end nothing is sent, kept or taken; to end twice is nothing', async () => {
    const [source, other] = net.add(2) as [TreeNode, TreeNode]
    source.spread(CONTENT)
    other.spreader.stop()
    other.spreader.stop()
    source.spreader.stop()
    await run(1_000)
    expect(clock.nextDue()).toBeUndefined()
    expect(() => source.spread(CONTENT)).toThrow('The topic is closed')
  })

  it('forgets what it holds when its time is over: an idle node has no timers', async () => {
    const [source, other] = net.add(2) as [TreeNode, TreeNode]
    const { id } = source.spread(CONTENT).message
    await run(5_000)
    expect(clock.nextDue()).toBeUndefined()
    clock.advance(30_000)
    net.deliver(other, source, encodeTreeFrame({ kind: 'pull', ids: [id] }))
    await run(100)
    expect(other.received.at(-1)?.frame).toEqual({ kind: 'gone', ids: [id] })
  })

  it('a content that is too long is refused', () => {
    const [source] = net.add(1) as [TreeNode]
    expect(() => source.spread(new Uint8Array(source.spreader.maxContentBytes + 1))).toThrow('at most')
    expect(source.spread(new Uint8Array(source.spreader.maxContentBytes)).sent).toEqual([])
  })

  it('what a message carries is read as it was written', () => {
    const [source] = net.add(1) as [TreeNode]
    const { bytes } = message(source)
    expect(encodeTreeMessage(decodeTreeMessage(bytes))).toEqual(bytes)
  })
})
