import { describe, expect, it } from 'vitest'
import { StateWork } from '../../../../../node-core/chain/joining/state/work.ts'
import { LIES, late, refusing, serving, servingLittle, silentAfter } from './peers.ts'
import { below, makeState, random, type StateShape } from './states.ts'
import { World } from './world.ts'

const shapeOf = (seed: number): StateShape => {
  const next = random(seed + 1000)
  return { entries: 1 + below(next, 400), children: below(next, 7), versions: ([[0, 1], [1], [0]] as const)[seed % 3] as readonly (0 | 1)[], largest: 2000 }
}

describe('the download of a state', () => {
  it.each(Array.from({ length: 25 }, (_, seed) => seed))('comes to the root from several peers (seed %i)', async (seed) => {
    const next = random(seed)
    const state = makeState(seed, shapeOf(seed))
    const world = new World(state, { slowMs: 2000 })
    for (let i = 0; i <= below(next, 6); i++) world.peers.set(`peer ${i}`, late(servingLittle(state, () => 1 + below(next, 40)), world.clock, next, 300))
    world.expectWhole(await world.run())
    expect(world.faults).toEqual([])
  })

  it('asks as many peers as there are from the beginning, at different places', async () => {
    const state = makeState(1, { entries: 2000, children: 2 })
    const world = new World(state)
    for (const id of ['a', 'b', 'c', 'd']) world.peers.set(id, servingLittle(state, () => 50))
    world.expectWhole(await world.run())
    for (const id of ['a', 'b', 'c', 'd']) expect(world.asked.get(id)).toBeGreaterThan(4)
    const { share, entries, peers } = world.download?.status() ?? expect.fail('no status')
    expect(share).toBe(1)
    expect(entries).toBeGreaterThanOrEqual(2000 * 0.8)
    expect(peers.every(({ pieces, bytes }) => pieces > 0 && bytes > 0)).toBe(true)
  })

  it.each(Object.keys(LIES))('bans who %s, takes nothing of it, and comes to the root through others', async (name) => {
    for (const seed of [3, 4]) {
      const next = random(seed)
      const state = makeState(seed, { entries: 300, children: 3, versions: [0, 1], largest: 500 })
      const other = makeState(seed + 50, { entries: 200, children: 1 })
      const world = new World(state)
      for (const id of ['a', 'b']) world.peers.set(id, late(servingLittle(state, () => 15), world.clock, next, 200))
      for (const id of ['liar 1', 'liar 2']) world.peers.set(id, LIES[name]?.(servingLittle(state, () => 15), state, other) ?? expect.fail())
      world.expectWhole(await world.run())
      if (name === 'repeats the first piece') expect(world.banned().length).toBeGreaterThan(0)
      else expect(world.banned()).toEqual(['liar 1', 'liar 2'])
      expect(world.faults.filter(({ peer }) => !peer.startsWith('liar'))).toEqual([])
    }
  })

  it('bans who gives next to nothing with each answer', async () => {
    const state = makeState(5, { entries: 1200, children: 1 })
    const world = new World(state, { smallPieceBytes: 2000, smallPieces: 4 })
    world.peers.set('miser', servingLittle(state, () => 1))
    world.peers.set('honest', late(servingLittle(state, () => 200), world.clock, random(1), 400))
    world.expectWhole(await world.run())
    expect(world.banned()).toEqual(['miser'])
  })

  it.each([0, 1, 2, 5, 9])('goes on through others when peers fall silent after %i answers', async (answers) => {
    const state = makeState(6, { entries: 300, children: 3 })
    const world = new World(state, { slowMs: 60_000 })
    for (const id of ['s', 't']) world.peers.set(id, silentAfter(servingLittle(state, () => 20), world.clock, answers))
    world.peers.set('steady', late(servingLittle(state, () => 20), world.clock, random(2), 100))
    world.expectWhole(await world.run())
    expect(world.banned()).toEqual([])
    expect(new Set(world.faults.map(({ peer, fault }) => `${peer} ${fault.code}`))).toEqual(new Set(['s state-timeout', 't state-timeout']))
  })

  it('does not wait for who is slow where others have nothing to do', async () => {
    const state = makeState(14, { entries: 400, children: 2 })
    const world = new World(state)
    const answer = servingLittle(state, () => 20)
    for (const id of ['slow', 'slower']) {
      world.peers.set(id, async (request, signal) => {
        await new Promise<void>((resolve) => void world.clock.schedule(39_000, resolve))
        return answer(request, signal)
      })
    }
    world.peers.set('quick', late(answer, world.clock, random(4), 50))
    const began = world.clock.now()
    world.expectWhole(await world.run())
    expect(world.clock.now() - began).toBeLessThan(30_000)
    expect(world.faults).toEqual([])
  })

  it('comes to the end with one peer that answers every other time', async () => {
    const state = makeState(8, { entries: 200, children: 2 })
    const world = new World(state)
    const honest = servingLittle(state, () => 40)
    let times = 0
    world.peers.set('only', (request, signal) => (times++ % 2 === 0 ? honest(request, signal) : silentAfter(honest, world.clock, 0)(request, signal)))
    world.expectWhole(await world.run())
  })

  it('gives up where nobody has the state, and asks nobody twice for it', async () => {
    const state = makeState(9)
    const world = new World(state)
    for (const id of ['a', 'b', 'c']) world.peers.set(id, refusing)
    await expect(world.run()).rejects.toMatchObject({ code: 'JOIN_STATE_GONE' })
    expect([...world.asked.values()].every((times) => times <= 2)).toBe(true)
    expect(world.faults).toEqual([])
  })

  it('waits for peers, and uses those that come', async () => {
    const state = makeState(10)
    const world = new World(state)
    world.peers.set('without', refusing)
    world.clock.schedule(15_000, () => void world.peers.set('late', serving(state)))
    world.expectWhole(await world.run())
  })

  it.each([{ maxEntries: 100 }, { maxBytes: 3000 }])('gives up on a state beyond %o', async (limit) => {
    const state = makeState(11, { entries: 500 })
    const world = new World(state, limit)
    world.peers.set('a', servingLittle(state, () => 20))
    await expect(world.run()).rejects.toMatchObject({ code: 'JOIN_STATE_TOO_LARGE' })
  })

  it('of the empty state is over at once', async () => {
    const state = makeState(12, { entries: 0, children: 0 })
    const empty = { ...state, root: state.source.build([], 1) }
    const world = new World(empty)
    world.peers.set('a', serving(empty))
    const made = await world.run()
    expect(made.root).toBe(0)
  })

  it('takes the answers that the node itself gives', async () => {
    const state = makeState(13, { entries: 6000, children: 4, versions: [0, 1], largest: 60_000 })
    const world = new World(state)
    for (const id of ['a', 'b', 'c']) world.peers.set(id, serving(state))
    world.expectWhole(await world.run())
    expect(world.faults).toEqual([])
  })
})

describe('a download that was interrupted', () => {
  it.each(Array.from({ length: 50 }, (_, seed) => seed))('goes on where it was (seed %i)', async (seed) => {
    const next = random(seed + 99)
    const state = makeState(seed + 200, shapeOf(seed))
    const world = new World(state)
    for (const id of ['a', 'b']) world.peers.set(id, late(servingLittle(state, () => 1 + below(next, 25)), world.clock, next, 100))
    const stops = below(next, 3) + 1
    for (let stop = 0; stop < stops; stop++) {
      // The disk is cut off at any write; or the node is told to stop.
      const controller = new AbortController()
      const last = world.database.writes + below(next, 25)
      world.database.onWrite = (puts) => {
        world.checkTruth(puts)
        if (world.database.writes >= last) {
          controller.abort(new Error('stopped'))
          if (next() < 0.7) throw new Error('the disk is gone')
        }
      }
      await world.run(controller.signal).catch(() => undefined)
    }
    world.database.onWrite = (puts) => world.checkTruth(puts)
    const before = world.download?.status()?.entries ?? 0
    world.expectWhole(await world.run())
    expect(world.download?.status()?.entries).toBeGreaterThanOrEqual(before)
    expect(world.banned()).toEqual([])
    // Nothing is fetched, and nothing put together, a second time.
    world.asked.clear()
    const { begun } = world.records
    world.expectWhole(await world.run())
    expect([world.asked.size, world.records.begun]).toEqual([0, begun])
  })

  it('begins anew for another state', async () => {
    const [old, now] = [makeState(20), makeState(21)]
    const world = new World(now)
    const earlier = new World(old)
    earlier.peers.set('a', servingLittle(old, () => 20))
    const controller = new AbortController()
    earlier.database.onWrite = () => void (earlier.database.writes === 4 && controller.abort(new Error('stopped')))
    await expect(earlier.run(controller.signal)).rejects.toThrow('stopped')
    expect(earlier.database.records.size).toBeGreaterThan(1)
    for (const [key, value] of earlier.database.records) world.database.records.set(key, value)
    world.peers.set('b', servingLittle(now, () => 20))
    world.expectWhole(await world.run())
    expect(world.records.leftoversRemoved).toBe(1)
  })
})

describe('a disk that does not keep what is written', () => {
  type Records = Map<string, Uint8Array>
  const nameOfRun = (records: Records, kind = 1): string => [...records.keys()].find((key) => key.charCodeAt(1) === kind) ?? expect.fail('no run')
  const changed = (bytes: Uint8Array, at: number): Uint8Array => bytes.map((byte, i) => (i === (at + bytes.length) % bytes.length ? byte ^ 1 : byte))
  const change = (records: Records, name: string, at: number): void => void records.set(name, changed(records.get(name)!, at))

  /** What may be found at the next start. The record of the download is of the kind 0, runs of child tries are of the kind 2. */
  const damages: Readonly<Record<string, (records: Records) => void>> = {
    'another value': (records) => change(records, nameOfRun(records), -1),
    'another value of a child trie': (records) => change(records, nameOfRun(records, 2), -1),
    'a run that cannot be read': (records) => void records.set(nameOfRun(records), records.get(nameOfRun(records))!.subarray(0, -1)),
    'a run that is lost': (records) => void records.delete(nameOfRun(records)),
    'a run twice': (records) => void records.set(`${nameOfRun(records)}\0`, records.get(nameOfRun(records))!),
    'a record that cannot be read': (records) => void records.set(nameOfRun(records, 0), records.get(nameOfRun(records, 0))!.subarray(0, -2)),
    'a record with more than it has': (records) => void records.set(nameOfRun(records, 0), Uint8Array.of(...records.get(nameOfRun(records, 0))!, 7)),
  }

  it.each(Object.keys(damages))('is asked once more where it has %s', async (damage) => {
    const world = new World(makeState(22, { entries: 200, children: 1 }))
    world.peers.set('a', servingLittle(world.state, () => 30))
    world.expectWhole(await world.run())
    const asked = world.asked.get('a') ?? 0
    // Numbers were given out meanwhile, so it is put together once more.
    world.records.next++
    damages[damage]?.(world.database.records)
    world.expectWhole(await world.run())
    expect(world.asked.get('a')).toBeGreaterThanOrEqual(2 * asked)
    expect(world.warnings).toEqual([expect.stringContaining('damaged on the disk')])
    expect(world.faults).toEqual([])
  })

  it('is found out by every byte of a run, whichever of its bits changes', async () => {
    const world = new World(makeState(25, { entries: 12, children: 1, largest: 64 }))
    world.peers.set('a', serving(world.state))
    world.expectWhole(await world.run())
    const { records } = world.database
    for (const [name, run] of [...records].filter(([key]) => key.charCodeAt(1) !== 0)) {
      for (let at = 0; at < run.length; at++) {
        records.set(name, run.map((byte, i) => (i === at ? byte ^ (1 << at % 8) : byte)))
        const work = new StateWork(world.database, world.records)
        await work.open(world.target.stateRoot)
        await expect(work.assemble(() => undefined), `byte ${at}`).rejects.toMatchObject({ code: 'JOIN_STATE_DAMAGED' })
      }
      records.set(name, run)
    }
  })

  /** Changes a value in all that is written while it is told to. */
  function rotting(isRotten: () => boolean): World {
    const world = new World(makeState(23, { entries: 200, children: 1 }))
    world.peers.set('a', servingLittle(world.state, () => 30))
    world.peers.set('liar', LIES['changes one value']?.(servingLittle(world.state, () => 15), world.state, makeState(24)) ?? expect.fail())
    world.database.onWrite = (puts) => {
      world.checkTruth(puts)
      for (const [key, packed] of puts) if (key[1] === 1 && isRotten()) packed[packed.length - 1] = (packed.at(-1) as number) ^ 1
    }
    return world
  }

  it('is given two more chances, and those who lied are not asked again', async () => {
    const world: World = rotting(() => world.warnings.length < 2)
    world.expectWhole(await world.run())
    expect(world.warnings).toHaveLength(2)
    expect(world.faults.map(({ peer }) => peer)).toEqual(['liar'])
  })

  it('is not asked for ever: the third time ends with what a person can do, and nothing is kept', async () => {
    const world = rotting(() => true)
    await expect(world.run()).rejects.toMatchObject({ code: 'JOIN_STATE_DAMAGED', data: { number: 7, times: 3 }, hint: expect.stringContaining('disk') as string })
    expect([world.warnings.length, world.database.records.size, world.records.leftoversRemoved]).toEqual([2, 0, expect.any(Number) as number])
    // Once the disk is another one, the next start begins anew.
    world.database.onWrite = (puts) => world.checkTruth(puts)
    world.expectWhole(await world.run())
  })
})
