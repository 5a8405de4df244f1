/** Forced changes of the authorities, what they void and wait for, and restarts at every moment around them. */
import { describe, expect, it } from 'vitest'
import { fromHex, type Hash } from '../../../../../../node-core/base/bytes.ts'
import type { AuthorityFork } from '../../../../../../node-core/chain/core/engines/engine.ts'
import { authorityForksOf } from '../../../../../../node-core/chain/spec/authority-forks.ts'
import { KNOWN_NETWORKS } from '../../../../../../node-core/chain/spec/networks.ts'
import { lastForcedChange, revertedAuthorities, storedAuthorities } from '../../../../../../node-core/chain/core/engines/grandpa/sets/authority-record.ts'
import { AuthoritySets } from '../../../../../../node-core/chain/core/engines/grandpa/sets/authority-sets.ts'
import { writeAuthorities, type GrandpaAuthority } from '../../../../../../node-core/chain/core/engines/grandpa/digest.ts'
import { GrandpaError } from '../../../../../../node-core/chain/core/engines/grandpa/errors.ts'
import { encodeSs58 } from '../../../../../../node-core/crypto/keys/ss58.ts'
import type { DigestItem, Header } from '../../../../../../node-core/chain/scale/header.ts'
import { ScaleWriter } from '../../../../../../node-core/scale/writer.ts'
import type { BlockRef } from '../../../../../../node-core/chain/scale/block.ts'
import { Aux, Blocks, GENESIS, change, child, forcedChange, hashOf, keyOf, randomOf } from './world.ts'

const set = (...keys: number[]): GrandpaAuthority[] => keys.map((n) => ({ key: keyOf(n), weight: 1 }))
const [old, scheduled, forced, later] = [set(1), set(2), set(3), set(4)]
const refOf = (header: Header): BlockRef => ({ hash: hashOf(header), number: header.number })
const code = (expected: string): Error => expect.objectContaining({ code: expected }) as Error

/** What core does around the sets, with a restart whenever it is asked for. */
class Chain {
  readonly aux = new Aux()
  readonly blocks = new Blocks()
  forks: readonly AuthorityFork[] = []
  sets = new AuthoritySets({ aux: this.aux, blocks: this.blocks }, old)
  #salt = 0

  restart(): void {
    this.sets = new AuthoritySets({ aux: this.aux, blocks: this.blocks }, old, this.forks)
  }

  /** A block on top of `parent`, stored with what the sets say. Throws where they refuse it. */
  add(parent: Header, ...digest: DigestItem[]): Header {
    return this.import(child(parent, ++this.#salt, digest))
  }

  import(header: Header): Header {
    const aux = this.sets.blockAux(header, hashOf(header))
    this.blocks.import(header)
    this.aux.write(aux)
    this.sets.noteImported(header, hashOf(header))
    return header
  }

  /** `count` blocks without announcements. */
  grow(parent: Header, count: number): Header {
    let top = parent
    for (let i = 0; i < count; i++) top = this.add(top)
    return top
  }

  /** Forks that died are forgotten, as the state does. */
  finalize(header: Header): void {
    const block = refOf(header)
    const plan = this.sets.plan(block)
    this.aux.write(plan.aux)
    const { headers } = this.blocks
    const dead = [...headers].filter(([hash, { number }]) => !(number <= block.number ? this.blocks.isAncestor(hash, block.hash) : this.blocks.isAncestor(block.hash, hash)))
    this.blocks.finalize(block)
    plan.commit()
    for (const [hash] of dead) headers.delete(hash)
  }
}

describe('a forced change', () => {
  /** Scheduled at 3 for block 13, forced at 5 for block 7. */
  function forcedChain(): { chain: Chain; six: Header; seven: Header } {
    const chain = new Chain()
    const three = chain.add(chain.grow(GENESIS, 2), change(scheduled, 10))
    const six = chain.grow(chain.add(chain.grow(three, 1), forcedChange(forced, 2)), 1)
    expect(chain.sets.current).toMatchObject({ setId: 0, authorities: old })
    return { chain, six, seven: chain.add(six) }
  }

  it('takes effect at its block, final or not, and voids what else was announced', () => {
    const { chain, seven } = forcedChain()
    expect(chain.sets.current).toMatchObject({ setId: 1, authorities: forced })
    expect(chain.sets.limit(hashOf(seven))).toBeUndefined()
    chain.finalize(chain.grow(seven, 10))
    expect(chain.sets.current.setId).toBe(1)
  })

  it('stays applied after a restart, and what it voided stays void', () => {
    const { chain, seven } = forcedChain()
    chain.restart()
    expect(chain.sets.current).toMatchObject({ setId: 1, authorities: forced })
    expect(chain.sets.limit(hashOf(seven))).toBeUndefined()
    // Block 13 was to change the authorities once more: that would be a limit, and then a set that nobody else has.
    const top = chain.grow(seven, 10)
    expect(() => chain.finalize(top)).not.toThrow()
    expect(chain.sets.current).toMatchObject({ setId: 1, authorities: forced })
  })

  it('does not take effect again with a sibling at the effective height, nor above it, nor after a restart', () => {
    const { chain, six } = forcedChain()
    const sibling = chain.add(six)
    chain.restart()
    chain.grow(chain.add(six), 3)
    chain.grow(sibling, 3)
    expect(chain.sets.current).toMatchObject({ setId: 1, authorities: forced })
  })

  it('with a delay of 0 takes effect with its own block, and once', () => {
    const chain = new Chain()
    const one = chain.add(GENESIS, forcedChange(forced, 0))
    chain.restart()
    chain.grow(one, 2)
    expect(chain.sets.current).toMatchObject({ setId: 1, authorities: forced })
  })

  it('is pending after a restart, on its own branch', () => {
    const chain = new Chain()
    const one = chain.grow(GENESIS, 1)
    const two = chain.add(one, forcedChange(forced, 3))
    const other = chain.grow(one, 5)
    chain.restart()
    expect([hashOf(two), hashOf(other)].map((hash) => chain.sets.isForcedOn(hash))).toEqual([true, false])
    expect(chain.sets.current.setId).toBe(0)
    chain.grow(two, 3)
    expect(chain.sets.current.setId).toBe(1)
  })

  it('waits for a scheduled change that a majority had finalized, and its block is refused until then', () => {
    const chain = new Chain()
    const two = chain.add(chain.grow(GENESIS, 1), change(scheduled, 1))
    const three = chain.grow(two, 1)
    const five = chain.add(chain.grow(three, 1), forcedChange(forced, 1, 3))
    for (const restart of [false, true]) {
      if (restart) chain.restart()
      expect(() => chain.add(five)).toThrow(code('GRANDPA_FORCED_CHANGE_TOO_EARLY'))
      expect(chain.sets.current.setId).toBe(0)
    }
    chain.finalize(three)
    expect(chain.sets.current).toMatchObject({ setId: 1, authorities: scheduled })
    chain.add(five)
    expect(chain.sets.current).toMatchObject({ setId: 2, authorities: forced })
  })

  it('does not wait for a scheduled change above that height, or on another branch', () => {
    const chain = new Chain()
    const two = chain.add(chain.grow(GENESIS, 1), change(scheduled, 2))
    chain.add(chain.grow(GENESIS, 1), change(scheduled, 0))
    chain.grow(chain.add(two, forcedChange(forced, 1, 3)), 1)
    expect(chain.sets.current).toMatchObject({ setId: 1, authorities: forced })
  })

  it('is alone on its branch', () => {
    const chain = new Chain()
    const one = chain.add(GENESIS, forcedChange(forced, 5))
    expect(() => chain.add(chain.grow(one, 1), forcedChange(later, 1))).toThrow(code('GRANDPA_SECOND_FORCED_CHANGE'))
    expect(() => chain.add(GENESIS, forcedChange(later, 5))).not.toThrow()
  })

  it('and a scheduled one need authorities who can vote', () => {
    const chain = new Chain()
    const powerless = [{ key: keyOf(1), weight: 1 }, { key: keyOf(2), weight: 0 }]
    for (const digest of [change([], 1), change(powerless, 1), forcedChange([], 1), forcedChange(powerless, 1)]) {
      expect(() => chain.add(GENESIS, digest)).toThrow(code('GRANDPA_BAD_AUTHORITIES'))
    }
    expect(chain.sets.current).toMatchObject({ setId: 0, authorities: old })
  })

  it('goes before a scheduled one in the same header', () => {
    const chain = new Chain()
    const one = chain.add(GENESIS, change(scheduled, 4), forcedChange(forced, 2))
    expect(chain.sets.limit(hashOf(one))).toBeUndefined()
    chain.grow(one, 2)
    expect(chain.sets.current.authorities).toEqual(forced)
  })

  it('lapses where finality goes on past it', () => {
    const chain = new Chain()
    const one = chain.add(GENESIS, change(scheduled, 2))
    const two = chain.add(one, forcedChange(forced, 5))
    const three = chain.grow(two, 1)
    chain.finalize(three)
    expect(chain.sets.current).toMatchObject({ setId: 1, authorities: scheduled })
    chain.restart()
    chain.grow(three, 8)
    expect(chain.sets.current).toMatchObject({ setId: 1, authorities: scheduled })
  })

  it('lets its authorities begin at what a majority had finalized, where more is final here', () => {
    const chain = new Chain()
    const five = chain.grow(GENESIS, 5)
    chain.finalize(five)
    expect(chain.sets.base).toEqual(refOf(five))
    const top = chain.grow(chain.add(five, forcedChange(forced, 1, 3)), 1)
    chain.restart()
    expect(chain.sets.base.number).toBe(3)
    expect(chain.blocks.isAncestor(chain.sets.base.hash, hashOf(top))).toBe(true)
    chain.add(chain.grow(top, 1), forcedChange(later, 0, 100))
    expect(chain.sets.base).toEqual(refOf(five))
  })
})

describe('a change that the network agreed on', () => {
  const agreed = [keyOf(7), keyOf(8)]
  const authorities = agreed.map((key) => ({ key, weight: 1 }))

  it('takes the place of what the header announces, also where that is nothing that could be', () => {
    const chain = new Chain()
    const blank = child(chain.grow(GENESIS, 1), 77, [change([], 5)])
    expect(() => chain.import(blank)).toThrow(code('GRANDPA_BAD_AUTHORITIES'))
    chain.forks = [{ setId: 1, block: hashOf(blank), authorities: agreed }]
    chain.restart()
    chain.import(blank)
    expect(chain.sets.limit(hashOf(blank))).toBe(2)
    chain.restart()
    chain.finalize(blank)
    expect(chain.sets.current).toMatchObject({ setId: 1, authorities })
    chain.restart()
    expect(chain.sets.current).toMatchObject({ setId: 1, authorities })
  })

  it('is made up for in a data folder that had followed the header', () => {
    const chain = new Chain()
    const two = chain.add(chain.grow(GENESIS, 1), change(scheduled, 1))
    const three = chain.grow(two, 1)
    chain.forks = [{ setId: 1, block: hashOf(two), authorities: agreed }]
    chain.restart()
    expect(chain.sets.limit(hashOf(three))).toBe(2)
    chain.forks = []
    chain.restart()
    chain.finalize(three)
    expect(chain.sets.current).toMatchObject({ setId: 1, authorities: scheduled })
    chain.forks = [{ setId: 1, block: hashOf(two), authorities: agreed }]
    chain.restart()
    expect(chain.sets.current).toMatchObject({ setId: 1, authorities })
  })

  it('is known of Kusama: nine sets in a row, of the same 54 authorities', () => {
    const kusama = KNOWN_NETWORKS.find(({ id }) => id === 'kusama')?.genesisHash
    const forks = authorityForksOf(kusama)
    expect(forks.map(({ setId }) => setId)).toEqual([623, 624, 625, 626, 627, 628, 629, 630, 631])
    expect(new Set(forks.map(({ block }) => block)).size).toBe(9)
    for (const fork of forks) {
      expect(new Set(fork.authorities).size).toBe(54)
      for (const text of [fork.block, ...fork.authorities]) expect(text).toMatch(/^0x[0-9a-f]{64}$/)
    }
    expect(encodeSs58(fromHex(forks[0]?.authorities[0] as Hash), 2)).toBe('CwjLJ1zPWK5Ao9WChAFp7rWGEgN3AyXXjTRPrqgm5WwBpoS')
    expect(authorityForksOf(KNOWN_NETWORKS.find(({ id }) => id === 'polkadot')?.genesisHash)).toEqual([])
    expect(authorityForksOf(undefined)).toEqual([])
  })
})

describe('a data folder of before', () => {
  const GENESIS_HASH = hashOf(GENESIS)

  function oldRecord(setId: number, voters: readonly GrandpaAuthority[], pending: readonly { at: BlockRef; delay: number; authorities: readonly GrandpaAuthority[] }[]): Uint8Array {
    const writer = writeAuthorities(new ScaleWriter().u64(setId), voters)
    return writer.vec(pending, (w, { at, delay, authorities }) => writeAuthorities(w.hash(at.hash).u32(at.number).u32(delay), authorities)).finish()
  }

  it('opens: its set, what finalized blocks had announced, and what stands in the headers above', () => {
    const chain = new Chain()
    const two = chain.add(chain.grow(GENESIS, 1), change(later, 9))
    chain.aux.map.clear()
    chain.aux.map.set('grandpa/set', oldRecord(4, old, [{ at: { hash: GENESIS_HASH, number: 0 }, delay: 4, authorities: scheduled }]))
    chain.restart()
    expect(chain.sets.current).toMatchObject({ setId: 4, authorities: old })
    const five = chain.grow(two, 3)
    expect(chain.sets.limit(hashOf(five))).toBe(4)
    const four = { hash: five.parentHash, number: 4 }
    chain.finalize(chain.blocks.header(four.hash) as Header)
    expect(chain.sets.current).toMatchObject({ setId: 5, authorities: scheduled })
    // Written in the new form now.
    expect([...chain.aux.map.keys()]).toEqual(['grandpa/authorities'])
    chain.restart()
    expect(chain.sets.limit(hashOf(five))).toBe(11)
    chain.finalize(chain.grow(five, 6))
    expect(chain.sets.current).toMatchObject({ setId: 6, authorities: later })
  })

  it('does not bring back what a forced change had voided', () => {
    const chain = new Chain()
    const six = chain.grow(chain.add(chain.add(GENESIS, change(scheduled, 10)), forcedChange(forced, 3)), 4)
    const seven = chain.add(six, change(later, 20))
    chain.aux.map.clear()
    chain.aux.map.set('grandpa/set', oldRecord(1, forced, []))
    chain.restart()
    expect(chain.sets.current).toMatchObject({ setId: 1, authorities: forced })
    expect(chain.sets.limit(hashOf(seven))).toBe(27)
    chain.grow(six, 1)
    expect(chain.sets.current.setId).toBe(1)
  })

  it('of a later program is not misread', () => {
    const chain = new Chain()
    chain.aux.map.set('grandpa/authorities', Uint8Array.of(9, 1, 2, 3))
    expect(() => chain.restart()).toThrow(code('GRANDPA_UNKNOWN_RECORD'))
  })
})

describe('random trees', () => {
  const look = ({ sets, blocks }: Chain): unknown => ({
    setId: sets.current.setId,
    authorities: sets.current.authorities,
    base: sets.base,
    branches: blocks.leaves().map(({ hash }) => [hash, sets.limit(hash), sets.isForcedOn(hash)]),
  })

  /** The same step in both, which must end alike. */
  function inBoth<T>(chains: readonly Chain[], step: (chain: Chain) => T): T | string {
    const [first, second] = chains.map((chain) => {
      try {
        return step(chain)
      } catch (error) {
        if (error instanceof GrandpaError) return error.code
        throw error
      }
    })
    expect(second).toEqual(first)
    return first as T | string
  }

  it('have the same sets with a restart at every moment as without any', () => {
    const seen = { forced: 0, refused: 0, changed: 0 }
    for (let seed = 1; seed <= 150; seed++) {
      const random = randomOf(seed)
      const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T
      const upTo = (n: number): number => Math.floor(random() * (n + 1))
      const chains = [new Chain(), new Chain()] as const
      const [steady, restarted] = chains
      const announce = (number: number): DigestItem[] => {
        const dice = random()
        if (dice < 0.12) return [change(set(upTo(9)), upTo(4))]
        if (dice < 0.24) return [forcedChange(set(upTo(9)), upTo(3), upTo(number))]
        return []
      }
      for (let step = 0; step < 60; step++) {
        const final = steady.blocks.finalized()
        const alive = [...steady.blocks.headers].filter(([hash]) => steady.blocks.isAncestor(final.hash, hash))
        const before = steady.sets.current.setId
        if (random() < 0.8) {
          const [, parent] = random() < 0.7 ? (alive.at(-1) as [Hash, Header]) : pick(alive)
          const header = child(parent, step, announce(parent.number))
          const outcome = inBoth(chains, (chain) => hashOf(chain.import(header)))
          if (outcome !== hashOf(header)) seen.refused++
          if (steady.sets.current.setId > before) seen.forced++
        } else {
          const [, target] = pick(alive)
          inBoth(chains, (chain) => {
            chain.finalize(target)
            return 'done'
          })
          if (steady.sets.current.setId > before) seen.changed++
        }
        restarted.restart()
        expect(look(restarted), `seed ${seed}, step ${step}`).toEqual(look(steady))
      }
    }
    // Everything that matters came up.
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(50)
  })
})

describe('a block that is taken back', () => {
  it('takes what it announced with it, and what others announced stays', () => {
    const chain = new Chain()
    const one = chain.add(GENESIS, change(scheduled, 10))
    const two = chain.add(one, change(later, 20))
    const three = chain.add(two, forcedChange(forced, 9))
    for (const header of [three, two]) chain.aux.write(revertedAuthorities(chain.aux, refOf(header)))
    expect(revertedAuthorities(chain.aux, refOf(three))).toEqual([])
    chain.restart()
    expect(chain.sets.isForcedOn(hashOf(three))).toBe(false)
    expect(chain.sets.limit(hashOf(two))).toBe(11)
    expect(storedAuthorities(chain.aux)).toMatchObject({ scheduled: [{ at: refOf(one) }], forced: [] })
  })

  it('is none up to which a forced change took effect', () => {
    const chain = new Chain()
    expect(lastForcedChange(chain.aux, chain.blocks)).toBe(0)
    chain.grow(chain.add(chain.grow(GENESIS, 4), forcedChange(forced, 2)), 5)
    expect(lastForcedChange(chain.aux, chain.blocks)).toBe(7)
  })
})
