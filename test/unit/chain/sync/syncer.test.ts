import { describe, expect, it } from 'vitest'
import { fromHex } from '../../../../node-core/base/bytes.ts'
import { GENESIS, World, badBodies, empty, extend, garbled, randomFrom, silent, tipOf, type TestBlock } from './world.ts'

const CHAIN = extend([GENESIS], 0, 2000)

function knows(world: World, chain: readonly TestBlock[]): void {
  for (const block of chain.slice(1)) world.own.add(block)
}

describe('bulk sync', () => {
  it('downloads from all honest peers at once, in order, within the window', () => {
    const world = new World()
    for (const id of ['a', 'b', 'c']) world.connect(id, CHAIN)
    expect(world.status()).toMatchObject({ state: 'major-sync', startingBlock: 0, highestBlock: 2000 })
    expect(world.syncs(CHAIN)).toBe(true)
    for (const [, { served }] of world.peers) expect(served).toBeGreaterThan(200)
    expect(world.reports).toEqual([])
    world.run(1000)
    expect(world.status()).toMatchObject({ state: 'idle', currentBlock: 2000, secondsLeft: 0, stalled: undefined, queuedBlocks: 0, pendingRequests: 0 })
  })

  it('tells how fast it goes and how long it will take', () => {
    const world = new World()
    world.importMs = 10
    world.connect('a', CHAIN)
    world.run(5000)
    const { blocksPerSecond, secondsLeft, currentBlock } = world.status()
    expect(blocksPerSecond).toBeGreaterThan(80)
    expect(blocksPerSecond).toBeLessThan(110)
    expect(secondsLeft).toBeCloseTo((2000 - currentBlock) / blocksPerSecond, 5)
  })

  it('never runs further ahead of a slow import than the window', () => {
    const world = new World(1, { windowBlocks: 512, windowBytes: 120_000 })
    world.importMs = 5
    for (const id of ['a', 'b', 'c', 'd']) world.connect(id, CHAIN)
    expect(world.syncs(CHAIN)).toBe(true)
    expect(world.maxQueuedBlocks).toBeLessThanOrEqual(512)
    expect(world.maxQueuedBlocks).toBeGreaterThan(128)
    expect(world.maxQueuedBytes).toBeLessThanOrEqual(2 * 120_000)
  })

  it('completes beside a peer that is slow, one that sends garbage and one that stops answering, and tells on the bad ones', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const world = new World(seed)
      let answers = 0
      world.importMs = 20
      world.connect('silent', CHAIN, { behaviour: (request, blocks) => (answers++ < 2 ? blocks : silent(request, blocks, Math.random)) })
      world.connect('garbage', CHAIN, { behaviour: garbled })
      world.connect('slow', CHAIN, { delayMs: 4000 })
      world.connect('bodies', CHAIN, { behaviour: badBodies, delayMs: 1 })
      world.connect('good', CHAIN)
      expect(world.syncs(CHAIN), `seed ${seed}`).toBe(true)
      const told = (peer: string) => new Set(world.reports.filter((report) => report.peer === peer).map(({ code }) => code))
      expect([...told('good'), ...told('slow')], `seed ${seed}`).toEqual([])
      expect(told('garbage'), `seed ${seed}`).toContain('sync-broken-response')
      expect(told('silent'), `seed ${seed}`).toContain('sync-timeout')
      expect(world.banned.has('bodies'), `seed ${seed}`).toBe(true)
    }
  })

  it('ends in a ban for a peer that keeps on sending garbage or keeps silent', () => {
    const world = new World()
    world.connect('garbage', CHAIN, { behaviour: garbled })
    world.connect('silent', CHAIN, { behaviour: silent })
    expect(world.run(30 * 60_000, () => world.banned.size === 2)).toBe(true)
    expect(world.own.best().number).toBe(0)
  })

  it('believes no longer who tells of more than it has', () => {
    const world = new World()
    const claims = { hash: GENESIS.hash.replace(/..$/, '99') as `0x${string}`, number: 1_000_000 }
    world.connect('liar', CHAIN.slice(0, 100), { claims })
    expect(world.status()).toMatchObject({ state: 'major-sync', highestBlock: 1_000_000 })
    world.run(20_000)
    expect(world.own.best().number).toBe(99)
    expect(world.reports).toContainEqual({ peer: 'liar', code: 'sync-claims-more-than-it-has' })
    expect(world.status()).toMatchObject({ state: 'idle', highestBlock: 99 })
    world.connect('good', CHAIN)
    expect(world.syncs(CHAIN)).toBe(true)
  })

  it('is not held up by a peer whose blocks follow from nothing', () => {
    const world = new World()
    const madeUp = extend(CHAIN, 0, 3000, 77)
    world.connect('fabricator', CHAIN, {
      claims: tipOf(madeUp),
      behaviour: (request, blocks) => (request.maxBlocks === 1 ? blocks : madeUp.slice(Number(request.from) + 1).slice(0, request.maxBlocks)),
    })
    world.connect('good', CHAIN)
    expect(world.syncs(CHAIN)).toBe(true)
    expect(world.points.get('fabricator')).toBeLessThan(0)
    expect(world.points.get('good')).toBeUndefined()
  })
})

describe('forks', () => {
  it('finds where a longer chain leaves ours', () => {
    for (const at of [0, 1, 7, 63, 64, 500, 899, 900]) {
      const world = new World()
      knows(world, extend(CHAIN, at, 900 - at, 5))
      world.connect('a', CHAIN)
      expect(world.syncs(CHAIN), `fork at ${at}`).toBe(true)
      // Nothing below the fork is downloaded again but what the search looked at.
      expect(world.peers.get('a')?.served).toBeLessThan(2000 - at + 30)
    }
  })

  it('tells on a chain that contradicts what is final here, once in a while', () => {
    const world = new World()
    const ours = extend(CHAIN, 10, 200, 5)
    knows(world, ours)
    world.own.finalizedRef = { hash: (ours[50] as TestBlock).hash, number: 50 }
    world.connect('a', CHAIN)
    world.run(60_000)
    expect(world.reports).toEqual([{ peer: 'a', code: 'sync-foreign-chain' }])
    expect(world.own.best()).toEqual(tipOf(ours))
  })

  it('follows a reorganisation in the middle of a sync', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = randomFrom(seed)
      const world = new World(seed)
      world.importMs = 4
      for (const id of ['a', 'b', 'c']) world.connect(id, CHAIN)
      world.run(500 + random() * 5000)
      const other = extend(CHAIN, Math.floor(random() * 1800), 1000, seed)
      const chain = other.length > CHAIN.length ? other : extend(other, other.length - 1, CHAIN.length + 1 - other.length, seed)
      for (const id of ['a', 'b', 'c']) {
        world.run(random() * 500)
        world.announce(id, chain)
      }
      expect(world.syncs(chain), `seed ${seed}`).toBe(true)
      expect(world.banned.size).toBe(0)
    }
  })

  it('syncs to the longest of several chains whoever serves which', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const random = randomFrom(seed)
      const world = new World(seed)
      const longest = extend(CHAIN, 1500, 600, 1)
      world.connect('a', CHAIN)
      world.connect('b', extend(CHAIN, Math.floor(random() * 1500), 400, 2))
      world.connect('c', longest)
      // A minute is what waiting to ask the same peer the same again would take.
      expect(world.syncs(longest, 30_000), `seed ${seed}`).toBe(true)
      expect(world.banned.size).toBe(0)
      expect(world.repeats(), `seed ${seed}`).toEqual([])
    }
  })
})

describe('announced blocks', () => {
  it('fetches the one that is missing, and ancestors backwards where more are', () => {
    const world = new World()
    knows(world, CHAIN.slice(0, 101))
    world.connect('a', CHAIN.slice(0, 101))
    expect(world.status().state).toBe('idle')
    world.announce('a', CHAIN.slice(0, 102))
    expect(world.status().state).toBe('syncing')
    expect(world.syncs(CHAIN.slice(0, 102))).toBe(true)
    expect(world.peers.get('a')?.served).toBe(1)
    world.announce('a', CHAIN.slice(0, 141))
    expect(world.syncs(CHAIN.slice(0, 141))).toBe(true)
  })

  it('imports every block of two forks that grow beside each other', () => {
    const world = new World()
    knows(world, CHAIN.slice(0, 101))
    const forks = [CHAIN, extend(CHAIN, 95, 40, 8)]
    for (const id of ['a', 'b']) world.connect(id, CHAIN.slice(0, 101))
    for (let height = 101; height <= 120; height++) {
      forks.forEach((fork, i) => world.announce(i === 0 ? 'a' : 'b', fork.slice(0, height + 1)))
      world.run(100)
    }
    world.run(2000)
    for (const fork of forks) expect(world.own.hasBlock((fork[120] as TestBlock).hash)).toBe(true)
    expect(world.reports).toEqual([])
  })

  it('goes to another owner where one does not answer', () => {
    const world = new World()
    world.connect('silent', CHAIN.slice(0, 1), { behaviour: silent })
    world.connect('good', CHAIN.slice(0, 1))
    world.announce('silent', CHAIN.slice(0, 4))
    world.announce('good', CHAIN.slice(0, 4))
    expect(world.syncs(CHAIN.slice(0, 4))).toBe(true)
    expect(world.reports).toEqual([{ peer: 'silent', code: 'sync-timeout' }])
  })

  it('keeps few branches whatever is announced', () => {
    const world = new World()
    world.connect('a', CHAIN.slice(0, 1), { behaviour: silent })
    for (let salt = 1; salt <= 200; salt++) world.announce('a', extend(CHAIN, 0, 2, salt))
    expect(world.status().pendingRequests).toBeLessThanOrEqual(2)
  })

  it('of one peer that makes them up leave room for those of others', () => {
    const world = new World()
    for (const id of ['liar1', 'liar2', 'liar3', 'good']) world.connect(id, CHAIN.slice(0, 1), id === 'good' ? {} : { behaviour: silent })
    for (const id of ['liar1', 'liar2', 'liar3']) for (let salt = 1; salt <= 50; salt++) world.announce(id, extend(CHAIN, 0, 2, salt))
    world.announce('good', CHAIN.slice(0, 4))
    expect(world.syncs(CHAIN.slice(0, 4), 1000)).toBe(true)
  })
})

describe('stalls', () => {
  it('are told of, with the reason', () => {
    const world = new World()
    world.connect('a', CHAIN, { behaviour: silent })
    world.run(25_000)
    expect(world.status().stalled).toBeUndefined()
    world.run(10_000)
    expect(world.status().stalled).toMatchObject({ reason: 'peers-do-not-answer' })

    const slow = new World()
    slow.importMs = 100_000
    slow.connect('a', CHAIN)
    slow.run(40_000)
    expect(slow.status().stalled).toMatchObject({ reason: 'import-is-slow' })
  })

  it('are not told of while all is well', () => {
    const world = new World()
    world.importMs = 50
    world.connect('a', CHAIN)
    expect(world.syncs(CHAIN, 200_000)).toBe(true)
    expect(world.statuses.filter(({ stalled }) => stalled !== undefined)).toEqual([])
    world.run(120_000)
    expect(world.status().stalled).toBeUndefined()
  })
})

describe('finality', () => {
  it('asks for justifications where finality lags behind the blocks', () => {
    const world = new World()
    const proof = [{ engine: 'FRNK', data: fromHex('0x01') }]
    const chain = CHAIN.slice(0, 101).map((block) => (block.header.number === 40 || block.header.number === 90 ? { ...block, justifications: proof } : block))
    knows(world, chain)
    world.connect('a', chain)
    world.run(20_000)
    expect(world.justified).toEqual([])
    world.run(15_000)
    expect(world.justified).toEqual([40, 90])
    world.run(200_000)
    expect(world.justified).toEqual([40, 90])
    expect(world.reports).toEqual([])
  })

  it('gives up nothing for a peer that has no justification', () => {
    const world = new World()
    knows(world, CHAIN.slice(0, 101))
    world.connect('a', CHAIN.slice(0, 101), { behaviour: empty })
    world.run(100_000)
    expect(world.reports).toEqual([])
  })
})
