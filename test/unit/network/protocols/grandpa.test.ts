import { beforeEach, describe, expect, it } from 'vitest'
import type { Hash } from '../../../../node-core/base/bytes.ts'
import { FakeClock } from '../../../../node-core/base/clock.ts'
import { Emitter } from '../../../../node-core/base/events.ts'
import type { FinalityGossip } from '../../../../node-core/core/finality.ts'
import { describeGrandpaMessage } from '../../../../node-core/core/grandpa/describe.ts'
import { decodeGrandpaMessage, encodeGrandpaMessage, type GrandpaMessage, type SignedVote } from '../../../../node-core/core/grandpa/messages.ts'
import { GrandpaTopic } from '../../../../node-core/network/protocols/grandpa.ts'
import { BlockChain } from '../../../helpers/block-chain.ts'
import { FakeSender } from './fake-sender.ts'

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
  topic = new GrandpaTopic<GrandpaMessage>(
    {
      port: { gossip, get position() { return position }, receive: (message, peer) => received.push([message, peer]) },
      codec: { encode: encodeGrandpaMessage, decode: decodeGrandpaMessage, describe: describeGrandpaMessage },
      blocks: chain,
      sender,
      onFinalized: (peer, height) => finalized.push([peer, height]),
      judge: { report: (peer, { code }) => reports.push([peer, code]), reward: () => undefined },
      clock,
      roleOf: () => undefined,
    },
    { role: 'FULL' },
  )
  await topic.start()
})

function connect(peer: string, handshake: Uint8Array, at?: GrandpaMessage): void {
  expect(topic.onHandshake(peer, handshake).kind).toBe('accept')
  topic.onOpen(peer)
  if (at !== undefined) expect(say(peer, at).kind).toBe('accept')
  sender.take(peer, decodeGrandpaMessage)
}

const say = (peer: string, message: GrandpaMessage) => topic.onMessage(peer, encodeGrandpaMessage(message))
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
  it('go to peers that are behind them, light ones included, once', () => {
    connect('behind', FULL, neighbor(3, 4))
    connect('ahead', FULL, neighbor(3, 5))
    connect('light', LIGHT)
    connect('unknown', FULL)
    broadcast(commit(5))
    expect(sender.sent).toMatchObject([{ to: { only: ['behind', 'light'] }, kind: 'commit' }])
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
