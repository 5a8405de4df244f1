import { describe, expect, it, vi } from 'vitest'
import { change, forcedChange, keyOf, World, type WorldOptions } from './world.ts'

// Many seeds: seconds of work where two processors are shared.
vi.setConfig({ testTimeout: 60_000 })

/** Runs many seeds and returns how far finality came in each, relative to the chain. */
function runAll(seeds: number, ms: number, options: Omit<WorldOptions, 'seed'>): { progress: number[]; worlds: World[] } {
  const worlds: World[] = []
  const progress: number[] = []
  for (let seed = 1; seed <= seeds; seed++) {
    const world = new World({ ...options, seed })
    world.run(ms)
    expect(world.conflicts, `seed ${seed}`).toEqual([])
    const best = Math.max(...world.honest.map((node) => node.blocks.best().number))
    progress.push(Math.min(...world.honest.map((node) => node.blocks.finalized().number)) / best)
    worlds.push(world)
  }
  return { progress, worlds }
}

describe('four voters', () => {
  it('finalize a chain without forks, all of it but the newest blocks', () => {
    const { progress } = runAll(30, 60_000, { keys: [1, 2, 3, 4], loss: 0, delay: 300, forks: 0 })
    expect(Math.min(...progress)).toBeGreaterThan(0.9)
  })

  it('stay safe and live with forks, late and lost messages', () => {
    const { progress } = runAll(50, 120_000, { keys: [1, 2, 3, 4], loss: 0.1, delay: 1500, forks: 0.3 })
    expect(Math.min(...progress)).toBeGreaterThan(0.6)
  })

  it('stay safe and live with one voter absent', () => {
    const { progress } = runAll(30, 120_000, { keys: [1, 2, 3, 4], loss: 0.05, delay: 1000, forks: 0.2, absent: 2 })
    expect(Math.min(...progress)).toBeGreaterThan(0.6)
  })

  it('stay safe and live with one equivocator, and notice it', () => {
    const { progress, worlds } = runAll(70, 120_000, { keys: [1, 2, 3, 4], loss: 0.05, delay: 1000, forks: 0.3, equivocator: 1 })
    expect(Math.min(...progress)).toBeGreaterThan(0.5)
    const noticed = worlds.filter((world) => world.honest.some((node) => node.equivocations.length > 0))
    expect(noticed.length).toBeGreaterThan(60)
    for (const world of noticed) {
      for (const node of world.honest) for (const { first } of node.equivocations) expect(first.authority).toBe(keyOf(2))
    }
  })

  it('do not contradict themselves after restarts', () => {
    const { progress, worlds } = runAll(40, 120_000, { keys: [1, 2, 3, 4], loss: 0.05, delay: 800, forks: 0.2, restarts: 6 })
    expect(Math.min(...progress)).toBeGreaterThan(0.5)
    for (const world of worlds) {
      expect(world.doubleVotes).toEqual([])
      for (const node of world.nodes) expect(node.equivocations).toEqual([])
    }
  })

  it('do not contradict themselves after their databases are gone, and go on', () => {
    const { progress, worlds } = runAll(30, 120_000, { keys: [1, 2, 3, 4], loss: 0.05, delay: 800, forks: 0.2, losses: 6 })
    expect(Math.min(...progress)).toBeGreaterThan(0.5)
    for (const world of worlds) {
      expect(world.doubleVotes).toEqual([])
      for (const node of world.nodes) expect(node.equivocations).toEqual([])
    }
  })

  it('finalize nothing where two are missing', () => {
    const world = new World({ seed: 1, keys: [1, 2, 3], voters: [1, 2, 3, 4], loss: 0, delay: 100, forks: 0, absent: 0 })
    world.run(60_000)
    expect(world.final.size).toBe(0)
  })
})

describe('a set change', () => {
  const next = [2, 3, 4, 5].map((n) => ({ key: keyOf(n), weight: 1 }))

  it('hands over at the right block, which is justified itself, and finality goes on', () => {
    const { progress, worlds } = runAll(40, 120_000, {
      keys: [1, 2, 3, 4, 5], voters: [1, 2, 3, 4], loss: 0.05, delay: 800, forks: 0.2,
      digestAt: (number) => (number === 20 ? [change(next, 5)] : []),
    })
    expect(Math.min(...progress)).toBeGreaterThan(0.5)
    for (const world of worlds) {
      for (const node of world.nodes) {
        expect(node.sets.current.setId).toBe(1)
        expect(node.sets.current.authorities).toEqual(next)
        expect(node.justifications.some(({ targetNumber }) => targetNumber === 25)).toBe(true)
      }
    }
  })

  it('follows another before its delay is over', () => {
    const { worlds } = runAll(10, 120_000, {
      keys: [1, 2, 3, 4, 5], voters: [1, 2, 3, 4], loss: 0, delay: 500, forks: 0,
      digestAt: (number) => (number === 20 ? [change(next, 10)] : number === 25 ? [change([...next].reverse(), 10)] : []),
    })
    for (const world of worlds) {
      for (const node of world.nodes) {
        expect(node.sets.current.setId).toBe(2)
        for (const number of [30, 35]) expect(node.justifications.some(({ targetNumber }) => targetNumber === number)).toBe(true)
        expect(node.blocks.finalized().number).toBeGreaterThan(80)
      }
    }
  })

  it('is forced where finality has stalled', () => {
    // Two of four are gone for good; the chain names the other two, and two more.
    const voters = [2, 3].map((n) => ({ key: keyOf(n), weight: 1 }))
    const world = new World({
      seed: 3, keys: [2, 3], voters: [1, 2, 3, 4], loss: 0, delay: 200, forks: 0,
      digestAt: (number) => (number === 30 ? [forcedChange(voters, 3)] : []),
    })
    world.run(90_000)
    expect(world.conflicts).toEqual([])
    for (const node of world.nodes) {
      expect(node.sets.current.setId).toBe(1)
      expect(node.blocks.finalized().number).toBeGreaterThan(50)
    }
  })

  it('is forced, and finality goes on whoever restarts whenever, with what it voided staying void', () => {
    const voters = [2, 3].map((n) => ({ key: keyOf(n), weight: 1 }))
    const { worlds } = runAll(12, 120_000, {
      keys: [2, 3], voters: [1, 2, 3, 4], loss: 0.05, delay: 400, forks: 0.2, restarts: 8,
      digestAt: (number) => (number === 20 ? [change(next, 40)] : number === 30 ? [forcedChange(voters, 3)] : []),
    })
    for (const world of worlds) {
      for (const node of world.nodes) {
        expect(node.sets.current).toMatchObject({ setId: 1, authorities: voters })
        expect(node.blocks.finalized().number).toBeGreaterThan(62)
      }
    }
  })
})
