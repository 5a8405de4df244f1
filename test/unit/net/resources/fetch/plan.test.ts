import { describe, expect, it } from 'vitest'
import { TokenBucket } from '../../../../../node-core/network/token-bucket.ts'
import { LeafSet } from '../../../../../node-core/net/resources/leaf-set.ts'
import { LEAF_BYTES } from '../../../../../node-core/net/resources/tree.ts'
import { randomFrom } from '../../../chain/sync/world.ts'
import { MadeUpFile, Swarm, type Character } from './swarm.ts'

const MB = 1_000_000
/** Three groups, the last one short, and a last leaf that is short too. */
const file = new MadeUpFile(1200 * LEAF_BYTES - 77)
const other = new MadeUpFile(1200 * LEAF_BYTES - 77, 2)

function whole(swarm: Swarm): void {
  expect(swarm.plan.failure).toBeUndefined()
  expect(Buffer.compare(swarm.copy, swarm.file.bytes)).toBe(0)
}

const given = (swarm: Swarm, peer: string): number => [...swarm.plan.progress().peers, ...swarm.plan.progress().left].find((each) => each.peer === peer)?.bytes ?? 0

describe('a fetch', () => {
  it.each([1, 63, 64, 65, LEAF_BYTES - 1, LEAF_BYTES, LEAF_BYTES + 1, 512 * LEAF_BYTES, 512 * LEAF_BYTES + 1])('of %d bytes finds out the length and ends with the file', (length) => {
    const swarm = new Swarm(new MadeUpFile(length), length === 64 ? { length } : {})
    swarm.join('a')
    swarm.run()
    whole(swarm)
    expect(swarm.plan.board?.length).toBe(length)
  })

  it('of an empty file needs nobody', () => expect(new Swarm(new MadeUpFile(0)).plan.isComplete).toBe(true))

  it('does not take a file of two hashes for the tree above them', () => {
    const two = new MadeUpFile(2 * LEAF_BYTES)
    const swarm = new Swarm(two)
    swarm.join('a', { claims: 64 })
    swarm.run()
    expect(swarm.plan.failure?.code).toBe('NET_RESOURCE_NOBODY')
    expect(swarm.leftFor.map(({ reason }) => reason)).toEqual([expect.stringContaining('by its root alone')])
  })

  it('takes about as long as the line allows, from one peer and from three', () => {
    const one = new Swarm(file)
    one.join('a', { speed: 4 * MB })
    const alone = one.run()
    const three = new Swarm(file)
    for (const id of ['a', 'b', 'c']) three.join(id, { speed: 4 * MB })
    const together = three.run()
    whole(three)
    expect(alone).toBeLessThan((file.bytes.length / (4 * MB)) * 1.25)
    expect(together).toBeLessThan(alone / 2.2)
    for (const id of ['a', 'b', 'c']) expect(given(three, id)).toBeGreaterThan(file.bytes.length / 5)
  })

  it('gets most from the fastest, and is not held up by the slowest', () => {
    const swarm = new Swarm(file)
    swarm.join('fast', { speed: 8 * MB })
    swarm.join('slow', { speed: 0.4 * MB, delayMs: 200 })
    swarm.join('slowest', { speed: 0.02 * MB, delayMs: 400 })
    expect(swarm.run()).toBeLessThan((file.bytes.length / (8 * MB)) * 1.5)
    whole(swarm)
    expect(given(swarm, 'fast')).toBeGreaterThan(file.bytes.length * 0.8)
    expect(swarm.faults).toEqual([])
    expect(swarm.plan.progress().wastedBytes).toBeLessThan(file.bytes.length * 0.1)
  })

  it('asks others for what a silent peer owes, and leaves it after the third time', () => {
    const swarm = new Swarm(file)
    swarm.join('silent', { silentAfter: 2 * MB })
    swarm.join('good', { speed: 0.3 * MB })
    swarm.run()
    whole(swarm)
    expect(swarm.faults).toEqual([{ peer: 'silent', fault: expect.objectContaining({ code: 'resource-silent' }) }])
  })

  it('leaves a peer that is silent from the beginning', () => {
    const swarm = new Swarm(file)
    swarm.join('silent', { silentAfter: 0 })
    swarm.run(120)
    expect(swarm.plan.failure?.code).toBe('NET_RESOURCE_NOBODY')
    expect(swarm.faults.map(({ peer }) => peer)).toEqual(['silent'])
  })

  it.each<[string, string, Character]>([
    ['false data', 'resource-false-data', { lies: { data: other } }],
    ['false hashes', 'resource-false-proof', { lies: { hashes: other } }],
    ['another file altogether', 'resource-false-proof', { lies: { hashes: other, data: other } }],
    ['a length that is too long', 'resource-false-proof', { claims: file.bytes.length + 5 * LEAF_BYTES }],
    ['a length that is too long by a byte', 'resource-false-proof', { claims: file.bytes.length + 1 }],
    ['a length that is too short', 'resource-false-proof', { claims: file.bytes.length - 5 * LEAF_BYTES }],
    ['no length', 'resource-false-length', { claims: 0 }],
    ['data that are not there', 'resource-false-length', { refuses: 'outside' }],
  ])('tells on a peer that gives %s, and ends with the file all the same', (_, code, liar) => {
    for (const liarFirst of [true, false]) {
      const swarm = new Swarm(file)
      if (liarFirst) {
        swarm.join('liar', { speed: 5 * MB, ...liar })
        swarm.runFor(1)
      }
      swarm.join('good', { speed: MB })
      if (!liarFirst) swarm.join('liar', { speed: 5 * MB, ...liar })
      swarm.run()
      whole(swarm)
      expect(swarm.faults.map(({ peer }) => peer)).toEqual(['liar'])
      // Before the length is known, what is false is a false proof of it; afterwards, a claim of another length is enough.
      expect([code, 'resource-false-proof', ...('claims' in liar ? ['resource-false-length', 'resource-malformed'] : [])]).toContain(swarm.faults[0]?.fault.code)
      expect(given(swarm, 'liar')).toBeLessThan(6 * MB)
    }
  })

  it('comes back to a peer that is busy, and leaves without reproach whoever does not have the file', () => {
    const swarm = new Swarm(file)
    swarm.join('busy', { refuses: 'busy', refusals: 3 })
    swarm.join('without', { refuses: 'absent' })
    swarm.join('changed', { refuses: 'changed' })
    swarm.run()
    whole(swarm)
    expect(swarm.faults).toEqual([])
    expect(swarm.leftFor.map(({ peer }) => peer).sort()).toEqual(['changed', 'without'])
  })

  it('goes on with those who are left when peers go', () => {
    const swarm = new Swarm(file)
    swarm.join('a', { goneAfter: 3 * MB })
    swarm.join('b', { goneAfter: 1 * MB })
    swarm.join('c', { speed: MB })
    swarm.run()
    whole(swarm)
    expect(swarm.plan.progress().left.map(({ peer }) => peer).sort()).toEqual(['a', 'b'])
  })

  it('puts a file together from peers that have parts of it', () => {
    const swarm = new Swarm(file)
    swarm.join('front', { ranges: [{ from: 0, to: 700 }] })
    swarm.join('back', { ranges: [{ from: 650, to: 1200 }] })
    swarm.run()
    whole(swarm)
  })

  it('ends with a clear answer where nobody has the rest', () => {
    const swarm = new Swarm(file)
    swarm.join('front', { ranges: [{ from: 0, to: 700 }, { from: 1199, to: 1200 }] })
    swarm.run()
    expect(swarm.plan.failure).toMatchObject({ code: 'NET_RESOURCE_NOBODY', data: { hadBytes: 701 * LEAF_BYTES, wantedBytes: file.bytes.length } })
  })

  it('waits for a search that is under way before it says that nobody has it', () => {
    const swarm = new Swarm(file)
    const end = swarm.plan.searching()
    swarm.runFor(100)
    expect(swarm.plan.failure).toBeUndefined()
    end()
    swarm.runFor(1)
    expect(swarm.plan.failure?.code).toBe('NET_RESOURCE_NOBODY')
  })

  it('of a part asks for its leaves only', () => {
    const swarm = new Swarm(file, { length: file.bytes.length, range: { from: 600 * LEAF_BYTES + 5, to: 610 * LEAF_BYTES + 1 } })
    swarm.join('a')
    swarm.run()
    expect(swarm.asked.get('a')).toBe(11)
    expect(swarm.copy.subarray(600 * LEAF_BYTES, 611 * LEAF_BYTES)).toEqual(file.bytes.subarray(600 * LEAF_BYTES, 611 * LEAF_BYTES))
  })

  it('of a part behind the end says so', () => {
    const swarm = new Swarm(file, { range: { from: file.bytes.length, to: file.bytes.length + 1 } })
    swarm.join('a')
    swarm.run()
    expect(swarm.plan.failure).toMatchObject({ code: 'NET_RESOURCE_RANGE', data: { length: file.bytes.length } })
  })

  it('goes on where an earlier one stopped', () => {
    const had = LeafSet.of(1200, { from: 100, to: 1100 })
    const swarm = new Swarm(file, { resumed: { length: file.bytes.length, had } })
    swarm.copy.set(file.bytes.subarray(100 * LEAF_BYTES, 1100 * LEAF_BYTES), 100 * LEAF_BYTES)
    swarm.join('a')
    swarm.run()
    whole(swarm)
    expect(swarm.asked.get('a')).toBe(200)
  })

  it('keeps to a rate', () => {
    const swarm = new Swarm(file, {
      allow: (clock) => {
        const bucket = new TokenBucket(clock, { perSecond: 100, burst: 100 })
        return () => bucket.take()
      },
    })
    swarm.join('a')
    const seconds = swarm.run()
    whole(swarm)
    expect(seconds).toBeGreaterThan(10.5)
    expect(seconds).toBeLessThan(13)
  })

  it('keeps no more in memory than a disk that is slow allows', () => {
    const swarm = new Swarm(file, { writeMs: 3000 })
    swarm.join('a', { speed: 50 * MB })
    swarm.runFor(2)
    // What is verified, and what was asked for by then.
    expect(swarm.asked.get('a')).toBeLessThan(2048 + 16)
    swarm.run()
    whole(swarm)
  })

  it.each(Array.from({ length: 40 }, (_, seed) => seed))('of a random file among random peers ends with the file (seed %d)', (seed) => {
    const random = randomFrom(seed + 1)
    const below = (n: number): number => Math.floor(random() * n)
    const size = 1 + below(1300 * LEAF_BYTES)
    const mine = new MadeUpFile(size, seed + 3)
    const false_ = new MadeUpFile(size, seed + 99)
    const swarm = new Swarm(mine, random() < 0.5 || size === 64 ? { length: size } : {})
    swarm.join('good', { speed: 0.3 * MB + random() * 3 * MB, delayMs: below(300) })
    const liars: string[] = []
    for (let i = 0; i < 8; i++) {
      const id = `p${i}`
      const base: Character = { speed: 0.01 * MB + random() ** 3 * 8 * MB, delayMs: below(500) }
      const kind = below(8)
      if (kind >= 6) liars.push(id)
      const characters: Character[] = [
        {}, { silentAfter: below(size) }, { goneAfter: below(size) }, { refuses: 'busy', refusals: below(20) }, { refuses: 'absent' },
        { ranges: [{ from: 0, to: 1 + below(Math.ceil(size / LEAF_BYTES)) }] }, { lies: { data: false_ } }, { lies: { hashes: false_ } },
      ]
      const join = (): void => swarm.join(id, { ...base, ...characters[kind] })
      if (random() < 0.3) swarm.clock.schedule(below(10_000), join)
      else join()
    }
    swarm.run()
    whole(swarm)
    // Nobody honest is accused.
    for (const { peer, fault } of swarm.faults) if (fault.code !== 'resource-silent') expect(liars).toContain(peer)
  })
})
