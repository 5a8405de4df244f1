import { beforeEach, describe, expect, test } from 'vitest'
import { silentLogger } from '../../../node-core/base/logger.ts'
import type { PeerFault, Verdict } from '../../../node-core/network/contracts.ts'
import { MessageProcessor } from '../../../node-core/network/topics/processor.ts'
import { ScaleError } from '../../../node-core/scale/reader.ts'
import { RecordingTopic } from '../../helpers/network.ts'

const TOPIC = 'transactions'
const MESSAGE = Uint8Array.of(1, 2)

let faults: [string, PeerFault][]
let rewards: [string, number][]
let topic: RecordingTopic
let processor: MessageProcessor

beforeEach(() => {
  faults = []
  rewards = []
  topic = new RecordingTopic(TOPIC)
  processor = new MessageProcessor({
    logger: silentLogger,
    judge: { report: (peer, fault) => faults.push([peer, fault]), reward: (peer, points) => rewards.push([peer, points]) },
  })
  processor.register(topic)
})

const statistics = () => processor.statistics()[0]

describe('a verdict', () => {
  test.each<[string, () => Verdict | Promise<Verdict>]>([
    ['at once', () => ({ kind: 'accept', reward: 3 })],
    ['later', () => Promise.resolve({ kind: 'accept', reward: 3 })],
  ])('of acceptance, %s, rewards and counts', async (_, judge) => {
    topic.judge = judge
    await processor.process(TOPIC, 'p', MESSAGE)
    expect(rewards).toEqual([['p', 3]])
    expect(statistics()).toMatchObject({ messagesIn: 1, bytesIn: 2, accepted: 1, rejected: 0, ignored: 0 })
  })

  test('of rejection charges the peer', async () => {
    topic.judge = () => ({ kind: 'reject', fault: { code: 'bad', cost: -5 } })
    await processor.process(TOPIC, 'p', MESSAGE)
    expect(faults).toEqual([['p', { code: 'bad', cost: -5 }]])
    expect(statistics()).toMatchObject({ rejected: 1, reasons: { bad: 1 } })
  })

  test('of ignorance tells duplicates apart, under a bounded number of reasons', async () => {
    topic.judge = () => ({ kind: 'ignore', reason: 'duplicate' })
    await processor.process(TOPIC, 'p', MESSAGE)
    for (let i = 0; i < 100; i++) {
      topic.judge = () => ({ kind: 'ignore', reason: `reason ${i}` })
      await processor.process(TOPIC, 'p', MESSAGE)
    }
    expect(statistics()).toMatchObject({ duplicates: 1, ignored: 100 })
    expect(Object.keys(statistics()?.reasons ?? {})).toHaveLength(25)
    expect(statistics()?.reasons['other']).toBe(77)
    expect(faults).toEqual([])
  })
})

describe('an error', () => {
  test.each<[string, () => Verdict | Promise<Verdict>]>([
    ['thrown', () => { throw new ScaleError('SCALE_TOO_SHORT', 'short') }],
    ['rejected with', () => Promise.reject(new ScaleError('SCALE_TOO_SHORT', 'short'))],
  ])('of decoding, %s, is the fault of the peer', async (_, judge) => {
    topic.judge = judge
    await processor.process(TOPIC, 'p', MESSAGE)
    expect(faults).toMatchObject([['p', { code: 'malformed' }]])
    expect(statistics()).toMatchObject({ rejected: 1 })
  })

  test('of any other kind is ours', async () => {
    topic.judge = () => Promise.reject(new Error('database gone'))
    await processor.process(TOPIC, 'p', MESSAGE)
    expect(faults).toEqual([])
    expect(statistics()).toMatchObject({ ignored: 1, reasons: { 'handler-error': 1 } })
    topic.judgeHandshake = () => {
      throw new Error('database gone')
    }
    expect(processor.admits(TOPIC, 'p', MESSAGE)).toBe(false)
  })
})

test('a topic has one handler', () => {
  expect(() => processor.register(new RecordingTopic(TOPIC))).toThrow(/already/)
  expect(() => processor.process('grandpa', 'p', MESSAGE)).toThrow(/no handler/)
})
