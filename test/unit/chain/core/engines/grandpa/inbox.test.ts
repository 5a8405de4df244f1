/** Signatures are checked in the crypto thread, many at a time, and the voter hears everything in its order. */
import { beforeEach, describe, expect, it } from 'vitest'
import { toHex } from '../../../../../../node-core/base/bytes.ts'
import { Inbox } from '../../../../../../node-core/chain/core/engines/grandpa/rounds/inbox.ts'
import type { GrandpaMessage, SignedVote } from '../../../../../../node-core/chain/core/engines/grandpa/messages.ts'
import { ed25519PublicKey, ed25519Verify } from '../../../../../../node-core/crypto/ed25519/ed25519.ts'
import { inThreadBatchVerifier, type BatchVerifier } from '../../../../../../node-core/crypto/ed25519/ed25519-batch.ts'
import { SmallNode, seedOf, signed } from './small-node.ts'

const target = { hash: `0x${'07'.repeat(32)}`, number: 5 } as const
const position = { round: 1, setId: 0 }
const vote = (n: number): SignedVote => signed(seedOf(n), 'prevote', target, position)
const messageOf = (signedVote: SignedVote): GrandpaMessage => ({ type: 'vote', ...position, vote: signedVote })
const forged = (signedVote: SignedVote): SignedVote => ({ ...signedVote, signature: signedVote.signature.map((byte, i) => (i === 5 ? byte ^ 1 : byte)) })

describe('the inbox', () => {
  /** Sizes of the batches that the other thread was asked for. */
  let batches: number[]
  let heard: string[][]
  let checkedHere: number
  let fails: boolean
  let inbox: Inbox
  /** Lets the other thread answer. */
  let answer: () => void
  let gate: Promise<void>

  const shut = (): void => {
    const { promise, resolve } = Promise.withResolvers<void>()
    gate = promise
    answer = resolve
  }
  const describeHeard = (message: GrandpaMessage, peer: string): string => {
    const votes = message.type === 'vote' ? [message.vote] : message.type === 'commit' ? message.precommits : []
    return `${peer} ${message.type}${votes.map((one) => (inbox.isSigned(one, message) ? ' good' : ' bad')).join('')}`
  }

  beforeEach(() => {
    batches = []
    heard = []
    checkedHere = 0
    fails = false
    shut()
    const verifier: BatchVerifier = {
      verifyEd25519: async (checks) => {
        batches.push(checks.length)
        await gate
        if (fails) throw new Error('the thread died')
        return inThreadBatchVerifier.verifyEd25519(checks)
      },
    }
    const verify: typeof ed25519Verify = (...args) => {
      checkedHere++
      return ed25519Verify(...args)
    }
    inbox = new Inbox(verifier, verify, (batch) => void heard.push(batch.map(({ message, peer }) => describeHeard(message, peer))))
  })

  it('checks what arrives together at once, and what arrives meanwhile with the next batch', async () => {
    const first = [1, 2, 3].map((n) => Promise.resolve(inbox.receive(messageOf(vote(n)), `p${n}`, [vote(n)])))
    await Promise.resolve()
    const [four, five] = [vote(4), forged(vote(5))]
    void inbox.receive(messageOf(four), 'p4', [four])
    void inbox.receive({ type: 'neighbor', ...position, finalized: 1 }, 'p2', [])
    void inbox.receive(messageOf(five), 'p5', [five])
    expect([batches, heard]).toEqual([[3], []])
    answer()
    await Promise.all(first)
    await inbox.idle()
    expect(batches).toEqual([3, 2])
    expect(heard[1]).toEqual(['p4 vote good', 'p2 neighbor', 'p5 vote bad'])
    expect(heard.flat().map((line) => line.slice(0, 2))).toEqual(['p1', 'p2', 'p3', 'p4', 'p2', 'p5'])
  })

  it('asks nobody again about a signature, good or bad, and checks here where the other thread cannot', async () => {
    const votes = [vote(1), forged(vote(2))]
    for (const [i, one] of votes.entries()) void inbox.receive(messageOf(one), `p${i}`, [one])
    answer()
    await inbox.idle()
    expect([heard, checkedHere]).toEqual([[['p0 vote good', 'p1 vote bad']], 0])
    fails = true
    for (const [i, one] of votes.entries()) void inbox.receive(messageOf(one), `p${i}`, [one])
    await inbox.idle()
    expect([heard[1], checkedHere]).toEqual([['p0 vote good', 'p1 vote bad'], 2])
  })

  it('hands on at once what needs no check, where nothing waits before it', () => {
    expect(inbox.receive({ type: 'neighbor', ...position, finalized: 1 }, 'a', [])).toBeUndefined()
    expect(heard).toEqual([['a neighbor']])
  })

  it('divides what is much, so that others of the thread have their turn', async () => {
    const precommits = Array.from({ length: 700 }, () => vote(1))
    void inbox.receive({ type: 'commit', ...position, target, precommits }, 'a', precommits)
    void inbox.receive(messageOf(vote(2)), 'b', [vote(2)])
    answer()
    await inbox.idle()
    expect(batches).toEqual([256, 256, 188, 1])
    expect(heard.map(([line]) => line?.slice(0, 8))).toEqual(['a commit', 'b vote g'])
  })

  it('delivers nothing after its end, and leaves nobody waiting', async () => {
    const one = vote(1)
    const waiting = inbox.receive(messageOf(one), 'a', [one])
    const closed = inbox.close()
    answer()
    await Promise.all([waiting, closed])
    expect(inbox.receive(messageOf(one), 'a', [one])).toBeUndefined()
    expect(heard).toEqual([])
  })
})

describe('a set of a thousand', () => {
  const seeds = Array.from({ length: 1000 }, (_, i) => Uint8Array.from({ length: 32 }, (_byte, at) => (i >> ((at % 2) * 8)) & 0xff))
  const authorities = seeds.map((seed) => ({ key: toHex(ed25519PublicKey(seed)), weight: 1 }))

  it('votes, and the block is final after a few tasks of the crypto thread', async () => {
    const node = new SmallNode(authorities, false)
    const faults: string[] = []
    node.finality.gossip.on('misbehaviour', ({ peer, reason }) => faults.push(`${peer} ${reason}`))
    await node.finality.start()
    const block = node.at(3)
    for (const kind of ['prevote', 'precommit'] as const) {
      for (const seed of seeds) void node.finality.receive({ type: 'vote', ...position, vote: signed(seed, kind, block, position) }, 'relay')
    }
    await node.finality.idle()
    expect(node.blocks.finalized()).toEqual(block)
    expect(node.finality.position.round).toBe(2)
    // Those behind the supermajority are of the round before, and count there.
    expect(node.checked).toBe(2000)
    expect(node.tasks).toBeLessThan(12)
    expect(faults).toEqual([])
    await node.finality.stop()
  })

  it('has its cheap checks first: strangers, other rounds and sets, and what came before cost no signature', async () => {
    const node = new SmallNode(authorities, false)
    await node.finality.start()
    const [seed = seedOf(0)] = seeds
    const send = (sender: Uint8Array, number: number, at = position, kind: SignedVote['kind'] = 'prevote'): void =>
      void node.finality.receive({ type: 'vote', ...at, vote: signed(sender, kind, node.at(number), at) }, 'relay')
    send(seed, 3)
    await node.finality.idle()
    expect(node.checked).toBe(1)
    send(seed, 3)
    send(seedOf(200), 3)
    send(seed, 3, { round: 9, setId: 0 })
    send(seed, 3, { round: 1, setId: 7 })
    // Two different ones show that it votes twice; nothing more comes of a third.
    send(seed, 2)
    await node.finality.idle()
    expect(node.checked).toBe(2)
    send(seed, 4)
    // The primary of a round alone proposes, and once.
    for (const proposer of seeds) send(proposer, 2, position, 'propose')
    await node.finality.idle()
    expect(node.checked).toBe(3)
    await node.finality.stop()
  })
})
