/** What one peer claims of its best block moves nothing; what most claim does. */
import { describe, expect, it } from 'vitest'
import type { BlockRef } from '../../../../node-core/chain/scale/block.ts'
import { claimedHeight } from '../../../../node-core/chain/sync/peers/claims.ts'
import { PeerTable, type SyncPeer } from '../../../../node-core/chain/sync/peers/peer-table.ts'
import { GENESIS, World, empty, extend, garbled, honest, silent, tipOf, type Behaviour, type PeerOptions, type TestBlock } from './world.ts'

const CHAIN = extend([GENESIS], 0, 1000)
const ABSURD: BlockRef = { hash: `0x${'99'.repeat(32)}`, number: 4_000_000_000 }

/** A node that has the chain up to `height`. */
function at(height: number, ceiling?: number): World {
  const world = new World(1, {}, { ceiling: () => ceiling })
  for (const block of CHAIN.slice(1, height + 1)) world.own.add(block)
  return world
}

function peersAt(...heights: readonly number[]): SyncPeer[] {
  const table = new PeerTable(2)
  heights.forEach((number, i) => table.add(`p${i}`, { hash: GENESIS.hash, number }))
  return table.all()
}

describe('the height of the network', () => {
  it.each([
    [[], undefined],
    [[7], 7],
    [[5, 4e9], 5],
    [[4e9, 5, 6], 6],
    [[4e9, 5, 6, 4e9], 6],
    [[1, 2, 3, 4, 5], 3],
    [[0, 0, 0, 4e9, 4e9], 0],
  ])('of peers at %j is %s', (heights, expected) => {
    expect(claimedHeight(peersAt(...heights), undefined, 0)).toBe(expected)
  })

  it('is the higher one of two where the higher one delivers', () => {
    const [low, high] = peersAt(0, 900) as [SyncPeer, SyncPeer]
    high.provenAt = 1000
    expect(claimedHeight([low, high], undefined, 30_000)).toBe(900)
    expect(claimedHeight([low, high], undefined, 90_000)).toBe(0)
    high.failures = 1
    expect(claimedHeight([low, high], undefined, 30_000)).toBe(0)
  })

  it('is no higher than slots have gone by', () => {
    expect(claimedHeight(peersAt(4e9), 1003, 0)).toBe(1003)
    expect(claimedHeight(peersAt(900), 1003, 0)).toBe(900)
  })
})

describe('one peer that claims #4,000,000,000', () => {
  const behaviours: [string, Behaviour][] = [['nothing', empty], ['silence', silent], ['rubbish', garbled], ['what it has', honest]]
  it.each(behaviours)('and answers with %s does not put a node in step into major sync, beside one honest peer or more', (_, behaviour) => {
    for (const others of [1, 2, 5]) {
      const world = at(1000)
      for (let i = 0; i < others; i++) world.connect(`h${i}`, CHAIN)
      world.connect('liar', CHAIN, { claims: ABSURD, behaviour })
      expect(world.status()).toMatchObject({ state: expect.not.stringContaining('major') as string, highestBlock: 1000 })
      expect(world.syncer.isMajorSyncing(world.now)).toBe(false)
      world.run(30 * 60_000)
      expect(world.statuses.filter(({ state, highestBlock }) => state === 'major-sync' || highestBlock > 1000)).toEqual([])
      expect(world.points.get('h0')).toBeUndefined()
    }
  })

  it('is the only one, and changes nothing all the same where the slots tell how high the chain can be', () => {
    const world = at(1000, 1003)
    world.connect('liar', CHAIN, { claims: ABSURD, behaviour: empty })
    expect(world.status()).toMatchObject({ highestBlock: 1003, state: 'syncing' })
    expect(world.syncer.isMajorSyncing(world.now)).toBe(false)
    world.run(60_000)
    expect(world.statuses.some(({ state }) => state === 'major-sync')).toBe(false)
  })

  it('says so in an announcement, to no more effect', () => {
    const world = at(1000)
    for (const id of ['a', 'b', 'liar']) world.connect(id, CHAIN)
    const tip = CHAIN.at(-1) as TestBlock
    const header = { ...tip.header, number: ABSURD.number }
    world.perform(world.syncer.announced('liar', header, ABSURD.hash, true, world.now))
    world.run(60_000)
    expect(world.status()).toMatchObject({ state: 'idle', highestBlock: 1000 })
    expect(world.statuses.some(({ state }) => state === 'major-sync')).toBe(false)
  })

  it.each(behaviours)('and answers with %s is asked a bounded number of questions, and believed less and less', (_, behaviour) => {
    const world = at(1000)
    const options: PeerOptions = { claims: ABSURD, behaviour }
    world.connect('liar', CHAIN, options)
    world.run(60 * 60_000)
    const first = world.asked.length
    expect(first).toBeLessThan(40)
    // Coming back does not help it: it is remembered.
    for (let i = 0; i < 60 && !world.banned.has('liar'); i++) {
      world.disconnect('liar')
      world.connect('liar', CHAIN, options)
      world.run(60_000)
    }
    expect(world.asked.length - first).toBeLessThan(40)
    expect(world.reports.length).toBeGreaterThan(0)
  })

  it('does not hold up the download from the others', () => {
    for (const behaviour of [silent, empty, garbled]) {
      const world = at(0)
      world.connect('liar', CHAIN, { claims: ABSURD, behaviour })
      for (const id of ['a', 'b']) world.connect(id, CHAIN)
      const tip = tipOf(CHAIN)
      expect(world.run(20_000, () => world.own.best().number === tip.number)).toBe(true)
      expect(world.statuses.every(({ highestBlock }) => highestBlock <= tip.number)).toBe(true)
    }
  })
})

describe('most peers', () => {
  it('far ahead of this node mean major sync, whoever lags', () => {
    const world = at(0)
    world.connect('late', CHAIN.slice(0, 1))
    world.connect('a', CHAIN)
    world.connect('b', CHAIN)
    expect(world.status()).toMatchObject({ state: 'major-sync', highestBlock: 1000 })
    expect(world.syncs(CHAIN)).toBe(true)
  })

  it('are both caught up with where one of two is far ahead and delivers', () => {
    const world = at(0)
    world.importMs = 5
    world.connect('late', CHAIN.slice(0, 1))
    world.connect('a', CHAIN)
    world.run(2000)
    expect(world.status()).toMatchObject({ state: 'major-sync', highestBlock: 1000 })
    expect(world.syncs(CHAIN)).toBe(true)
  })
})
