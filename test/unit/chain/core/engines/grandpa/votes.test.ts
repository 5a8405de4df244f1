/** Votes and what follows from them: who has a say, rounds, justifications, and what is voted for. */
import { describe, expect, it } from 'vitest'
import { toHex, type Hash } from '../../../../../../node-core/base/bytes.ts'
import { verifyJustification } from '../../../../../../node-core/chain/core/engines/grandpa/proofs/justification.ts'
import { decodeGrandpaMessage, encodeGrandpaMessage, signingPayload, type GrandpaMessage, type SignedVote } from '../../../../../../node-core/chain/core/engines/grandpa/messages.ts'
import { Round } from '../../../../../../node-core/chain/core/engines/grandpa/rounds/round.ts'
import type { Route } from '../../../../../../node-core/chain/core/engines/grandpa/rounds/vote-tree.ts'
import { VoterSet } from '../../../../../../node-core/chain/core/engines/grandpa/sets/voter-set.ts'
import { chooseVote } from '../../../../../../node-core/chain/core/engines/grandpa/rounds/voting-rule.ts'
import type { Header } from '../../../../../../node-core/chain/scale/header.ts'
import { decodeJustification, encodeJustification, type GrandpaJustification } from '../../../../../../node-core/chain/core/engines/grandpa/proofs/encoding.ts'
import type { BlockRef } from '../../../../../../node-core/chain/scale/block.ts'
import { Blocks, GENESIS, child, hashOf } from './world.ts'
import { chainOf, ids, precommit, refOf } from './signed-votes.ts'

const four = new VoterSet(3, ids.map((key) => ({ key, weight: 1 })))

describe('voters', () => {
  it('need more than two thirds', () => {
    const threshold = (n: number) => new VoterSet(
      0, Array.from({ length: n }, (_, i) => ({ key: `0x${i.toString(16).padStart(64, '0')}`, weight: 1 })),
    ).threshold
    expect([1, 2, 3, 4, 5, 6, 7, 10, 100].map(threshold)).toEqual([1, 2, 3, 3, 4, 5, 5, 7, 67])
    expect(new VoterSet(0, [{ key: ids[0] as Hash, weight: 10 }, { key: ids[1] as Hash, weight: 5 }]).threshold).toBe(11)
    expect(() => new VoterSet(0, [])).toThrowError(expect.objectContaining({ code: 'GRANDPA_BAD_AUTHORITIES' }))
  })

  it('propose in the order of their keys, not in that of the list', () => {
    const sorted = [...ids].sort()
    expect(sorted).not.toEqual(ids)
    expect([4, 5, 6, 7].map((round) => four.primary(round))).toEqual(sorted)
  })
})

describe('messages', () => {
  const block: BlockRef = { hash: ids[0] as Hash, number: 9 }
  const vote = precommit(1, block)

  it('round-trip, and anything cut or padded is refused', () => {
    const position = { round: 5, setId: 2 }
    const messages: GrandpaMessage[] = [
      { type: 'vote', ...position, vote },
      { type: 'vote', ...position, vote: { ...vote, kind: 'prevote' } },
      { type: 'vote', ...position, vote: { ...vote, kind: 'propose' } },
      { type: 'commit', ...position, target: block, precommits: [vote, precommit(2, block)] },
      { type: 'neighbor', ...position, finalized: 77 },
      { type: 'catchUpRequest', ...position },
      { type: 'catchUp', ...position, prevotes: [{ ...vote, kind: 'prevote' }], precommits: [vote], base: block },
    ]
    for (const message of messages) {
      const bytes = encodeGrandpaMessage(message)
      expect(decodeGrandpaMessage(bytes)).toEqual(message)
      for (const bad of [bytes.subarray(0, -1), new Uint8Array([...bytes, 0])]) {
        expect(() => decodeGrandpaMessage(bad)).toThrowError(expect.objectContaining({ code: 'GRANDPA_BAD_MESSAGE' }))
      }
    }
    expect(() => decodeGrandpaMessage(Uint8Array.of(9))).toThrowError(expect.objectContaining({ code: 'GRANDPA_BAD_MESSAGE' }))
  })

  it('lay out a vote and what is signed as the specification says', () => {
    const hex = (ids[0] as Hash).slice(2)
    expect(toHex(signingPayload('precommit', block, { round: 5, setId: 2 }))).toBe(`0x01${hex}0900000005000000000000000200000000000000`)
    const bytes = toHex(encodeGrandpaMessage({ type: 'vote', round: 5, setId: 2, vote }))
    expect(bytes).toBe(`0x000500000000000000020000000000000001${hex}09000000${toHex(vote.signature).slice(2)}${(ids[1] as Hash).slice(2)}`)
    expect(toHex(encodeGrandpaMessage({ type: 'neighbor', round: 1, setId: 0, finalized: 3 })))
      .toBe('0x02010100000000000000000000000000000003000000')
  })
})

describe('a round', () => {
  const chain = chainOf(4)
  const fork = child(chain[2] as Header, 99)
  const all = new Map([...chain, fork].map((header) => [hashOf(header), header]))
  const at = (n: number): BlockRef => refOf(chain[n] as Header)
  const route: Route = (base, target) => {
    const way: BlockRef[] = []
    for (let hash = target; hash !== base; ) {
      const header = all.get(hash)
      if (header === undefined || header.number === 0) return undefined
      way.unshift({ hash, number: header.number })
      hash = header.parentHash
    }
    return way
  }
  const cast = (round: Round, kind: 'prevote' | 'precommit', votes: readonly (readonly [number, BlockRef])[]) =>
    votes.map(([voter, target]) => round.add({ kind, target, signature: new Uint8Array(64), authority: ids[voter] as Hash }).kind)

  it('finds the prevote-GHOST, and nothing before a supermajority voted', () => {
    const round = new Round(1, four, at(0), route)
    cast(round, 'prevote', [[0, at(4)], [1, at(3)]])
    expect(round.state).toMatchObject({ ghost: undefined, estimate: undefined, completable: false })
    cast(round, 'prevote', [[2, refOf(fork)]])
    expect(round.state).toMatchObject({ ghost: at(2), estimate: at(2), finalized: undefined, completable: false })
    cast(round, 'prevote', [[3, at(4)]])
    expect(round.state.ghost).toEqual(at(3))
  })

  it('is completable once nothing above the estimate can win any more', () => {
    const round = new Round(1, four, at(0), route)
    cast(round, 'prevote', [[0, at(4)], [1, at(4)], [2, at(4)]])
    cast(round, 'precommit', [[0, at(4)], [1, at(2)], [2, at(2)]])
    // The fourth precommit and one equivocation could still make it three for block 4.
    expect(round.state).toMatchObject({ ghost: at(4), estimate: at(4), finalized: at(2), completable: true })
    cast(round, 'precommit', [[3, at(2)]])
    expect(round.state).toMatchObject({ ghost: at(4), estimate: at(2), finalized: at(2), completable: true })
  })

  it('counts an equivocator once, and for everything', () => {
    const round = new Round(1, four, at(0), route)
    expect(cast(round, 'prevote', [[0, at(4)], [0, at(4)], [0, refOf(fork)], [0, at(1)]]))
      .toEqual(['added', 'duplicate', 'equivocation', 'duplicate'])
    expect(round.prevotes.seen).toBe(1)
    cast(round, 'prevote', [[1, at(4)]])
    expect(round.state.ghost).toBeUndefined()
    cast(round, 'prevote', [[2, at(4)]])
    expect(round.state.ghost).toEqual(at(4))
  })

  it('leaves out strangers, blocks of other chains and wrong numbers', () => {
    const round = new Round(1, four, at(1), route)
    const stranger = round.add({ kind: 'prevote', target: at(2), signature: new Uint8Array(64), authority: GENESIS.parentHash })
    expect(stranger.kind).toBe('stranger')
    expect(cast(round, 'prevote', [[0, at(0)], [1, { ...at(2), number: 3 }]])).toEqual(['off-chain', 'off-chain'])
    expect(round.add({ kind: 'propose', target: at(2), signature: new Uint8Array(64), authority: four.primary(2) }).kind).toBe('stranger')
    expect(round.add({ kind: 'propose', target: at(2), signature: new Uint8Array(64), authority: four.primary(1) }).kind).toBe('added')
  })
})

describe('a justification', () => {
  const chain = chainOf(4)
  const target = refOf(chain[2] as Header)
  const higher = refOf(chain[4] as Header)
  const plain = (vote: SignedVote): GrandpaJustification['precommits'][number] => ({
    targetHash: vote.target.hash, targetNumber: vote.target.number, signature: vote.signature, authorityId: vote.authority,
  })
  const of = (votes: readonly SignedVote[], votesAncestries: readonly Header[] = []): GrandpaJustification => ({
    round: 7, targetHash: target.hash, targetNumber: target.number, precommits: votes.map(plain), votesAncestries,
  })
  const good = of([precommit(0, target), precommit(1, target), precommit(2, target)])
  const tall = of([precommit(0, target), precommit(1, higher), precommit(3, target)], [chain[3] as Header, chain[4] as Header])
  const codeOf = (justification: GrandpaJustification, voters = four, block = target): string => {
    try {
      verifyJustification(justification, voters, block)
      return 'accepted'
    } catch (error) {
      return (error as { code: string }).code
    }
  }

  it('is accepted with votes for the block itself and for descendants that it shows', () => {
    expect(codeOf(good)).toBe('accepted')
    expect(codeOf(tall)).toBe('accepted')
    expect(codeOf(decodeJustification(encodeJustification(tall)))).toBe('accepted')
  })

  it('is refused in each way in which it can be forged', () => {
    const [first, second, third] = good.precommits as [never, never, never]
    expect(codeOf({ ...good, precommits: [first, second] })).toBe('GRANDPA_NOT_ENOUGH_VOTES')
    expect(codeOf({ ...good, precommits: [] })).toBe('GRANDPA_NOT_ENOUGH_VOTES')
    expect(codeOf({ ...good, precommits: [first, second, second] })).toBe('GRANDPA_NOT_ENOUGH_VOTES')
    expect(codeOf(of([precommit(0, target), precommit(1, target), { ...precommit(2, target), authority: ids[3] as Hash }])))
      .toBe('GRANDPA_BAD_SIGNATURE')
    expect(codeOf(of([precommit(0, target), precommit(1, target), precommit(2, target, 8)]))).toBe('GRANDPA_BAD_SIGNATURE')
    expect(codeOf(good, new VoterSet(4, four.authorities))).toBe('GRANDPA_BAD_SIGNATURE')
    expect(codeOf({ ...good, round: 8 })).toBe('GRANDPA_BAD_SIGNATURE')
    expect(codeOf(good, new VoterSet(3, four.authorities.slice(2)))).toBe('GRANDPA_NOT_ENOUGH_VOTES')
    expect(codeOf(good, four, refOf(chain[3] as Header))).toBe('GRANDPA_WRONG_TARGET')
    expect(codeOf({ ...good, targetHash: higher.hash, targetNumber: 4 }, four, higher)).toBe('GRANDPA_NOT_ENOUGH_VOTES')
    expect(codeOf({ ...good, precommits: [first, second, { ...(third as object), targetNumber: 3 } as never] }))
      .toBe('GRANDPA_BAD_SIGNATURE')
  })

  it('is refused where the ancestry is missing, wrong or more than needed', () => {
    expect(codeOf({ ...tall, votesAncestries: [chain[4] as Header] })).toBe('GRANDPA_BAD_ANCESTRY')
    expect(codeOf({ ...tall, votesAncestries: [] })).toBe('GRANDPA_BAD_ANCESTRY')
    expect(codeOf({ ...tall, votesAncestries: [child(chain[2] as Header, 5), chain[4] as Header] })).toBe('GRANDPA_BAD_ANCESTRY')
    expect(codeOf({ ...tall, votesAncestries: [...tall.votesAncestries, child(chain[2] as Header, 5)] })).toBe('GRANDPA_UNUSED_ANCESTRY')
    expect(codeOf({ ...good, votesAncestries: [chain[3] as Header] })).toBe('GRANDPA_UNUSED_ANCESTRY')
  })

  it('is refused where its votes finalize more than it says', () => {
    const votes = [precommit(0, higher), precommit(1, higher), precommit(2, higher), precommit(3, target)]
    expect(codeOf(of(votes, [chain[3] as Header, chain[4] as Header]))).toBe('GRANDPA_NOT_ENOUGH_VOTES')
  })

  it('counts an equivocator once', () => {
    const twice = [precommit(0, target), precommit(0, refOf(chain[3] as Header))]
    expect(codeOf(of([...twice, precommit(1, target)], [chain[3] as Header]))).toBe('GRANDPA_NOT_ENOUGH_VOTES')
    expect(codeOf(of([...twice, precommit(1, target), precommit(2, target)], [chain[3] as Header]))).toBe('accepted')
  })
})

describe('the voting rule', () => {
  const chain = chainOf(40)
  const blocks = new Blocks()
  for (const header of chain) blocks.import(header)
  const choose = (base: number, limit?: number): number => chooseVote(blocks, refOf(chain[base] as Header), () => limit).number

  it('stays two behind the best block and within three quarters of a long way', () => {
    expect(choose(0)).toBe(30)
    expect(choose(20)).toBe(35)
    expect(choose(35)).toBe(38)
    expect(choose(38)).toBe(38)
    expect(choose(39)).toBe(39)
  })

  it('rounds three quarters as other nodes do', () => {
    // Of 9, 10, 11 and 12 unfinalized blocks: 7, 8, 8 and 9.
    expect([31, 30, 29, 28].map((base) => choose(base))).toEqual([38, 38, 37, 37])
  })

  it('never goes above a change of authorities', () => {
    expect(choose(0, 12)).toBe(12)
    expect(choose(20, 36)).toBe(35)
    expect(choose(20, 20)).toBe(20)
  })
})
