import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Hash } from '../../../../node-core/base/bytes.ts'
import { firstBlock } from '../../../../node-core/chain/upgrades/first-block.ts'

const named = (number: number): Hash => `0x${number.toString(16).padStart(64, '0')}`

/** A chain whose states are kept from `oldest` on, and of which the state root is the block's hash. */
function chain(oldest = 0) {
  let looks = 0
  const blocks = { hashByNumber: named, header: (hash: Hash) => ({ stateRoot: hash }) as never }
  const storage = { has: (root: Hash) => (looks++, Number(root) >= oldest) }
  return { dependencies: { blocks, storage }, looks: () => looks }
}

it('finds where it began, in few looks', () => {
  fc.assert(
    fc.property(fc.nat(30_000_000), fc.nat(30_000_000), (a, b) => {
      const [first, to] = [Math.min(a, b), Math.max(a, b)]
      const { dependencies, looks } = chain()
      expect(firstBlock(dependencies, -1, to, (root) => Number(root) >= first)).toBe(first)
      expect(looks()).toBeLessThanOrEqual(26)
    }),
  )
})

it('looks behind the last block that was seen only', () => {
  const { dependencies, looks } = chain()
  expect(firstBlock(dependencies, 99, 101, (root) => Number(root) >= 100)).toBe(100)
  expect(firstBlock(dependencies, 99, 100, () => true)).toBe(100)
  expect(looks()).toBe(1)
})

it('does not guess where older states are not kept', () => {
  expect(firstBlock(chain(50).dependencies, -1, 80, () => true)).toBeUndefined()
  expect(firstBlock(chain(50).dependencies, -1, 80, (root) => Number(root) >= 60)).toBe(60)
})
