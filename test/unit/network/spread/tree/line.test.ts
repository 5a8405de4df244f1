import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../../../../node-core/base/clock.ts'
import { Lanes } from '../../../../../node-core/network/spread/tree/lanes.ts'
import { Line } from '../../../../../node-core/network/spread/tree/line.ts'
import { BOUNDS, TREE_DEFAULTS } from '../../../../../node-core/network/spread/tree/options.ts'

const ID = `0x${'11'.repeat(32)}` as const

describe('the line of a node', () => {
  it('is what it is supposed to be until three copies were answered', () => {
    const line = new Line(1_000_000)
    line.measured(65_536, 10)
    line.measured(65_536, 10)
    expect(line.msFor(50_000)).toBe(50)
    line.measured(65_536, 10)
    expect(line.bytesPerSecond).toBe(6_553_600)
  })

  it('is not slower for a few peers whose own lines are slow, and follows when most say otherwise', () => {
    const line = new Line(1_000_000)
    for (let i = 0; i < 10; i++) line.measured(1_000_000, 100)
    for (let i = 0; i < 5; i++) line.measured(1_000_000, 900)
    expect(line.bytesPerSecond).toBe(10_000_000)
    for (let i = 0; i < 15; i++) line.measured(1_000_000, 500)
    expect(line.bytesPerSecond).toBe(2_000_000)
  })

  it('stays within what lines are, whatever the answers', () => {
    const line = new Line(1_000_000)
    for (const ms of [0, -50, 1e-9]) line.measured(1_000_000, ms)
    expect(line.bytesPerSecond).toBe(125_000_000)
    for (let i = 0; i < 16; i++) line.measured(1, 1e9)
    expect(line.bytesPerSecond).toBe(625_000)
  })
})

describe('lanes', () => {
  function lanes(parallel = 1) {
    const clock = new FakeClock()
    const sent: string[] = []
    const note = ({ peer }: { readonly peer: string }): number => {
      sent.push(peer)
      return peer === 'nobody' ? 0 : 100
    }
    return { clock, sent, lanes: new Lanes({ clock, copy: note, answer: note }, { ...TREE_DEFAULTS, parallel }) }
  }
  const copy = (peer: string, height: number) => ({ id: ID, height, peer, spares: [] })

  it('sends one copy after the other, the largest subtree first, and nothing for nobody', () => {
    const { clock, sent, lanes: all } = lanes()
    all.addCopies([copy('a', 127), copy('b', 120)])
    all.addCopies([copy('nobody', 126), copy('c', 125), copy('d', 120)])
    expect(sent).toEqual(['a'])
    clock.advance(99)
    expect(sent).toEqual(['a'])
    clock.advance(1)
    expect(sent).toEqual(['a', 'nobody', 'c'])
    clock.advance(200)
    expect(sent).toEqual(['a', 'nobody', 'c', 'b', 'd'])
    clock.advance(1_000)
    expect(clock.nextDue()).toBeUndefined()
  })

  it('lets answers take turns with copies', () => {
    const { clock, sent, lanes: all } = lanes()
    all.addCopies([copy('a', 9), copy('b', 8), copy('c', 7)])
    for (const peer of ['x', 'y']) expect(all.addAnswer({ id: ID, peer })).toBe(true)
    clock.advance(1_000)
    expect(sent).toEqual(['a', 'x', 'b', 'y', 'c'])
  })

  it('is bounded: the smallest subtrees are dropped, and answers to one peer and to all refused', () => {
    const { sent, lanes: all } = lanes()
    all.addCopies(Array.from({ length: BOUNDS.copies + 50 }, (_, i) => copy(String(i), 1 + (i % 128))))
    expect(all.dropped).toBe(50)
    for (let i = 0; i < BOUNDS.answersPerPeer; i++) expect(all.addAnswer({ id: ID, peer: 'greedy' })).toBe(true)
    expect(all.addAnswer({ id: ID, peer: 'greedy' })).toBe(false)
    for (let i = 0; i < BOUNDS.answers; i++) all.addAnswer({ id: ID, peer: `peer ${i}` })
    expect(all.waiting).toBe(BOUNDS.copies - 1 + BOUNDS.answers)
    expect(sent).toHaveLength(1)
    all.stop()
    expect(all.waiting).toBe(0)
  })
})
