/** A node that missed what changed the authorities gets it block by block, and with it all that is final above. */
import { describe, expect, it } from 'vitest'
import { fromHex } from '../../../../node-core/base/bytes.ts'
import type { BlockRef } from '../../../../node-core/chain/scale/block.ts'
import type { BlockRequest } from '../../../../node-core/chain/sync/types.ts'
import { GENESIS, World, empty, extend, silent, tipOf, type Behaviour, type TestBlock } from './world.ts'

const PROOF = [{ engine: 'FRNK', data: fromHex('0x01') }]
const LENGTH = 3010
/** Every so many blocks the authorities change. */
const SESSION = 150
const LAST = 3000

function justified(heights: (height: number) => boolean, base = extend([GENESIS], 0, LENGTH)): TestBlock[] {
  return base.map((block) => (heights(block.header.number) ? { ...block, justifications: PROOF } : block))
}

const changesAt = (height: number): boolean => height > 0 && height % SESSION === 0
const CHAIN = justified(changesAt)
const without: Behaviour = (_, blocks) => blocks.map((block) => ({ ...block, justifications: undefined }))

/** A node that has all blocks of `chain`, and of whose finality nothing is known but where the sets change. */
function missedAll(chain: readonly TestBlock[] = CHAIN): World {
  const world: World = new World(1, {}, {
    setChanges: (): BlockRef[] => {
      const next = chain.find(({ header }) => changesAt(header.number) && header.number > world.own.finalized().number)
      return next === undefined || next.header.number > world.own.best().number ? [] : [{ hash: next.hash, number: next.header.number }]
    },
  })
  for (const block of chain.slice(1)) world.own.add(block)
  // Only the set in force proves anything: what lies behind the next change is refused.
  world.proves = ({ number }) => number <= (Math.floor(world.own.finalized().number / SESSION) + 1) * SESSION
  return world
}

describe('a node that missed the changes of the authorities', () => {
  it('asks for the justification of each block that changed them, and goes on upwards', () => {
    const world = missedAll()
    world.connect('a', CHAIN)
    expect(world.run(30_000, () => world.own.finalized().number === LAST)).toBe(true)
    expect(world.justified).toEqual(Array.from({ length: LAST / SESSION }, (_, i) => (i + 1) * SESSION))
    // One block each, by its hash.
    expect(world.asked.length).toBe(LAST / SESSION)
    for (const { request } of world.asked) expect(request).toMatchObject({ from: expect.stringMatching(/^0x/) as string, maxBlocks: 1, justifications: true, body: false })
    expect(world.repeats()).toEqual([])
    expect(world.reports).toEqual([])
  })

  it('goes to another peer where one does not have it, or does not answer', () => {
    const world = missedAll()
    world.connect('without', CHAIN, { behaviour: without })
    world.connect('empty', CHAIN, { behaviour: empty })
    world.connect('silent', CHAIN, { behaviour: (request, blocks, random) => (world.asked.length > 40 ? blocks : silent(request, blocks, random)) })
    world.connect('with', CHAIN)
    expect(world.run(20 * 60_000, () => world.own.finalized().number === LAST)).toBe(true)
    expect(world.repeats()).toEqual([])
    expect(world.reports.filter(({ code }) => code !== 'sync-timeout')).toEqual([])
  })

  it('goes on from where it stands after a restart, and when the peer that has it comes', () => {
    const world = missedAll()
    world.connect('without', CHAIN, { behaviour: without })
    world.run(10 * 60_000)
    expect(world.own.finalized().number).toBe(0)
    expect(world.asked.length).toBeLessThan(60)
    world.connect('with', CHAIN)
    world.run(3000, () => world.own.finalized().number >= 10 * SESSION)
    const again = missedAll()
    again.own.finalizedRef = world.own.finalized()
    again.connect('with', CHAIN)
    expect(again.run(60_000, () => again.own.finalized().number === LAST)).toBe(true)
    expect(world.repeats()).toEqual([])
  })

  it('tells on who sends a justification that proves nothing, and asks somebody else', () => {
    const world = missedAll()
    let forged = 0
    const { proves } = world
    world.proves = (block) => proves(block) && world.asked.at(-1)?.peer !== 'forger'
    world.connect('forger', CHAIN, { delayMs: 1, behaviour: (_, blocks) => (forged++, blocks) })
    world.connect('good', CHAIN, { delayMs: 100 })
    expect(world.run(60_000, () => world.own.finalized().number === LAST)).toBe(true)
    expect(forged).toBeGreaterThan(0)
    expect(new Set(world.reports.map(({ peer, code }) => `${peer} ${code}`))).toEqual(new Set(['forger sync-bad-justification']))
  })

  it('does so on the fork that is final, where its own best chain is another', () => {
    const fork = extend(CHAIN, 100, LENGTH + 20, 5)
    const final = fork[SESSION] as TestBlock
    const onBest = CHAIN[SESSION] as TestBlock
    const world: World = new World(1, {}, { setChanges: () => (world.own.finalized().number > 0 ? [] : [onBest, final].map(({ hash, header }) => ({ hash, number: header.number }))) })
    for (const chain of [fork.slice(0, 200), CHAIN]) for (const block of chain.slice(1)) world.own.add(block)
    const theirs = justified((height) => height === SESSION, fork)
    world.connect('a', theirs.slice(0, 200))
    expect(world.run(60_000, () => world.own.finalized().number > 0)).toBe(true)
    expect(world.own.finalized()).toEqual({ hash: final.hash, number: SESSION })
  })

  it('asks during a long download too, for what the blocks did not bring', () => {
    const world = missedAll(CHAIN.slice(0, 400))
    world.importMs = 20
    const stripped: Behaviour = (request, blocks, random) => (request.body ? without(request, blocks, random) : blocks)
    for (const id of ['a', 'b']) world.connect(id, CHAIN, { behaviour: stripped })
    // Its knowledge ends with the blocks that it had at first; that is enough to see it begin.
    expect(world.run(20_000, () => world.own.finalized().number >= 300)).toBe(true)
    expect(world.own.best().number).toBeLessThan(LENGTH)
    expect(world.status().state).toBe('major-sync')
  })
})

describe('finality that lags without a change of the authorities', () => {
  it('is looked for beyond the first 128 blocks', () => {
    const chain = justified((height) => height === 1000 || height === 1990, extend([GENESIS], 0, 2000))
    const world = new World()
    for (const block of chain.slice(1)) world.own.add(block)
    world.connect('a', chain)
    world.run(20_000)
    expect(world.justified).toEqual([])
    expect(world.run(60_000, () => world.own.finalized().number === 1990)).toBe(true)
    expect(world.justified).toEqual([1000, 1990])
    expect(world.repeats()).toEqual([])
    expect(world.reports).toEqual([])
  })

  it('is looked for again now and then, and costs little where nobody has anything', () => {
    const chain = extend([GENESIS], 0, 2000)
    const world = new World()
    for (const block of chain.slice(1)) world.own.add(block)
    for (const id of ['a', 'b']) world.connect(id, chain)
    world.run(10 * 60_000)
    expect(world.asked.length).toBeLessThan(200)
    const justifiedLater = chain.map((block) => (block.header.number === 1500 ? { ...block, justifications: PROOF } : block))
    for (const peer of world.peers.values()) peer.chain = justifiedLater
    expect(world.run(5 * 60_000, () => world.own.finalized().number === 1500)).toBe(true)
    expect(world.repeats()).toEqual([])
  })

  it('goes past headers that nobody has any more', () => {
    const chain = justified((height) => height === 1500, extend([GENESIS], 0, 2000))
    const world = new World()
    for (const block of chain.slice(1)) world.own.add(block)
    const pruned: Behaviour = ({ from }: BlockRequest, blocks) => (Number(from) < 1000 ? [] : blocks)
    for (const id of ['a', 'b']) world.connect(id, chain, { behaviour: pruned })
    expect(world.run(5 * 60_000, () => world.own.finalized().number === 1500)).toBe(true)
    expect(tipOf(chain).number).toBe(2000)
  })
})
