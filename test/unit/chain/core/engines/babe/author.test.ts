/** A key claims each slot once, and only what chance or its turn gives it. */
import { beforeEach, describe, expect, it } from 'vitest'
import type { Hash } from '../../../../../../node-core/base/bytes.ts'
import { preDigestOf } from '../../../../../../node-core/chain/core/engines/babe/digest.ts'
import type { Header } from '../../../../../../node-core/chain/scale/header.ts'
import type { SlotClaim } from '../../../../../../node-core/chain/core/engines/slots/author.ts'
import { MapKeyMemory } from '../../../../../helpers/key-memory.ts'
import { GENESIS_HASH, TestChain, authorityOf, configurationOf } from './chain.ts'

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
