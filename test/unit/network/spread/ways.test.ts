/** Topics with direct sending and chunk and relay behind them, as nodes of a mesh have them. */
import { expect, test } from 'vitest'
import { FakeClock } from '../../../../node-core/base/clock.ts'
import { silentLogger } from '../../../../node-core/base/logger.ts'
import { ed25519Sign, ed25519Verify } from '../../../../node-core/crypto/ed25519/ed25519.ts'
import { ChunksSpreader } from '../../../../node-core/network/spread/chunks/chunks.ts'
import { DirectSpreader } from '../../../../node-core/network/spread/direct.ts'
import { Seen } from '../../../../node-core/network/spread/seen.ts'
import type { Arrival } from '../../../../node-core/network/spread/spread.ts'
import { TopicSpread } from '../../../../node-core/network/spread/topic-spread.ts'
import { keyOf } from '../../../helpers/chunk-mesh.ts'

interface TopicNode {
  readonly topic: TopicSpread
  readonly arrivals: Arrival[]
}

/** `nonces`: what every node takes for its messages, one after another. */
async function meshOf(count: number, nonces: readonly number[]): Promise<{ readonly nodes: readonly TopicNode[]; settle(): Promise<void> }> {
  const clock = new FakeClock(1_000_000)
  const peers = Array.from({ length: count }, (_, number) => keyOf(number + 1).peer)
  const nodes = peers.map((localPeer, number): TopicNode => {
    const arrivals: Arrival[] = []
    let used = 0
    const send = (to: readonly string[], frame: Uint8Array): readonly string[] => {
      for (const peer of to) clock.schedule(10, () => void nodes[peers.indexOf(peer)]?.topic.onFrame(localPeer, frame))
      return to
    }
    const topic = new TopicSpread(
      {
        links: { topic: 'news', localPeer, maxFrameBytes: 2 ** 20, peers: () => peers.filter((peer) => peer !== localPeer), send },
        seen: new Seen({ clock }, { entries: 100, spanMs: 300_000 }),
        logger: silentLogger,
        nonce: () => new Uint8Array(8).fill(nonces[used++] ?? 0),
        owner(arrival) {
          arrivals.push(arrival)
          return { kind: 'accept' }
        },
        spreaders: (links, sink) => [
          new DirectSpreader({ links: links('direct'), sink }),
          new ChunksSpreader({
            links: links('chunks'), sink, clock, network: 'net', verify: ed25519Verify,
            sign: (message) => ed25519Sign(keyOf(number + 1).seed, message),
            judge: { report: (peer, fault) => expect.fail(`${peer}: ${fault.code}`), reward: () => {} },
          }),
        ],
      },
      { topology: 'mesh', large: 'tree' },
    )
    return { topic, arrivals }
  })
  for (const { topic } of nodes) await topic.start()
  return {
    nodes,
    async settle() {
      for (let hop = 0; hop < 4; hop++) {
        clock.advance(10)
        await Promise.resolve()
      }
    },
  }
}

const large = new Uint8Array(70_000).fill(1)
const small = new Uint8Array(70).fill(1)

test('a large message goes in chunks, a small one directly, and each is handed on once', async () => {
  const { nodes, settle } = await meshOf(5, [1, 2])
  const [source, ...others] = nodes as [TopicNode, ...TopicNode[]]
  expect((await source.topic.send(large, 'everybody')).way).toBe('chunks')
  expect((await source.topic.send(small, 'everybody')).way).toBe('direct')
  await settle()
  for (const { arrivals } of others) {
    expect(arrivals.map(({ way, source: from, content }) => [way, from, content.length]).toSorted()).toEqual([['chunks', keyOf(1).peer, 70_000], ['direct', keyOf(1).peer, 70]])
  }
  expect(source.arrivals).toEqual([])
})

test.each([['direct', 'chunks'], ['chunks', 'direct']] as const)('a message that is sent in two ways, %s and then %s, is handed on once', async (first, second) => {
  const { nodes, settle } = await meshOf(5, [7, 7])
  const [source, ...others] = nodes as [TopicNode, ...TopicNode[]]
  const ids = [await source.topic.send(large, 'everybody', first)]
  await settle()
  ids.push(await source.topic.send(large, 'everybody', second))
  await settle()
  expect(ids[1]?.id).toBe(ids[0]?.id)
  expect(others.map(({ arrivals }) => arrivals.map(({ way }) => way))).toEqual(others.map(() => [first]))
})
