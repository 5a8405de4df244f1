/** The chain may fail to finalize for a passing reason; finality must not need a higher block to go on. */
import { describe, expect, it } from 'vitest'
import { toHex } from '../../../../../../node-core/base/bytes.ts'
import type { GrandpaMessage, SignedVote, VoteKind } from '../../../../../../node-core/chain/core/engines/grandpa/messages.ts'
import { ed25519PublicKey } from '../../../../../../node-core/crypto/ed25519/ed25519.ts'
import type { Header } from '../../../../../../node-core/chain/scale/header.ts'
import type { BlockRef } from '../../../../../../node-core/chain/scale/block.ts'
import { SmallNode, key, proof, seedOf, signed } from './small-node.ts'
import { hashOf } from './world.ts'

describe('finality', () => {
  it('tries the same block again after a pause that doubles, and goes on', async () => {
    const node = new SmallNode()
    await node.finality.start()
    node.failing.finalize = 2
    // It precommits after four seconds; tries again two seconds later, and then four.
    await node.advance(5)
    expect([node.tried, node.blocks.finalized().number]).toEqual([1, 0])
    await node.advance(1)
    expect([node.tried, node.blocks.finalized().number]).toEqual([2, 0])
    await node.advance(3)
    expect(node.tried).toBe(2)
    await node.advance(1)
    expect([node.tried, node.blocks.finalized()]).toEqual([3, { number: 3, hash: expect.any(String) as string }])
    await node.advance(60)
    expect(node.tried).toBe(3)
    await node.finality.stop()
  })

  it('does not keep votes to itself because a block could not be finalized', async () => {
    const node = new SmallNode()
    await node.finality.start()
    node.failing.finalize = Number.POSITIVE_INFINITY
    await node.advance(5)
    const rounds = node.heard.flatMap((message) => (message.type === 'neighbor' ? [message.round] : []))
    expect(rounds).toContain(2)
    expect(node.heard.some((message) => message.type === 'commit')).toBe(true)
    await node.finality.stop()
  })

  it('lets nobody hear a vote that could not be stored, and stores and tells it later', async () => {
    const node = new SmallNode()
    await node.finality.start()
    node.failing.store = 1
    await node.advance(2)
    expect(node.failing.store).toBe(0)
    expect(node.heard.filter((message) => message.type === 'vote')).toEqual([])
    await node.advance(30)
    expect(node.blocks.finalized()).toEqual({ number: 3, hash: hashOf(node.blocks.header(node.blocks.finalized().hash) as Header) })
    expect(node.heard.some((message) => message.type === 'vote')).toBe(true)
    await node.finality.stop()
  })

  it('concludes nothing with a vote that could not be stored, whatever others add to it', async () => {
    const bob = seedOf(1)
    const node = new SmallNode([{ key, weight: 1 }, { key: toHex(ed25519PublicKey(bob)), weight: 1 }])
    await node.finality.start()
    const target = node.at(3)
    const hear = (kind: VoteKind) => node.finality.receive({ type: 'vote', round: 1, setId: 0, vote: signed(bob, kind, target) }, 'bob')
    await node.advance(3)
    void hear('prevote')
    await node.advance(0)
    // It precommits after four seconds, and with the other's precommit that would be final.
    node.failing.store = Number.POSITIVE_INFINITY
    await node.advance(1)
    void hear('precommit')
    await node.advance(30)
    expect(node.heard.filter(({ type }) => type === 'commit')).toEqual([])
    expect(node.heard.filter((message) => message.type === 'vote' && message.vote.kind === 'precommit')).toEqual([])
    expect([node.tried, node.blocks.finalized().number]).toEqual([0, 0])
    node.failing.store = 0
    await node.advance(80)
    expect(node.blocks.finalized()).toEqual(target)
    expect(node.heard.some((message) => message.type === 'vote' && message.vote.kind === 'precommit')).toBe(true)
    await node.finality.stop()
  })
})

describe('proofs of many signatures', () => {
  const seeds = Array.from({ length: 30 }, (_, i) => seedOf(i))
  const authorities = seeds.map((seed) => ({ key: toHex(ed25519PublicKey(seed)), weight: 1 }))
  const follower = (): SmallNode => new SmallNode(authorities, false)
  const precommits = (target: BlockRef): SignedVote[] => seeds.slice(0, 21).map((seed) => signed(seed, 'precommit', target))
  const spoilt = (votes: readonly SignedVote[]): SignedVote[] => votes.map((vote, i) => (i === 7 ? { ...vote, signature: vote.signature.map((byte, at) => byte ^ (at === 3 ? 1 : 0)) } : vote))

  it('are checked in the other thread where they come as a commit, and messages behind it wait their turn', async () => {
    const node = follower()
    const faults: string[] = []
    node.finality.gossip.on('misbehaviour', ({ peer, reason }) => faults.push(`${peer} ${reason}`))
    await node.finality.start()
    const commit = (target: BlockRef, votes: readonly SignedVote[]): GrandpaMessage => ({ type: 'commit', round: 1, setId: 0, target, precommits: votes })
    const stranger: GrandpaMessage = { type: 'vote', round: 1, setId: 0, vote: signed(seedOf(99), 'prevote', node.at(1)) }
    void node.finality.receive(commit(node.at(3), spoilt(precommits(node.at(3)))), 'liar')
    void node.finality.receive(stranger, 'stranger')
    expect(faults).toEqual([])
    await node.finality.idle()
    expect(faults).toEqual(['liar bad-signature', 'stranger stranger'])
    void node.finality.receive(commit(node.at(3), precommits(node.at(3))), 'honest')
    await node.finality.idle()
    expect(node.blocks.finalized()).toEqual(node.at(3))
    expect(node.checked).toBe(42)
    await node.finality.stop()
  })

  it('that are of no use do not wait behind others, and cost no check', async () => {
    const node = follower()
    const faults: string[] = []
    node.finality.gossip.on('misbehaviour', ({ peer, reason }) => faults.push(`${peer} ${reason}`))
    await node.finality.start()
    const commit = (votes: readonly SignedVote[]): GrandpaMessage => ({ type: 'commit', round: 1, setId: 0, target: node.at(3), precommits: votes })
    const checking = node.finality.receive(commit(precommits(node.at(3))), 'honest')
    expect(checking).toBeInstanceOf(Promise)
    expect(node.finality.receive(commit(precommits(node.at(3)).slice(0, 20)), 'poor')).toBeUndefined()
    expect(node.finality.receive({ type: 'catchUp', round: 1, setId: 0, prevotes: precommits(node.at(3)), precommits: precommits(node.at(3)), base: node.at(1) }, 'unasked')).toBeUndefined()
    await node.finality.idle()
    expect([faults, node.checked]).toEqual([['poor bad-commit'], 21])
    expect(node.blocks.finalized()).toEqual(node.at(3))
    await node.finality.stop()
  })

  it('are checked here where the other thread cannot', async () => {
    const node = follower()
    await node.finality.start()
    node.cryptoFails = true
    void node.finality.receive({ type: 'commit', round: 1, setId: 0, target: node.at(2), precommits: precommits(node.at(2)) }, 'honest')
    await node.finality.idle()
    expect(node.blocks.finalized()).toEqual(node.at(2))
    await node.finality.stop()
  })

  it('are checked in the other thread where they come beside a block, with the same refusals', async () => {
    const node = follower()
    await node.finality.start()
    const target = node.at(3)
    const votes = precommits(target)
    const refusal = (list: readonly SignedVote[]) => expect(node.finality.importJustification(target, proof(node, target, list))).rejects
    await refusal(spoilt(votes)).toMatchObject({ code: 'GRANDPA_BAD_SIGNATURE' })
    expect(node.checked).toBe(21)
    await refusal(votes.slice(0, 20)).toMatchObject({ code: 'GRANDPA_NOT_ENOUGH_VOTES' })
    expect(node.checked).toBe(21)
    node.cryptoFails = true
    await refusal(votes).toMatchObject({ code: 'CRYPTO_STOPPED' })
    node.cryptoFails = false
    expect(node.blocks.finalized().number).toBe(0)
    await node.finality.importJustification(target, proof(node, target, votes))
    expect(node.blocks.finalized()).toEqual(target)
    await node.finality.stop()
  })
})
