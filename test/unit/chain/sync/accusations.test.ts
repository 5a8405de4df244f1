import { describe, expect, it } from 'vitest'
import type { Hash } from '../../../../node-core/base/bytes.ts'
import { Accusations } from '../../../../node-core/chain/sync/peers/accusations.ts'
import { GENESIS, World, badBodies, extend } from './world.ts'
import { refused } from '../../../helpers/refused.ts'

const hash = (n: number): Hash => `0x${n.toString(16).padStart(64, '0')}`
const bySubnet = (peer: string): string => peer.slice(0, 1)

describe('a justification that proves nothing', () => {
  it('is told of once in a while', () => {
    const accusations = new Accusations(bySubnet)
    const told = [0, 5_000, 10_000, 12_000].map((now, i) => accusations.justification('a1', hash(i), 0, now))
    expect(told).toEqual([true, false, true, false])
  })

  it('is nobody’s fault where others send one for the same block that proves nothing either, until finality moves', () => {
    const accusations = new Accusations(bySubnet)
    expect(accusations.justification('a1', hash(1), 7, 0)).toBe(true)
    // Of the same subnet: that may be one person.
    expect(accusations.justification('a2', hash(1), 7, 0)).toBe(true)
    expect(accusations.justification('b1', hash(1), 7, 0)).toBe(false)
    expect(['a1', 'b1', 'c1'].map((peer, i) => accusations.justification(peer, hash(10 + i), 7, 60_000))).toEqual([false, false, false])
    expect(accusations.justification('c1', hash(20), 8, 60_000)).toBe(true)
  })
})

describe('a body that is not its header’s', () => {
  const body = [Uint8Array.of(4, 1)]

  it('costs who sends it, and is spared where another sends the very same', () => {
    const accusations = new Accusations(bySubnet)
    expect(accusations.body('a1', hash(1), body)).toBe(true)
    expect(accusations.body('a2', hash(1), body)).toBe(true)
    expect(accusations.body('b1', hash(1), body)).toBe(false)
    expect(accusations.body('c1', hash(1), [Uint8Array.of(4, 2)])).toBe(true)
  })

  it('as this node sees it, bans one of many honest peers at the most', () => {
    const chain = extend([GENESIS], 0, 20)
    const world = new World()
    world.verdict = ({ header }) => (header.number === 11 ? refused('IMPORT_WRONG_EXTRINSICS_ROOT', 'so it seems') : undefined)
    for (const id of ['a', 'b', 'c', 'd']) world.connect(id, chain)
    world.run(30 * 60_000)
    expect(world.banned.size).toBe(1)
    expect(world.repeats()).toEqual([])
    const liars = new World()
    for (const id of ['a', 'b']) liars.connect(id, chain, { behaviour: badBodies })
    liars.connect('good', chain, { delayMs: 200 })
    expect(liars.syncs(chain, 30_000)).toBe(true)
    expect(liars.banned.has('good')).toBe(false)
  })
})
