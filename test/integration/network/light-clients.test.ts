/** Light clients have slots of their own beside those of full nodes; what a peer is, it says in its status. */
import type { Stream } from '@libp2p/interface'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { encodeFrame } from '../../../node-core/network/framing.ts'
import { BareHost } from '../../helpers/bare-host.ts'
import { PREFIX, RecordingTopic, TestNetwork, eventually, type TestPeer } from '../../helpers/network.ts'

const STATUS = `${PREFIX}/block-announces/1`
const LIGHT = Uint8Array.of(2)
const FULL = Uint8Array.of(1)

let net: TestNetwork
let status: RecordingTopic
const hosts: BareHost[] = []

beforeEach(() => {
  net = new TestNetwork()
  status = new RecordingTopic()
  status.judgeHandshake = (_, [role]) => (role === 2 ? { kind: 'accept', light: true } : { kind: 'accept' })
})
afterEach(async () => {
  for (const host of hosts.splice(0)) await host.stop()
  await net.stop()
})

/** Comes as `role`; answers our stream as `answer`. */
async function arrive(target: TestPeer, role: Uint8Array, answer = role): Promise<{ readonly id: string; readonly stream: Stream }> {
  const host = await BareHost.start()
  hosts.push(host)
  await host.accept(STATUS, answer)
  const connection = await host.dial(target.address)
  const stream = await connection.newStream(STATUS)
  stream.send(encodeFrame(role))
  await eventually(() => stream.status !== 'open' || status.opened.includes(host.id), 'an answer')
  return { id: host.id, stream }
}

const slots = ({ network }: TestPeer): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const { slot = 'none' } of network.state.peerDetails()) counts[slot] = (counts[slot] ?? 0) + 1
  return counts
}

test('twenty light clients of one address take no slot from a full node, nor full nodes one from them', async () => {
  const target = await net.start([status], { inPeers: 1 })
  for (let i = 0; i < 20; i++) await arrive(target, LIGHT)
  expect(slots(target)).toEqual({ light: 20 })
  const full = await arrive(target, FULL)
  expect(status.opened).toContain(full.id)
  const second = await arrive(target, FULL)
  expect([status.opened.includes(second.id), second.stream.status]).toEqual([false, 'reset'])
  await arrive(target, LIGHT)
  expect(slots(target)).toMatchObject({ light: 21, inbound: 1 })
})

test('light clients have as many slots as there are for them, and give them back', async () => {
  const target = await net.start([status], { lightPeers: 2 })
  const first = await arrive(target, LIGHT)
  await arrive(target, LIGHT)
  expect((await arrive(target, LIGHT)).stream.status).toBe('reset')
  target.network.actions.disconnect(first.id, 'test')
  await arrive(target, LIGHT)
  expect(slots(target)).toMatchObject({ light: 2 })
})

test('who comes as a light client and answers as a full node takes the slot of a full node', async () => {
  const target = await net.start([status], { inPeers: 1 })
  await arrive(target, LIGHT, FULL)
  expect(slots(target)).toEqual({ inbound: 1 })
  const second = await arrive(target, LIGHT, FULL)
  await eventually(() => second.stream.status !== 'open', 'the refusal')
  expect(status.opened).not.toContain(second.id)
})

test('who has its topics open does not change its slot by another status', async () => {
  const target = await net.start([status], { inPeers: 1 })
  const host = await BareHost.start()
  hosts.push(host)
  await host.accept(STATUS, FULL)
  const connection = await host.dial(target.address)
  const first = await BareHost.open(connection, STATUS, FULL)
  await eventually(() => status.opened.length === 1, 'the topic')
  await first.close()
  await eventually(() => first.status === 'closed', 'the end of its direction')
  await BareHost.open(connection, STATUS, LIGHT)
  expect([slots(target), status.closed]).toEqual([{ inbound: 1 }, []])
})
