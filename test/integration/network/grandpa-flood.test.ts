/** All votes of three rounds of 1,000 voters from one peer at once, over a socket: what a relay hands over when it connects. */
import { afterEach, expect, test } from 'vitest'
import { systemClock } from '../../../node-core/base/clock.ts'
import { Emitter } from '../../../node-core/base/events.ts'
import type { FinalityGossip } from '../../../node-core/chain/core/engines/grandpa/driver.ts'
import { describeGrandpaMessage } from '../../../node-core/chain/core/engines/grandpa/gossip/describe.ts'
import { decodeGrandpaMessage, encodeGrandpaMessage, type GrandpaMessage } from '../../../node-core/chain/core/engines/grandpa/messages.ts'
import { GrandpaTopic } from '../../../node-core/chain/core/engines/grandpa/gossip/topic.ts'
import { BlockChain } from '../../helpers/block-chain.ts'
import { RecordingTopic, TestNetwork, eventually } from '../../helpers/network.ts'

const VOTERS = 1000
const hash = `0x${'07'.repeat(32)}` as const

const net = new TestNetwork()
afterEach(() => net.stop())

function votes(): Uint8Array[] {
  const messages: Uint8Array[] = []
  for (const round of [1, 2, 3]) {
    for (const kind of ['prevote', 'precommit'] as const) {
      for (let voter = 0; voter < VOTERS; voter++) {
        const vote = { kind, target: { hash, number: 5 }, signature: new Uint8Array(64), authority: `0x${voter.toString(16).padStart(64, '0')}` } as const
        messages.push(encodeGrandpaMessage({ type: 'vote', round, setId: 0, vote }))
      }
    }
  }
  return messages
}

test('an honest relay of a large set loses no vote and is charged with nothing, and waits while signatures are checked', async () => {
  let inHand = 0
  let most = 0
  let heard = 0
  const topic: GrandpaTopic<GrandpaMessage> = new GrandpaTopic<GrandpaMessage>(
    {
      port: {
        gossip: new Emitter<FinalityGossip>(),
        position: { round: 2, setId: 0 },
        voters: VOTERS,
        receive: async () => {
          most = Math.max(most, ++inHand)
          await new Promise((resolve) => setImmediate(resolve))
          inHand--
          heard++
        },
      },
      codec: { encode: encodeGrandpaMessage, decode: decodeGrandpaMessage, describe: describeGrandpaMessage },
      blocks: new BlockChain(),
      sender: { send: () => undefined, openPeers: () => [] },
      judge: { report: () => undefined, reward: () => undefined },
      clock: systemClock,
      roleOf: () => 'FULL',
      onFinalized: () => undefined,
    },
    { role: 'FULL' },
  )
  const relay = new RecordingTopic('grandpa', { maxMessageBytes: 1024 * 1024, queueLength: 10_000 })
  relay.greeting = Uint8Array.of(1)
  const first = await net.start([topic])
  const second = await net.start([relay], { bootnodes: [first.address] })
  await eventually(() => relay.opened.length === 1 && first.network.topics.openPeers('grandpa').length === 1, 'open')
  const messages = votes()
  for (const message of messages) second.network.topics.send('grandpa', message, { only: [first.id] })
  await eventually(() => heard === messages.length, 'every vote')
  expect(first.network.state.topicStatistics()[0]).toMatchObject({ messagesIn: 6000, accepted: 6000, limited: 0, rejected: 0 })
  expect(most).toBeGreaterThan(1)
  expect(most).toBeLessThanOrEqual(128)
  expect(first.network.state.bans()).toEqual([])
  await topic.stop()
}, 30_000)
