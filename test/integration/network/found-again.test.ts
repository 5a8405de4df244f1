/** Two nodes without mDNS and without boot nodes, connected by hand once: after a restart they find each other, one on another port too. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { RecordingTopic, TestNetwork, eventually, type TestPeer } from '../../helpers/network.ts'

let net = new TestNetwork()
afterEach(async () => {
  await net.stop()
  net = new TestNetwork()
})

const LONE = { mdns: false, bootnodes: [] }
const knows = (peer: TestPeer, other: TestPeer): boolean => peer.network.state.peers().some(({ peerId }) => peerId === other.id)
const portOf = ({ address }: TestPeer): string => /tcp\/\d+/.exec(address)?.[0] ?? ''

async function connectedOnce(): Promise<readonly [TestPeer, TestPeer]> {
  const [caller, called] = [await net.start([new RecordingTopic()], LONE), await net.start([new RecordingTopic()], LONE)]
  await caller.network.actions.call(called.address)
  await eventually(() => knows(called, caller), 'the connection')
  return [caller, called]
}

async function again({ dataPath, network }: TestPeer, address?: string): Promise<TestPeer> {
  await network.stop()
  return net.start([new RecordingTopic()], { ...LONE, dataPath, ...(address === undefined ? {} : { listenAddrs: [`/ip4/127.0.0.1/${address}`] }) })
}

test('the place that was reserved by hand is kept over a restart of the caller', async () => {
  const [caller, called] = await connectedOnce()
  const back = await again(caller)
  expect(back.id).toBe(caller.id)
  expect(back.network.state.reservedPeers()).toEqual([called.id])
  await eventually(() => knows(back, called) && knows(called, back), 'the reserved peer')
  expect(back.network.state.peerDetails()[0]).toMatchObject({ slot: 'reserved' })
})

test('both are restarted, the one that was called on another port: who it called before finds nothing there, and is found itself', async () => {
  const [caller, called] = await connectedOnce()
  await called.network.stop()
  const port = portOf(caller)
  const callerAgain = await again(caller, port)
  expect(knows(callerAgain, called)).toBe(false)
  // A port of the system's choice: not the one that the caller knows.
  const calledAgain = await net.start([new RecordingTopic()], { ...LONE, dataPath: called.dataPath })
  expect(calledAgain.id).toBe(called.id)
  expect(portOf(calledAgain)).not.toBe(portOf(called))
  await eventually(() => knows(calledAgain, callerAgain) && knows(callerAgain, calledAgain), 'the peer of before')
})

test('a place that was given up is not kept, and who was banned by hand is not called again', async () => {
  const [caller, called] = await connectedOnce()
  caller.network.actions.removeReserved(called.id)
  const back = await again(caller)
  expect(back.network.state.reservedPeers()).toEqual([])
  await eventually(() => knows(back, called), 'a good peer of before')
  const remembered = (): Promise<string> => readFile(join(caller.dataPath, 'network/peers.json'), 'utf8')
  back.network.actions.ban(called.id, 3_600_000)
  await back.network.stop()
  expect(await remembered()).not.toContain(called.id)
})

test('places of the settings are the settings’ alone: without them there, they are gone', async () => {
  const called = await net.start([new RecordingTopic()], LONE)
  const caller = await net.start([new RecordingTopic()], { ...LONE, reservedNodes: [called.address] })
  await eventually(() => knows(caller, called), 'the reserved peer')
  const back = await again(caller)
  expect(back.network.state.reservedPeers()).toEqual([])
})
