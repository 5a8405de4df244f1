/** A fixed topology on loopback: its members alone, all connected with each other; who has another key, or no network key, is turned away. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { loadIdentity } from '../../../node-core/network/host/identity.ts'
import { RecordingTopic, TestNetwork, eventually, type TestPeer } from '../../helpers/network.ts'
import { writeNetworkKey } from '../../helpers/network-key-file.ts'

let net = new TestNetwork()
afterEach(async () => {
  await net.stop()
  net = new TestNetwork()
})

interface Place {
  readonly dataPath: string
  readonly id: string
}

async function places(count: number): Promise<Place[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const dataPath = await net.folder()
      return { dataPath, id: (await loadIdentity(dataPath, undefined)).peerId }
    }),
  )
}

/** Where each listens is known when it has started: the file is written anew each time. */
async function listed(file: string, peers: readonly { readonly id: string; readonly addresses: readonly string[] }[]): Promise<void> {
  await writeFile(file, JSON.stringify({ peers, longestRetrySeconds: 1 }))
}

const connected = ({ network }: TestPeer): string[] => network.state.peers().map(({ peerId }) => peerId).sort()

test('members find each other by the file, strangers are turned away, and an impostor is shown', async () => {
  const file = join(await net.folder(), 'peers.json')
  const [a, b, c] = (await places(3)) as [Place, Place, Place]
  const members: TestPeer[] = []
  const addresses = new Map<string, string[]>([[a.id, []], [b.id, []], [c.id, []]])
  const write = (): Promise<void> => listed(file, [...addresses].map(([id, at]) => ({ id, addresses: at })))
  await write()
  for (const { dataPath } of [a, b]) {
    const peer = await net.start([new RecordingTopic()], { dataPath, topologyFile: file })
    members.push(peer)
    addresses.set(peer.id, [peer.address])
    await write()
  }
  const [first, second] = members as [TestPeer, TestPeer]
  await eventually(() => connected(first).join() === b.id && connected(second).join() === a.id, 'the two')

  // Somebody answers where the third should be, with another key.
  const impostor = await net.start([new RecordingTopic()])
  addresses.set(c.id, [impostor.address.replace(/\/p2p\/.*/, '')])
  await write()
  await eventually(() => first.network.state.topology()?.members.find(({ id }) => id === c.id)?.failure?.code === 'NETWORK_DIAL_OTHER_PEER', 'the impostor')
  expect(first.network.state.topology()?.members.find(({ id }) => id === c.id)?.failure?.found).toBe(impostor.id)
  expect(connected(first)).toEqual([b.id])

  // A stranger who dials is let in nowhere.
  await expect(impostor.network.actions.call(first.address)).rejects.toMatchObject({ code: expect.stringMatching(/^NETWORK_DIAL_/) as unknown })
  expect(connected(first)).toEqual([b.id])
  expect(() => first.network.actions.addReserved(impostor.address)).toThrow(expect.objectContaining({ code: 'NETWORK_TOPOLOGY_FIXED' }))
  await expect(first.network.actions.call(impostor.address)).rejects.toMatchObject({ code: 'NETWORK_TOPOLOGY_FIXED' })

  // The third comes, at its own address.
  const third = await net.start([new RecordingTopic()], { dataPath: c.dataPath, topologyFile: file })
  addresses.set(c.id, [third.address])
  await write()
  await eventually(() => [first, second, third].every((peer) => connected(peer).length === 2), 'the full mesh')

  // The second is taken out of the list.
  addresses.delete(b.id)
  await write()
  await eventually(() => connected(first).join() === c.id && connected(third).join() === a.id, 'the two that stay')
  await second.network.streams.reach(first.id, [first.address]).catch(() => undefined)
  await eventually(() => second.network.streams.connections(first.id).length === 0, 'the refusal')
})

test('who does not have the network key cannot speak with its members', async () => {
  const folder = await net.folder()
  const [key, other] = [join(folder, 'swarm.key'), join(folder, 'other.key')]
  await writeNetworkKey(key)
  await writeNetworkKey(other)
  const first = await net.start([new RecordingTopic()], { networkKeyFile: key })
  const second = await net.start([new RecordingTopic()], { networkKeyFile: key })
  await expect(second.network.actions.call(first.address)).resolves.toBe('connected')
  for (const options of [{}, { networkKeyFile: other }]) {
    const stranger = await net.start([new RecordingTopic()], options)
    await expect(stranger.network.actions.call(first.address)).rejects.toMatchObject({ code: expect.stringMatching(/^NETWORK_DIAL_/) as unknown })
  }
  expect(connected(first)).toEqual([second.id])
})
