/** A change of the authorities that the state of the anchor has, and what a node makes of it that never saw it announced. */
import { beforeEach, describe, expect, it } from 'vitest'
import { equalBytes, toHex, type Hash } from '../../../../../../node-core/base/bytes.ts'
import { createLogger, silentLogger, type LogRecord } from '../../../../../../node-core/base/logger.ts'
import { writeAuthorities, type GrandpaAuthority } from '../../../../../../node-core/chain/core/engines/grandpa/digest.ts'
import { grandpaProofs } from '../../../../../../node-core/chain/core/engines/grandpa/proofs/following.ts'
import { storedAuthorities } from '../../../../../../node-core/chain/core/engines/grandpa/sets/authority-record.ts'
import type { AuthorityState } from '../../../../../../node-core/chain/core/engines/grandpa/sets/pending-changes.ts'
import { AuthoritySets } from '../../../../../../node-core/chain/core/engines/grandpa/sets/authority-sets.ts'
import { AuthorityChangeIndex } from '../../../../../../node-core/chain/core/engines/grandpa/sets/change-index.ts'
import { changeAtAnchor, PENDING_CHANGE_KEY, SET_ID_KEY } from '../../../../../../node-core/chain/core/engines/grandpa/sets/runtime-change.ts'
import type { ProofDependencies, ProvenBlock } from '../../../../../../node-core/chain/core/engines/joining.ts'
import type { DigestItem, Header } from '../../../../../../node-core/chain/scale/header.ts'
import { inThreadBatchVerifier } from '../../../../../../node-core/crypto/ed25519/ed25519-batch.ts'
import { ScaleWriter } from '../../../../../../node-core/scale/writer.ts'
import { NO_RUNTIME } from '../../../../../helpers/no-runtime.ts'
import { Aux, Blocks, GENESIS, change, child, forcedChange, hashOf, keyOf } from './world.ts'

const set = (...keys: number[]): GrandpaAuthority[] => keys.map((n) => ({ key: keyOf(n), weight: 1 }))
const [old, next, later] = [set(1), set(2), set(3)]

/** As pallet-grandpa stores it. */
function stored(announced: number, delay: number, authorities: readonly GrandpaAuthority[], medianFinalized?: number): Uint8Array {
  const writer = writeAuthorities(new ScaleWriter().u32(announced).u32(delay), authorities)
  return writer.option(medianFinalized, (w, number) => w.u32(number)).finish()
}

const ANCHOR = { hash: keyOf(77), number: 20 }

describe('the pending change of a state', () => {
  it('is found where FRAME stores it', () => {
    expect(toHex(PENDING_CHANGE_KEY)).toBe('0x5f9cc45b7a00c5899361e1c6099678dc2ff65991b1c915dd6cc8d4825eacfcb4')
  })

  it.each([
    { announced: 18, delay: 5, left: 3, isOwn: false },
    { announced: 20, delay: 1, left: 1, isOwn: true },
    { announced: 0, delay: 21, left: 1, isOwn: false },
  ])('takes effect at its height, whoever announces it ($announced + $delay)', ({ announced, delay, left, isOwn }) => {
    const at = { at: ANCHOR, delay: left, authorities: next }
    expect(changeAtAnchor(stored(announced, delay, next), ANCHOR)).toEqual({ kind: 'scheduled', change: at, isOwn })
    expect(changeAtAnchor(stored(announced, delay, next, 7), ANCHOR)).toEqual({ kind: 'forced', change: { ...at, medianFinalized: 7 }, isOwn })
  })

  it.each([[20, 0], [18, 2], [3, 5]])('is none where it has taken effect (%i + %i)', (announced, delay) => {
    expect(changeAtAnchor(stored(announced, delay, next), ANCHOR)).toBeUndefined()
  })

  it('is refused where it cannot be read, or makes no sense', () => {
    const good = stored(18, 5, next, 7)
    expect(() => changeAtAnchor(good.subarray(0, -1), ANCHOR)).toThrow(expect.objectContaining({ code: expect.stringMatching(/^SCALE_/) as string }))
    expect(() => changeAtAnchor(Uint8Array.of(...good, 0), ANCHOR)).toThrow(expect.objectContaining({ code: 'SCALE_TRAILING_BYTES' }))
    expect(() => changeAtAnchor(stored(18, 5, []), ANCHOR)).toThrow(expect.objectContaining({ code: 'GRANDPA_BAD_AUTHORITIES' }))
    expect(() => changeAtAnchor(stored(21, 5, next), ANCHOR)).toThrow(expect.objectContaining({ code: 'GRANDPA_BAD_MESSAGE' }))
  })
})

describe('the set in charge, by the state alone', () => {
  const setId = new ScaleWriter().u64(3).finish()

  /** What is kept where the state has these values. */
  async function keptBy(values: readonly (readonly [key: Uint8Array, value: Uint8Array])[]): Promise<AuthorityState | undefined> {
    const aux = new Aux()
    const storage = { get: (_root: Hash, key: Uint8Array) => values.find(([known]) => equalBytes(known, key))?.[1] }
    const caller = { ...NO_RUNTIME, call: () => Promise.resolve(writeAuthorities(new ScaleWriter(), old).finish()) }
    aux.write(await grandpaProofs.entriesByState({ storage, caller, logger: silentLogger }, { ...ANCHOR, header: GENESIS }))
    return storedAuthorities(aux)
  }

  it('is counted where FRAME stores it, and is 0 before the first change', async () => {
    expect(toHex(SET_ID_KEY)).toBe('0x5f9cc45b7a00c5899361e1c6099678dc8a2d09463effcc78a22d75b9cb87dffc')
    expect(await keptBy([])).toMatchObject({ voters: { setId: 0, authorities: old }, scheduled: [] })
    expect(await keptBy([[SET_ID_KEY, setId]])).toMatchObject({ voters: { setId: 3, authorities: old }, scheduled: [] })
  })

  it('is the one before while the change that is counted already is pending', async () => {
    expect(await keptBy([[SET_ID_KEY, setId], [PENDING_CHANGE_KEY, stored(18, 5, next)]])).toMatchObject({ voters: { setId: 2, authorities: old }, scheduled: [{ at: ANCHOR, delay: 3, authorities: next }] })
    expect(await keptBy([[SET_ID_KEY, setId], [PENDING_CHANGE_KEY, stored(18, 2, next)]])).toMatchObject({ voters: { setId: 3, authorities: old }, scheduled: [] })
  })
})

describe('a node that stands on an anchor', () => {
  let blocks: Blocks
  let aux: Aux
  let sets: AuthoritySets
  let logs: LogRecord[]
  let salt = 0

  beforeEach(() => {
    blocks = new Blocks()
    aux = new Aux()
    logs = []
  })

  interface Proven {
    readonly digest?: readonly DigestItem[]
    /** In charge after the anchor, as its proof has it. */
    readonly set?: ProvenBlock['set']
    readonly dependencies?: (anchor: Hash) => Partial<ProofDependencies>
  }

  /** Stands on block 20, whose state has `value`; what is below is not here. */
  async function anchor(value: Uint8Array | undefined, { digest = [], set: proven = { setId: 4, authorities: old }, dependencies }: Proven = {}): Promise<Header> {
    let header = GENESIS
    for (let number = 1; number <= ANCHOR.number; number++) header = child(header, ++salt, number === ANCHOR.number ? digest : [])
    const hash = hashOf(header)
    const proofs = grandpaProofs.proofs({
      crypto: inThreadBatchVerifier,
      authorityForks: [],
      storage: { get: (root, key) => (root === header.stateRoot && equalBytes(key, PENDING_CHANGE_KEY) ? value : undefined) },
      caller: NO_RUNTIME,
      logger: createLogger([(record) => logs.push(record)], { default: 'debug' }),
      ...dependencies?.(hash),
    })
    const block: ProvenBlock = { hash, number: header.number, header, justification: { engine: 'FRNK', data: new Uint8Array(0) }, set: proven, changesSet: proven.setId !== 4 }
    const steps = [{ hash: keyOf(5), number: 5 }, ...(block.changesSet ? [{ hash, number: block.number }] : [])]
    aux.write(await proofs.anchorEntries(block, steps, 0))
    blocks.headers.clear()
    blocks.headers.set(hash, header)
    blocks.finalize({ hash, number: header.number })
    sets = new AuthoritySets({ aux, blocks }, set(99))
    return header
  }

  function grow(parent: Header, count: number, ...digest: DigestItem[]): Header {
    let top = parent
    for (let i = 0; i < count; i++) {
      top = child(top, ++salt, i === 0 ? digest : [])
      aux.write(sets.blockAux(top, hashOf(top)))
      blocks.import(top)
      sets.noteImported(top, hashOf(top))
    }
    return top
  }

  function finalize(header: Header): void {
    const plan = sets.plan({ hash: hashOf(header), number: header.number })
    aux.write(plan.aux)
    blocks.finalize({ hash: hashOf(header), number: header.number })
    plan.commit()
  }

  const restart = (): void => void (sets = new AuthoritySets({ aux, blocks }, set(99)))

  it('goes on with the set that was proven where nothing is pending', async () => {
    const top = grow(await anchor(undefined), 10)
    expect(sets.limit(hashOf(top))).toBeUndefined()
    finalize(top)
    expect(sets.current).toMatchObject({ setId: 4, authorities: old })
    expect(logs).toEqual([])
  })

  it.each([false, true])('makes a scheduled change at its height, and not before (restarted: %s)', async (restarted) => {
    const top = grow(await anchor(stored(18, 5, next)), 8)
    if (restarted) restart()
    expect(sets.limit(hashOf(top))).toBe(23)
    expect(() => sets.plan({ hash: hashOf(top), number: top.number })).toThrow(expect.objectContaining({ code: 'GRANDPA_BEYOND_SET_CHANGE' }))
    const at = (number: number): Header => [...blocks.headers.values()].find((header) => header.number === number)!
    finalize(at(22))
    if (restarted) restart()
    expect(sets.current).toMatchObject({ setId: 4, authorities: old })
    finalize(at(23))
    expect(sets.current).toMatchObject({ setId: 5, authorities: next })
    finalize(top)
    expect(sets.current.setId).toBe(5)
  })

  it('makes it on forks above the anchor, and takes further ones in their order', async () => {
    const base = await anchor(stored(18, 5, next))
    const fork = grow(base, 2)
    const top = grow(base, 5, change(later, 4))
    expect([sets.limit(hashOf(top)), sets.limit(hashOf(fork))]).toEqual([23, 23])
    finalize([...blocks.headers.values()].find(({ number, parentHash }) => number === 23 && blocks.isAncestor(hashOf(base), parentHash) && blocks.isAncestor(parentHash, hashOf(top)))!)
    expect([sets.current.setId, sets.limit(hashOf(top))]).toEqual([5, 25])
  })

  it('lets a forced change take effect with the import of its block', async () => {
    const top = grow(await anchor(stored(18, 5, next, 15)), 2)
    expect([sets.isForcedOn(hashOf(top)), sets.current.setId]).toEqual([true, 4])
    restart()
    const enacting = grow(top, 1)
    expect(enacting.number).toBe(23)
    expect(sets.current).toMatchObject({ setId: 5, authorities: next })
    expect(sets.isForcedOn(hashOf(enacting))).toBe(false)
    // Round 1 of the new set builds on the highest block that is known to be final below: the anchor.
    expect(sets.base.number).toBe(20)
  })

  it('takes no further forced change while one is pending', async () => {
    const base = await anchor(stored(18, 5, next, 15))
    expect(() => grow(base, 1, forcedChange(later, 3))).toThrow(expect.objectContaining({ code: 'GRANDPA_SECOND_FORCED_CHANGE' }))
  })

  it('that announces it itself waits for it with the set of before', async () => {
    // The proof takes the announcement for a change at once.
    const call = async (): Promise<Uint8Array> => writeAuthorities(new ScaleWriter(), old).finish()
    const top = grow(await anchor(stored(20, 3, next), { digest: [change(next, 3)], set: { setId: 5, authorities: next }, dependencies: () => ({ caller: { ...NO_RUNTIME, call } }) }), 3)
    expect(sets.current).toMatchObject({ setId: 4, authorities: old })
    expect(sets.limit(hashOf(top))).toBe(23)
    finalize(top)
    expect(sets.current).toMatchObject({ setId: 5, authorities: next })
  })

  it('that the network agreed on another set after knows of no other change', async () => {
    const dependencies = (block: Hash): Partial<ProofDependencies> => ({ authorityForks: [{ block, setId: 5, authorities: later.map(({ key }) => key) }] })
    const top = grow(await anchor(stored(20, 3, next), { set: { setId: 5, authorities: later }, dependencies }), 4)
    expect([sets.limit(hashOf(top)), sets.current.setId]).toEqual([undefined, 5])
  })

  it('passes over what it cannot read, and says so', async () => {
    const top = grow(await anchor(stored(18, 5, next).subarray(3)), 8)
    expect(sets.limit(hashOf(top))).toBeUndefined()
    expect(logs.map(({ level, message }) => [level, message.includes('cannot be read')])).toEqual([['warn', true]])
  })

  it.each([undefined, 15])('proves nothing to others over such a change (forced: %s)', async (medianFinalized) => {
    const base = await anchor(stored(18, 5, next, medianFinalized))
    finalize(grow(base, 3))
    const at = (number: number): Header | undefined => [...blocks.headers.values()].find((header) => header.number === number)
    const hashByNumber = (number: number): ReturnType<typeof hashOf> | undefined => {
      const header = at(number)
      return header && hashOf(header)
    }
    const index = new AuthorityChangeIndex({ blocks: { header: blocks.header, finalized: blocks.finalized, hashByNumber }, aux: { getAux: aux.getAux, putAux: async (entries) => aux.write(entries) } })
    await index.scan(23, new AbortController().signal)
    expect(index.after(0, 23).map(({ number, kind }) => [number, kind])).toEqual([[5, 'scheduled'], [20, 'other']])
  })
})
