import { describe, expect, it } from 'vitest'
import type { BlockData } from '../../../../../node-core/chain/sync/types.ts'
import { randomFrom } from '../world.ts'
import { GapStore, GapWorld, wholeChain, type GapBehaviour, type WholeBlock } from './gap-world.ts'

const HEIGHT = 600
const CHAIN = wholeChain(HEIGHT)
const OTHER = wholeChain(HEIGHT, 7)

const world = (options: ConstructorParameters<typeof GapWorld>[1] = {}, seed = 1): GapWorld => new GapWorld(new GapStore(CHAIN, HEIGHT), options, seed)

/** Every block is the chain's own, with its body. */
function expectWhole({ store }: GapWorld, from = 1): void {
  for (let number = from; number < HEIGHT; number++) {
    expect(store.byNumber.get(number)).toBe(CHAIN[number]?.hash)
    expect(store.bodies.has(number)).toBe(true)
  }
}

describe('gap sync', () => {
  it('fetches what is missing downwards to genesis, with the body of the block above it', () => {
    const here = world()
    here.connect('a', CHAIN)
    expect(here.status()).toMatchObject({ from: 1, to: HEIGHT - 1, msLeft: undefined })
    expect(here.run(60_000)).toBe(true)
    expectWhole(here)
    expect([here.store.bodies.has(HEIGHT), here.status(), here.reports]).toEqual([true, undefined, []])
    expect(here.asked.every(({ request }) => request.direction === 'descending' && request.body && request.justifications && request.maxBlocks <= 64)).toBe(true)
    // The same is never asked twice, and block by block each once.
    expect(here.asked.length).toBeLessThanOrEqual(Math.ceil(HEIGHT / 64) + 1)
  })

  it('fetches what is kept and no more, and less as the chain goes on', () => {
    const here = world({ keep: 100 })
    here.connect('a', CHAIN)
    here.run(60_000)
    expect([here.store.missing, here.status()]).toEqual([{ from: 1, to: HEIGHT - 100 }, undefined])
    expectWhole(here, HEIGHT - 99)

    const nothing = world({ keep: 0 })
    nothing.connect('a', CHAIN)
    nothing.run(60_000)
    expect([nothing.asked, nothing.status()]).toEqual([[], undefined])

    const later = world({ keep: 100, batch: 8 })
    later.connect('a', CHAIN)
    later.run(5_000, () => (later.store.missing?.to ?? 0) < 590)
    later.store.head = { hash: CHAIN[HEIGHT]?.hash as `0x${string}`, number: HEIGHT + 60 }
    later.run(60_000)
    expect(later.store.missing?.to).toBe(HEIGHT + 60 - 100)
  })

  it('waits while there is better to do, and goes on when peers are free again', () => {
    const here = world()
    here.connect('a', CHAIN)
    here.isFree = false
    here.run(30_000)
    expect(here.asked).toEqual([])
    here.isFree = true
    here.run(600, () => false)
    here.isFree = false
    here.run(100, () => false)
    const asked = here.asked.length
    here.run(30_000)
    expect([here.asked.length, asked > 0, here.store.missing !== undefined]).toEqual([asked, true, true])
    here.isFree = true
    expect(here.run(60_000)).toBe(true)
  })

  it('keeps to its pace in blocks, in bytes and in bytes of proofs, and has one request out at a time', () => {
    const here = world({ blocksPerSecond: 50 })
    here.connect('a', CHAIN)
    here.run(6_000)
    expect(HEIGHT - 1 - (here.store.missing?.to ?? 0)).toBeLessThanOrEqual(50 * 6 + 64)
    expect(here.status()?.perSecond).toBeLessThanOrEqual(60)
    expect(here.status()?.msLeft).toBeGreaterThan(1_000)
    const large = world({ bytesPerSecond: 5_000 })
    large.connect('a', CHAIN)
    large.run(6_000)
    // Some 440 bytes a block.
    expect(HEIGHT - 1 - (large.store.missing?.to ?? 0)).toBeLessThanOrEqual((5_000 * 6) / 440 + 64)
    const proven = world({ proofBytesPerSecond: 5_000 })
    proven.connect('a', CHAIN, (_request, honest) => honest.map((block) => ({ ...block, justifications: [{ engine: 'FRNK', data: new Uint8Array(100) }] })))
    proven.run(6_000)
    expect(HEIGHT - 1 - (proven.store.missing?.to ?? 0)).toBeLessThanOrEqual((5_000 * 6) / 100 + 64)
  })

  it('asks all who are free in turn, and nobody the same twice within a minute', () => {
    const here = world({ batch: 8 })
    for (const id of ['a', 'b', 'c']) here.connect(id, CHAIN)
    here.run(60_000)
    const counts = ['a', 'b', 'c'].map((id) => here.asked.filter(({ peer }) => peer === id).length)
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
    const keys = here.asked.map(({ peer, request }) => `${peer} ${JSON.stringify(request)}`)
    expect(new Set(keys).size).toBe(keys.length)
  })

  it('goes on at any moment where it was', () => {
    const random = randomFrom(5)
    const here = world({ batch: 8 })
    here.connect('a', CHAIN)
    here.connect('b', CHAIN)
    let stops = 0
    while (!here.run(450 + Math.floor(random() * 200))) {
      here.restart()
      stops++
      expect(stops).toBeLessThan(2_000)
    }
    expect(stops).toBeGreaterThanOrEqual(50)
    expectWhole(here)
  })
})

describe('peers that do not tell the truth', () => {
  const liars: readonly (readonly [what: string, behaviour: GapBehaviour, code: string | undefined])[] = [
    ['another chain', (request) => OTHER.slice(-request.maxBlocks).reverse(), 'sync-broken-response'],
    ['a parent that is not the parent', (_request, honest) => honest.map((block, i) => (i === 3 ? (OTHER[block.header.number] as WholeBlock) : block)), 'sync-broken-response'],
    ['a block left out', (_request, honest) => honest.filter((_, i) => i !== 1), 'sync-broken-response'],
    ['a block twice', (_request, honest) => [...honest.slice(0, 1), ...honest], 'sync-broken-response'],
    ['blocks upwards', (_request, honest) => [...honest].reverse(), 'sync-broken-response'],
    ['more than was asked for', (_request, honest) => [...honest, ...honest], 'sync-broken-response'],
    ['no headers', (_request, honest) => honest.map((block): BlockData => ({ ...block, header: undefined })), 'sync-broken-response'],
    ['no bodies', (_request, honest) => honest.map((block): BlockData => ({ ...block, body: undefined })), 'sync-broken-response'],
    ['empty bodies', (_request, honest) => honest.map((block) => ({ ...block, body: [] })), 'sync-broken-response'],
    ['one wrong body', (_request, honest) => honest.map((block, i) => (i === honest.length - 1 ? { ...block, body: [Uint8Array.of(1)] } : block)), 'sync-broken-response'],
    ['bodies that were exchanged', (_request, honest) => honest.map((block, i) => ({ ...block, body: (honest[(i + 1) % honest.length] as WholeBlock).body })), 'sync-broken-response'],
    ['what does not decode', () => ({ kind: 'bad-response', fault: { code: 'malformed-response', cost: -500 } }), 'malformed-response'],
    ['silence', () => undefined, 'sync-timeout'],
    ['nothing, again and again', () => [], undefined],
    ['a refusal', () => ({ kind: 'refused' }), undefined],
    ['a failure', () => ({ kind: 'failed' }), undefined],
  ]

  it.each(liars)('%s: charged where that is a fault, never stored, and the others bring it', (_what, behaviour, code) => {
    const here = world({ batch: 32 }, 3)
    here.connect('liar', CHAIN, behaviour)
    here.connect('honest', CHAIN)
    expect(here.run(600_000)).toBe(true)
    expectWhole(here)
    expect(here.reports.some(({ peer }) => peer === 'honest')).toBe(false)
    expect([...new Set(here.reports.map((report) => report.code))]).toEqual(code === undefined ? [] : [code])
    expect(here.asked.some(({ peer }) => peer === 'liar')).toBe(true)
  })

  it('a response that ends early is taken as far as it goes', () => {
    const here = world({}, 3)
    here.connect('short', CHAIN, (_request, honest) => honest.slice(0, 3))
    expect(here.run(600_000)).toBe(true)
    expect(here.reports).toEqual([])
    expectWhole(here)
  })

  it.each([0, 1, 2, 5])('a peer that falls silent after %i answers, and comes to be asked less and less', (answers) => {
    const here = world({ batch: 8 }, 4)
    let given = 0
    here.connect('tired', CHAIN, (_request, honest) => (given++ < answers ? honest : undefined))
    here.run(600_000)
    const silences = here.reports.filter(({ peer, code }) => peer === 'tired' && code === 'sync-timeout')
    expect(silences.length).toBeGreaterThan(2)
    expect(silences.map(({ cost }) => cost).slice(0, 3)).toEqual([-200, -400, -600])
    expect(silences.length).toBeLessThan(12)
    here.connect('honest', CHAIN)
    expect(here.run(60_000)).toBe(true)
    expectWhole(here)
  })

  it('a second peer with the same wrong body is not charged: this node may be wrong', () => {
    const here = world()
    const wrong: GapBehaviour = (_request, honest) => honest.map((block, i) => (i === 4 ? { ...block, body: [Uint8Array.of(9)] } : block))
    for (const id of ['a', 'b', 'c']) here.connect(id, CHAIN, wrong)
    here.run(30_000)
    expect(here.reports.map(({ code }) => code)).toEqual(['sync-broken-response'])
    expect(here.store.missing).toEqual({ from: 1, to: HEIGHT - 1 })
  })

  it('where the blocks lead to another genesis, it stops and says so, and nobody is charged', () => {
    const store = new GapStore([CHAIN[0] as WholeBlock, ...OTHER.slice(1)], HEIGHT)
    const here = new GapWorld(store)
    here.connect('a', OTHER)
    here.run(60_000, () => here.status()?.foreign !== undefined)
    const asked = here.asked.length
    here.run(60_000)
    expect([here.status()?.foreign, here.reports, here.asked.length]).toEqual(['another genesis', [], asked])
    expect(here.store.missing).toBeDefined()
  })

  it('where nothing can be stored, it tries again later and charges nobody', () => {
    const here = world()
    here.connect('a', CHAIN)
    here.connect('b', CHAIN)
    let failures = 0
    here.verdict = () => (failures++ < 3 ? { kind: 'failed' } : undefined)
    expect(here.run(300_000)).toBe(true)
    expect([failures > 3, here.reports]).toEqual([true, []])
    expectWhole(here)
  })
})
