/** What happened while syncing, and who served what. */
import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../../../node-core/base/clock.ts'
import { Emitter } from '../../../../node-core/base/events.ts'
import type { BlockStateEvents } from '../../../../node-core/chain/state/types.ts'
import { SyncJournal } from '../../../../node-core/chain/sync/journal.ts'
import { syncStatus } from '../rpc/fakes.ts'
import { GENESIS, World, extend, silent, tipOf } from './world.ts'

const ref = (number: number, fork = 0) => ({ number, hash: `0x${(number * 10 + fork).toString(16).padStart(64, '0')}` as const })

function setUp() {
  const clock = new FakeClock(50_000)
  const events = new Emitter<BlockStateEvents>()
  const journal = new SyncJournal(clock)
  journal.start({ events })
  const kinds = () => journal.events().map(({ kind }) => kind)
  return { clock, events, journal, kinds }
}

describe('the journal', () => {
  it('tells of reorganisations with their depth, and of forks that ended', () => {
    const { events, journal, kinds } = setUp()
    events.emit('bestChanged', { best: ref(4), retracted: [], enacted: [ref(4)] })
    events.emit('bestChanged', { best: ref(5, 1), retracted: [ref(4), ref(3)], enacted: [ref(3, 1), ref(4, 1), ref(5, 1)] })
    events.emit('finalized', { head: ref(2), finalized: [ref(2)], pruned: [] })
    events.emit('finalized', { head: ref(5, 1), finalized: [ref(5, 1)], pruned: [ref(4).hash] })
    expect(journal.events()).toEqual([
      { at: 50_000, kind: 'reorganized', from: ref(4), to: ref(5, 1), depth: 2 },
      { at: 50_000, kind: 'forks-ended', head: ref(5, 1), forks: 1 },
    ])
    journal.stop()
    events.emit('bestChanged', { best: ref(4), retracted: [ref(5, 1)], enacted: [ref(4)] })
    expect(kinds()).toHaveLength(2)
  })

  it('tells when catching up began and ended, and of stalls between', () => {
    const { clock, journal } = setUp()
    const look = (currentBlock: number, change = {}) => journal.look({ ...syncStatus(0, currentBlock, 500), ...change })
    look(10, { state: 'major-sync' })
    look(10, { state: 'major-sync' })
    clock.advance(60_000)
    look(200, { state: 'major-sync', stalled: { reason: 'no-usable-peers', forMs: 30_000 } })
    look(200, { state: 'major-sync', stalled: { reason: 'no-usable-peers', forMs: 30_500 } })
    clock.advance(5_000)
    look(201, { state: 'syncing', stalled: undefined })
    look(500, { state: 'idle', stalled: undefined })
    expect(journal.events().map(({ at: _, ...event }) => event)).toEqual([
      { kind: 'began', from: 10, to: 500 },
      { kind: 'stalled', reason: 'no-usable-peers' },
      { kind: 'moves-again', afterMs: 35_000 },
      { kind: 'caught-up', number: 500, blocks: 490, tookMs: 65_000 },
    ])
  })

  it('does not call it the end of catching up that the peers went', () => {
    const { journal, kinds } = setUp()
    const look = (currentBlock: number, change = {}) => journal.look({ ...syncStatus(0, currentBlock, 500), ...change })
    look(10, { state: 'major-sync', peers: 2 })
    look(200, { state: 'idle', peers: 0 })
    expect(kinds()).toEqual(['began'])
    look(500, { state: 'idle', peers: 1 })
    expect(kinds()).toEqual(['began', 'caught-up'])
  })

  it('tells why a peer left, once for each fault, and keeps the newest hundred', () => {
    const { clock, journal, kinds } = setUp()
    const fault = { code: 'sync-timeout', cost: -200 }
    journal.charged('a', fault)
    journal.charged('a', fault)
    journal.left('a', 0)
    journal.charged('b', fault)
    clock.advance(60_000)
    journal.left('b', 12)
    journal.left('c', 0)
    expect(journal.events().map(({ at: _, ...event }) => event)).toEqual([
      { kind: 'peer-charged', peer: 'a', fault: 'sync-timeout', cost: -200 },
      { kind: 'peer-left', peer: 'a', delivered: 0, fault: 'sync-timeout' },
      { kind: 'peer-charged', peer: 'b', fault: 'sync-timeout', cost: -200 },
      { kind: 'peer-left', peer: 'b', delivered: 12, fault: undefined },
    ])
    for (let i = 0; i < 300; i++) journal.left(`p${i}`, 1)
    expect(kinds()).toHaveLength(100)
  })
})

describe('who serves', () => {
  it('is told with open requests, blocks delivered, time-outs and speed', () => {
    const world = new World()
    const chain = extend([GENESIS], 0, 900)
    const of = (id: string) => world.syncer.peers(world.now).find(({ peer }) => peer === id)
    world.connect('mute', chain, { behaviour: silent })
    expect(of('mute')).toMatchObject({ state: 'serving', requests: [{ kind: 'search' }], delivered: 0, blocksPerSecond: undefined })
    world.run(16_000)
    expect(of('mute')?.timeouts).toBeGreaterThan(0)
    world.connect('good', chain, { delayMs: 20, msPerBlock: 1 })
    let open = 0
    for (let i = 0; i < 400; i++) {
      world.run(50)
      open = Math.max(open, of('good')?.requests.length ?? 0)
    }
    expect(open).toBeGreaterThan(0)
    expect(of('good')).toMatchObject({ best: tipOf(chain), state: 'free', timeouts: 0, failures: 0, requests: [] })
    expect(of('good')?.delivered).toBeGreaterThanOrEqual(900)
    expect(of('good')?.lastRange?.to).toBeGreaterThan(0)
    expect(of('good')?.blocksPerSecond).toBeGreaterThan(10)
    expect(world.syncer.deliveredBy('nobody')).toBeUndefined()
  })
})
