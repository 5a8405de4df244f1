/** Looking into a topic: who looks sees what goes by, decoded, within bounds; nobody else pays for it. */
import { beforeEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { Emitter } from '../../../node-core/base/events.ts'
import { silentLogger } from '../../../node-core/base/logger.ts'
import type { FinalityGossip } from '../../../node-core/chain/core/engines/grandpa/driver.ts'
import { describeGrandpaMessage } from '../../../node-core/chain/core/engines/grandpa/gossip/describe.ts'
import { decodeGrandpaMessage, encodeGrandpaMessage, type GrandpaMessage, type SignedVote } from '../../../node-core/chain/core/engines/grandpa/messages.ts'
import { blake2Hash } from '../../../node-core/crypto/hashes/hashing.ts'
import type { TopicHandler } from '../../../node-core/network/contracts.ts'
import { encodeFrame } from '../../../node-core/network/framing.ts'
import { BUDGET, HEX_BYTES, TopicInspector } from '../../../node-core/network/topics/inspector.ts'
import type { InspectedMessage } from '../../../node-core/network/topics/message-types.ts'
import { MessageProcessor } from '../../../node-core/network/topics/processor.ts'
import { encodeAnnounce } from '../../../node-core/chain/protocols/announce-messages.ts'
import { BlockAnnounces } from '../../../node-core/chain/protocols/block-announces.ts'
import { GrandpaTopic } from '../../../node-core/chain/core/engines/grandpa/gossip/topic.ts'
import { Transactions, encodeTransactions } from '../../../node-core/chain/protocols/transactions.ts'
import { encodeHeader, type Header } from '../../../node-core/chain/scale/header.ts'
import { BlockChain } from '../../helpers/block-chain.ts'
import { RecordingTopic } from '../../helpers/network.ts'

const TOPIC = 'transactions'
const HASH = `0x${'07'.repeat(32)}` as const

let clock: FakeClock
let seen: InspectedMessage[]
let skipped: number
let topic: RecordingTopic & Pick<TopicHandler, 'describe'>
let processor: MessageProcessor
let described: number

beforeEach(() => {
  clock = new FakeClock(1_000_000)
  seen = []
  skipped = 0
  described = 0
  const describe: TopicHandler['describe'] = (message) => {
    described++
    if (message[0] === 0xff) throw new Error('no message')
    return { kind: 'transactions', count: message.length, hashes: [] }
  }
  topic = Object.assign(new RecordingTopic(TOPIC), { describe })
  processor = new MessageProcessor({ logger: silentLogger, judge: { report: () => undefined, reward: () => undefined } })
  processor.register(topic)
})

function look(): () => void {
  const inspector = new TopicInspector(clock, topic, { onMessage: (message) => seen.push(message), onSkipped: (count) => (skipped += count) })
  return processor.observe(TOPIC, (message) => inspector.see(message))
}

describe('a look into a topic', () => {
  it('shows every fate of what comes, and what is sent without its length in front', async () => {
    const end = look()
    await processor.process(TOPIC, 'p', Uint8Array.of(1, 2))
    topic.judge = () => Promise.resolve({ kind: 'ignore', reason: 'duplicate' })
    await processor.process(TOPIC, 'p', Uint8Array.of(1))
    topic.judge = () => ({ kind: 'reject', fault: { code: 'bad', cost: -5 } })
    await processor.process(TOPIC, 'p', Uint8Array.of(0xff))
    topic.judge = () => ({ kind: 'ignore', reason: 'syncing' })
    await processor.process(TOPIC, 'p', Uint8Array.of(3))
    processor.onLimited(TOPIC, 'q', 500)
    processor.onSent(TOPIC, 'q', encodeFrame(new Uint8Array(200).fill(9)))
    expect(seen.map(({ direction, peer, fate, reason, size }) => [direction, peer, fate, reason, size])).toEqual([
      ['in', 'p', 'accepted', undefined, 2],
      ['in', 'p', 'duplicate', 'duplicate', 1],
      ['in', 'p', 'rejected', 'bad', 1],
      ['in', 'p', 'ignored', 'syncing', 1],
      ['in', 'q', 'limited', undefined, 500],
      ['out', 'q', 'sent', undefined, 200],
    ])
    expect(seen[0]).toMatchObject({ at: 1_000_000, hex: '0x0102', content: { kind: 'transactions', count: 2 } })
    expect(seen[2]?.content).toEqual({ kind: 'unreadable', reason: 'no message' })
    expect(seen[4]).toMatchObject({ content: { kind: 'unread' }, hex: '' })
    expect(seen[5]?.hex).toBe(`0x${'09'.repeat(200)}`)
    end()
  })

  it('is over with its disposer, and costs nothing before and after', async () => {
    await processor.process(TOPIC, 'p', Uint8Array.of(1))
    const ends = [look(), look()]
    await processor.process(TOPIC, 'p', Uint8Array.of(1))
    expect([seen.length, described]).toEqual([2, 2])
    ends.forEach((end) => end())
    await processor.process(TOPIC, 'p', Uint8Array.of(1))
    processor.onSent(TOPIC, 'p', encodeFrame(Uint8Array.of(1)))
    expect([seen.length, described]).toEqual([2, 2])
    expect(processor.statistics()[0]).toMatchObject({ messagesIn: 3, messagesOut: 1, bytesOut: 2 })
  })

  it('is bounded in messages and bytes a second; what is too much is counted', () => {
    look()
    for (let i = 0; i < BUDGET.messages + 30; i++) void processor.process(TOPIC, 'p', Uint8Array.of(1))
    expect([seen.length, skipped]).toEqual([BUDGET.messages, 30])
    clock.advance(1000)
    for (let i = 0; i < 10; i++) void processor.process(TOPIC, 'p', new Uint8Array(200 * 1024))
    expect([seen.length - BUDGET.messages, skipped - 30]).toEqual([5, 5])
    expect(seen.at(-1)?.hex).toHaveLength(2 + 2 * HEX_BYTES)
  })

  it('does not decode what is very long, and shows bytes where nobody can decode', () => {
    look()
    void processor.process(TOPIC, 'p', new Uint8Array(300 * 1024))
    expect([seen[0]?.content.kind, described]).toEqual(['unread', 0])
    const bytes: InspectedMessage[] = []
    new TopicInspector(clock, {}, { onMessage: (message) => bytes.push(message), onSkipped: () => undefined }).see({
      direction: 'in', peer: 'p', bytes: Uint8Array.of(7), size: 1, fate: 'accepted',
    })
    expect(bytes).toMatchObject([{ hex: '0x07', content: { kind: 'unread' } }])
  })
})

describe('what a message says', () => {
  const none = (): never => undefined as never
  const sender = { send: () => undefined, openPeers: () => [] }
  const chain = new BlockChain()

  it('on block announcements', () => {
    const sync = { peerConnected: none, peerDisconnected: none, announced: none }
    const announces = new BlockAnnounces({ blocks: chain, clock: new FakeClock(), sender, sync, onStatus: none, isMajorSyncing: () => false, self: () => 'us', random: () => 0 }, { role: 'FULL' })
    const header: Header = { parentHash: HASH, number: 12, stateRoot: HASH, extrinsicsRoot: HASH, digest: [] }
    expect(announces.describe(encodeAnnounce({ header, isBest: true, data: new Uint8Array(0) }))).toEqual({
      kind: 'block', block: { hash: blake2Hash(encodeHeader(header)), number: 12 }, parentHash: HASH, isBest: true,
    })
    expect(() => announces.describe(Uint8Array.of(1, 2, 3))).toThrow()
  })

  it('on transactions: the first hashes, however many there are', () => {
    const pool = { events: new Emitter(), submit: none, ready: () => [], onBroadcast: none } as unknown as ConstructorParameters<typeof Transactions>[0]['pool']
    const transactions = new Transactions({ pool, sender, clock, isMajorSyncing: () => false, roleOf: none }, { role: 'FULL' })
    const extrinsics = Array.from({ length: 40 }, (_, i) => Uint8Array.of(8, 4, i))
    const content = transactions.describe(encodeTransactions(extrinsics))
    expect(content).toMatchObject({ kind: 'transactions', count: 40 })
    expect(content.kind === 'transactions' && content.hashes).toEqual(extrinsics.slice(0, 16).map(blake2Hash))
  })

  it('on grandpa, without signatures', () => {
    const gossip = new Emitter<FinalityGossip>()
    const grandpa = new GrandpaTopic<GrandpaMessage>(
      {
        port: { gossip, position: { round: 1, setId: 0 }, voters: 1, receive: none },
        codec: { encode: encodeGrandpaMessage, decode: decodeGrandpaMessage, describe: describeGrandpaMessage },
        blocks: chain, sender, judge: { report: none, reward: none }, clock, roleOf: none, onFinalized: none,
      },
      { role: 'FULL' },
    )
    const target = { hash: HASH, number: 5 }
    const vote: SignedVote = { kind: 'precommit', target, signature: new Uint8Array(64), authority: HASH }
    const at = { round: 3, setId: 2 }
    const said = (message: GrandpaMessage) => grandpa.describe(encodeGrandpaMessage(message))
    expect(said({ type: 'vote', ...at, vote })).toEqual({ kind: 'vote', ...at, vote: 'precommit', target, authority: HASH })
    expect(said({ type: 'commit', ...at, target, precommits: [vote, vote] })).toEqual({ kind: 'commit', ...at, target, precommits: 2 })
    expect(said({ type: 'neighbor', ...at, finalized: 9 })).toEqual({ kind: 'neighbor', ...at, finalized: 9 })
    expect(said({ type: 'catchUpRequest', ...at })).toEqual({ kind: 'catch-up-request', ...at })
    expect(said({ type: 'catchUp', ...at, prevotes: [], precommits: [vote], base: target })).toEqual({ kind: 'catch-up', ...at, base: target, prevotes: 0, precommits: 1 })
  })
})
