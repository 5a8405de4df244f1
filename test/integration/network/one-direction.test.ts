/** Topics with peers that open one direction only, close one, or take their time: as other implementations do. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Hash } from '../../../node-core/base/bytes.ts'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { Emitter } from '../../../node-core/base/events.ts'
import type { PoolEvents } from '../../../node-core/chain/core/types.ts'
import { blake2Hash } from '../../../node-core/crypto/hashes/hashing.ts'
import type { TopicSender } from '../../../node-core/network/contracts.ts'
import { encodeFrame } from '../../../node-core/network/framing.ts'
import { Transactions, decodeTransactions } from '../../../node-core/chain/protocols/transactions.ts'
import { BareHost } from '../../helpers/bare-host.ts'
import { PREFIX, RecordingTopic, TestNetwork, eventually, type TestPeer } from '../../helpers/network.ts'

const STATUS = `${PREFIX}/block-announces/1`
const VOTES = `${PREFIX}/grandpa/1`
const TRANSACTIONS = `${PREFIX}/transactions/1`
const HELLO = Uint8Array.of(1)

let net: TestNetwork
let clock: FakeClock
let status: RecordingTopic
let votes: RecordingTopic
let peer: BareHost

beforeEach(async () => {
  net = new TestNetwork()
  clock = new FakeClock()
  status = new RecordingTopic()
  votes = new RecordingTopic('grandpa')
  peer = await BareHost.start({ listen: true })
})
afterEach(async () => {
  await peer.stop()
  await net.stop()
})

const node = (): Promise<TestPeer> => net.start([status, votes], { clock, bootnodes: [peer.address] })
const reputation = ({ network }: TestPeer): number | undefined => network.state.peerDetails().find(({ peerId }) => peerId === peer.id)?.reputation

/** Says hello on a topic that the node may still be opening to us. */
async function open(target: TestPeer, protocol: string) {
  const connection = await peer.dial(target.address)
  return BareHost.open(connection, protocol, HELLO)
}

describe('a peer that answers our stream and opens none back', () => {
  test('has the topic open at once, gets messages, pays nothing and keeps it', async () => {
    await peer.accept(STATUS, HELLO)
    await peer.accept(VOTES, HELLO)
    const target = await node()
    await eventually(() => votes.opened.length === 1, 'the topic')
    expect(target.network.topics.openPeers('grandpa')).toEqual([peer.id])
    target.network.topics.send('grandpa', Uint8Array.of(7), { except: [] })
    await eventually(() => peer.frames.get(VOTES)?.length === 2, 'the message')
    clock.advance(60_000)
    expect([status.closed, votes.closed, reputation(target)]).toEqual([[], [], 0])
    // And may open its own direction whenever it likes.
    const stream = await open(target, VOTES)
    stream.send(encodeFrame(Uint8Array.of(9)))
    await eventually(() => votes.messages.length === 1, 'its message')
    expect(votes.opened).toEqual([peer.id])
  })

  test('gets the transactions that are submitted to us', async () => {
    const broadcasts: [Hash, readonly string[]][] = []
    const pool = {
      events: new Emitter<PoolEvents>(),
      submit: () => Promise.reject(new Error('nobody sends us any')),
      ready: () => [],
      onBroadcast: (hash: Hash, to: readonly string[]) => void broadcasts.push([hash, to]),
    }
    await peer.accept(STATUS, HELLO)
    await peer.accept(TRANSACTIONS, Uint8Array.of(4))
    const sender: TopicSender = { send: (...message) => target.network.topics.send(...message), openPeers: () => [] }
    const transactions = new Transactions({ pool, sender, clock, isMajorSyncing: () => false, roleOf: () => 'AUTHORITY' }, { role: 'FULL' })
    await transactions.start()
    const target: TestPeer = await net.start([status, transactions], { clock, bootnodes: [peer.address] })
    await eventually(() => target.network.topics.openPeers('transactions').length === 1, 'the topic')
    const extrinsic = Uint8Array.of(3 << 2, 1, 2, 3)
    pool.events.emit('ready', { hash: blake2Hash(extrinsic), extrinsic })
    clock.advance(1_000)
    await eventually(() => peer.frames.get(TRANSACTIONS)?.length === 2, 'the transaction')
    expect(peer.frames.get(TRANSACTIONS)?.slice(1).map(decodeTransactions)).toEqual([[extrinsic]])
    expect(broadcasts).toEqual([[blake2Hash(extrinsic), [peer.id]]])
    await transactions.stop()
  })
})

describe('a peer that does not answer our stream', () => {
  test('in time is asked again and pays nothing', async () => {
    let answers = false
    await peer.accept(STATUS, HELLO)
    await peer.serve(VOTES, (stream) => void (answers && stream.send(encodeFrame(HELLO))))
    const target = await node()
    await eventually(() => peer.frames.get(VOTES)?.length === 1, 'our handshake')
    clock.advance(10_000)
    await eventually(() => peer.inbound.get(VOTES)?.[0]?.status !== 'open', 'the end')
    answers = true
    clock.advance(5_000)
    await eventually(() => votes.opened.length === 1, 'the topic')
    expect([status.closed, reputation(target)]).toEqual([[], 0])
  })

  test('but refuses it is asked again', async () => {
    await peer.accept(STATUS, HELLO)
    let refused = 0
    await peer.serve(VOTES, (stream) => (refused++ < 2 ? stream.abort(new Error('not now')) : void stream.send(encodeFrame(HELLO))))
    const target = await node()
    for (const [i, wait] of [5_000, 10_000].entries()) {
      await eventually(() => target.logs.filter(({ message }) => message === 'grandpa closed').length === i + 1, 'the refusal')
      clock.advance(wait)
      await eventually(() => refused === i + 2, 'another attempt')
    }
    await eventually(() => votes.opened.length === 1, 'the topic')
    expect([status.closed, reputation(target)]).toEqual([[], 0])
  })

  test('because it does not know the topic yet is asked again', async () => {
    await peer.accept(STATUS, HELLO)
    const target = await node()
    await eventually(() => target.logs.some(({ message }) => message === 'grandpa closed'), 'the refusal')
    await peer.accept(VOTES, HELLO)
    clock.advance(5_000)
    await eventually(() => votes.opened.length === 1, 'the topic')
  })
})

describe('a peer that opens its stream', () => {
  test('gets ours in return, and may end its own and open it anew', async () => {
    await peer.accept(STATUS, HELLO)
    await peer.accept(VOTES, HELLO)
    const target = await net.start([status, votes], { clock })
    const connection = await peer.dial(target.address)
    await BareHost.open(connection, STATUS, HELLO)
    await eventually(() => status.opened.length === 1, 'the status in return')
    const first = await BareHost.open(connection, VOTES, HELLO)
    await eventually(() => votes.opened.length === 1, 'ours in return')
    // What it says at the end is heard.
    for (let i = 0; i < 5; i++) first.send(encodeFrame(Uint8Array.of(i)))
    await first.close()
    await eventually(() => votes.messages.length === 5, 'the last messages')
    await eventually(() => first.status === 'closed', 'the end of its stream')
    target.network.topics.send('grandpa', Uint8Array.of(7), { except: [] })
    await eventually(() => peer.frames.get(VOTES)?.length === 2, 'a message to it')
    const second = await BareHost.open(connection, VOTES, HELLO)
    second.send(encodeFrame(Uint8Array.of(9)))
    await eventually(() => votes.messages.length === 6, 'a message from it')
    second.abort(new Error('in the middle'))
    const third = await BareHost.open(connection, VOTES, HELLO)
    third.send(encodeFrame(Uint8Array.of(10)))
    await eventually(() => votes.messages.length === 7, 'another message from it')
    expect([votes.opened.length, votes.closed.length, peer.inbound.get(VOTES)?.length, reputation(target)]).toEqual([1, 0, 1, 0])
  })

  test('has one at a time, and the status costs it the topic where it refuses ours', async () => {
    await peer.accept(STATUS, HELLO)
    const target = await net.start([status, votes], { clock })
    const connection = await peer.dial(target.address)
    await BareHost.open(connection, STATUS, HELLO)
    const again = await connection.newStream(STATUS)
    await eventually(() => again.status !== 'open', 'the end of a second one')
    // It speaks votes to us, and takes none from us.
    const stream = await connection.newStream(VOTES)
    stream.send(encodeFrame(HELLO))
    await eventually(() => stream.status !== 'open', 'the end of its direction')
    expect([status.opened.length, status.closed.length, votes.opened.length]).toEqual([1, 0, 0])
  })

  test('and ends ours ends both, and gets it again after a while', async () => {
    await peer.accept(STATUS, HELLO)
    await peer.accept(VOTES, HELLO)
    const target = await node()
    await eventually(() => votes.opened.length === 1, 'the topic')
    const stream = await open(target, VOTES)
    await peer.inbound.get(VOTES)?.[0]?.close()
    await eventually(() => votes.closed.length === 1, 'the end')
    await eventually(() => stream.status !== 'open', 'the end of its direction')
    clock.advance(5_000)
    await eventually(() => votes.opened.length === 2, 'the topic again')
    expect([status.closed, reputation(target)]).toEqual([[], 0])
  })

  test('and says nothing on it loses that stream alone', async () => {
    await peer.accept(STATUS, HELLO)
    await peer.accept(VOTES, HELLO)
    const target = await node()
    await eventually(() => votes.opened.length === 1, 'the topic')
    const connection = await peer.dial(target.address)
    const { streams = 0 } = target.network.state.peerDetails()[0] ?? {}
    const silent = await connection.newStream(VOTES)
    await eventually(() => (target.network.state.peerDetails()[0]?.streams ?? 0) > streams, 'the stream')
    clock.advance(10_000)
    await eventually(() => silent.status !== 'open', 'the end of it')
    expect([status.closed, votes.closed]).toEqual([[], []])
  })
})

test('the rate of a topic outlives its streams and the connection', async () => {
  votes = new RecordingTopic('grandpa', { rate: { perSecond: 0.001, burst: 3 } })
  await peer.accept(STATUS, HELLO)
  await peer.accept(VOTES, HELLO)
  const target = await net.start([status, votes], { clock })
  for (let round = 1; round <= 3; round++) {
    const connection = await peer.dial(target.address)
    await BareHost.open(connection, STATUS, HELLO)
    const stream = await BareHost.open(connection, VOTES, HELLO)
    for (let i = 0; i < 2; i++) stream.send(encodeFrame(Uint8Array.of(i)))
    const counted = () => target.network.state.topicStatistics().find(({ topic }) => topic === 'grandpa')?.messagesIn
    await eventually(() => counted() === 2 * round, 'the messages')
    await connection.close()
    await eventually(() => target.network.state.peerDetails().length === 0, 'the end of the connection')
  }
  expect(votes.messages).toHaveLength(3)
})
