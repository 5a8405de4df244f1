import { beforeEach, describe, expect, it } from 'vitest'
import type { Hash } from '../../../../../../node-core/base/bytes.ts'
import { authorityEntries } from '../../../../../../node-core/chain/core/engines/grandpa/sets/authority-record.ts'
import { AuthorityChangeIndex } from '../../../../../../node-core/chain/core/engines/grandpa/sets/change-index.ts'
import type { AuthorityState } from '../../../../../../node-core/chain/core/engines/grandpa/sets/pending-changes.ts'
import { VoterSet } from '../../../../../../node-core/chain/core/engines/grandpa/sets/voter-set.ts'
import type { Header } from '../../../../../../node-core/chain/scale/header.ts'
import type { BlockRef } from '../../../../../../node-core/chain/scale/block.ts'
import type { AuxEntry } from '../../../../../../node-core/chain/state/types.ts'
import { GENESIS, change, child, forcedChange, hashOf, keyOf } from './world.ts'

const NEVER = new AbortController().signal
const AUTHORITIES = [{ key: keyOf(1), weight: 1 }]

/** A finalized chain that counts the headers that are read. */
class Line {
  readonly hashes: Hash[] = [hashOf(GENESIS)]
  readonly headers = new Map<Hash, Header>([[hashOf(GENESIS), GENESIS]])
  reads = 0

  grow(count: number, every: number, kind: 'scheduled' | 'forced' | 'delayed' = 'scheduled', salt = 0): void {
    let parent = this.headers.get(this.hashes.at(-1)!)!
    for (let i = 0; i < count; i++) {
      const item = kind === 'forced' ? forcedChange(AUTHORITIES, 0) : change(AUTHORITIES, kind === 'delayed' ? 3 : 0)
      const header = child(parent, salt, (parent.number + 1) % every === 0 ? [item] : [])
      this.hashes.push(hashOf(header))
      this.headers.set(hashOf(header), header)
      parent = header
    }
  }

  header(hash: Hash): Header | undefined {
    this.reads++
    return this.headers.get(hash)
  }

  hashByNumber(number: number): Hash | undefined {
    return this.hashes[number]
  }

  finalized(): BlockRef {
    return { hash: this.hashes.at(-1)!, number: this.hashes.length - 1 }
  }
}

class Aux {
  readonly entries = new Map<string, Uint8Array>()
  writes = 0
  fails = false

  getAux(key: string): Uint8Array | undefined {
    return this.entries.get(key)
  }

  async putAux(entries: readonly AuxEntry[]): Promise<void> {
    this.writes++
    if (this.fails) throw new Error('the disk is full')
    for (const [key, value] of entries) this.entries.set(key, value!)
  }
}

describe('the index of authority changes', () => {
  let line: Line
  let aux: Aux
  beforeEach(() => {
    line = new Line()
    aux = new Aux()
  })
  const open = (): AuthorityChangeIndex => new AuthorityChangeIndex({ blocks: line, aux })
  const heights = (index: AuthorityChangeIndex, from = 0): number[] => index.after(from, 1e9).map(({ number }) => number)
  const multiples = (step: number, to: number): number[] => Array.from({ length: Math.floor(to / step) }, (_, i) => (i + 1) * step)

  it('knows the kind of every change', async () => {
    line.grow(10, 5)
    line.grow(5, 15, 'forced')
    line.grow(5, 20, 'delayed')
    const index = open()
    await index.scan(20, NEVER)
    expect(index.after(0, 20).map(({ number, kind, hash }) => [number, kind, hash === line.hashes[number]])).toEqual([
      [5, 'scheduled', true], [10, 'scheduled', true], [15, 'other', true], [20, 'other', true],
    ])
    expect(index.after(5, 15).map(({ number }) => number)).toEqual([10, 15])
  })

  it('tells of a forced change how far the authorities before had finalized, and of one that lapsed nothing', async () => {
    line.grow(20, 10, 'forced')
    const state = (enacted: AuthorityState['enacted'], recordedSince: number): AuthorityState =>
      ({ voters: new VoterSet(1, AUTHORITIES), base: undefined, scheduled: [], forced: [], enacted, recordedSince })
    const keep = (record: AuthorityState): void => authorityEntries(record).forEach(([key, value]) => value !== undefined && aux.entries.set(key, value))
    const found = async (): Promise<unknown> => {
      const index = open()
      await index.scan(20, NEVER)
      return index.after(0, 20).map(({ number, provenUpTo }) => [number, provenUpTo])
    }
    expect(await found()).toEqual([[10, undefined], [20, undefined]])
    keep(state([{ announced: { hash: line.hashes[10]!, number: 10 }, finalized: 7 }], 0))
    expect(await found()).toEqual([[10, 7]])
    // Of the time before nothing is known but the header.
    keep(state([], 15))
    expect(await found()).toEqual([[10, undefined]])
  })

  it('reads every header once, a restart in between or not', async () => {
    // More changes than a page of the store has.
    line.grow(1000, 3)
    const index = open()
    await index.scan(1000, NEVER)
    await index.scan(1000, NEVER)
    expect([line.reads, heights(index)]).toEqual([1000, multiples(3, 1000)])
    line.grow(200, 3)
    await index.scan(1200, NEVER)
    const again = open()
    await again.scan(1200, NEVER)
    expect([line.reads, heights(again)]).toEqual([1200, multiples(3, 1200)])
    line.grow(1, 3)
    await again.scan(1201, NEVER)
    expect(line.reads).toBe(1201)
    const last = open()
    await last.scan(1201, NEVER)
    expect([line.reads, heights(last), aux.writes]).toEqual([1201, multiples(3, 1201), 3])
  })

  it('keeps what was read before somebody gave up, and lets others have their turn', async () => {
    line.grow(2000, 100)
    const controller = new AbortController()
    const scanning = open().scan(2000, controller.signal)
    await new Promise((resolve) => setImmediate(resolve))
    controller.abort()
    await scanning
    const { reads } = line
    expect(reads).toBeGreaterThan(0)
    expect(reads).toBeLessThan(2000)
    const index = open()
    await index.scan(2000, NEVER)
    expect([line.reads, heights(index)]).toEqual([2000, multiples(100, 2000)])
  })

  it('reads once for many who ask at the same time, even if the first gives up', async () => {
    line.grow(1000, 10)
    const index = open()
    const controller = new AbortController()
    const first = index.scan(1000, controller.signal)
    const others = [index.scan(1000, NEVER), index.scan(600, NEVER)]
    controller.abort()
    await Promise.all([first, ...others])
    expect([line.reads, heights(index)]).toEqual([1000, multiples(10, 1000)])
  })

  it('is read anew where what is stored does not fit the chain, or is damaged', async () => {
    line.grow(300, 10)
    await open().scan(300, NEVER)
    const expectNew = async (to: number): Promise<void> => {
      line.reads = 0
      const index = open()
      await index.scan(to, NEVER)
      expect([line.reads, heights(index)]).toEqual([to, multiples(10, to)])
    }
    const stored = [...aux.entries]
    for (const [key, value] of stored) {
      aux.entries.set(key, value.slice(0, -1))
      await expectNew(300)
    }
    line = new Line()
    line.grow(300, 10, 'scheduled', 1)
    await expectNew(300)
    line = new Line()
    line.grow(100, 10, 'scheduled', 1)
    await expectNew(100)
  })

  it('works on where nothing can be stored', async () => {
    line.grow(100, 10)
    aux.fails = true
    const index = open()
    await expect(index.scan(100, NEVER)).rejects.toThrow('the disk is full')
    await index.scan(100, NEVER)
    expect([line.reads, heights(index)]).toEqual([100, multiples(10, 100)])
  })
})
