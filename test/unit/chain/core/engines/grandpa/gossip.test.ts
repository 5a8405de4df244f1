import { beforeEach, describe, expect, it } from 'vitest'
import type { Hash } from '../../../../../../node-core/base/bytes.ts'
import { FakeClock } from '../../../../../../node-core/base/clock.ts'
import { Emitter } from '../../../../../../node-core/base/events.ts'
import type { FinalityGossip } from '../../../../../../node-core/chain/core/engines/grandpa/driver.ts'
import { describeGrandpaMessage } from '../../../../../../node-core/chain/core/engines/grandpa/gossip/describe.ts'
import { decodeGrandpaMessage, encodeGrandpaMessage, type GrandpaMessage, type SignedVote } from '../../../../../../node-core/chain/core/engines/grandpa/messages.ts'
import type { Verdict } from '../../../../../../node-core/network/contracts.ts'
import { GrandpaTopic } from '../../../../../../node-core/chain/core/engines/grandpa/gossip/topic.ts'
import type { Rate } from '../../../../../../node-core/network/token-bucket.ts'
import { BlockChain } from '../../../../../helpers/block-chain.ts'
import { FakeSender } from '../../../protocols/fake-sender.ts'

const FULL = Uint8Array.of(1)
const LIGHT = Uint8Array.of(2)
const hash: Hash = `0x${'07'.repeat(32)}`

const signed = (n: number): SignedVote => ({ kind: 'prevote', target: { hash, number: 5 }, signature: new Uint8Array(64).fill(n), authority: hash })
const vote = (round: number, n = 1, setId = 0): GrandpaMessage => ({ type: 'vote', round, setId, vote: signed(n) })
const commit = (number: number, setId = 0): GrandpaMessage => ({ type: 'commit', round: 3, setId, target: { hash, number }, precommits: [] })
const neighbor = (round: number, finalized = 0, setId = 0): GrandpaMessage => ({ type: 'neighbor', round, setId, finalized })

let chain: BlockChain
let sender: FakeSender
let clock: FakeClock
let gossip: Emitter<FinalityGossip>
let received: [GrandpaMessage, string][]
let reports: [string, string][]
let finalized: [string, number][]
/** What the voter's door answers. */
let checking: Promise<void> | undefined
let position: { round: number; setId: number }
let topic: GrandpaTopic<GrandpaMessage>

beforeEach(async () => {
  chain = new BlockChain()
  sender = new FakeSender()
  clock = new FakeClock()
  gossip = new Emitter()
  received = []
  reports = []
  finalized = []
  position = { round: 3, setId: 0 }
  checking = undefined
  topic = new GrandpaTopic<GrandpaMessage>(
    {
      port: { gossip, get position() { return position }, voters: 4, receive: (message, peer) => {
        received.push([message, peer])
        return checking
      } },
      codec: { encode: encodeGrandpaMessage, decode: decodeGrandpaMessage, describe: describeGrandpaMessage },
      blocks: chain,
      sender,
      onFinalized: (peer, height) => finalized.push([peer, height]),
      judge: { report: (peer, { code }) => reports.push([peer, code]), reward: () => undefined },
      clock,
      roleOf: () => undefined,
    },
    { role: 'FULL', random: () => 0.5 },
  )
  await topic.start()
})

function connect(peer: string, handshake: Uint8Array, at?: GrandpaMessage): void {
  expect(topic.onHandshake(peer, handshake).kind).toBe('accept')
  topic.onOpen(peer)
  if (at !== undefined) expect(say(peer, at).kind).toBe('accept')
  sender.take(peer, decodeGrandpaMessage)
}

const say = (peer: string, message: GrandpaMessage) => topic.onMessage(peer, encodeGrandpaMessage(message)) as Verdict
const broadcast = (message: GrandpaMessage) => gossip.emit('message', { message, peer: undefined })
const heard = (peer: string) => sender.take(peer, decodeGrandpaMessage)

describe('neighbor packets', () => {
  it('tell how far a peer has finalized, each time that it moved', () => {
    connect('a', FULL, neighbor(3))
    say('a', neighbor(4))
    say('a', neighbor(5, 2))
    say('a', neighbor(4, 1))
    expect(finalized).toEqual([['a', 0], ['a', 2]])
  })

  it('open the conversation, and follow every change, once', () => {
    topic.onHandshake('a', FULL)
    topic.onOpen('a')
    expect(heard('a')).toEqual([neighbor(3)])
    broadcast(neighbor(3))
    expect(heard('a')).toEqual([])
    position = { round: 4, setId: 0 }
    broadcast(neighbor(4))
    expect(sender.sent).toMatchObject([{ kind: 'neighbor' }])
    expect(heard('a')).toEqual([neighbor(4)])
    chain.setFinalized(chain.add(chain.genesisHash).hash)
    expect(heard('a')).toEqual([neighbor(4, 1)])
    clock.advance(120_000)
    broadcast(neighbor(4, 1))
    expect(heard('a')).toEqual([neighbor(4, 1)])
  })

  it('reach the voter, unless they go back', () => {
    connect('a', FULL, neighbor(3, 10))
    expect(say('a', neighbor(3, 10)).kind).toBe('accept')
    expect(say('a', neighbor(1, 0, 1)).kind).toBe('reject')
    expect(say('a', neighbor(1, 10, 1)).kind).toBe('accept')
    expect(say('a', neighbor(9, 10, 0))).toMatchObject({ kind: 'reject', fault: { code: 'grandpa-view-went-back' } })
    expect(received.map(([message]) => message.type)).toEqual(['neighbor', 'neighbor', 'neighbor'])
  })
})

describe('votes', () => {
  it('go to full nodes of the same set in a round next to it', () => {
    connect('here', FULL, neighbor(3))
    connect('behind', FULL, neighbor(2))
    connect('far', FULL, neighbor(1))
    connect('other-set', FULL, neighbor(3, 0, 1))
    connect('unknown', FULL)
    connect('light', LIGHT, neighbor(3))
    broadcast(vote(3))
    expect(sender.sent.map(({ to }) => to)).toEqual([{ only: ['here', 'behind'] }])
  })

  it('travel on once they were found good, but not to where they came from', () => {
    for (const peer of ['a', 'b', 'c']) connect(peer, FULL, neighbor(3))
    expect(say('a', vote(3)).kind).toBe('accept')
    expect(sender.sent).toEqual([])
    say('b', vote(3))
    gossip.emit('accepted', { message: vote(3), peer: 'a' })
    expect(sender.sent.map(({ to }) => to)).toEqual([{ only: ['c'] }])
    expect(say('c', vote(3))).toMatchObject({ kind: 'ignore', reason: 'duplicate' })
    expect(received.filter(([{ type }]) => type === 'vote').length).toBe(2)
  })

  it('of another set are left alone, and what does not decode costs', () => {
    connect('a', FULL, neighbor(3))
    expect(say('a', vote(3, 1, 9))).toMatchObject({ kind: 'ignore' })
    expect(topic.onMessage('a', Uint8Array.of(9, 9))).toMatchObject({ kind: 'reject', fault: { code: 'topic-bad-message' } })
    expect(received.filter(([{ type }]) => type === 'vote')).toEqual([])
  })

  it('that are wrong are told on', () => {
    gossip.emit('misbehaviour', { peer: 'a', reason: 'bad-signature' })
    gossip.emit('misbehaviour', { peer: 'b', reason: 'bad-catch-up' })
    expect(reports).toEqual([['a', 'grandpa-bad-vote'], ['b', 'grandpa-bad-catch-up']])
  })
})

describe('commits', () => {
  it('go to peers that are behind them, light ones and those that never said where they are included, once', () => {
    connect('behind', FULL, neighbor(3, 4))
    connect('ahead', FULL, neighbor(3, 5))
    connect('light', LIGHT)
    connect('silent', FULL)
    broadcast(commit(5))
    expect(sender.sent).toMatchObject([{ to: { only: ['behind', 'light', 'silent'] }, kind: 'commit' }])
    broadcast(commit(5))
    expect(sender.sent.length).toBe(1)
  })

  it('reach those who come later as soon as they say where they are', () => {
    broadcast(commit(5))
    connect('late', LIGHT)
    expect(say('late', neighbor(1, 0)).kind).toBe('accept')
    expect(heard('late')).toEqual([commit(5)])
    expect(say('late', neighbor(2, 0)).kind).toBe('accept')
    expect(heard('late')).toEqual([])
  })

  it('of what is final already are left alone', () => {
    connect('a', FULL, neighbor(3))
    const first = chain.add(chain.genesisHash)
    chain.setFinalized(first.hash)
    expect(say('a', commit(1))).toMatchObject({ kind: 'ignore' })
    expect(say('a', commit(2))).toMatchObject({ kind: 'accept' })
  })
})

it('sends what is for one peer to that peer, if it is still there', () => {
  connect('a', FULL)
  const request: GrandpaMessage = { type: 'catchUpRequest', round: 3, setId: 0 }
  gossip.emit('message', { message: request, peer: 'a' })
  gossip.emit('message', { message: request, peer: 'gone' })
  expect(heard('a')).toEqual([request])
  expect(sender.sent).toEqual([])
})

describe('a peer that sends no neighbor packet', () => {
  it('is taken to be in round 1 of set 0: it gets votes up to round 2, and commits of that set', () => {
    position = { round: 1, setId: 0 }
    connect('silent', FULL)
    broadcast(vote(1, 1))
    position = { round: 2, setId: 0 }
    broadcast(vote(2, 2))
    position = { round: 3, setId: 0 }
    broadcast(vote(3, 3))
    broadcast(commit(5))
    expect(heard('silent')).toEqual([vote(1, 1), vote(2, 2), commit(5)])
    position = { round: 1, setId: 1 }
    broadcast(vote(1, 4, 1))
    broadcast(commit(9, 1))
    expect(heard('silent')).toEqual([])
  })

  it('gets what it missed a second after it came, and at once what it asks by a packet', () => {
    position = { round: 1, setId: 0 }
    broadcast(vote(1, 1))
    broadcast(commit(5))
    for (const peer of ['silent', 'speaking']) connect(peer, FULL)
    say('speaking', neighbor(1, 0))
    expect(heard('speaking')).toEqual([commit(5), vote(1, 1)])
    clock.advance(900)
    expect(heard('silent')).toEqual([])
    clock.advance(100)
    expect(heard('silent')).toEqual([commit(5), vote(1, 1)])
    clock.advance(10_000)
    expect([...heard('silent'), ...heard('speaking')]).toEqual([])
  })

  it('shows by its own votes where it is, and gets those of that round; a packet ends the guessing', () => {
    position = { round: 6, setId: 2 }
    broadcast(vote(6, 1, 2))
    connect('silent', FULL)
    clock.advance(2000)
    expect(heard('silent')).toEqual([])
    say('silent', vote(6, 9, 2))
    expect(heard('silent')).toEqual([vote(6, 1, 2)])
    position = { round: 7, setId: 2 }
    broadcast(vote(7, 2, 2))
    broadcast(commit(8, 2))
    expect(heard('silent')).toEqual([vote(7, 2, 2), commit(8, 2)])
    position = { round: 8, setId: 2 }
    broadcast(vote(8, 3, 2))
    expect(heard('silent')).toEqual([])
    say('silent', vote(7, 9, 2))
    expect(heard('silent')).toEqual([vote(8, 3, 2)])
    expect(say('silent', neighbor(2, 0, 2)).kind).toBe('accept')
    say('silent', vote(8, 10, 2))
    broadcast(vote(8, 4, 2))
    expect(heard('silent')).toEqual([])
  })
})

describe('what was missed', () => {
  it('in its round is sent to a peer that comes to it, without what it knows, and without a vote that was not found good', () => {
    connect('a', FULL, neighbor(1))
    connect('b', FULL, neighbor(3))
    broadcast(vote(3, 1))
    say('b', vote(3, 2))
    gossip.emit('accepted', { message: vote(3, 2), peer: 'b' })
    say('b', vote(3, 3))
    say('a', vote(2, 4))
    gossip.emit('accepted', { message: vote(2, 4), peer: 'a' })
    heard('b')
    expect(heard('a')).toEqual([])
    say('a', neighbor(2))
    expect(heard('a')).toEqual([vote(3, 1), vote(3, 2)])
    say('a', neighbor(3))
    expect(heard('a')).toEqual([])
  })

  it('of the set before is there for who has not made the change yet', () => {
    broadcast(commit(5, 0))
    position = { round: 1, setId: 1 }
    broadcast(commit(9, 1))
    connect('old', FULL)
    say('old', neighbor(7, 3, 0))
    expect(heard('old')).toEqual([commit(5, 0)])
    say('old', neighbor(1, 5, 1))
    expect(heard('old')).toEqual([commit(9, 1)])
  })

  it('since the last commit came five minutes ago is said again to whom it still helps', () => {
    connect('behind', FULL, neighbor(3, 4))
    connect('there', FULL, neighbor(3, 4))
    connect('silent', FULL)
    broadcast(commit(5))
    say('there', neighbor(3, 5))
    for (const peer of ['behind', 'there', 'silent']) expect(heard(peer)).toEqual([commit(5)])
    clock.advance(299_000)
    expect(heard('behind')).toEqual([])
    clock.advance(1000)
    expect([heard('behind'), heard('there'), heard('silent')]).toEqual([[commit(5)], [], [commit(5)]])
    clock.advance(300_000)
    expect(heard('behind')).toEqual([commit(5)])
  })
})

describe('with many peers', () => {
  const ids = Array.from({ length: 30 }, (_, i) => `peer ${i}`)
  const hearing = (message: GrandpaMessage): number => ids.filter((id) => heard(id).some((other) => JSON.stringify(other) === JSON.stringify(message))).length
  beforeEach(() => {
    for (const id of ids) connect(id, FULL, neighbor(3))
  })

  it('a vote goes to eight, to sixteen where the round lasts, and then to all', () => {
    broadcast(neighbor(3))
    broadcast(vote(3))
    expect(hearing(vote(3))).toBe(8)
    clock.advance(7_500)
    expect(hearing(vote(3))).toBe(8)
    clock.advance(7_500)
    expect(hearing(vote(3))).toBe(14)
    clock.advance(60_000)
    expect(hearing(vote(3))).toBe(0)
    broadcast(vote(3, 2))
    expect(hearing(vote(3, 2))).toBe(30)
  })

  it('a commit goes to sixteen, and later to all', () => {
    broadcast(commit(5))
    expect(hearing(commit(5))).toBe(16)
    clock.advance(15_000)
    expect(hearing(commit(5))).toBe(14)
  })

  it('light clients have their turns at commits', () => {
    const lights = Array.from({ length: 100 }, (_, i) => `light ${i}`)
    for (const id of lights) connect(id, LIGHT)
    const served = new Set<string>()
    for (let round = 4; round <= 5; round++) {
      position = { round, setId: 0 }
      broadcast(commit(round))
      const now = lights.filter((id) => heard(id).some(({ type }) => type === 'commit'))
      expect(now).toHaveLength(50)
      for (const id of now) served.add(id)
    }
    expect(served.size).toBe(100)
  })
})

describe('a flood', () => {
  it('is measured by the number of voters', () => {
    const rateOf = (voters: number): Rate => {
      const { spec } = new GrandpaTopic<GrandpaMessage>(
        {
          port: { gossip, position, voters, receive: () => undefined },
          codec: { encode: encodeGrandpaMessage, decode: decodeGrandpaMessage, describe: describeGrandpaMessage },
          blocks: chain, sender, onFinalized: () => undefined, judge: { report: () => undefined, reward: () => undefined }, clock, roleOf: () => undefined,
        },
        { role: 'FULL' },
      )
      return typeof spec.rate === 'function' ? spec.rate() : spec.rate
    }
    // Both votes of everybody for the three rounds that are kept, when a peer connects; and again in every round of two seconds.
    for (const voters of [4, 300, 1000, 3000]) {
      const { burst, perSecond } = rateOf(voters)
      expect(burst).toBeGreaterThan(3 * 2 * voters + 1000)
      expect(perSecond).toBeGreaterThan((2 * voters) / 2 + 100)
      expect(burst).toBeLessThan(5000 + 20 * voters)
    }
  })

  it('of the same vote is looked at once, also while its signature is being checked', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    for (const peer of ['a', 'b']) connect(peer, FULL, neighbor(3))
    received = []
    checking = promise
    const first = topic.onMessage('a', encodeGrandpaMessage(vote(3)))
    expect(first).toBeInstanceOf(Promise)
    expect(say('b', vote(3))).toMatchObject({ kind: 'ignore', reason: 'duplicate' })
    expect(topic.onMessage('a', encodeGrandpaMessage(commit(5)))).toBeInstanceOf(Promise)
    expect(say('b', commit(5))).toMatchObject({ kind: 'ignore', reason: 'duplicate' })
    resolve()
    expect(await first).toEqual({ kind: 'accept' })
    expect(received.map(([{ type }, peer]) => [type, peer])).toEqual([['vote', 'a'], ['commit', 'a']])
  })

  it('of commits waits four at a time, for each peer', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    for (const peer of ['a', 'b']) connect(peer, FULL, neighbor(3))
    checking = promise
    const outcomes = [5, 6, 7, 8, 9].map((number) => topic.onMessage('a', encodeGrandpaMessage(commit(number))))
    expect(outcomes.map((outcome) => outcome instanceof Promise)).toEqual([true, true, true, true, false])
    expect(outcomes[4]).toMatchObject({ kind: 'ignore', reason: 'too many commits' })
    expect(topic.onMessage('b', encodeGrandpaMessage(commit(10)))).toBeInstanceOf(Promise)
    resolve()
    await Promise.resolve(outcomes[3])
    expect(topic.onMessage('a', encodeGrandpaMessage(commit(11)))).toBeInstanceOf(Promise)
  })

  it('of requests to be caught up is answered once in a while, and only where there is a need', () => {
    const request = (round: number): GrandpaMessage => ({ type: 'catchUpRequest', round, setId: 0 })
    position = { round: 9, setId: 0 }
    connect('a', FULL, neighbor(3))
    received = []
    expect(say('a', request(3))).toMatchObject({ kind: 'ignore', reason: 'needless' })
    expect(say('a', request(8)).kind).toBe('accept')
    expect(say('a', request(8))).toMatchObject({ kind: 'ignore', reason: 'too often' })
    clock.advance(5_000)
    expect(say('a', request(8)).kind).toBe('accept')
    expect(received).toHaveLength(2)
  })
})

it('a light client that claims to be far ahead is not asked to catch us up', () => {
  connect('light', LIGHT)
  expect(say('light', neighbor(900)).kind).toBe('accept')
  expect(received).toEqual([])
})
