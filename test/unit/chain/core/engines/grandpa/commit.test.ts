/** What finality-grandpa's validate_commit and Substrate's verification of justifications accept and refuse, case by case. */
import { describe, expect, it } from 'vitest'
import { toHex, type Hash } from '../../../../../../node-core/base/bytes.ts'
import { makeJustification, verifyJustification } from '../../../../../../node-core/chain/core/engines/grandpa/proofs/justification.ts'
import { signingPayload, type GrandpaMessage, type SignedVote } from '../../../../../../node-core/chain/core/engines/grandpa/messages.ts'
import { Round } from '../../../../../../node-core/chain/core/engines/grandpa/rounds/round.ts'
import { VoterSet } from '../../../../../../node-core/chain/core/engines/grandpa/sets/voter-set.ts'
import { devAccount } from '../../../../../../node-core/crypto/keys/dev-accounts.ts'
import { ed25519Sign } from '../../../../../../node-core/crypto/ed25519/ed25519.ts'
import type { Header } from '../../../../../../node-core/chain/scale/header.ts'
import type { GrandpaJustification } from '../../../../../../node-core/chain/core/engines/grandpa/proofs/encoding.ts'
import { routeByHeaders } from '../../../../../../node-core/chain/core/engines/grandpa/proofs/ancestry.ts'
import type { BlockRef } from '../../../../../../node-core/chain/scale/block.ts'
import { Blocks, GENESIS, TestNode, child, fakeKeystore, fakeSign, fakeVerify, hashOf, keyOf } from './world.ts'

const refOf = (header: Header): BlockRef => ({ hash: hashOf(header), number: header.number })
const blocks = new Blocks()
const chain = [GENESIS]
for (let number = 1; number <= 6; number++) chain.push(child(chain[number - 1] as Header))
/** Other blocks 3 and 4, on top of block 2. */
const fork = [child(chain[2] as Header, 33)]
fork.push(child(fork[0] as Header, 34))
for (const header of [...chain, ...fork]) blocks.import(header)
const at = (number: number): BlockRef => refOf(chain[number] as Header)
const forkAt = (number: 3 | 4): BlockRef => refOf(fork[number - 3] as Header)
const headers = (from: number, to: number): Header[] => chain.slice(from, to + 1)

const position = { round: 7, setId: 3 }
const four = new VoterSet(3, [1, 2, 3, 4].map((n) => ({ key: keyOf(n), weight: 1 })))
const vote = (voter: number, target: BlockRef, salt = 0): SignedVote => {
  const signature = fakeSign(Buffer.from(keyOf(voter).slice(2), 'hex'), signingPayload('precommit', target, position))
  signature[63] = salt
  return { kind: 'precommit', target, signature, authority: keyOf(voter) }
}
/** Signatures of one voter over one vote may differ in their last byte. */
const lenient: typeof fakeVerify = (signature, message, key) => fakeVerify(Uint8Array.from(signature).fill(0, 63), message, key)

function judge(votes: readonly SignedVote[], target: BlockRef, votesAncestries: readonly Header[] = [], voters = four): string {
  const precommits = votes.map(({ target: { hash, number }, signature, authority }) => {
    return { targetHash: hash, targetNumber: number, signature, authorityId: authority }
  })
  const justification = { round: 7, targetHash: target.hash, targetNumber: target.number, precommits, votesAncestries }
  try {
    verifyJustification(justification, voters, target, lenient)
    return 'accepted'
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('a justification', () => {
  const good = [vote(1, at(2)), vote(2, at(2)), vote(3, at(2))]

  it('may repeat votes, which count once', () => {
    expect(judge([...good, vote(1, at(2)), vote(1, at(2))], at(2))).toBe('accepted')
    expect(judge([vote(1, at(2)), vote(1, at(2)), vote(2, at(2))], at(2))).toBe('GRANDPA_NOT_ENOUGH_VOTES')
  })

  it('may carry any number of different votes of one authority, which counts once and for every block', () => {
    const many = [vote(3, at(3)), vote(3, at(4)), vote(3, forkAt(3))]
    const needed = [...headers(3, 4), fork[0] as Header]
    expect(judge([vote(1, at(2)), vote(2, at(2)), ...many], at(2), needed)).toBe('accepted')
    expect(judge([vote(1, at(2)), ...many], at(2), needed)).toBe('GRANDPA_NOT_ENOUGH_VOTES')
    // The third counts for block 4 by equivocating, though it votes for neither it nor what follows.
    const equivocator = [vote(3, at(2)), vote(3, forkAt(3))]
    expect(judge([vote(1, at(4)), vote(2, at(4)), ...equivocator], at(4), needed)).toBe('accepted')
    expect(judge([vote(1, at(4)), vote(2, at(4)), equivocator[0] as SignedVote], at(4), headers(3, 4))).toBe('GRANDPA_NOT_ENOUGH_VOTES')
  })

  it('takes another signature or number for another vote', () => {
    // Voter 3 equivocates so, and counts for block 3 as well: the three votes prove that, not block 2.
    const votes = [vote(1, at(3)), vote(2, at(3)), vote(4, at(2))]
    expect(judge([...votes, vote(3, at(2))], at(2), headers(3, 3))).toBe('accepted')
    expect(judge([...votes, vote(3, at(2)), vote(3, at(2))], at(2), headers(3, 3))).toBe('accepted')
    expect(judge([...votes, vote(3, at(2)), vote(3, at(2), 1)], at(3), headers(3, 3))).toBe('accepted')
    expect(judge([...votes, vote(3, at(2)), vote(3, { ...at(2), number: 9 })], at(3), headers(3, 3))).toBe('accepted')
  })

  it('may name another number for a block whose number is told by a vote before', () => {
    expect(judge([vote(1, at(2)), vote(2, at(2)), vote(3, { ...at(2), number: 5 })], at(2))).toBe('accepted')
    const high = vote(3, { ...at(3), number: 5 })
    expect(judge([vote(1, at(2)), vote(2, at(2)), high], at(2), headers(3, 3))).toBe('GRANDPA_BAD_ANCESTRY')
    // Lower than the block's own number: the tree grows from there, and the claimed block is not in it.
    expect(judge([vote(1, at(2)), vote(2, at(2)), vote(3, { ...at(2), number: 1 })], at(2))).toBe('GRANDPA_NOT_ENOUGH_VOTES')
  })

  it('may carry votes of strangers, which do not count but must be signed and connected', () => {
    expect(judge([...good, vote(9, at(2))], at(2))).toBe('accepted')
    expect(judge([vote(1, at(2)), vote(2, at(2)), vote(9, at(2))], at(2))).toBe('GRANDPA_NOT_ENOUGH_VOTES')
    expect(judge([...good, { ...vote(9, at(2)), authority: keyOf(8) }], at(2))).toBe('GRANDPA_BAD_SIGNATURE')
    expect(judge([...good, vote(9, at(4))], at(2), headers(3, 4))).toBe('accepted')
    expect(judge([...good, vote(9, at(4))], at(2), headers(4, 4))).toBe('GRANDPA_BAD_ANCESTRY')
    // A stranger's vote may be the lowest, and then all others must be shown to descend from it.
    expect(judge([...good, vote(9, at(1))], at(2), headers(2, 2))).toBe('accepted')
    expect(judge([...good, vote(9, at(1))], at(2))).toBe('GRANDPA_BAD_ANCESTRY')
  })

  it('must be signed throughout, also where votes do not count', () => {
    const forged = { ...vote(4, at(2)), signature: new Uint8Array(64) }
    expect(judge([...good, forged], at(2))).toBe('GRANDPA_BAD_SIGNATURE')
    expect(judge([...good, { ...vote(1, at(2)), signature: new Uint8Array(64) }], at(2))).toBe('GRANDPA_BAD_SIGNATURE')
  })

  it('is rooted in the lowest block that authorities vote for, below its target too', () => {
    expect(judge([...good, vote(4, at(1))], at(2), headers(2, 2))).toBe('accepted')
    expect(judge([...good, vote(4, at(1))], at(2))).toBe('GRANDPA_BAD_ANCESTRY')
    // Two branches of which neither is the root prove nothing, although block 2 has everybody behind it.
    const split = [vote(1, at(3)), vote(2, at(3)), vote(3, forkAt(3)), vote(4, forkAt(3))]
    expect(judge(split, at(2), [chain[3] as Header, fork[0] as Header])).toBe('GRANDPA_BAD_ANCESTRY')
  })

  it('proves the highest block with a supermajority, voted for itself or not', () => {
    const votes = [vote(4, at(1)), vote(1, at(3)), vote(2, at(3)), vote(3, forkAt(3))]
    const needed = [...headers(2, 3), fork[0] as Header]
    expect(judge(votes, at(2), needed)).toBe('accepted')
    expect(judge(votes, at(1), needed)).toBe('GRANDPA_NOT_ENOUGH_VOTES')
    expect(judge(votes, at(3), needed)).toBe('GRANDPA_NOT_ENOUGH_VOTES')
    expect(judge(votes, at(2), [...needed, fork[1] as Header])).toBe('GRANDPA_UNUSED_ANCESTRY')
    expect(judge(votes, at(2), [...needed, ...needed])).toBe('accepted')
  })

  it('counts weights', () => {
    const voters = new VoterSet(3, [1, 2, 3, 4].map((n) => ({ key: keyOf(n), weight: n === 1 ? 10 : 1 })))
    expect(voters.threshold).toBe(9)
    expect(judge([vote(1, at(2))], at(2), [], voters)).toBe('accepted')
    expect(judge([vote(2, at(2)), vote(3, at(2)), vote(4, at(2))], at(2), [], voters)).toBe('GRANDPA_NOT_ENOUGH_VOTES')
  })

  it('has no more votes than can have a use', () => {
    const more = (count: number): SignedVote[] => Array.from({ length: count }, (_, i) => vote(20 + i, at(2)))
    expect(judge([...good, ...more(13)], at(2))).toBe('accepted')
    expect(judge([...good, ...more(14)], at(2))).toBe('GRANDPA_TOO_MANY_VOTES')
  })
})

describe('a proof from a round', () => {
  it('falls back on equivocators, and others accept it', () => {
    const round = new Round(7, four, at(0), routeByHeaders(blocks))
    const votes = [vote(3, at(2)), vote(3, forkAt(3)), vote(1, at(4)), vote(2, at(4))]
    for (const one of votes) {
      round.add({ ...one, kind: 'prevote' })
      round.add(one)
    }
    expect(round.state.finalized).toEqual(at(4))
    const proof = round.proofOf(at(4)) as SignedVote[]
    const justification = makeJustification(7, at(4), proof, blocks.header) as GrandpaJustification
    expect(justification.precommits).toHaveLength(4)
    expect(() => verifyJustification(justification, four, at(4), fakeVerify)).not.toThrow()
  })
})

describe('a commit message', () => {
  const setUp = (upTo = 6): TestNode => {
    const node = new TestNode({ genesis: four.authorities, keystore: fakeKeystore([]), verify: fakeVerify })
    for (const header of [...chain.slice(1, upTo + 1), ...fork]) node.import(header, 0)
    node.perform(node.voter.start(0), 0)
    return node
  }
  const zero = (voter: number, target: BlockRef): SignedVote => {
    const signature = fakeSign(Buffer.from(keyOf(voter).slice(2), 'hex'), signingPayload('precommit', target, { round: 7, setId: 0 }))
    return { kind: 'precommit', target, signature, authority: keyOf(voter) }
  }
  const send = (node: TestNode, precommits: readonly SignedVote[], target = at(2)): [number, string[]] => {
    const commit: GrandpaMessage = { type: 'commit', round: 7, setId: 0, target, precommits }
    node.perform(node.voter.receive(commit, 'peer', 0), 0)
    return [node.blocks.finalized().number, node.complaints]
  }
  const good = [zero(1, at(2)), zero(2, at(2)), zero(3, at(2))]

  it('finalizes, whatever the round', () => {
    expect(send(setUp(), good)).toEqual([2, []])
  })

  it('may contain a second vote of those who may be faulty, not of more', () => {
    expect(send(setUp(), [...good, zero(3, at(3)), zero(4, at(2))])).toEqual([2, []])
    expect(send(setUp(), [...good, zero(4, at(2)), zero(3, at(3)), zero(2, at(3))])).toEqual([0, ['bad-commit']])
  })

  it('costs its sender where strangers vote, votes are missing or forged, or prove something else', () => {
    expect(send(setUp(), [...good, zero(9, at(2))])).toEqual([0, ['bad-commit']])
    expect(send(setUp(), good.slice(1))).toEqual([0, ['bad-commit']])
    expect(send(setUp(), [])).toEqual([0, ['bad-commit']])
    expect(send(setUp(), [...good.slice(1), { ...zero(1, at(2)), authority: keyOf(4) }])).toEqual([0, ['bad-signature']])
    expect(send(setUp(), good, at(1))).toEqual([0, ['bad-commit']])
    expect(send(setUp(), [zero(1, at(3)), zero(2, at(3)), zero(3, forkAt(3))])).toEqual([0, ['bad-commit']])
  })

  it('is passed over where an authority signed a wrong number', () => {
    expect(send(setUp(), [zero(1, at(2)), zero(2, at(2)), zero(3, { ...at(2), number: 5 })])).toEqual([0, []])
  })

  it('waits for every block that it names', () => {
    const node = setUp(3)
    expect(send(node, [zero(1, at(2)), zero(2, at(2)), zero(3, at(4))])).toEqual([0, []])
    node.import(chain[4] as Header, 0)
    expect(node.blocks.finalized()).toEqual(at(2))
  })
})

describe('real signatures', () => {
  it('are those that other nodes make', () => {
    const { publicKey, secret } = devAccount('//Alice').ed25519
    const voters = new VoterSet(3, [{ key: toHex(publicKey), weight: 1 }])
    const authorityId: Hash = toHex(publicKey)
    const { hash: targetHash, number: targetNumber } = at(2)
    const signature = ed25519Sign(secret.reveal(), signingPayload('precommit', at(2), position))
    const precommits = [{ targetHash, targetNumber, signature, authorityId }]
    const justification = { round: 7, targetHash, targetNumber, precommits, votesAncestries: [] }
    expect(() => verifyJustification(justification, voters, at(2))).not.toThrow()
  })
})
