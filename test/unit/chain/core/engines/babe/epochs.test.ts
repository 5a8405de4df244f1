/** Which epoch a block is in: on forks, after skipped epochs, over restarts, and behind what is final. */
import { beforeEach, describe, expect, it } from 'vitest'
import type { Hash } from '../../../../../../node-core/base/bytes.ts'
import { announcementsOf, preDigestOf, slotOf } from '../../../../../../node-core/chain/core/engines/babe/digest.ts'
import { BabeEpochs, epochEntries, revertedEpochs } from '../../../../../../node-core/chain/core/engines/babe/epochs.ts'
import { blake2Hash } from '../../../../../../node-core/crypto/hashes/hashing.ts'
import { encodeHeader, type Header } from '../../../../../../node-core/chain/scale/header.ts'
import { GENESIS_HASH, TestChain, authorityOf, bytes32, configurationLog, configurationOf, epochLog } from './chain.ts'

describe('a chain', () => {
  let chain: TestChain
  const start = 1000
  beforeEach(() => {
    chain = new TestChain(configurationOf(['Alice'], 'plain'))
  })

  /** Extends `from` over the slots, skipping those that nobody may take. */
  async function grow(
    names: readonly ['Alice', ...('Bob' | 'Charlie')[]] | readonly ['Alice'], from: Hash, slots: Iterable<number>,
  ): Promise<Hash[]> {
    const hashes: Hash[] = []
    let parent = from
    for (const slot of slots) {
      const header = await chain.build(names, parent, slot)
      if (header === undefined) continue
      parent = (await chain.import(header)).hash
      hashes.push(parent)
    }
    return hashes
  }

  const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i)

  it('passes three epochs, each with the randomness that the one before announced, and goes on after a restart', async () => {
    const first = await grow(['Alice'], GENESIS_HASH, range(start, start + 18))
    expect(first).toHaveLength(18)
    chain.restart()
    const rest = await grow(['Alice'], first.at(-1) as Hash, range(start + 18, start + 35))
    expect(rest).toHaveLength(17)
    const head = chain.headers.get(rest.at(-1) as Hash) as Header
    const { epoch, isFirst } = await chain.epochs.forChild(head, rest.at(-1) as Hash, start + 36)
    expect(isFirst).toBe(false)
    expect(epoch).toMatchObject({ index: 3, startSlot: start + 30, randomness: bytes32((start + 20) % 256) })
    const primaries = [...first, ...rest].filter((hash) => preDigestOf(chain.headers.get(hash) as Header).kind === 'primary').length
    expect(primaries).toBeGreaterThan(0)
    expect(chain.epochs.chainWeight(rest.at(-1) as Hash)).toBe(primaries)
  })

  it('forgets of a block that is taken back its record and what it announced, and takes it again', async () => {
    const hashes = await grow(['Alice'], GENESIS_HASH, range(start, start + 12))
    const stored = (hash: Hash): number => [...chain.aux.entries.keys()].filter((key) => key.includes(hash)).length
    const kept = hashes.map(stored)
    // The eleventh began an epoch.
    expect(kept[10]).toBe(2)
    for (const hash of hashes.slice(10).reverse()) chain.aux.apply(revertedEpochs(chain.aux, { hash, number: 0 }))
    chain.restart()
    expect(hashes.map(stored)).toEqual([...kept.slice(0, 10), 0, 0])
    for (const hash of hashes.slice(10)) await chain.import(chain.headers.get(hash) as Header)
    expect(hashes.map(stored)).toEqual(kept)
  })

  it('uses the announced data for the epoch after skipped ones, with index and start moved on', async () => {
    const [block1] = (await grow(['Alice'], GENESIS_HASH, [start])) as [Hash]
    const [late] = (await grow(['Alice'], block1, [start + 47])) as [Hash]
    const head = chain.headers.get(late) as Header
    const { epoch, isFirst } = await chain.epochs.forChild(head, late, start + 49)
    expect(isFirst).toBe(false)
    expect(epoch).toMatchObject({ index: 4, startSlot: start + 40, randomness: bytes32(start % 256) })
    // What the late block announced belongs to the epoch behind it.
    expect((await chain.epochs.forChild(head, late, start + 50)).epoch)
      .toMatchObject({ index: 5, startSlot: start + 50, randomness: bytes32((start + 47) % 256) })
  })

  describe('after skipped epochs', () => {
    /** Where a runtime is after each block: at the slot's epoch, or one further than after the parent. */
    const runtimes = {
      modern: (slot: number): number => start + Math.floor((slot - start) / 10) * 10,
      old: (slot: number, parentsStart: number): number => (slot >= parentsStart + 10 ? parentsStart + 10 : parentsStart),
    }

    /** A chain whose runtime follows the rule: which of its blocks announced an epoch, as the slots of these. */
    async function announcing(rule: keyof typeof runtimes, slots: readonly number[]): Promise<number[]> {
      const starts = new Map<Hash, number>()
      chain.runtimeEpochStart = (block) => starts.get(blake2Hash(encodeHeader(block)))
      const announced: number[] = []
      let parent = GENESIS_HASH
      let parentsStart = start
      for (const slot of slots) {
        const header = (await chain.build(['Alice'], parent, slot)) as Header
        parentsStart = runtimes[rule](slot, parentsStart)
        parent = (await chain.import(header)).hash
        starts.set(parent, parentsStart)
        if (announcementsOf(header).nextEpoch !== undefined) announced.push(slot)
        chain.restart()
      }
      return announced
    }

    const SLOTS = [start, start + 1, ...range(start + 47, start + 53), start + 60, start + 61]

    it('the runtime that moves to the epoch of the slot is followed', async () => {
      expect(await announcing('modern', SLOTS)).toEqual([start, start + 47, start + 50, start + 60])
      // The one block after the gap is in doubt, and no other.
      expect(chain.asked.map((hash) => slotOf(chain.headers.get(hash) as Header))).toEqual(expect.arrayContaining([start + 47]))
      expect(new Set(chain.asked).size).toBe(1)
    })

    it('the runtime that moves one epoch a block is followed until it has caught up', async () => {
      // Epochs 1 to 4 are ended by four blocks in a row, of which the last lies in epoch 5 already.
      expect(await announcing('old', SLOTS)).toEqual([start, ...range(start + 47, start + 52), start + 60])
      expect(new Set(chain.asked.map((hash) => slotOf(chain.headers.get(hash) as Header)))).toEqual(new Set(range(start + 47, start + 52)))
    })

    it('a second gap while it catches up is one more step', async () => {
      const slots = [start, start + 47, start + 48, start + 89, start + 90, start + 91, start + 92, start + 93, start + 94, start + 95, start + 96]
      // Nine epochs to catch up with, one by each block from the first gap on.
      expect(await announcing('old', slots)).toEqual([start, ...slots.slice(1, 10)])
    })

    it('a block is placed in the epoch of its slot, on the data that its parent announced', async () => {
      chain.runtimeEpochStart = ({ number }) => start + (number - 1) * 10
      const [one, two] = (await grow(['Alice'], GENESIS_HASH, [start, start + 47])) as [Hash, Hash]
      const { epoch, isFirst } = await chain.epochs.forChild(chain.headers.get(two) as Header, two, start + 48)
      expect(isFirst).toBe(true)
      expect(epoch).toMatchObject({ index: 4, startSlot: start + 40, randomness: bytes32((start + 47) % 256) })
      expect(chain.asked).not.toContain(one)
    })
  })

  it('from the middle of a chain, asks whether the runtime is behind only where its epoch is over', async () => {
    const [block1, late] = (await grow(['Alice'], GENESIS_HASH, [start, start + 47])) as [Hash, Hash]
    const at = chain.headers.get(late) as Header
    const child = async (runtimeStart: number) => {
      const { epoch } = await chain.epochs.forChild(chain.headers.get(block1) as Header, block1, start + 1)
      const current = { ...epoch, index: (runtimeStart - start) / 10, startSlot: runtimeStart }
      const next = { ...current, index: current.index + 1, startSlot: runtimeStart + 10, randomness: bytes32(99) }
      const aux = new Map(epochEntries(late, start + 47, current, next))
      let asked = 0
      const epochs = new BabeEpochs({ aux: { getAux: (key) => aux.get(key) }, runtime: { currentStart: async () => (asked++, runtimeStart) } }, configurationOf(['Alice'], 'plain'))
      return { ...(await epochs.forChild(at, late, start + 48)), asked }
    }
    expect(await child(start + 40)).toMatchObject({ isFirst: false, asked: 0, epoch: { index: 4, startSlot: start + 40 } })
    expect(await child(start + 10)).toMatchObject({ isFirst: true, inDoubt: true, asked: 1, epoch: { index: 4, startSlot: start + 40, randomness: bytes32(99) } })
  })

  it('keeps forks apart: each has the epoch that its own block announced', async () => {
    const [block1] = (await grow(['Alice'], GENESIS_HASH, [start])) as [Hash]
    const [a] = (await grow(['Alice'], block1, [start + 10])) as [Hash]
    const [b] = (await grow(['Alice'], block1, [start + 11])) as [Hash]
    const randomness = async (hash: Hash) => (await chain.epochs.forChild(chain.headers.get(hash) as Header, hash, start + 20)).epoch.randomness
    expect(await randomness(a)).toBe(bytes32((start + 10) % 256))
    expect(await randomness(b)).toBe(bytes32((start + 11) % 256))
  })

  it('takes on a new configuration and new authorities with the epoch that they were announced for', async () => {
    const announce = [epochLog([authorityOf('Bob')], bytes32(1)), configurationLog([1, 1], 'none')]
    const header = (await chain.build(['Alice'], GENESIS_HASH, start, announce)) as Header
    const { hash } = await chain.import(header)
    expect(await chain.build(['Bob'], hash, start + 5)).toBeUndefined()
    expect(await chain.build(['Alice'], hash, start + 5)).toBeDefined()
    expect(await chain.build(['Alice'], hash, start + 10)).toBeUndefined()
    const bobs = (await chain.build(['Bob'], hash, start + 10)) as Header
    expect(preDigestOf(bobs).kind).toBe('primary')
    expect((await chain.import(bobs)).author).toBe(authorityOf('Bob').key)
  })

  it('gives up what finalization leaves behind, and keeps what the chain needs', async () => {
    const hashes = await grow(['Alice'], GENESIS_HASH, range(start, start + 24))
    const fork = await grow(['Alice'], hashes[3] as Hash, [start + 12, start + 13])
    const head = hashes[21] as Hash
    const entries = chain.epochs.prunableAux(chain.view, head)
    chain.aux.apply(entries)
    const keys = [...chain.aux.entries.keys()]
    expect(keys.filter((key) => key.startsWith('babe/block/'))).toHaveLength(3)
    expect(keys.filter((key) => key.startsWith('babe/epoch/'))).toHaveLength(2)
    for (const hash of fork) expect(keys).not.toContain(`babe/block/${hash}`)
    chain.finalizedRef = { hash: head, number: 22 }
    chain.restart()
    const more = await grow(['Alice'], hashes[23] as Hash, range(start + 24, start + 33))
    expect(more).toHaveLength(9)
    expect(chain.epochs.chainWeight(more.at(-1) as Hash)).toBeGreaterThanOrEqual(chain.epochs.chainWeight(head))
  })

  it('tells of an author who makes two blocks in one slot', async () => {
    const one = (await chain.build(['Alice'], GENESIS_HASH, start)) as Header
    const other = (await chain.build(['Alice'], GENESIS_HASH, start, [{ type: 'other', data: Uint8Array.of(1) }])) as Header
    await chain.import(one)
    await chain.import(one)
    expect(chain.equivocations).toHaveLength(0)
    await chain.import(other)
    expect(chain.equivocations).toMatchObject([{ slot: start, author: authorityOf('Alice').key, first: one, second: other }])
  })
})
