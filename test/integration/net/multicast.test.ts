/** Groups of nodes on loopback: a member that stops, one that goes, and one that comes later. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../../node-core/base/clock.ts'
import { MulticastChannel, type GroupOptions } from '../../../node-core/net/channels/multicast.ts'
import { ChannelNetwork, type ChannelNode } from '../../helpers/channel-nodes.ts'
import { eventually } from '../../helpers/network.ts'

let net: ChannelNetwork
let groups: MulticastChannel[]
beforeEach(() => {
  net = new ChannelNetwork()
  groups = []
})
afterEach(async () => {
  await Promise.all(groups.map((group) => group.close()))
  await net.stop()
})

interface Member {
  readonly node: ChannelNode
  readonly group: MulticastChannel
  readonly heard: [from: string, first: number][]
}

async function member(options: GroupOptions = {}, hears = true): Promise<Member> {
  const node = await net.start()
  const group = new MulticastChannel('crew', { channels: node.channels, clock: systemClock }, options)
  groups.push(group)
  group.open()
  const heard: Member['heard'] = []
  if (hears) group.onMessage((message, peer) => void heard.push([peer, message[0] as number]))
  return { node, group, heard }
}

/** Everybody has everybody in the group. */
async function meet(members: readonly Member[]): Promise<void> {
  for (const [i, { node }] of members.entries()) for (const other of members.slice(i + 1)) await node.network.streams.reach(other.node.id, [other.node.address])
  for (const { node, group } of members) for (const other of members) if (other.node !== node) group.add(other.node.id)
  await eventually(() => members.every(({ group }) => group.state.members.every(({ phase }) => phase === 'open')), 'all of the group')
}

test('a message reaches every member, or one of them', async () => {
  const all = [await member(), await member(), await member()]
  await meet(all)
  const [a, b, c] = all as [Member, Member, Member]
  for (let i = 0; i < 10; i++) expect(await Promise.all(a.group.send(new Uint8Array(1000).fill(i)).deliveries.map(({ outcome }) => outcome))).toEqual(['delivered', 'delivered'])
  const { deliveries } = b.group.unicast(c.node.id, Uint8Array.of(77))
  expect(deliveries.map(({ peer }) => peer)).toEqual([c.node.id])
  expect(await deliveries[0]?.outcome).toBe('delivered')
  const ten = [...Array(10).keys()].map((i) => [a.node.id, i])
  await eventually(() => c.heard.length === 11, 'everything')
  expect(b.heard).toEqual(ten)
  expect(c.heard).toEqual([...ten, [b.node.id, 77]])
  expect(a.heard).toEqual([])
  expect(a.group.metrics).toMatchObject({ delivered: { messages: 20, bytes: 20_000 }, dropped: 0, failed: 0 })
  expect(() => a.group.unicast('nobody', Uint8Array.of(1))).toThrow(/no member/)
})

test('a member that reads nothing loses the oldest of what it was to get, and the others lose nothing', async () => {
  const all = [await member({ queueMessages: 8 }), await member(), await member({}, false)]
  await meet(all)
  const [a, b, c] = all as [Member, Member, Member]
  const outcomes = new Map<string, string[]>(all.map(({ node }) => [node.id, []]))
  for (let i = 0; i < 100; i++) {
    const { deliveries, room } = a.group.send(new Uint8Array(60_000).fill(i))
    for (const { peer, outcome } of deliveries) void outcome.then((each) => outcomes.get(peer)?.push(each))
    await room
    await eventually(() => outcomes.get(b.node.id)?.length === i + 1, 'the one that reads')
  }
  expect(b.heard.map(([, number]) => number)).toEqual([...Array(100).keys()])
  const state = a.group.state.members.find(({ peer }) => peer === c.node.id)
  expect(state?.dropped).toBeGreaterThan(50)
  expect(state?.queued.messages).toBeLessThanOrEqual(8)
  c.group.onMessage((message, peer) => void c.heard.push([peer, message[0] as number]))
  await eventually(() => outcomes.get(c.node.id)?.length === 100, 'an outcome of each')
  expect(c.heard.at(-1)).toEqual([a.node.id, 99])
  expect(c.heard.length + a.group.metrics.dropped).toBe(100)
})

test('where messages are held for a member that reads nothing, whoever waits is held, and the others have them', async () => {
  const all = [await member({ queueMessages: 4, whenFull: 'hold' }), await member(), await member({}, false)]
  await meet(all)
  const [a, b, c] = all as [Member, Member, Member]
  let sent = 0
  const sending = (async () => {
    for (; sent < 40; sent++) await a.group.send(new Uint8Array(60_000).fill(sent)).room
  })()
  await eventually(() => a.group.state.members.some(({ peer, queued }) => peer === c.node.id && queued.messages === 4), 'a full queue')
  await eventually(() => b.heard.length === sent + 1, 'the others')
  expect(sent).toBeLessThan(39)
  c.group.onMessage((message, peer) => void c.heard.push([peer, message[0] as number]))
  await sending
  await eventually(() => c.heard.length === 40 && b.heard.length === 40, 'everything')
  expect(c.heard.map(([, number]) => number)).toEqual([...Array(40).keys()])
  expect(a.group.metrics.dropped).toBe(0)
})

test('nobody hears or is heard who is no member, and who leaves is told', async () => {
  const [a, b, stranger] = [await member(), await member(), await member()]
  await meet([a, b])
  await stranger.node.network.streams.reach(b.node.id, [b.node.address])
  stranger.group.add(b.node.id)
  await eventually(() => stranger.group.state.members[0]?.phase === 'waiting', 'the refusal')
  const { deliveries } = stranger.group.send(Uint8Array.of(1))
  await stranger.group.remove(b.node.id)
  expect(await deliveries[0]?.outcome).toBe('failed')
  expect(b.heard).toEqual([])
  await b.group.remove(a.node.id)
  await eventually(() => a.group.state.members[0]?.phase !== 'open', 'the end')
})
