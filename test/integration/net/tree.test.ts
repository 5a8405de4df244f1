/**
 * The broadcast tree between nodes on loopback: connections of the real network, of which each node has some. A large message reaches everybody, although two nodes take
 * what they get and pass nothing on.
 */
import { randomBytes } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../node-core/base/clock.ts'
import { silentLogger } from '../../../node-core/base/logger.ts'
import { TopicTable } from '../../../node-core/net/topics/topic-table.ts'
import { waysOf } from '../../../node-core/net/ways.ts'
import { NET_GATE } from '../../helpers/net-gate.ts'
import { eventually, RecordingTopic, TestNetwork, type TestPeer } from '../../helpers/network.ts'

const NODES = 14
/** Nodes that pass nothing on; neither the first, who sends, nor neighbours of each other. */
const SILENT = [5, 9]
const BYTES = 256 * 1024
const BLOCKS = { name: 'blocks', maxMessageBytes: 300_000, rate: { perSecond: 1000, burst: 1000 }, topology: 'open', large: 'tree' } as const
/** How far back in the row of nodes the peers of each stand. */
const STEPS = [1, 2, 4, 7]

interface Member extends TestPeer {
  readonly topics: TopicTable | undefined
  readonly got: { readonly source: string; readonly payload: Uint8Array; readonly way: string | undefined }[]
}

let network = new TestNetwork()
let members: Member[] = []
afterEach(async () => {
  for (const { topics } of members) await topics?.stop()
  await network.stop()
  network = new TestNetwork()
  members = []
})

async function member(number: number): Promise<Member> {
  const reservedNodes = STEPS.flatMap((step) => members[number - step]?.address ?? [])
  const silent = new RecordingTopic('net/blocks', { protocol: '/net/topic/blocks/1', maxMessageBytes: 400_000, queueLength: 256 })
  const isSilent = SILENT.includes(number)
  silent.greeting = Uint8Array.of(1)
  const peer = await network.start(isSilent ? [NET_GATE, silent] : [NET_GATE], { reservedNodes, outPeers: 0 })
  const got: Member['got'] = []
  if (isSilent) return { ...peer, topics: undefined, got }
  const { network: service } = peer
  const topics = new TopicTable({
    clock: systemClock,
    logger: silentLogger,
    door: service.topics,
    localPeer: () => peer.id,
    random: (length) => new Uint8Array(randomBytes(length)),
    ways: waysOf({
      clock: systemClock, judge: service.judge, key: () => service.key, random: Math.random, network: () => 'test',
      distance: (other) => service.latencyTo(other), isMember: () => true, onLie: () => undefined, gossip: () => undefined,
    }),
  })
  topics.declare(BLOCKS)
  topics.subscribe('blocks', 'reader', ({ source, payload, way }) => void got.push({ source, payload, way }))
  return { ...peer, topics, got }
}

describe('a large message in an open network', () => {
  it('reaches every node along the tree, past those that pass nothing on, and costs each about what it is long', { timeout: 300_000 }, async () => {
    for (let i = 0; i < NODES; i++) members.push(await member(i))
    const peersOf = ({ topics }: Member): number => topics?.figures()[0]?.peers.length ?? 0
    const wanted = (number: number): number => STEPS.reduce((sum, step) => sum + Number(number - step >= 0) + Number(number + step < NODES), 0)
    await eventually(() => members.every((one, i) => one.topics === undefined || peersOf(one) >= wanted(i)), 'the topic between all neighbours')

    const [source] = members as [Member]
    const sentBefore = members.map(({ network: { state } }) => state.bandwidth().bytesOut)
    const payload = new Uint8Array(randomBytes(BYTES))
    expect(await source.topics?.publish('blocks', payload)).toMatchObject({ way: 'tree' })
    const honest = members.filter(({ topics }) => topics !== undefined)
    await eventually(() => honest.slice(1).every(({ got }) => got.length > 0), 'the message everywhere')
    for (const { got } of honest.slice(1)) expect(got.map(({ source: from, payload: bytes, way }) => [from, Buffer.compare(bytes, payload), way])).toEqual([[source.id, 0, 'tree']])

    const sent = members.map(({ network: { state } }, i) => state.bandwidth().bytesOut - (sentBefore[i] as number))
    const total = sent.reduce((sum, bytes) => sum + bytes, 0)
    // Direct sending to each neighbour, as in flooding, would be five or six lengths of each node.
    expect(total / (NODES - 1)).toBeLessThan(2.5 * BYTES)
    for (const { network: { state } } of honest) expect(state.peerDetails().every(({ reputation }) => reputation >= 0)).toBe(true)
  })
})
