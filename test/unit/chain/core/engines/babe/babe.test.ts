import { beforeEach, describe, expect, it } from 'vitest'
import { readFileSync } from 'node:fs'
import { fromHex, type Hash } from '../../../../../../node-core/base/bytes.ts'
import { announcementsOf, preDigestItem, preDigestOf, slotOf } from '../../../../../../node-core/chain/core/engines/babe/digest.ts'
import { epochAtSlot, decodeEpoch, encodeEpoch, type Epoch } from '../../../../../../node-core/chain/core/engines/babe/epoch.ts'
import { calculateThreshold, powerOfFraction, secondaryAuthor } from '../../../../../../node-core/chain/core/engines/babe/lottery.ts'
import { BabeEpochs } from '../../../../../../node-core/chain/core/engines/babe/epochs.ts'
import { BabeVerifier } from '../../../../../../node-core/chain/core/engines/babe/verifier.ts'
import { drawSlot, inThreadSlotCrypto } from '../../../../../../node-core/crypto/worker/slot-crypto.ts'
import { devAccount } from '../../../../../../node-core/crypto/keys/dev-accounts.ts'
import { blake2Hash } from '../../../../../../node-core/crypto/hashes/hashing.ts'
import { decodeDigest, encodeHeader, type Header } from '../../../../../../node-core/chain/scale/header.ts'
import type { SlotClaim } from '../../../../../../node-core/chain/core/engines/slots/author.ts'
import { MapKeyMemory } from '../../../../../helpers/key-memory.ts'
import { GENESIS_HASH, MapAux, TestChain, authorityOf, bytes32, configurationLog, configurationOf, epochLog } from './chain.ts'

const BEFORE_ANY: Hash = bytes32(0)

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
    return 'accepted'
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
}

describe('the lottery', () => {
  it('raises to a fraction as exactly as a double can say', () => {
    for (const [base, exponent] of [[0.75, 1 / 3], [0.5, 0.5], [0.99, 1e-6], [0.3, 0.123456], [0.75, 1 / 297], [1e-9, 0.7]] as const) {
      const exact = powerOfFraction(base, exponent)
      expect(Math.abs(exact - Math.pow(base, exponent))).toBeLessThanOrEqual(exact * Number.EPSILON)
    }
    // Values rounded from 60 digits: 0.75^(1/3) and 0.5^0.5.
    expect(powerOfFraction(0.75, 1 / 3)).toBe(0.9085602964160698)
    expect(powerOfFraction(0.5, 0.5)).toBe(Math.SQRT1_2)
    expect(powerOfFraction(0, 0.3)).toBe(0)
    expect(powerOfFraction(0.7, 1)).toBe(0.7)
  })

  it('computes thresholds as floor(2^128 * p) of the double p', () => {
    expect(calculateThreshold([1, 4], 1n, 1n)).toBe(1n << 126n)
    expect(calculateThreshold([1, 2], 3n, 3n)).toBe(1n << 127n)
    expect(calculateThreshold([1, 1], 1n, 5n)).toBe((1n << 128n) - 1n)
    expect(calculateThreshold([0, 1], 1n, 5n)).toBe(0n)
    const third = calculateThreshold([1, 4], 1n, 3n)
    expect(third).toBe(BigInt((1 - 0.9085602964160698) * 2 ** 53) << 75n)
    // The same share of weight, the same threshold.
    expect(calculateThreshold([1, 4], 10n, 30n)).toBe(third)
    expect(calculateThreshold([1, 4], 2n, 3n)).toBeGreaterThan(third)
  })

  it('draws primaries as often as the constant says', () => {
    const secret = devAccount('//Alice').sr25519.secret.reveal()
    const threshold = calculateThreshold([1, 4], 1n, 1n)
    let wins = 0
    for (let slot = 0; slot < 160; slot++) {
      if (drawSlot(secret, { slot, epochIndex: 3, randomness: fromHex(bytes32(5)) }).score < threshold) wins++
    }
    expect(wins).toBeGreaterThan(20)
    expect(wins).toBeLessThan(65)
  })

  it('gives secondary slots to everybody in turn by hash', () => {
    const seen = new Set<number>()
    for (let slot = 0; slot < 60; slot++) seen.add(secondaryAuthor(slot, 4, BEFORE_ANY))
    expect([...seen].sort()).toEqual([0, 1, 2, 3])
    expect(secondaryAuthor(99, 1, BEFORE_ANY)).toBe(0)
    expect(secondaryAuthor(5, 7, bytes32(1))).toBe(secondaryAuthor(5, 7, bytes32(1)))
  })
})

describe('the digest', () => {
  const digestOf = (data: Uint8Array[]): Header => ({
    parentHash: BEFORE_ANY, number: 1, stateRoot: BEFORE_ANY, extrinsicsRoot: BEFORE_ANY,
    digest: data.map((d) => ({ type: 'preRuntime', engine: 'BABE', data: d })),
  })

  it('round-trips every kind of pre-digest', () => {
    const vrf = { preOutput: new Uint8Array(32).fill(1), proof: new Uint8Array(64).fill(2) }
    for (const preDigest of [
      { kind: 'primary', authorityIndex: 3, slot: 2 ** 40, vrf },
      { kind: 'secondaryVrf', authorityIndex: 0, slot: 1, vrf },
      { kind: 'secondaryPlain', authorityIndex: 7, slot: 9 },
    ] as const) {
      const item = preDigestItem(preDigest)
      expect(preDigestOf({ ...digestOf([]), digest: [item] })).toEqual(preDigest)
    }
  })

  it('wants exactly one', () => {
    const good = (preDigestItem({ kind: 'secondaryPlain', authorityIndex: 7, slot: 9 }) as { data: Uint8Array }).data
    expect(() => preDigestOf(digestOf([]))).toThrowError(expect.objectContaining({ code: 'BABE_NO_PRE_DIGEST' }))
    expect(() => preDigestOf(digestOf([good, good]))).toThrowError(expect.objectContaining({ code: 'BABE_NO_PRE_DIGEST' }))
    expect(() => preDigestOf(digestOf([good.subarray(1)]))).toThrowError(expect.objectContaining({ code: 'BABE_NO_PRE_DIGEST' }))
  })

  it('reads announcements, and passes over what it does not know', () => {
    const items = [
      epochLog([authorityOf('Bob')], bytes32(9)),
      configurationLog([1, 2], 'vrf'),
      { type: 'consensus', engine: 'BABE', data: Uint8Array.of(2, 5, 0, 0, 0) },
      { type: 'consensus', engine: 'BABE', data: Uint8Array.of(77) },
    ] as const
    expect(announcementsOf({ ...digestOf([]), digest: items })).toEqual({
      nextEpoch: { authorities: [authorityOf('Bob')], randomness: bytes32(9), kind: 'epoch' },
      nextConfiguration: { c: [1, 2], secondarySlots: 'vrf' },
      disabled: [5],
    })
    const twice = { ...digestOf([]), digest: [items[0], items[0]] }
    expect(() => announcementsOf(twice)).toThrowError(expect.objectContaining({ code: 'BABE_BAD_CONSENSUS_LOG' }))
  })

  it('stores an epoch without loss', () => {
    const epoch: Epoch = {
      index: 4, startSlot: 77, duration: 10, authorities: [authorityOf('Alice'), { ...authorityOf('Bob'), weight: 9 }],
      randomness: bytes32(3), configuration: { c: [1, 4], secondarySlots: 'plain' },
    }
    expect(decodeEpoch(encodeEpoch(epoch))).toEqual(epoch)
    expect(epochAtSlot(epoch, 77)).toBe(epoch)
    expect(epochAtSlot(epoch, 108)).toEqual({ ...epoch, index: 7, startSlot: 107 })
    expect(epochAtSlot(epoch, 66)).toEqual({ ...epoch, index: 2, startSlot: 57 })
  })
})

describe("Polkadot's block 1", () => {
  it('passes the whole verification on the genesis configuration', async () => {
    const { header } = JSON.parse(readFileSync(new URL('../../../../../fixtures/polkadot-block-1.json', import.meta.url), 'utf8')) as {
      header: Omit<Header, 'digest'> & { digest: `0x${string}` }
    }
    const block: Header = { ...header, digest: decodeDigest(fromHex(header.digest)) }
    // What it announces for epoch 1 is what genesis has for epoch 0.
    const authorities = announcementsOf(block).nextEpoch?.authorities ?? []
    const configuration = {
      slotDuration: 6000, epochLength: 2400, c: [1, 4], authorities, randomness: bytes32(0), secondarySlots: 'plain',
    } as const
    const epochs = new BabeEpochs({ aux: new MapAux(), runtime: { currentStart: async () => undefined } }, configuration)
    const genesis: Header = { parentHash: BEFORE_ANY, number: 0, stateRoot: BEFORE_ANY, extrinsicsRoot: BEFORE_ANY, digest: [] }
    const verifier = new BabeVerifier({ headers: { header: () => genesis }, epochs, crypto: inThreadSlotCrypto }, configuration)
    const verified = await verifier.verify(block, 1_600_000_000_000)
    expect(verified.hash).toBe('0xc0096358534ec8d21d01d34b836eed476a1c343f8724fa2153dc0725ad797a90')
    expect(verified)
      .toMatchObject({ weight: 1, author: '0xfa3437b10f6e7af8f31362df3a179b991a8c56313d1bcd6307a4d0c734c1ae31' })
  })
})

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

describe('a key', () => {
  const slot = 3000
  let chain: TestChain
  let memory: MapKeyMemory
  let first: Hash
  beforeEach(async () => {
    chain = new TestChain(configurationOf(['Alice', 'Bob'], 'plain'))
    memory = new MapKeyMemory()
    first = (await chain.import((await chain.build(['Alice', 'Bob'], GENESIS_HASH, slot)) as Header)).hash
  })

  /** Claims and seals a block on the first one. */
  async function make(names: readonly ('Alice' | 'Bob')[], at: number): Promise<Header | undefined> {
    const author = chain.author(names, memory)
    const claim = await author.claimSlot(chain.headers.get(first) as Header, first, at)
    return claim === undefined ? undefined : chain.sealed(author, claim, first, [])
  }

  it('claims no slot twice, nor one before the last, whatever the chain and the node are', async () => {
    const made = [await make(['Alice', 'Bob'], slot + 1), await make(['Alice', 'Bob'], slot + 2)] as Header[]
    const keys = made.map((header) => authorityOf(preDigestOf(header).authorityIndex === 0 ? 'Alice' : 'Bob').key)
    expect(chain.author(['Alice'], memory).lastClaimed).toBe(slot + 2)
    chain.restart()
    for (const at of [slot + 1, slot + 2]) {
      const again = await make(['Alice', 'Bob'], at)
      // Another local key may still be free in this slot; the one that has claimed it is not.
      if (again !== undefined) expect(keys).not.toContain(authorityOf(preDigestOf(again).authorityIndex === 0 ? 'Alice' : 'Bob').key)
    }
    expect(await make(['Alice', 'Bob'], slot + 3)).toBeDefined()
  })

  it('seals nothing for a claim that was overtaken, nor before the claim is on disk', async () => {
    const author = chain.author(['Alice', 'Bob'], memory)
    const parent = chain.headers.get(first) as Header
    const claim = (await author.claimSlot(parent, first, slot + 1)) as SlotClaim
    memory.failing = 1
    await expect(chain.sealed(author, claim, first, [])).rejects.toThrow('the disk is full')
    // What may be on disk counts as claimed.
    await expect(chain.sealed(author, claim, first, [])).rejects.toMatchObject({ code: 'SLOT_CLAIMED' })
    const next = (await author.claimSlot(parent, first, slot + 2)) as SlotClaim
    expect(await chain.sealed(author, next, first, [])).toBeDefined()
  })

  it('that won the lottery of a slot is known without a claim, and afterwards as well', async () => {
    const author = chain.author(['Alice', 'Bob'], memory)
    const parent = chain.headers.get(first) as Header
    const kinds = new Set<string>()
    for (let at = slot + 1; at < slot + 9; at++) {
      const drawn = await author.drawnBy(parent, first, at)
      const claim = (await author.claimSlot(parent, first, at)) as SlotClaim
      expect(drawn).toBe(claim.weight === 1 ? claim.authority : undefined)
      if (drawn !== undefined) await chain.sealed(author, claim, first, [])
      expect(await author.drawnBy(parent, first, at)).toBe(drawn)
      kinds.add(drawn === undefined ? 'by turn' : 'by chance')
    }
    expect([...kinds].sort()).toEqual(['by chance', 'by turn'])
    expect(await chain.author([], memory).drawnBy(parent, first, slot + 1)).toBeUndefined()
  })

  it('whose claims cannot be read claims nothing', async () => {
    memory.damaged.add(authorityOf('Alice').key)
    await expect(make(['Alice'], slot + 1)).rejects.toThrow('it cannot be read')
    expect(memory.entries.size).toBe(0)
  })
})

describe('a bad header', () => {
  let chain: TestChain
  let good: Header
  let parent: Hash
  const slot = 2000
  beforeEach(async () => {
    chain = new TestChain(configurationOf(['Alice', 'Bob'], 'plain'))
    const first = await firstOf(['Alice', 'Bob'], GENESIS_HASH, slot)
    parent = (await chain.import(first)).hash
    good = (await chain.build(['Alice', 'Bob'], parent, slot + 1)) as Header
  })

  async function firstOf(names: readonly ('Alice' | 'Bob')[], on: Hash, at: number): Promise<Header> {
    return (await chain.build(names, on, at)) as Header
  }

  /** Reseals with every key, so that only what the change itself breaks is broken. */
  async function resealed(header: Header): Promise<Header> {
    const author = chain.author(['Alice', 'Bob'])
    const { slot: claimSlot, authorityIndex } = preDigestOf(header)
    return author.seal(
      { ...header, digest: header.digest.filter((item) => item.type !== 'seal') },
      { slot: claimSlot, authority: authorityOf(authorityIndex === 1 ? 'Bob' : 'Alice').key, preDigest: header.digest[0] as never, inherents: [], weight: 0 },
    )
  }

  const replacePre = (header: Header, change: Partial<ReturnType<typeof preDigestOf>>): Header => ({
    ...header, digest: [preDigestItem({ ...preDigestOf(header), ...change } as never), ...header.digest.slice(1)],
  })

  it('is the good one that the changes below start from', async () => {
    expect(await codeOf(chain.verifier.verify(good, 1e15))).toBe('accepted')
  })

  it('has no pre-digest, no seal, or a seal that is not the author\'s', async () => {
    expect(await codeOf(chain.verifier.verify({ ...good, digest: good.digest.slice(1) }, 1e15))).toBe('BABE_NO_PRE_DIGEST')
    expect(await codeOf(chain.verifier.verify({ ...good, digest: good.digest.slice(0, -1) }, 1e15))).toBe('BABE_NO_SEAL')
    expect(await codeOf(chain.verifier.verify({ ...good, digest: [...good.digest, good.digest.at(-1) as never] }, 1e15)))
      .toBe('BABE_NO_SEAL')
    expect(await codeOf(chain.verifier.verify({ ...good, stateRoot: bytes32(1) }, 1e15))).toBe('BABE_BAD_SEAL')
    const short = { ...good, digest: [...good.digest.slice(0, -1), { type: 'seal', engine: 'BABE', data: new Uint8Array(63) } as const] }
    expect(await codeOf(chain.verifier.verify(short, 1e15))).toBe('BABE_NO_SEAL')
  })

  it('is not in its time', async () => {
    expect(await codeOf(chain.verifier.verify(replacePre(good, { slot }), 1e15))).toBe('BABE_SLOT_NOT_AFTER_PARENT')
    await expect(chain.verifier.verify(good, (slot - 1) * 6000))
      .rejects.toMatchObject({ code: 'BABE_SLOT_IN_FUTURE', data: { temporary: true } })
    expect(await codeOf(chain.verifier.verify(good, slot * 6000))).toBe('accepted')
    expect(await codeOf(chain.verifier.verify({ ...good, parentHash: bytes32(8) }, 1e15))).toBe('BABE_UNKNOWN_PARENT')
  })

  it('is by somebody without the right', async () => {
    expect(await codeOf(chain.verifier.verify(replacePre(good, { authorityIndex: 9 }), 1e15))).toBe('BABE_UNKNOWN_AUTHORITY')
    const turn = secondaryAuthor(slot + 1, 2, bytes32(0))
    const plain = (authorityIndex: number): Header => ({
      ...good, digest: [preDigestItem({ kind: 'secondaryPlain', authorityIndex, slot: slot + 1 }), ...good.digest.slice(1)],
    })
    expect(await codeOf(chain.verifier.verify(await resealed(plain(turn)), 1e15))).toBe('accepted')
    expect(await codeOf(chain.verifier.verify(await resealed(plain(1 - turn)), 1e15))).toBe('BABE_WRONG_SECONDARY_AUTHOR')
    const vrf = { preOutput: new Uint8Array(32), proof: new Uint8Array(64) }
    const vrfKind = {
      ...good, digest: [preDigestItem({ kind: 'secondaryVrf', authorityIndex: turn, slot: slot + 1, vrf }), ...good.digest.slice(1)],
    }
    expect(await codeOf(chain.verifier.verify(await resealed(vrfKind), 1e15))).toBe('BABE_SECONDARY_NOT_ALLOWED')
  })

  it('has a VRF that proves nothing, or one that does not win', async () => {
    const secret = devAccount('//Alice').sr25519.secret.reveal()
    const verdicts = new Set<string>()
    for (let at = slot + 1; at < slot + 9; at++) {
      const { vrf } = drawSlot(secret, { slot: at, epochIndex: 0, randomness: new Uint8Array(32) })
      const withDraw = (signature: typeof vrf): Header => ({
        ...good, digest: [preDigestItem({ kind: 'primary', authorityIndex: 0, slot: at, vrf: signature }), ...good.digest.slice(1)],
      })
      verdicts.add(await codeOf(chain.verifier.verify(await resealed(withDraw(vrf)), 1e15)))
      const broken = { ...vrf, proof: vrf.proof.map((byte, i) => (i === 40 ? byte ^ 1 : byte)) }
      expect(await codeOf(chain.verifier.verify(await resealed(withDraw(broken)), 1e15))).toBe('BABE_BAD_VRF')
    }
    expect(verdicts).toContain('BABE_THRESHOLD')
  })

  it('announces at the wrong time', async () => {
    const announced = await resealed({ ...good, digest: [good.digest[0] as never, epochLog([authorityOf('Alice')], bytes32(2))] })
    expect(await codeOf(chain.verifier.verify(announced, 1e15))).toBe('BABE_UNEXPECTED_EPOCH_ANNOUNCEMENT')
    const configured = await resealed({ ...good, digest: [good.digest[0] as never, configurationLog([1, 2], 'vrf')] })
    expect(await codeOf(chain.verifier.verify(configured, 1e15))).toBe('BABE_UNEXPECTED_CONFIG_CHANGE')
    const next = (await chain.build(['Alice', 'Bob'], parent, slot + 10)) as Header
    const silent = await resealed({ ...next, digest: [next.digest[0] as never] })
    expect(await codeOf(chain.verifier.verify(silent, 1e15))).toBe('BABE_MISSING_EPOCH_ANNOUNCEMENT')
    const empty = await resealed({ ...next, digest: [next.digest[0] as never, epochLog([], bytes32(2))] })
    expect(await codeOf(chain.verifier.verify(empty, 1e15))).toBe('BABE_BAD_CONSENSUS_LOG')
  })
})

describe('secondary slots with a VRF', () => {
  it('are claimed and verified', async () => {
    const chain = new TestChain(configurationOf(['Alice', 'Bob'], 'vrf', [0, 1]))
    const header = (await chain.build(['Alice', 'Bob'], GENESIS_HASH, 500)) as Header
    expect(preDigestOf(header).kind).toBe('secondaryVrf')
    expect((await chain.import(header)).weight).toBe(0)
  })

  it('are nobody\'s where the configuration has none', async () => {
    const chain = new TestChain(configurationOf(['Alice'], 'none', [0, 1]))
    expect(await chain.build(['Alice'], GENESIS_HASH, 500)).toBeUndefined()
  })
})
