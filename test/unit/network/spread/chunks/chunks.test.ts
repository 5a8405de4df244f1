/** The spreader around the state machine: links, owner, judge, timer. */
import { expect, test } from 'vitest'
import { encodeShard } from '../../../../../node-core/network/spread/chunks/frames.ts'
import { ChunkMesh, keyOf } from '../../../../helpers/chunk-mesh.ts'

const content = new Uint8Array(5000).fill(6)

test('what the owner rejects is charged to the source, and not to the relay that completed it', () => {
  const fault = { code: 'bad-news', cost: -50 }
  const mesh = new ChunkMesh({ nodes: 5, seed: 1, verdict: () => ({ kind: 'reject', fault }) })
  mesh.spread(0, content)
  mesh.run()
  return expect.poll(() => mesh.nodes.slice(1).map(({ faults }) => faults)).toEqual(Array.from({ length: 4 }, () => [{ peer: keyOf(1).peer, fault }]))
})

test('two messages of the same content are two messages', () => {
  const mesh = new ChunkMesh({ nodes: 5, seed: 1 })
  mesh.spread(0, content)
  mesh.spread(0, content)
  mesh.run()
  expect(mesh.nodes.map(({ arrivals }) => arrivals.length)).toEqual([0, 2, 2, 2, 2])
})

test('messages of all nodes at once reach all nodes', () => {
  const mesh = new ChunkMesh({ nodes: 7, seed: 4 })
  for (const number of mesh.nodes.keys()) mesh.spread(number, new Uint8Array(3000 + number).fill(number))
  mesh.run()
  for (const { arrivals } of mesh.nodes) expect(new Set(arrivals.map(({ source }) => source)).size).toBe(6)
  expect(mesh.nodes.flatMap(({ faults }) => faults)).toEqual([])
})

test('a peer whose id is of no ed25519 key is not served and told so', () => {
  const mesh = new ChunkMesh({ nodes: 5, seed: 1 })
  const other = 'QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N'
  const { peer } = keyOf(2)
  const report = mesh.node(0).spreader.spread({ id: '0x', nonce: new Uint8Array(8), content }, [peer, other, keyOf(3).peer, keyOf(4).peer])
  expect(report).toEqual({ sent: [peer, keyOf(3).peer, keyOf(4).peer], unsent: [other] })
})

test('one that is stopped holds nothing, has no timer, hears nothing and sends nothing', () => {
  const mesh = new ChunkMesh({ nodes: 5, seed: 1 })
  mesh.spread(0, content)
  mesh.clock.advance(50)
  for (const { spreader, listener } of mesh.nodes) {
    expect(listener).toBeDefined()
    spreader.stop()
    spreader.stop()
    expect(spreader.sizes).toEqual({ open: 0, openBytes: 0, kept: 0, keptBytes: 0 })
  }
  expect(mesh.nodes.map(({ listener }) => listener)).toEqual([undefined, undefined, undefined, undefined, undefined])
  mesh.run()
  expect(mesh.clock.nextDue()).toBeUndefined()
  expect(() => mesh.spread(0, content)).toThrow(expect.objectContaining({ code: 'SPREAD_STOPPED' }))
})

test('what is no frame is malformed', () => {
  const mesh = new ChunkMesh({ nodes: 4, seed: 1 })
  mesh.send(1, 2, Uint8Array.of(9))
  mesh.send(1, 2, encodeShard(new Uint8Array(400), 0, new Uint8Array(0), new Uint8Array(9)))
  mesh.run()
  expect(mesh.node(2).faults.map(({ fault }) => fault.code)).toEqual(['malformed', 'malformed'])
})
