/** What a key voted is never forgotten and never contradicted: not over a restart, not over a database that is gone. */
import { beforeEach, describe, expect, it } from 'vitest'
import { fromHex, type Hash } from '../../../../../../node-core/base/bytes.ts'
import type { RoundRef, SignedVote, VoteKind } from '../../../../../../node-core/chain/core/engines/grandpa/messages.ts'
import { OwnVotes } from '../../../../../../node-core/chain/core/engines/grandpa/rounds/own-votes.ts'
import { decodeKeyVotes, encodeKeyVotes, isForeign, mayVote, votesIn, withVote, type KeyVotes } from '../../../../../../node-core/chain/core/engines/grandpa/rounds/vote-record.ts'
import { VoterSet } from '../../../../../../node-core/chain/core/engines/grandpa/sets/voter-set.ts'
import type { Header } from '../../../../../../node-core/chain/scale/header.ts'
import { FREE_GUARD } from '../../../../../helpers/free-guard.ts'
import { MapKeyMemory } from '../../../../../helpers/key-memory.ts'
import { SmallNode } from './small-node.ts'
import { GENESIS, TestNode, child, fakeKeystore, fakeSign, fakeVerify, hashOf, keyOf } from './world.ts'

const [ALICE, BOB] = [keyOf(1), keyOf(2)]
const at = (setId: number, round: number): RoundRef => ({ setId, round })
const block = (number: number) => ({ hash: keyOf(number + 100), number })
const vote = (kind: VoteKind, authority: Hash, number: number): SignedVote => ({ kind, authority, target: block(number), signature: new Uint8Array(64).fill(number) })

/** After a prevote in each of these rounds. */
function voted(...rounds: readonly RoundRef[]): KeyVotes {
  return rounds.reduce<KeyVotes | undefined>((known, round) => withVote(known, round, vote('prevote', ALICE, round.round)), undefined) as KeyVotes
}

describe('what a key may vote', () => {
  it('goes forward, and in the last round as far as it has not voted', () => {
    const known = voted(at(0, 1), at(0, 2), at(1, 1))
    expect([at(0, 1), at(0, 2), at(1, 1), at(1, 2), at(2, 1)].map((round) => mayVote(known, round))).toEqual([false, false, true, true, true])
    expect(mayVote(undefined, at(0, 1))).toBe(true)
  })

  it('is nothing in a set that it went through, but behind every round that it ever voted in', () => {
    const known = voted(at(3, 20), at(4, 2))
    expect([at(0, 1), at(3, 20), at(3, 21), at(4, 1), at(4, 3)].map((round) => mayVote(known, round))).toEqual([false, false, true, false, true])
    // It began anew and voted behind them in an old set: what came after that set stays closed as well.
    const again = withVote(known, at(0, 21), vote('prevote', ALICE, 1))
    expect([at(0, 21), at(0, 22), at(4, 1), at(4, 3), at(4, 21), at(4, 22), at(5, 1)].map((round) => mayVote(again, round)))
      .toEqual([true, true, false, false, false, true, true])
  })

  it('remembers the votes of two rounds, and stores them without loss', () => {
    let known = voted(at(0, 1), at(0, 2))
    known = withVote(known, at(0, 3), vote('prevote', ALICE, 7))
    known = withVote(known, at(0, 3), vote('precommit', ALICE, 7))
    expect([1, 2, 3].map((round) => votesIn(known, at(0, round)).map(({ kind, target }) => [kind, target.number])))
      .toEqual([[], [['prevote', 2]], [['prevote', 7], ['precommit', 7]]])
    expect(votesIn(known, at(1, 3))).toEqual([])
    expect(decodeKeyVotes(encodeKeyVotes(known))).toEqual(known)
    const next = withVote(known, at(1, 1), vote('prevote', ALICE, 9))
    expect(next.before).toBeUndefined()
    expect(decodeKeyVotes(encodeKeyVotes(next))).toEqual(next)
  })
})

describe('a vote by one of our keys', () => {
  const known = withVote(withVote(voted(at(2, 7)), at(3, 4), vote('prevote', ALICE, 4)), at(3, 6), vote('prevote', ALICE, 6))
  const heard = (position: RoundRef, number: number, kind: VoteKind = 'prevote'): boolean => isForeign(known, position, vote(kind, ALICE, number))

  it('is ours where we cast it, and may be where it is older than what is remembered', () => {
    expect([heard(at(3, 6), 6), heard(at(3, 4), 4), heard(at(3, 5), 1), heard(at(3, 3), 1), heard(at(2, 7), 1), heard(at(1, 1), 1)]).toEqual([false, false, false, false, false, false])
  })

  it('is another computer\'s where it differs from ours, or is in a round that we have not voted in', () => {
    expect([heard(at(3, 6), 7), heard(at(3, 6), 6, 'precommit'), heard(at(3, 4), 5), heard(at(3, 8), 8), heard(at(4, 1), 1)]).toEqual([true, true, true, true, true])
    expect(isForeign(undefined, at(0, 1), vote('prevote', ALICE, 1))).toBe(true)
  })

  it('that is another computer\'s is told, and one of a stranger is not', () => {
    const told: unknown[] = []
    const own = new OwnVotes({ keystore: fakeKeystore([ALICE]), signed: new MapKeyMemory(), guard: { ...FREE_GUARD, heardVote: (found) => told.push(found) } })
    own.enter(at(0, 3))
    const [mine] = own.cast('prevote', new VoterSet(0, [{ key: ALICE, weight: 1 }]), () => block(5), () => true) as [SignedVote]
    own.heard(mine, at(0, 3))
    own.heard(vote('prevote', BOB, 6), at(0, 3))
    expect(told).toEqual([])
    own.heard(vote('prevote', ALICE, 6), at(0, 3))
    expect(told).toEqual([{ keyType: 'gran', publicKey: ALICE, number: 6, setId: 0, round: 3 }])
  })

  it('is not cast while the key may not sign', () => {
    const own = new OwnVotes({ keystore: fakeKeystore([ALICE, BOB]), signed: new MapKeyMemory(), guard: { ...FREE_GUARD, allows: (_type, key) => key === BOB } })
    own.enter(at(0, 1))
    const voters = new VoterSet(0, [ALICE, BOB].map((key) => ({ key, weight: 1 })))
    expect(own.cast('prevote', voters, () => block(5), () => true).map(({ authority }) => authority)).toEqual([BOB])
  })
})

describe('own votes', () => {
  const set = (...keys: readonly Hash[]): VoterSet => new VoterSet(0, keys.map((key) => ({ key, weight: 1 })))
  let memory: MapKeyMemory
  beforeEach(() => {
    memory = new MapKeyMemory()
  })
  const remember = (key: Hash, known: KeyVotes): Promise<void> => memory.write('gran', key, encodeKeyVotes(known))
  const cast = (own: OwnVotes, kind: VoteKind, number: number, voters = set(ALICE, BOB)): SignedVote[] => own.cast(kind, voters, () => block(number), () => true)

  it('of a round are what the key memory has and what the voter stored, one of each kind', async () => {
    await remember(ALICE, voted(at(0, 4), at(0, 5)))
    const own = new OwnVotes({ keystore: fakeKeystore([ALICE, BOB]), signed: memory, guard: FREE_GUARD })
    own.adopt({ ...at(0, 5), own: [vote('prevote', ALICE, 99), vote('precommit', ALICE, 5), vote('prevote', BOB, 6)], previous: undefined })
    own.enter(at(0, 5))
    expect(own.all.map(({ authority, kind, target }) => [authority, kind, target.number])).toEqual([
      [ALICE, 'prevote', 5],
      [ALICE, 'precommit', 5],
      [BOB, 'prevote', 6],
    ])
    // What only the database had goes into the key memory with the next storing.
    expect(own.records().map(({ publicKey, value }) => [publicKey, decodeKeyVotes(value).votes.length])).toEqual([[ALICE, 2], [BOB, 1]])
    expect(cast(own, 'prevote', 8)).toEqual([])
    expect(cast(own, 'precommit', 8).map(({ authority }) => authority)).toEqual([BOB])
  })

  it('of the round before show how far a key has come, where the database has nothing newer', () => {
    const own = new OwnVotes({ keystore: fakeKeystore([ALICE]), signed: memory, guard: FREE_GUARD })
    const previous = { base: block(0), prevotes: [vote('prevote', ALICE, 4), vote('prevote', BOB, 4)], precommits: [vote('precommit', ALICE, 4)] }
    own.adopt({ ...at(0, 9), own: [], previous })
    own.enter(at(0, 9))
    expect(own.all).toEqual([])
    // Bob's key is somebody else's.
    expect(own.records().map(({ publicKey, value }) => [publicKey, decodeKeyVotes(value)])).toMatchObject([[ALICE, { round: 8, highestRound: 8, votes: [{ kind: 'prevote' }, { kind: 'precommit' }] }]])
    own.enter(at(0, 7))
    expect(cast(own, 'prevote', 8)).toEqual([])
  })

  it('are none in a round that the key has been past', async () => {
    await remember(ALICE, voted(at(0, 4), at(0, 5)))
    const own = new OwnVotes({ keystore: fakeKeystore([ALICE, BOB]), signed: memory, guard: FREE_GUARD })
    own.enter(at(0, 1))
    expect(cast(own, 'prevote', 8).map(({ authority }) => authority)).toEqual([BOB])
    expect(own.standAside(set(ALICE, BOB, keyOf(3)))).toEqual({ kind: 'abstains', keys: [ALICE], upTo: at(0, 5) })
    expect(own.standAside(set(ALICE, BOB, keyOf(3)))).toBeUndefined()
    expect(own.standAside(set(ALICE, BOB))).toEqual({ kind: 'leap', round: 6 })
    expect(own.standAside(set(BOB))).toBeUndefined()
    own.enter(at(0, 6))
    expect(own.standAside(set(ALICE, BOB))).toBeUndefined()
    expect(cast(own, 'prevote', 8).map(({ authority }) => authority)).toEqual([ALICE, BOB])
  })

  it('are none of a key of which nothing can be told', () => {
    memory.damaged.add(ALICE)
    const own = new OwnVotes({ keystore: fakeKeystore([ALICE, BOB]), signed: memory, guard: FREE_GUARD })
    own.adopt({ ...at(0, 1), own: [vote('prevote', ALICE, 5)], previous: undefined })
    own.enter(at(0, 1))
    expect(cast(own, 'prevote', 8).map(({ authority }) => authority)).toEqual([BOB])
    expect(own.standAside(set(ALICE, BOB))).toBeUndefined()
  })
})

describe('a voter whose database is gone', () => {
  const chain: Header[] = [GENESIS]
  for (let number = 1; number <= 12; number++) chain.push(child(chain[number - 1] as Header))

  /** Every vote that leaves the node, and whether one contradicts another. */
  function observed(node: TestNode): Map<string, Hash> {
    const said = new Map<string, Hash>()
    node.out = (message) => {
      if (message.type !== 'vote') return
      const { vote: { kind, target, authority }, setId, round } = message
      const name = `${authority} ${setId}/${round} ${kind}`
      expect(said.get(name) ?? target.hash, name).toBe(target.hash)
      said.set(name, target.hash)
    }
    return said
  }

  function run(node: TestNode, from: number, seconds: number): void {
    for (let second = 1; second <= seconds; second++) node.perform(node.voter.tick(from + second * 1000), from + second * 1000)
  }

  it('goes on behind its last round where nobody else decides, also on another chain', () => {
    const node = new TestNode({ genesis: [{ key: ALICE, weight: 1 }], keystore: fakeKeystore([ALICE]), verify: fakeVerify })
    const said = observed(node)
    node.perform(node.voter.start(0), 0)
    for (const header of chain.slice(1, 7)) node.import(header, 0)
    run(node, 0, 20)
    expect(node.blocks.finalized().number).toBeGreaterThan(2)
    const { round } = node.voter.position
    expect(round).toBeGreaterThan(2)

    node.loseDatabase(100_000)
    expect(node.voter.position.round).toBeGreaterThan(Math.max(...[...said.keys()].map((name) => Number(/\/(\d+) /.exec(name)?.[1]))))
    let header = GENESIS
    for (let number = 1; number <= 8; number++) node.import((header = child(header, 7)), 100_000)
    run(node, 100_000, 20)
    expect(node.blocks.finalized().number).toBeGreaterThan(2)
    expect(node.abstentions).toEqual([])
  })

  it('repeats what it voted in the round of the others, and abstains in earlier ones', () => {
    const node = new TestNode({ genesis: [ALICE, BOB, keyOf(3), keyOf(4)].map((key) => ({ key, weight: 1 })), keystore: fakeKeystore([ALICE]), verify: fakeVerify })
    const said = observed(node)
    for (const header of chain.slice(1, 6)) node.import(header, 0)
    node.perform(node.voter.start(0), 0)
    run(node, 0, 5)
    expect([...said]).toEqual([[`${ALICE} 0/1 prevote`, hashOf(chain[3] as Header)]])

    // The chain is longer when it is back: the prevote stays what it was, and is sent again.
    node.loseDatabase(10_000)
    said.clear()
    for (const header of chain.slice(1)) node.import(header, 10_000)
    run(node, 10_000, 12)
    expect([...said]).toEqual([[`${ALICE} 0/1 prevote`, hashOf(chain[3] as Header)]])
    expect(node.abstentions).toEqual([])

    // Had it voted in the fourth round, it would have nothing to say in the first.
    void node.signed.write('gran', ALICE, encodeKeyVotes(voted(at(0, 4))))
    node.loseDatabase(30_000)
    said.clear()
    for (const header of chain.slice(1)) node.import(header, 30_000)
    run(node, 30_000, 12)
    expect([...said]).toEqual([])
    expect(node.abstentions).toEqual([at(0, 4)])
  })

  it('counts its vote when the block that it is for has come again', () => {
    const node = new TestNode({ genesis: [{ key: ALICE, weight: 3 }, { key: BOB, weight: 1 }], keystore: fakeKeystore([ALICE]), verify: fakeVerify })
    const target = { hash: hashOf(chain[3] as Header), number: 3 }
    const mine: SignedVote = { kind: 'prevote', target, authority: ALICE, signature: fakeSign(fromHex(ALICE), new Uint8Array(1)) }
    void node.signed.write('gran', ALICE, encodeKeyVotes(withVote(undefined, at(0, 1), mine)))
    node.restart(0)
    expect(node.voter.openRounds[0].state.ghost).toBeUndefined()
    for (const header of chain.slice(1, 6)) node.import(header, 0)
    expect(node.voter.openRounds[0].state.ghost).toEqual(target)
  })

  it('takes over from a database of the version before what is not beside the keys yet', () => {
    const node = new TestNode({ genesis: [{ key: ALICE, weight: 1 }, { key: BOB, weight: 1 }], keystore: fakeKeystore([ALICE]), verify: fakeVerify })
    const said = observed(node)
    for (const header of chain.slice(1, 6)) node.import(header, 0)
    node.perform(node.voter.start(0), 0)
    run(node, 0, 3)
    expect(said.size).toBe(1)
    node.signed.entries.clear()
    node.restart(10_000)
    expect(decodeKeyVotes(node.signed.last('gran', ALICE) as Uint8Array)).toMatchObject({ setId: 0, round: 1, votes: [{ kind: 'prevote', target: { number: 3 } }] })
    for (const header of chain.slice(6)) node.import(header, 10_000)
    run(node, 10_000, 12)
    expect(said.size).toBe(1)
  })
})

describe('finality', () => {
  const votes = (node: SmallNode) => node.heard.filter((message) => message.type === 'vote')

  it('lets no vote leave before it is beside the keys, and tells it later', async () => {
    const node = new SmallNode()
    await node.finality.start()
    node.signed.failing = 1
    await node.advance(2)
    expect([node.signed.failing, votes(node)]).toEqual([0, []])
    await node.advance(30)
    expect(votes(node).length).toBeGreaterThan(0)
    expect(node.blocks.finalized().number).toBe(3)
    await node.finality.stop()
  })

  it('writes a vote that failed with the rounds that begin meanwhile', async () => {
    const node = new SmallNode()
    await node.finality.start()
    node.signed.failing = Number.POSITIVE_INFINITY
    await node.advance(20)
    expect(votes(node)).toEqual([])
    node.signed.failing = 0
    await node.advance(60)
    const told = votes(node).flatMap((message) => (message.type === 'vote' ? [message.round] : []))
    const [known] = [...node.signed.entries.values()].map(({ value }) => decodeKeyVotes(value))
    expect(known?.round).toBe(Math.max(...told))
    await node.finality.stop()
  })
})
