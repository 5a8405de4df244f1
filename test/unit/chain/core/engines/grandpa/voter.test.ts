/** A single authority finalizes, over restarts and changes of its set. */
import { describe, expect, it } from 'vitest'
import type { Hash } from '../../../../../../node-core/base/bytes.ts'
import { AuthoritySets } from '../../../../../../node-core/chain/core/engines/grandpa/sets/authority-sets.ts'
import { grandpaLogs } from '../../../../../../node-core/chain/core/engines/grandpa/digest.ts'
import { verifyJustification } from '../../../../../../node-core/chain/core/engines/grandpa/proofs/justification.ts'
import type { GrandpaMessage, SignedVote } from '../../../../../../node-core/chain/core/engines/grandpa/messages.ts'
import { developmentKeystore } from '../../../../../../node-core/crypto/keys/keystore.ts'
import type { Header } from '../../../../../../node-core/chain/scale/header.ts'
import type { GrandpaJustification } from '../../../../../../node-core/chain/core/engines/grandpa/proofs/encoding.ts'
import { Aux, Blocks, GENESIS, TestNode, change, child, forcedChange, hashOf } from './world.ts'
import { chainOf, ids, precommit, refOf } from './signed-votes.ts'
import { ENGINE_KEYS } from '../../../../../../node-core/chain/core/engines/table.ts'

describe('a single authority', () => {
  const genesis = [{ key: ids[0] as Hash, weight: 1 }]
  const newNode = (): TestNode => new TestNode({ genesis, keystore: developmentKeystore(['Alice'], ENGINE_KEYS) })

  it('finalizes with real signatures, two blocks behind the best one', () => {
    const node = newNode()
    let now = 1_000_000
    node.perform(node.voter.start(now), now)
    for (const header of chainOf(20).slice(1)) {
      node.import(header, now)
      now = Math.max(now + 1000, Math.min(node.voter.nextWake(now), now + 1000))
      node.perform(node.voter.tick(now), now)
    }
    for (let i = 0; i < 12; i++) {
      now = node.voter.nextWake(now)
      node.perform(node.voter.tick(now), now)
    }
    expect(node.blocks.finalized().number).toBe(18)
    const last = node.justifications.at(-1) as GrandpaJustification
    expect(() => verifyJustification(last, node.sets.current, node.blocks.finalized())).not.toThrow()
  })

  it('does not vote twice in a round after a restart, and goes on', () => {
    const node = newNode()
    const sent: SignedVote[] = []
    node.out = (message) => {
      if (message.type === 'vote') sent.push({ ...message.vote, kind: message.vote.kind })
    }
    const chain = chainOf(12)
    for (const header of chain.slice(1, 6)) node.import(header, 0)
    node.perform(node.voter.start(0), 0)
    node.perform(node.voter.tick(2000), 2000)
    expect(sent.map(({ kind, target }) => [kind, target.number])).toEqual([['prevote', 3]])
    // The chain has grown by the time the node is back: the prevote of this round stays what it was.
    for (const header of chain.slice(6)) node.blocks.import(header)
    node.restart(10_000)
    expect(node.voter.position).toEqual({ round: 1, setId: 0 })
    node.perform(node.voter.tick(12_000), 12_000)
    node.perform(node.voter.tick(14_000), 14_000)
    const prevotes = sent.filter(({ kind }) => kind === 'prevote')
    expect(prevotes).toHaveLength(1)
    expect(sent.filter(({ kind }) => kind === 'precommit').map(({ target }) => target.number)).toEqual([3])
    expect(node.blocks.finalized().number).toBe(3)
    expect(node.voter.position.round).toBe(2)
    node.restart(15_000)
    expect(node.voter.position.round).toBe(2)
    for (const now of [17_000, 19_000]) node.perform(node.voter.tick(now), now)
    expect(node.blocks.finalized().number).toBeGreaterThan(3)
  })

  it('does not vote while a forced change is pending on the best chain, and votes again with the new set, also over a restart', () => {
    const node = newNode()
    const sent: GrandpaMessage[] = []
    node.out = (message) => sent.push(message)
    const chain = chainOf(12, (number) => (number === 5 ? [forcedChange([{ key: ids[0] as Hash, weight: 2 }], 4)] : []))
    node.perform(node.voter.start(0), 0)
    for (const header of chain.slice(1, 9)) node.import(header, 0)
    for (const now of [2000, 4000, 6000]) node.perform(node.voter.tick(now), now)
    node.restart(7000)
    for (const now of [9000, 11_000, 20_000]) node.perform(node.voter.tick(now), now)
    expect(sent.filter(({ type }) => type === 'vote' || type === 'commit')).toEqual([])
    for (const header of chain.slice(9)) node.import(header, 20_000)
    expect(node.voter.position).toEqual({ round: 1, setId: 1 })
    for (const now of [22_000, 24_000]) node.perform(node.voter.tick(now), now)
    expect(node.blocks.finalized().number).toBeGreaterThan(5)
  })

  it('begins the rounds of a forced set at what a majority had finalized, also over a restart', () => {
    const node = newNode()
    const chain = chainOf(12, (number) => (number === 8 ? [forcedChange(genesis, 1, 2)] : []))
    node.perform(node.voter.start(0), 0)
    for (const header of chain.slice(1, 8)) node.import(header, 0)
    for (const now of [2000, 4000]) node.perform(node.voter.tick(now), now)
    expect(node.blocks.finalized().number).toBe(5)
    for (const header of chain.slice(8)) node.import(header, 5000)
    const base = (): number => node.voter.openRounds[0].base.number
    expect([node.voter.position, base()]).toEqual([{ round: 1, setId: 1 }, 2])
    node.restart(6000)
    expect([node.voter.position, base()]).toEqual([{ round: 1, setId: 1 }, 2])
    for (const now of [8000, 10_000]) node.perform(node.voter.tick(now), now)
    expect([node.voter.position.round, base(), node.blocks.finalized().number]).toEqual([2, 5, 10])
  })

  it('stores a vote before it sends it', () => {
    const node = newNode()
    for (const header of chainOf(5).slice(1)) node.import(header, 0)
    node.voter.start(0)
    const kinds = node.voter.tick(2000).map(({ kind }) => kind)
    expect(kinds.indexOf('store')).toBeLessThan(kinds.indexOf('broadcast'))
    expect(kinds).toContain('store')
  })

  it('tells who sends it bad signatures, and strangers', () => {
    const node = newNode()
    for (const header of chainOf(5).slice(1)) node.import(header, 0)
    node.perform(node.voter.start(0), 0)
    const target = node.blocks.best()
    const vote = precommit(0, target, 1, 0)
    node.perform(node.voter.receive({ type: 'vote', round: 1, setId: 0, vote: { ...vote, kind: 'prevote' } }, 'peer', 0), 0)
    node.perform(node.voter.receive({ type: 'vote', round: 1, setId: 0, vote: precommit(1, target, 1, 0) }, 'peer', 0), 0)
    expect(node.complaints).toEqual(['bad-signature', 'stranger'])
    expect(node.blocks.finalized().number).toBe(0)
  })
})

describe('the authority sets', () => {
  const genesis = [{ key: ids[0] as Hash, weight: 1 }]
  const next = [{ key: ids[1] as Hash, weight: 1 }]
  const chain = chainOf(12, (number) => (number === 4 ? [change(next, 3)] : []))
  const setUp = (): { aux: Aux; blocks: Blocks; sets: AuthoritySets } => {
    const [aux, blocks] = [new Aux(), new Blocks()]
    const sets = new AuthoritySets({ aux, blocks }, genesis)
    for (const header of chain.slice(1)) {
      blocks.import(header)
      sets.noteImported(header, hashOf(header))
    }
    return { aux, blocks, sets }
  }
  const finalize = ({ aux, blocks, sets }: ReturnType<typeof setUp>, number: number): boolean => {
    const plan = sets.plan(refOf(chain[number] as Header))
    aux.write(plan.aux)
    blocks.finalize(refOf(chain[number] as Header))
    plan.commit()
    return plan.changed
  }

  it('let nobody finalize past a change, and change with its own block', () => {
    const world = setUp()
    expect(world.sets.limit(hashOf(chain[12] as Header))).toBe(7)
    expect(world.sets.limit(hashOf(chain[3] as Header))).toBeUndefined()
    expect(() => world.sets.plan(refOf(chain[8] as Header))).toThrowError(expect.objectContaining({ code: 'GRANDPA_BEYOND_SET_CHANGE' }))
    expect(finalize(world, 7)).toBe(true)
    expect(world.sets.current).toMatchObject({ setId: 1, authorities: next })
    expect(finalize(world, 9)).toBe(false)
  })

  it('remember a change whose delay is not over, also over a restart', () => {
    const world = setUp()
    expect(finalize(world, 5)).toBe(false)
    const again = { ...world, sets: new AuthoritySets({ aux: world.aux, blocks: world.blocks }, genesis) }
    expect(again.sets.limit(hashOf(chain[12] as Header))).toBe(7)
    expect(finalize(again, 7)).toBe(true)
    expect(new AuthoritySets({ aux: world.aux, blocks: world.blocks }, genesis).current).toMatchObject({ setId: 1, authorities: next })
  })

  it('find changes above the finalized block after a restart, and none of a dead fork', () => {
    const world = setUp()
    const again = new AuthoritySets({ aux: world.aux, blocks: world.blocks }, genesis)
    expect(again.limit(hashOf(chain[12] as Header))).toBe(7)
    const fork = child(chain[3] as Header, 50)
    world.blocks.import(fork)
    again.noteImported(fork, hashOf(fork))
    expect(again.limit(hashOf(fork))).toBeUndefined()
    expect(again.plan(refOf(fork)).changed).toBe(false)
  })

  it('read every announcement of the engine and pass over what does not decode', () => {
    const item = (...bytes: number[]) => ({ type: 'consensus', engine: 'FRNK', data: Uint8Array.from(bytes) }) as const
    const header = child(
      GENESIS, 0, [change(next, 2), item(3, 1, 0, 0, 0, 0, 0, 0, 0), item(4, 9, 0, 0, 0), item(5, 1, 0, 0, 0), item(88), item(1)],
    )
    expect(grandpaLogs(header)).toEqual([
      { kind: 'scheduled', authorities: next, delay: 2 },
      { kind: 'disabled', index: 1 },
      { kind: 'pause', delay: 9 },
      { kind: 'resume', delay: 1 },
    ])
  })
})
