/** Nobody is asked the same thing twice within a minute, whatever goes wrong here or there. */
import { describe, expect, it } from 'vitest'
import type { ImportResult } from '../../../../node-core/chain/sync/types.ts'
import { GENESIS, World, badBodies, empty, extend, garbled, honest, randomFrom, silent, tipOf, type Behaviour, type TestBlock } from './world.ts'
import { refused } from '../../../helpers/refused.ts'

const CHAIN = extend([GENESIS], 0, 1200)

function knows(world: World, chain: readonly TestBlock[]): void {
  for (const block of chain.slice(1)) world.own.add(block)
}

/** An importer whose clock is behind: the block of each height comes `slotMs` after the one before, and `aheadMs` too early. */
function slowClock(world: World, slotMs: number, start: number): void {
  world.verdict = ({ header }): ImportResult | undefined => {
    const retryAt = start + header.number * slotMs
    return world.now < retryAt ? refused('BABE_SLOT_IN_FUTURE', 'not yet', retryAt) : undefined
  }
}

describe('with a clock that is 20 s slow', () => {
  it('each block is fetched once, kept, and imported when its time has come', () => {
    const world = new World()
    const SLOT = 6000
    knows(world, CHAIN.slice(0, 101))
    world.own.finalizedRef = tipOf(CHAIN.slice(0, 101))
    for (const id of ['a', 'b']) world.connect(id, CHAIN.slice(0, 101))
    // Block 101, which the peers have now, belongs to a time 20 s from now.
    slowClock(world, SLOT, 20_000 - 101 * SLOT)
    for (let height = 101; height <= 130; height++) {
      for (const id of ['a', 'b']) world.announce(id, CHAIN.slice(0, height + 1))
      world.run(SLOT)
    }
    // Three blocks are yet to come, and are here.
    expect(world.own.best().number).toBeGreaterThanOrEqual(126)
    world.run(20_000)
    expect(world.own.best().number).toBe(130)
    expect(world.repeats()).toEqual([])
    expect(world.asked.filter(({ request }) => request.body).map(({ request }) => request.maxBlocks)).toEqual(new Array<number>(30).fill(1))
    expect(world.reports).toEqual([])
  })

  it('a whole chain that ends in the future is downloaded once', () => {
    const world = new World()
    const chain = CHAIN.slice(0, 401)
    for (const id of ['a', 'b', 'c']) world.connect(id, chain)
    // The last forty blocks have not come yet.
    slowClock(world, 6000, -360 * 6000)
    world.run(60_000)
    expect(world.own.best().number).toBeGreaterThanOrEqual(360)
    expect(world.own.best().number).toBeLessThan(375)
    expect(world.syncs(chain, 400_000)).toBe(true)
    expect(world.repeats()).toEqual([])
    // Once, and what the other two had been asked for when that became clear.
    expect(world.asked.filter(({ request }) => request.body).length).toBeLessThan(15)
    expect(world.reports).toEqual([])
  })

  it('made-up blocks of a far future take no room and no time', () => {
    const world = new World()
    world.connect('a', CHAIN.slice(0, 11))
    world.connect('liar', CHAIN.slice(0, 11))
    expect(world.syncs(CHAIN.slice(0, 11))).toBe(true)
    world.verdict = ({ header }) => (header.stateRoot.endsWith('ff') ? refused('BABE_SLOT_IN_FUTURE', 'not yet', 1e15) : undefined)
    for (let i = 0; i < 100; i++) {
      world.announce('liar', extend(CHAIN, 10, 1, 0xff + 0x100 * i))
      world.run(100)
    }
    expect(world.status().queuedBlocks).toBe(0)
    world.announce('a', CHAIN.slice(0, 300))
    expect(world.syncs(CHAIN.slice(0, 300), 10_000)).toBe(true)
    expect(world.repeats()).toEqual([])
  })
})

describe('a request', () => {
  it('for a block that is refused for good is made once, however often it is announced', () => {
    const world = new World()
    const chain = CHAIN.slice(0, 12)
    knows(world, CHAIN.slice(0, 11))
    world.verdict = ({ header }) => (header.number === 11 ? refused('IMPORT_BELOW_FINALIZED', 'of no use') : undefined)
    world.connect('a', chain)
    for (let i = 0; i < 120; i++) {
      world.announce('a', chain)
      world.run(1000)
    }
    expect(world.repeats()).toEqual([])
    expect(world.asked.length).toBe(1)
  })

  it('that was answered with nothing goes to others, and to the same peer a minute later at the earliest', () => {
    const world = new World()
    world.connect('empty', CHAIN, { behaviour: empty })
    world.run(10 * 60_000)
    expect(world.repeats()).toEqual([])
    expect(world.asked.length).toBeLessThan(10)
    world.connect('good', CHAIN)
    expect(world.syncs(CHAIN)).toBe(true)
  })

  it('whose answer was lost is made of somebody else, or for less', () => {
    const world = new World()
    let lost = 0
    // One answer in three gets lost.
    const lossy: Behaviour = (request, blocks, random) => (random() < 0.33 ? (lost++, undefined) : honest(request, blocks, random))
    for (const id of ['a', 'b']) world.connect(id, CHAIN, { behaviour: lossy })
    expect(world.syncs(CHAIN, 600_000)).toBe(true)
    expect(lost).toBeGreaterThan(2)
    expect(world.repeats()).toEqual([])
  })

  it('is remembered beyond the end of the connection', () => {
    const world = new World()
    for (let i = 0; i < 100; i++) {
      world.connect('flapping', CHAIN, { behaviour: silent })
      world.run(1000)
      world.disconnect('flapping')
    }
    expect(world.repeats()).toEqual([])
  })

  it('for blocks that the importer had no time for is not repeated: they wait here', () => {
    const world = new World()
    let busy = 0
    world.verdict = ({ header }) => (header.number > 600 && busy++ < 300 ? { kind: 'failed' } : undefined)
    world.connect('a', CHAIN)
    world.connect('b', CHAIN)
    expect(world.syncs(CHAIN, 300_000)).toBe(true)
    expect(busy).toBeGreaterThan(300)
    expect(world.repeats()).toEqual([])
    const served = [...world.peers.values()].reduce((sum, peer) => sum + peer.served, 0)
    expect(served).toBeLessThan(CHAIN.length + 300)
  })
})

describe('a network of all sorts', () => {
  it('is asked nothing twice within a minute, and the longest good chain is followed', () => {
    for (let seed = 1; seed <= 25; seed++) {
      const random = randomFrom(seed)
      const world = new World(seed)
      world.importMs = 0.2 + random() * 10
      const lossy: Behaviour = (request, blocks, by) => (by() < 0.15 ? undefined : by() < 0.1 ? [] : honest(request, blocks, by))
      const sorts: Behaviour[] = [honest, honest, lossy, silent, empty, garbled, badBodies]
      // Now and then this node itself is at fault.
      world.verdict = ({ header }): ImportResult | undefined => {
        if (random() < 0.002) return { kind: 'failed' }
        if (random() < 0.002) return refused('RUNTIME_TIMEOUT', 'slow')
        if (random() < 0.001) return refused('RUNTIME_TRAP', 'trap')
        return random() < 0.004 ? refused('BABE_SLOT_IN_FUTURE', 'early', world.now + random() * 20_000 + header.number) : undefined
      }
      const base = CHAIN.slice(0, 900)
      const chains = [base, extend(CHAIN, Math.floor(random() * 899), 200, seed), CHAIN.slice(0, 700)]
      const longest = chains.reduce((a, b) => (b.length > a.length ? b : a))
      const ids = Array.from({ length: 10 }, (_, i) => `p${i}`)
      const join = (id: string): void => {
        const isGood = id === 'p0' || id === 'p1'
        const chain = isGood ? longest : (chains[Math.floor(random() * 3)] as TestBlock[])
        const behaviour = isGood ? honest : (sorts[Math.floor(random() * sorts.length)] as Behaviour)
        const claims = !isGood && random() < 0.2 ? { claims: { hash: tipOf(extend([GENESIS], 0, 1, seed)).hash, number: Math.floor(random() * 4_294_967_295) } } : {}
        world.connect(id, chain, { behaviour, delayMs: 5 + random() * 500, ...claims })
      }
      for (const id of ids) join(id)
      for (let i = 0; i < 40; i++) {
        world.run(random() * 4000)
        const id = ids[Math.floor(random() * ids.length)] as string
        if (random() < 0.3) world.disconnect(id)
        else if (!world.peers.has(id) && !world.banned.has(id)) join(id)
        else world.announce(id, world.peers.get(id)?.chain ?? base)
      }
      for (const id of ['p0', 'p1']) if (!world.peers.has(id) && !world.banned.has(id)) join(id)
      world.verdict = () => undefined
      expect(world.run(900_000, () => world.own.best().number >= longest.length - 1), `seed ${seed} is at ${world.own.best().number} of ${longest.length - 1}`).toBe(true)
      expect(world.repeats(), `seed ${seed}`).toEqual([])
      for (const id of ['p0', 'p1']) expect(world.banned.has(id), `seed ${seed}: ${id}`).toBe(false)
    }
  }, 120_000)
})
