import { expect, it } from 'vitest'
import { NodeError } from '../../../../../node-core/base/errors.ts'
import { GapFiller } from '../../../../../node-core/chain/core/import/gap-filler.ts'
import { isBodyOf } from '../../../../../node-core/chain/core/import/extrinsics-root.ts'
import type { BlockRef, Justification } from '../../../../../node-core/chain/scale/block.ts'
import type { GapBlock } from '../../../../../node-core/chain/state/types.ts'
import { wholeChain } from '../../sync/gap/gap-world.ts'

const CHAIN = wholeChain(6)
const DOWNWARDS = [5, 4, 3].map((number) => CHAIN[number]!)

it('takes bodies of either layout, and stores them as they came', async () => {
  const stored: (readonly GapBlock[])[] = []
  const filler = new GapFiller({ fillGap: async (blocks) => void stored.push(blocks) }, async () => false)
  expect(await filler.fill(DOWNWARDS)).toEqual({ kind: 'filled' })
  expect(stored).toEqual([DOWNWARDS])
  expect(CHAIN.every(({ header, body }) => header.number === 0 || isBodyOf(header, body))).toBe(true)
})

it('keeps justifications that are known to be right, and no others', async () => {
  const stored: (readonly GapBlock[])[] = []
  const justification = (byte: number): Justification => ({ engine: 'FRNK', data: Uint8Array.of(byte) })
  const asked: BlockRef[] = []
  const filler = new GapFiller({ fillGap: async (blocks) => void stored.push(blocks) }, async (block, { data }) => {
    asked.push(block)
    return data[0] === 1
  })
  const given = [[1], [0, 1], [0]].map((bytes) => bytes.map(justification))
  expect(await filler.fill(DOWNWARDS.map((block, i) => ({ ...block, justifications: given[i] })))).toEqual({ kind: 'filled' })
  expect(stored[0]?.map(({ justifications }) => justifications)).toEqual([[justification(1)], [justification(1)], undefined])
  expect(asked).toEqual([5, 4, 4, 3].map((number) => ({ hash: CHAIN[number]!.hash, number })))
})

it('stores nothing where one body is wrong, and says which', async () => {
  const filler = new GapFiller({ fillGap: async () => expect.unreachable() }, async () => false)
  const wrong = DOWNWARDS.map((block, i) => (i === 1 ? { ...block, body: [] } : block))
  expect(await filler.fill(wrong)).toEqual({ kind: 'wrong-body', block: { hash: CHAIN[4]!.hash, number: 4 } })
})

it('tells another genesis from what the disk gives', async () => {
  const failing = (code: string): GapFiller => new GapFiller({ fillGap: async () => Promise.reject(new NodeError(code, 'so it is')) }, async () => false)
  expect(await failing('STATE_WRONG_GENESIS').fill(DOWNWARDS)).toEqual({ kind: 'foreign', message: 'so it is' })
  await expect(failing('STATE_DB_FAILED').fill(DOWNWARDS)).rejects.toMatchObject({ code: 'STATE_DB_FAILED' })
})
