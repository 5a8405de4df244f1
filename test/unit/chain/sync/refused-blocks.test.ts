/** A block that only this node refuses says something about this node; one that only its sender holds, about the sender. */
import { describe, expect, it } from 'vitest'
import type { ImportResult } from '../../../../node-core/chain/sync/types.ts'
import { GENESIS, World, badBodies, extend, honest, type Behaviour, type TestBlock } from './world.ts'
import { refused } from '../../../helpers/refused.ts'

const CHAIN = extend([GENESIS], 0, 600)
const TRAP = refused('RUNTIME_TRAP', 'unreachable')

/** A node that has the chain up to `height` and cannot execute block `at`. */
function stuckAt(at: number, height: number, result: ImportResult = TRAP, groupOf: (peer: string) => string = (peer) => peer): World {
  const world = new World(1, {}, { groupOf })
  for (const block of CHAIN.slice(1, height + 1)) world.own.add(block)
  world.own.finalizedRef = { hash: (CHAIN[height] as TestBlock).hash, number: height }
  world.verdict = ({ header }) => (header.number === at ? result : undefined)
  return world
}

const charged = (world: World): string[] => [...new Set(world.reports.map(({ peer, code }) => `${peer} ${code}`))]

describe('a block that several peers hold and this node cannot execute', () => {
  it.each(['RUNTIME_TRAP', 'RUNTIME_BAD_RESULT', 'RUNTIME_MISSING_HOST_FUNCTION', 'RUNTIME_OUT_OF_MEMORY', 'RUNTIME_TIMEOUT', 'IMPORT_WRONG_STATE_ROOT', 'IMPORT_INTERNAL', 'BABE_UNEXPECTED_EPOCH_ANNOUNCEMENT'])(
    'costs nobody anything, and people are told (%s)', (code) => {
      const world = stuckAt(101, 100, refused(code, 'here it does not come out'))
      for (const id of ['a', 'b', 'c']) world.connect(id, CHAIN.slice(0, 101))
      for (const id of ['a', 'b', 'c']) world.announce(id, CHAIN.slice(0, 102))
      world.run(60_000)
      expect(world.reports).toEqual([])
      const { hash } = CHAIN[101] as TestBlock
      expect(world.status().refused).toMatchObject({ hash, number: 101, peers: 3, code, message: 'here it does not come out' })
      expect(world.status().stalled?.reason ?? 'blocks-do-not-execute').toBe('blocks-do-not-execute')
    },
  )

  it('is found in the middle of a download as well, from whoever delivered it', () => {
    const world = stuckAt(301, 0)
    for (const id of ['a', 'b', 'c', 'd']) world.connect(id, CHAIN)
    world.run(120_000)
    expect(world.own.best().number).toBe(300)
    expect(world.reports).toEqual([])
    expect(world.status()).toMatchObject({ state: 'major-sync', refused: { number: 301, peers: 4 }, stalled: { reason: 'blocks-do-not-execute' } })
  })

  it('is not fetched again, nor what is on top of it, while the chain goes on', () => {
    const world = stuckAt(101, 100)
    for (const id of ['a', 'b', 'c']) world.connect(id, CHAIN.slice(0, 101))
    for (let height = 101; height < 300; height++) {
      for (const id of ['a', 'b', 'c']) world.announce(id, CHAIN.slice(0, height + 1))
      world.run(6000)
    }
    // The block, the question who else has it, and hardly more in twenty minutes.
    expect(world.asked.filter(({ request }) => request.body).length).toBeLessThanOrEqual(4)
    expect(world.repeats()).toEqual([])
    expect(world.reports).toEqual([])
    expect(world.status().refused).toMatchObject({ number: 101, peers: 3 })
  })

  it('is executed again now and then from memory, and the node goes on when that succeeds', () => {
    const world = stuckAt(101, 100)
    let tries = 0
    const refuse = world.verdict
    world.verdict = (block) => {
      if (block.header.number === 101) tries++
      return refuse(block)
    }
    for (const id of ['a', 'b']) world.connect(id, CHAIN.slice(0, 140))
    world.run(60 * 60_000)
    expect(tries).toBeGreaterThan(3)
    expect(tries).toBeLessThan(10)
    const before = world.asked.filter(({ request }) => request.body).length
    world.verdict = () => undefined
    expect(world.run(40 * 60_000, () => world.own.best().number === 139)).toBe(true)
    expect(world.asked.length - before).toBeLessThan(20)
    world.run(1000)
    expect(world.status()).toMatchObject({ state: 'idle', refused: undefined })
    expect(world.reports).toEqual([])
    expect(world.repeats()).toEqual([])
  })

  it('is forgotten where the others go on without it', () => {
    const world = stuckAt(101, 100)
    world.verdict = ({ hash }) => (hash === (CHAIN[101] as TestBlock).hash ? TRAP : undefined)
    for (const id of ['a', 'b', 'c']) world.connect(id, CHAIN.slice(0, 102))
    world.run(20_000)
    expect(world.status().refused).toMatchObject({ number: 101 })
    const other = extend(CHAIN, 100, 30, 7)
    for (const id of ['a', 'b', 'c']) world.announce(id, other)
    expect(world.syncs(other, 30_000)).toBe(true)
    expect(world.status()).toMatchObject({ state: 'idle', refused: undefined })
    expect(world.reports).toEqual([])
  })
})

describe('a block that does not execute, of one holder', () => {
  it('costs its holder a ban, beside others that deny it', () => {
    const world = stuckAt(0, 100)
    const made = extend(CHAIN, 100, 1, 9)
    world.verdict = ({ hash }) => (hash === made.at(-1)?.hash ? refused('IMPORT_WRONG_STATE_ROOT', 'wrong') : undefined)
    for (const id of ['a', 'b', 'c']) world.connect(id, CHAIN.slice(0, 110))
    world.connect('liar', made)
    world.run(30_000)
    expect(charged(world)).toEqual(['liar sync-invalid-block'])
    expect(world.banned.has('liar')).toBe(true)
    expect(world.status().refused).toBeUndefined()
    expect(world.own.best().number).toBe(109)
  })

  it('does so without any other peer, too', () => {
    const world = stuckAt(101, 100)
    world.connect('liar', CHAIN.slice(0, 102))
    world.run(30_000)
    expect(charged(world)).toEqual(['liar sync-invalid-block'])
  })

  it('costs nothing where the code says that this node is at fault, whoever holds it', () => {
    const world = stuckAt(101, 100, refused('RUNTIME_MISSING_HOST_FUNCTION', 'ext_new_version_1'))
    world.connect('only', CHAIN.slice(0, 102))
    world.run(60_000)
    expect(world.reports).toEqual([])
    expect(world.status().refused).toMatchObject({ number: 101, peers: 1 })
  })

  it('is not made good by peers who belong together', () => {
    const world = stuckAt(0, 100, TRAP, (peer) => (peer.startsWith('liar') ? 'one subnet' : peer))
    world.verdict = ({ hash }) => (hash === (CHAIN[101] as TestBlock).hash ? TRAP : undefined)
    for (let i = 0; i < 6; i++) world.connect(`liar${i}`, CHAIN.slice(0, 102))
    for (const id of ['a', 'b']) world.connect(id, extend(CHAIN, 100, 5, 3))
    world.run(40_000)
    expect(world.banned.size).toBe(6)
    expect(world.own.best().number).toBe(105)
  })

  it('gets another hearing when somebody else turns out to hold it', () => {
    const world = stuckAt(101, 100)
    world.connect('first', CHAIN.slice(0, 102))
    world.run(20_000)
    expect(charged(world)).toEqual(['first sync-invalid-block'])
    world.connect('second', CHAIN.slice(0, 102))
    world.connect('third', CHAIN.slice(0, 102))
    world.run(60_000)
    expect(charged(world)).toEqual(['first sync-invalid-block'])
    expect(world.status().refused).toMatchObject({ number: 101, peers: 2 })
  })
})

describe('what is wrong for anybody who looks', () => {
  it.each(['BABE_BAD_SEAL', 'BABE_BAD_VRF', 'BABE_NO_SEAL', 'IMPORT_WRONG_NUMBER'])('costs everybody who sends it (%s)', (code) => {
    const world = stuckAt(101, 100, refused(code, 'forged'))
    for (const id of ['a', 'b']) world.connect(id, CHAIN.slice(0, 102))
    world.run(30_000)
    expect(charged(world)[0]).toMatch(/sync-invalid-block/)
    expect(world.status().refused).toBeUndefined()
  })

  it('in a body alone does not spoil the block: it is taken from somebody else', () => {
    const world = stuckAt(0, 100)
    world.connect('liar', CHAIN.slice(0, 102), { behaviour: badBodies, delayMs: 1 })
    world.run(2000)
    expect(world.banned.has('liar')).toBe(true)
    world.connect('good', CHAIN.slice(0, 102))
    expect(world.syncs(CHAIN.slice(0, 102), 10_000)).toBe(true)
  })
})

describe('many liars', () => {
  it('who vouch for each other make this node neither ban anybody honest, nor leave the chain, nor work without end', () => {
    const world = stuckAt(0, 100)
    let executions = 0
    world.verdict = ({ header }) => (header.stateRoot.endsWith('f') ? (executions++, TRAP) : undefined)
    const vouch: Behaviour = honest
    for (const id of ['a', 'b', 'c']) world.connect(id, CHAIN.slice(0, 101))
    for (let i = 0; i < 20; i++) world.connect(`liar${i}`, CHAIN.slice(0, 101), { behaviour: vouch })
    for (let round = 0; round < 100; round++) {
      const fake = extend(CHAIN, 100 + round, 1, 0x0f + 0x10 * round)
      for (let i = 0; i < 20; i++) world.announce(`liar${i}`, fake)
      for (const id of ['a', 'b', 'c']) world.announce(id, CHAIN.slice(0, 102 + round))
      world.run(6000)
    }
    expect(world.own.best().number).toBe(200)
    for (const id of ['a', 'b', 'c']) expect(world.points.get(id)).toBeUndefined()
    expect(executions).toBeLessThan(150)
    expect(world.status().refused).toBeUndefined()
    expect(world.repeats()).toEqual([])
  })
})
