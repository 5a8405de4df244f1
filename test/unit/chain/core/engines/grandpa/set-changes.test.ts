import { expect, it } from 'vitest'
import type { Hash } from '../../../../../../node-core/base/bytes.ts'
import { nextSetChanges } from '../../../../../../node-core/chain/core/engines/grandpa/sets/set-changes.ts'
import { BlockChain } from '../../../../../helpers/block-chain.ts'

function grow(chain: BlockChain, from: Hash, count: number): Hash[] {
  const hashes = [from]
  for (let i = 0; i < count; i++) hashes.push(chain.add(hashes.at(-1) as Hash).hash)
  return hashes
}

it('the next change of the authorities is found on the best chain, and on each fork that has another one', () => {
  const chain = new BlockChain()
  const main = grow(chain, chain.genesisHash, 10)
  chain.setBest(main[10] as Hash)
  const low = grow(chain, main[2] as Hash, 5)
  const high = grow(chain, main[8] as Hash, 2)
  const at = (height: number) => nextSetChanges(chain, () => height)
  // Above the fork each has its own block at that height, below all have the same.
  expect(at(6)).toEqual([{ hash: main[6], number: 6 }, { hash: low[4], number: 6 }])
  expect(at(2)).toEqual([{ hash: main[2], number: 2 }])
  expect(at(9)).toEqual([{ hash: main[9], number: 9 }, { hash: high[1], number: 9 }])
})

it('a change that no block has reached yet is none', () => {
  const chain = new BlockChain()
  const main = grow(chain, chain.genesisHash, 10)
  chain.setBest(main[10] as Hash)
  expect(nextSetChanges(chain, () => 11)).toEqual([])
  expect(nextSetChanges(chain, () => undefined)).toEqual([])
})
