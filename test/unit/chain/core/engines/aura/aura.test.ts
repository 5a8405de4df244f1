/** Aura over a chain in memory, with a runtime of which the test says whose turns there are. */
import { beforeEach, describe, expect, it } from 'vitest'
import { fromHex, toHex, type Hash } from '../../../../../../node-core/base/bytes.ts'
import { AuraAuthor } from '../../../../../../node-core/chain/core/engines/aura/author.ts'
import { AuraAuthorities } from '../../../../../../node-core/chain/core/engines/aura/authorities.ts'
import { AURA_ENGINE, auraDigests, preDigestItem, slotOf, writeAuthorities } from '../../../../../../node-core/chain/core/engines/aura/digest.ts'
import { AuraVerifier } from '../../../../../../node-core/chain/core/engines/aura/verifier.ts'
import { SlotClaims } from '../../../../../../node-core/chain/core/engines/slots/slot-claims.ts'
import type { SlotEquivocation } from '../../../../../../node-core/chain/core/engines/slots/equivocation.ts'
import { RuntimeError } from '../../../../../../node-core/chain/runtime/errors.ts'
import { encodeHeader, type DigestItem, type Header } from '../../../../../../node-core/chain/scale/header.ts'
import type { BlockRef } from '../../../../../../node-core/chain/scale/block.ts'
import type { AuxEntry } from '../../../../../../node-core/chain/state/types.ts'
import { inThreadBatchVerifier } from '../../../../../../node-core/crypto/ed25519/ed25519-batch.ts'
import { blake2b256, blake2Hash } from '../../../../../../node-core/crypto/hashes/hashing.ts'
import { devAccount } from '../../../../../../node-core/crypto/keys/dev-accounts.ts'
import { MemoryKeystore, type Keystore } from '../../../../../../node-core/crypto/keys/keystore.ts'
import { inThreadSlotCrypto } from '../../../../../../node-core/crypto/worker/slot-crypto.ts'
import { ScaleWriter } from '../../../../../../node-core/scale/writer.ts'
import { MapKeyMemory } from '../../../../../helpers/key-memory.ts'

const DURATION = 6000
const ZERO: Hash = `0x${'00'.repeat(32)}`
const CRYPTO = { ...inThreadSlotCrypto, ...inThreadBatchVerifier }
const hashOf = (header: Header): Hash => blake2Hash(encodeHeader(header))
const sr25519Of = (name: string): Hash => toHex(devAccount(`//${name}`).sr25519.publicKey)
const ed25519Of = (name: string): Hash => toHex(devAccount(`//${name}`).ed25519.publicKey)
const listOf = (...names: readonly string[]): Hash[] => names.map(sr25519Of)
const stateOf = (number: number, salt: number): Hash => `0x${number.toString(16).padStart(32, '0')}${salt.toString(16).padStart(32, '0')}`
const change = (list: readonly Hash[]): DigestItem => ({ type: 'consensus', engine: AURA_ENGINE, data: writeAuthorities(new ScaleWriter().u8(1), list).finish() })

function keysOf(...names: readonly string[]): MemoryKeystore {
  const keystore = new MemoryKeystore()
  for (const name of names) keystore.add('aura', devAccount(`//${name}`).sr25519)
  return keystore
}

class World {
  readonly headers = new Map<Hash, Header>()
  readonly aux = new Map<string, Uint8Array>()
  /** What the runtime says at each state; at others, its parent's. */
  readonly lists = new Map<Hash, readonly Hash[]>()
  readonly equivocations: SlotEquivocation[] = []
  /** States that are not kept. */
  readonly gone = new Set<Hash>()
  calls = 0
  final: BlockRef
  authorities: AuraAuthorities
  verifier: AuraVerifier
  readonly genesis: Header = { parentHash: ZERO, number: 0, stateRoot: stateOf(0, 0), extrinsicsRoot: ZERO, digest: [] }

  constructor(genesis: readonly Hash[]) {
    this.headers.set(hashOf(this.genesis), this.genesis)
    this.lists.set(this.genesis.stateRoot, genesis)
    this.final = { hash: hashOf(this.genesis), number: 0 }
    ;[this.authorities, this.verifier] = this.#make()
  }

  /** Forgets what is in memory. */
  restart(): void {
    ;[this.authorities, this.verifier] = this.#make()
  }

  #make(): [AuraAuthorities, AuraVerifier] {
    const header = (hash: Hash): Header | undefined => this.headers.get(hash)
    const authorities = new AuraAuthorities({
      blocks: { finalized: () => this.final, header },
      aux: { getAux: (key) => this.aux.get(key) },
      imports: { header, arrival: async () => undefined },
      executor: {
        call: async (root: Hash, method: string) => {
          this.calls++
          expect(method).toBe('AuraApi_authorities')
          const list = this.lists.get(root)
          if (list === undefined || this.gone.has(root)) throw new RuntimeError('RUNTIME_UNKNOWN_STATE', `the state ${root} is not stored`)
          return writeAuthorities(new ScaleWriter(), list).finish()
        },
      },
    })
    return [authorities, new AuraVerifier({ headers: { header }, authorities, crypto: CRYPTO, onEquivocation: (found) => this.equivocations.push(found) }, { slotDuration: DURATION })]
  }

  author(keystore: Keystore, memory = new MapKeyMemory()): AuraAuthor {
    return new AuraAuthor({ authorities: this.authorities, keystore, claims: new SlotClaims(memory, 'aura'), crypto: CRYPTO }, { slotDuration: DURATION })
  }

  /** A sealed header by whoever of the keystore may; undefined where nobody may. */
  async build(keystore: Keystore, parentHash: Hash, slot: number, extra: readonly DigestItem[] = []): Promise<Header | undefined> {
    const parent = this.headers.get(parentHash) as Header
    const author = this.author(keystore)
    const claim = await author.claimSlot(parent, parentHash, slot)
    if (claim === undefined) return undefined
    const unsealed: Header = { parentHash, number: parent.number + 1, stateRoot: stateOf(parent.number + 1, slot), extrinsicsRoot: ZERO, digest: [claim.preDigest, ...extra] }
    return author.seal(unsealed, claim)
  }

  /** Verifies and stores; after it the runtime says `list`, or what it said at the parent. */
  async import(header: Header, list?: readonly Hash[], nowMs = Number.MAX_SAFE_INTEGER): Promise<Hash> {
    const { hash, aux } = await this.verifier.verify(header, nowMs)
    this.apply(aux)
    this.headers.set(hash, header)
    const before = this.lists.get((this.headers.get(header.parentHash) as Header).stateRoot) as readonly Hash[]
    this.lists.set(header.stateRoot, list ?? before)
    return hash
  }

  finalize(hash: Hash): void {
    const entries = this.authorities.entries(hash)
    this.final = { hash, number: (this.headers.get(hash) as Header).number }
    this.apply(entries)
  }

  apply(entries: readonly AuxEntry[]): void {
    for (const [key, value] of entries) {
      if (value === undefined) this.aux.delete(key)
      else this.aux.set(key, value)
    }
  }
}

let world: World
let genesis: Hash
const everybody = keysOf('Alice', 'Bob', 'Charlie', 'Dave')

beforeEach(() => {
  world = new World(listOf('Alice', 'Bob', 'Charlie'))
  genesis = world.final.hash
})

describe('turns', () => {
  it('go by the slot, whoever is there', async () => {
    const claimants = await Promise.all([300, 301, 302, 303].map(async (slot) => (await world.author(everybody).claimSlot(world.genesis, genesis, slot))?.authority))
    expect(claimants).toEqual(listOf('Alice', 'Bob', 'Charlie', 'Alice'))
    expect(await world.author(keysOf('Alice')).claimSlot(world.genesis, genesis, 301)).toBeUndefined()
    expect(await world.author(keysOf('Dave')).claimSlot(world.genesis, genesis, 300)).toBeUndefined()
    expect(await world.author(everybody).authorityCount(world.genesis, genesis)).toBe(3)
  })

  it('bring what runtimes want to see: the slot in the header, and among the inherents', async () => {
    const claim = await world.author(everybody).claimSlot(world.genesis, genesis, 300)
    const slot = Uint8Array.of(0x2c, 1, 0, 0, 0, 0, 0, 0)
    expect(claim).toMatchObject({ slot: 300, preDigest: { type: 'preRuntime', engine: 'aura', data: slot }, inherents: [['auraslot', slot]] })
  })

  it('are taken once, and none before the last', async () => {
    const memory = new MapKeyMemory()
    const author = world.author(everybody, memory)
    const claim = (await author.claimSlot(world.genesis, genesis, 303)) as NonNullable<Awaited<ReturnType<AuraAuthor['claimSlot']>>>
    const header: Header = { ...world.genesis, parentHash: genesis, number: 1, digest: [claim.preDigest] }
    await author.seal(header, claim)
    await expect(author.seal(header, claim)).rejects.toMatchObject({ code: 'SLOT_CLAIMED' })
    expect(await author.claimSlot(world.genesis, genesis, 300)).toBeUndefined()
    expect(world.author(everybody, memory).lastClaimed).toBe(303)
  })
})

describe('a header', () => {
  it('by whose turn it is passes, and says who', async () => {
    const header = (await world.build(everybody, genesis, 301)) as Header
    expect(await world.verifier.verify(header, 302 * DURATION)).toMatchObject({ author: sr25519Of('Bob'), weight: 1, unsealed: { digest: [preDigestItem(301)] } })
  })

  it('of ed25519 keys passes as well, and no other signature does', async () => {
    world = new World([ed25519Of('Alice'), ed25519Of('Bob')])
    genesis = world.final.hash
    const keystore = new MemoryKeystore().add('aura', devAccount('//Alice').ed25519).add('aura', devAccount('//Bob').ed25519)
    const one = await world.import((await world.build(keystore, genesis, 300)) as Header)
    await world.import((await world.build(keystore, one, 301)) as Header)
    const header = (await world.build(keystore, one, 303)) as Header
    const flipped = header.digest.map((item) => (item.type === 'seal' ? { ...item, data: item.data.map((byte, i) => (i === 5 ? byte ^ 1 : byte)) } : item))
    await expect(world.verifier.verify({ ...header, digest: flipped }, 1e15)).rejects.toMatchObject({ code: 'AURA_BAD_SEAL', refusal: 'proven' })
  })

  it('by somebody whose turn it is not is refused', async () => {
    const unsealed: Header = { parentHash: genesis, number: 1, stateRoot: stateOf(1, 1), extrinsicsRoot: ZERO, digest: [preDigestItem(300)] }
    const seal = await CRYPTO.seal(devAccount('//Bob').sr25519.secret, blake2b256(encodeHeader(unsealed)))
    await expect(world.verifier.verify({ ...unsealed, digest: [...unsealed.digest, { type: 'seal', engine: AURA_ENGINE, data: seal }] }, 1e15)).rejects.toMatchObject({
      code: 'AURA_BAD_SEAL', refusal: 'proven',
    })
  })

  it.each([
    ['AURA_NO_SEAL', 'proven', (header: Header): Header => ({ ...header, digest: header.digest.slice(0, 1) })],
    ['AURA_NO_SEAL', 'proven', (header: Header): Header => ({ ...header, digest: [...header.digest, header.digest.at(-1) as DigestItem] })],
    ['AURA_NO_SEAL', 'proven', (header: Header): Header => ({ ...header, digest: [...header.digest.slice(0, 1), { type: 'seal', engine: AURA_ENGINE, data: new Uint8Array(63) }] })],
    ['AURA_NO_PRE_DIGEST', 'proven', (header: Header): Header => ({ ...header, digest: header.digest.slice(1) })],
    ['AURA_NO_PRE_DIGEST', 'proven', (header: Header): Header => ({ ...header, digest: [preDigestItem(301), ...header.digest] })],
    ['AURA_NO_PRE_DIGEST', 'proven', (header: Header): Header => ({ ...header, digest: [{ type: 'preRuntime', engine: AURA_ENGINE, data: new Uint8Array(7) }, ...header.digest.slice(1)] })],
    ['AURA_UNKNOWN_PARENT', 'orphan', (header: Header): Header => ({ ...header, parentHash: ZERO })],
    ['AURA_BAD_SEAL', 'proven', (header: Header): Header => ({ ...header, stateRoot: ZERO })],
  ] as const)('is refused with %s (%s)', async (code, refusal, spoil) => {
    const header = (await world.build(everybody, genesis, 301)) as Header
    await expect(world.verifier.verify(spoil(header), 1e15)).rejects.toMatchObject({ code, refusal })
  })

  it('of a slot that has not come waits, and one that is not after its parent is refused', async () => {
    const one = (await world.build(everybody, genesis, 310)) as Header
    await expect(world.verifier.verify(one, 308 * DURATION)).rejects.toMatchObject({ code: 'AURA_SLOT_IN_FUTURE', refusal: 'early', data: { retryAt: 309 * DURATION } })
    const hash = await world.import(one, undefined, 309 * DURATION)
    expect(await world.build(everybody, hash, 310)).toBeUndefined()
    const late: Header = { ...one, parentHash: hash, number: 2 }
    await expect(world.verifier.verify(late, 1e15)).rejects.toMatchObject({ code: 'AURA_SLOT_NOT_AFTER_PARENT', refusal: 'proven' })
  })

  it('beside another by its author in its slot is noticed, and valid', async () => {
    const one = (await world.build(everybody, genesis, 300)) as Header
    const other = (await world.build(everybody, genesis, 300, [{ type: 'other', data: Uint8Array.of(1) }])) as Header
    await world.import(one)
    await world.import(other)
    expect(world.equivocations).toMatchObject([{ slot: 300, author: sr25519Of('Alice'), first: one, second: other }])
  })
})

describe('a change of the authorities', () => {
  const next = listOf('Dave', 'Alice')

  it('counts from the next block on, on its own fork alone, and without asking the runtime', async () => {
    const one = await world.import((await world.build(everybody, genesis, 300)) as Header)
    const changed = await world.import((await world.build(everybody, one, 301, [change(next)])) as Header, next)
    const beside = await world.import((await world.build(everybody, one, 302)) as Header)
    const before = world.calls
    // Built by who asks; checked by who does not.
    const onFork = (await world.build(everybody, changed, 304)) as Header
    const onOther = (await world.build(everybody, beside, 304)) as Header
    const asked = world.calls
    expect((await world.verifier.verify(onFork, 1e15)).author).toBe(sr25519Of('Dave'))
    expect((await world.verifier.verify(onOther, 1e15)).author).toBe(sr25519Of('Bob'))
    expect(asked).toBeGreaterThan(before)
    expect(world.calls).toBe(asked)
  })

  it('to nobody is none', async () => {
    const one = await world.import((await world.build(everybody, genesis, 300, [change([])])) as Header)
    expect((await world.verifier.verify((await world.build(everybody, one, 301)) as Header, 1e15)).author).toBe(sr25519Of('Bob'))
  })

  it('is known after a restart, above and below what is final', async () => {
    const one = await world.import((await world.build(everybody, genesis, 300, [change(next)])) as Header, next)
    const two = await world.import((await world.build(everybody, one, 302)) as Header)
    const three = (await world.build(everybody, two, 305)) as Header
    for (const final of [genesis, one, two]) {
      world.finalize(final)
      world.restart()
      const before = world.calls
      expect((await world.verifier.verify(three, 1e15)).author).toBe(sr25519Of('Alice'))
      expect(world.calls).toBe(before)
    }
    expect([...world.aux.keys()]).toEqual(['aura/authorities'])
  })

  it('that no header announces is asked of the runtime before anybody is blamed', async () => {
    // As by root, or by a migration.
    const one = await world.import((await world.build(everybody, genesis, 300)) as Header, next)
    const two = (await world.build(everybody, one, 302)) as Header
    const hash = await world.import(two)
    expect((await world.verifier.verify(two, 1e15)).author).toBe(sr25519Of('Dave'))
    const before = world.calls
    const three = (await world.build(everybody, hash, 303)) as Header
    const built = world.calls
    await world.verifier.verify(three, 1e15)
    expect([before < built, world.calls]).toEqual([true, built])
  })

  it('is nobody here to blame for where neither memory nor state tells', async () => {
    const one = await world.import((await world.build(everybody, genesis, 300)) as Header)
    const header = (await world.build(everybody, one, 301)) as Header
    world.gone.add((world.headers.get(one) as Header).stateRoot).add(world.genesis.stateRoot)
    world.restart()
    await expect(world.verifier.verify(header, 1e15)).rejects.toMatchObject({ code: 'AURA_UNKNOWN_AUTHORITIES', refusal: 'host' })
  })

  it('is written when it is final, once', async () => {
    const one = await world.import((await world.build(everybody, genesis, 300, [change(next)])) as Header, next)
    const two = await world.import((await world.build(everybody, one, 302)) as Header)
    expect(world.authorities.entries(one)).toEqual([['aura/authorities', writeAuthorities(new ScaleWriter(), next).finish()]])
    world.finalize(one)
    expect(world.authorities.entries(two)).toEqual([])
  })
})

describe('what a digest says', () => {
  it('is told in words that no engine owns', () => {
    expect(auraDigests.describe(preDigestItem(77))).toEqual({ kind: 'slot', slot: 77, claim: undefined, authorityIndex: undefined })
    expect(auraDigests.describe(change(listOf('Bob')))).toEqual({ kind: 'authoritiesChange', forced: false, authorities: listOf('Bob'), delay: 0 })
    expect(auraDigests.describe({ type: 'consensus', engine: AURA_ENGINE, data: fromHex('0x0203000000') })).toEqual({ kind: 'disabled', engine: 'aura', index: 3 })
  })

  it.each([
    { type: 'consensus', engine: AURA_ENGINE, data: Uint8Array.of(1, 8, 0) },
    { type: 'consensus', engine: AURA_ENGINE, data: Uint8Array.of(9) },
    { type: 'preRuntime', engine: AURA_ENGINE, data: new Uint8Array(3) },
    { type: 'preRuntime', engine: 'BABE', data: new Uint8Array(8) },
    { type: 'other', data: new Uint8Array(8) },
  ] as const)('is nothing where it does not decode, or is another engine\'s: %j', (item) => {
    expect(auraDigests.describe(item)).toBeUndefined()
    expect(auraDigests.slotOf({ ...world.genesis, digest: [item] })).toBeUndefined()
  })

  it('is the slot of a header', async () => {
    const header = (await world.build(everybody, genesis, 301)) as Header
    expect([slotOf(header), auraDigests.slotOf(header)]).toEqual([301, 301])
  })
})
