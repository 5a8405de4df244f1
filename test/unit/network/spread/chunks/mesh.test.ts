/** Whole meshes of 4 to 64 nodes: who gets the message, who is blamed, and what it costs. */
import { describe, expect, test } from 'vitest'
import { ed25519Verify } from '../../../../../node-core/crypto/ed25519/ed25519.ts'
import { divide } from '../../../../../node-core/network/spread/chunks/decoding.ts'
import { encodeShard } from '../../../../../node-core/network/spread/chunks/frames.ts'
import { decodeHeader, shardsNeeded } from '../../../../../node-core/network/spread/chunks/header.ts'
import { provesLie, type LieProof } from '../../../../../node-core/network/spread/chunks/lie.ts'
import { MerkleTree, leafHash } from '../../../../../node-core/network/spread/chunks/merkle.ts'
import { sha256 } from '../../../../../node-core/network/spread/message-id.ts'
import { Random } from '../../../../fuzz/random.ts'
import { ChunkMesh, NETWORK, TOPIC, keyOf, signedBy, type Channel } from '../../../../helpers/chunk-mesh.ts'
import { decodeLie, encodeLie } from '../../../../helpers/lie-bytes.ts'

const SIZES = [4, 5, 7, 8, 19, 64]
const contentOf = (bytes: number): Uint8Array => Uint8Array.from({ length: bytes }, (_, i) => (i * 2_654_435_761) >>> 24)
const faultyOf = (nodes: number): number => Math.floor((nodes - 1) / 3)

/** Numbers of the nodes but the source that are not honest: the first ones, or the last ones. */
function faulty(nodes: number, where: 'first' | 'last'): ReadonlySet<number> {
  const f = faultyOf(nodes)
  return new Set(Array.from({ length: f }, (_, i) => (where === 'first' ? 1 + i : nodes - 1 - i)))
}

function expectDelivered(mesh: ChunkMesh, content: Uint8Array, but: ReadonlySet<number> = new Set()): void {
  for (const [number, { arrivals, key }] of mesh.nodes.entries()) {
    if (number === 0 || but.has(number)) continue
    expect(arrivals.map(({ source, way }) => [source, way]), `node ${number} (${key.peer})`).toEqual([[mesh.node(0).key.peer, 'chunks']])
    expect(Buffer.compare((arrivals[0] as (typeof arrivals)[0]).content, content)).toBe(0)
  }
}

describe.each(SIZES)('a mesh of %d', (nodes) => {
  const content = contentOf(70_001)

  test('gets the message once each, in two hops', () => {
    const mesh = new ChunkMesh({ nodes, seed: nodes })
    const { sent, unsent } = mesh.spread(0, content)
    expect([sent.length, unsent]).toEqual([nodes - 1, []])
    mesh.clock.advance(160)
    expectDelivered(mesh, content)
    expect(mesh.nodes.flatMap(({ faults }) => faults)).toEqual([])
    expect(mesh.nodes.every(({ spreader }) => spreader.counters.asked === 0)).toBe(true)
  })

  test.each(['first', 'last'] as const)('gets it although f relays are silent (the %s ones), without asking', (where) => {
    const silent = faulty(nodes, where)
    const mesh = new ChunkMesh({ nodes, seed: nodes, channel: (frame, from) => (silent.has(from) ? [] : [frame]) })
    mesh.spread(0, content)
    mesh.clock.advance(160)
    expectDelivered(mesh, content)
    expect(mesh.nodes.every(({ spreader }) => spreader.counters.asked === 0)).toBe(true)
  })

  test.each<[string, Channel]>([
    ['another shard', (frame) => [changed(frame, frame.length - 1)]],
    ['another path', (frame) => [changed(frame, frame.length - Math.ceil(70_001 / shardsNeeded(nodes - 1)) - 1)]],
    ['another header', (frame) => [changed(frame, 20)]],
    ['another signature', (frame) => [changed(frame, 3 + headerBytes(frame) - 1)]],
    ['another place', (frame) => [changed(frame, 3 + headerBytes(frame))]],
    ['half a frame', (frame) => [frame.subarray(0, frame.length >> 1)]],
    ['a frame too long', (frame) => [Uint8Array.of(...frame.subarray(0, 300), ...frame)]],
  ])('gets it although f relays send %s, and blames them and not the source', (_name, lie) => {
    const liars = faulty(nodes, 'first')
    const mesh = new ChunkMesh({ nodes, seed: nodes, channel: (frame, from, to) => (liars.has(from) ? lie(frame, from, to) : [frame]) })
    mesh.spread(0, content)
    mesh.run()
    expectDelivered(mesh, content)
    const blamed = new Set(mesh.nodes.flatMap(({ faults }) => faults.map(({ peer }) => peer)))
    // Whose lie came after everybody had the message is not found out.
    expect(blamed.size).toBeGreaterThan(0)
    for (const peer of blamed) expect([...liars].map((number) => mesh.node(number).key.peer)).toContain(peer)
    expect(mesh.nodes.flatMap(({ lies }) => lies)).toEqual([])
  })

  test('gets it although the source serves k of its nodes alone', () => {
    const unserved = faulty(nodes, 'last')
    const mesh = new ChunkMesh({ nodes, seed: nodes, channel: (frame, from, to) => (from === 0 && unserved.has(to) ? [] : [frame]) })
    mesh.spread(0, content)
    mesh.clock.advance(240)
    expectDelivered(mesh, content)
  })

  test.each([1, 2, 3])('gets it with every fifth frame lost and all of them out of order (seed %d)', (seed) => {
    const lossy = new Random(seed)
    const mesh = new ChunkMesh({ nodes, seed, latency: [1, 900], channel: (frame) => (lossy.once(5) ? [] : lossy.once(8) ? [frame, frame] : [frame]) })
    mesh.spread(0, content)
    mesh.run(30_000)
    expectDelivered(mesh, content)
  })

  test('holds nothing of it when the time is over', () => {
    const mesh = new ChunkMesh({ nodes, seed: nodes })
    mesh.spread(0, content)
    mesh.run(120_000)
    for (const { spreader } of mesh.nodes) expect(spreader.sizes).toEqual({ open: 0, openBytes: 0, kept: 0, keptBytes: 0 })
    expect(mesh.clock.nextDue()).toBeUndefined()
  })
})

describe('bytes', () => {
  test.each([[8, 1.6], [16, 1.6], [32, 1.6]])('that the source of %d sends are at most %d times the message, and a relay sends S(n-2)/k', (nodes, most) => {
    const size = 1024 * 1024
    const mesh = new ChunkMesh({ nodes, seed: 1 })
    mesh.spread(0, contentOf(size))
    mesh.run()
    expect(mesh.node(0).sentBytes).toBeLessThanOrEqual(most * size)
    const share = (size * (nodes - 2)) / shardsNeeded(nodes - 1)
    for (const { sentBytes } of mesh.nodes.slice(1)) {
      expect(sentBytes).toBeGreaterThanOrEqual(share)
      expect(sentBytes).toBeLessThan(1.05 * share)
    }
  })
})

describe('a list of recipients', () => {
  test('gets the message, and nobody else does', () => {
    const mesh = new ChunkMesh({ nodes: 9, seed: 3 })
    const content = contentOf(100_000)
    mesh.spread(0, content, [1, 3, 5, 7])
    mesh.run()
    expectDelivered(mesh, content, new Set([2, 4, 6, 8]))
    for (const number of [2, 4, 6, 8]) expect(mesh.node(number).arrivals).toEqual([])
  })

  test('that is too short is refused', () => {
    const mesh = new ChunkMesh({ nodes: 4, seed: 3 })
    expect(() => mesh.spread(0, contentOf(10), [1, 2])).toThrow(expect.objectContaining({ code: 'SPREAD_WAY_UNFIT' }))
    expect(() => mesh.spread(0, new Uint8Array(0))).toThrow(expect.objectContaining({ code: 'SPREAD_WAY_UNFIT' }))
    expect(() => mesh.spread(0, new Uint8Array(16 * 1024 * 1024 + 1))).toThrow(expect.objectContaining({ code: 'SPREAD_TOO_LARGE' }))
  })
})

describe('a lying source', () => {
  const nodes = 8
  const content = contentOf(50_001)
  const source = keyOf(1)
  const recipients = Array.from({ length: nodes - 1 }, (_, i) => keyOf(i + 2).publicKey)
  const k = shardsNeeded(recipients.length)

  /** Shards that the source makes of the content, changed, and a header that stands by them. */
  function tell(change: (shards: Uint8Array[]) => void, contentHash = sha256(content)) {
    const shards = divide(content, k, recipients.length).shards.map((shard) => shard.slice())
    change(shards)
    const tree = new MerkleTree(shards.map(leafHash))
    const header = signedBy(source, { network: NETWORK, topic: TOPIC, nonce: new Uint8Array(8), time: 1_000_000, length: content.length, k, root: tree.root, contentHash, recipients })
    return { header, frames: shards.map((shard, place) => encodeShard(header, place, tree.path(place), shard)) }
  }

  const lies: [string, ReturnType<typeof tell>][] = [
    ['no code', tell((shards) => ((shards[2] as Uint8Array)[5]! ^= 1))],
    ['no code in the last shard', tell((shards) => ((shards[6] as Uint8Array)[0]! ^= 1))],
    ['filled up with something', tell((shards) => {
      ;(shards[4] as Uint8Array)[(shards[4] as Uint8Array).length - 1] = 9
      const again = divide(Buffer.concat(shards.slice(0, k)), k, recipients.length).shards
      for (const [i, shard] of again.entries()) shards[i] = shard.slice()
    })],
    ['of another content', tell(() => {}, new Uint8Array(32).fill(1))],
  ]

  test.each(lies)('whose shards are %s is refused by everybody, whichever shards they have, and proven', (_name, { frames }) => {
    for (const seed of [1, 2, 3]) {
      const mesh = new ChunkMesh({ nodes, seed })
      for (const [place, frame] of frames.entries()) mesh.send(0, place + 1, frame)
      mesh.run()
      for (const { arrivals, lies, faults, spreader } of mesh.nodes.slice(1)) {
        expect(arrivals).toEqual([])
        expect(lies.map((lie) => lie.source)).toEqual([source.peer])
        expect(faults).toEqual([{ peer: source.peer, fault: { code: 'chunk-source-lied', cost: -1000, ban: true } }])
        expect(spreader.sizes).toMatchObject({ open: 0, kept: 0 })
        // Anybody can check it, out of its bytes alone.
        const proof = decodeLie(encodeLie((lies[0] as { readonly proof: LieProof }).proof))
        expect(provesLie(proof, ed25519Verify)?.source).toEqual(source.publicKey)
      }
    }
  })

  test('cannot be made up: neither of an honest message, nor with shards or headers that are not the source’s', () => {
    const honest = tell(() => {})
    const shards = divide(content, k, recipients.length)
    const proven = shards.shards.map((shard, place) => ({ place, path: shards.tree.path(place), shard }))
    const prove = (header: Uint8Array, of: LieProof['shards']) => provesLie({ header, shards: of }, ed25519Verify)
    for (const first of [0, 1, 2]) expect(prove(honest.header, proven.slice(first, first + k))).toBeUndefined()
    const wrong = proven.map((entry) => ({ ...entry, shard: changed(entry.shard, 3) }))
    expect(prove(honest.header, [...proven.slice(0, k - 1), wrong[k] as (typeof wrong)[0]])).toBeUndefined()
    expect(prove(honest.header, proven.slice(0, k - 1))).toBeUndefined()
    expect(prove(honest.header, [...proven.slice(0, k - 1), proven[0] as (typeof proven)[0]])).toBeUndefined()
    const [, lie] = lies[0] as (typeof lies)[0]
    const forged = changed(lie.header, lie.header.length - 1)
    expect(decodeHeader(forged).source).toEqual(source.publicKey)
    expect(prove(forged, proven.slice(0, k))).toBeUndefined()
  })
})

function changed(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice()
  copy[at] = (copy[at] as number) ^ 1
  return copy
}

function headerBytes(frame: Uint8Array): number {
  return (frame[1] as number) | ((frame[2] as number) << 8)
}
