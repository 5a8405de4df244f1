import { afterEach, describe, expect, it } from 'vitest'
import { fromHex, type Hash } from '../../../../node-core/base/bytes.ts'
import { readHeader } from '../../../../node-core/chain/scale/header.ts'
import { decodeAll } from '../../../../node-core/scale/reader.ts'
import { grandpaMethods, type GrandpaFacts } from '../../../../node-core/chain/core/engines/grandpa/rpc.ts'
import { rpcMethods } from '../../../../node-core/chain/node/engine-methods.ts'
import type { RpcOptions } from '../../../../node-core/chain/rpc/options.ts'
import { startService, type Running } from './client.ts'
import { fakeNode, type FakeNode } from './fakes.ts'

let running: Running

afterEach(() => running.service.stop())

/** Ten finalized blocks; `changes` are the heights at which the authorities changed, `justified` those with a justification. */
async function start(
  changes: readonly (number | { readonly number: number; readonly provenUpTo: number })[], justified: readonly number[], options: Partial<RpcOptions> = {},
): Promise<FakeNode> {
  const node = fakeNode()
  let head: Hash = node.blocks.genesisHash
  for (let i = 0; i < 10; i++) head = node.blocks.import()
  node.blocks.finalize(head)
  const justifications = new Set(justified.map((number) => node.blocks.hashByNumber(number)))
  node.blocks.justifications = async (hash) => (justifications.has(hash) ? [{ engine: 'BEEF', data: Uint8Array.of(9) }, { engine: 'FRNK', data: Uint8Array.of(node.blocks.header(hash)?.number ?? 0) }] : undefined)
  const facts: GrandpaFacts = {
    votes: () => {
      throw new Error('not asked here')
    },
    changes: {
      scan: async () => undefined,
      after: (from, to) => changes.map((change) => (typeof change === 'number' ? { number: change } : change)).filter(({ number }) => number > from && number <= to),
    },
  }
  running = await startService(options, { ...node, engineMethods: (context) => rpcMethods(grandpaMethods(facts, context)) })
  return node
}

async function prove(block: number): Promise<unknown> {
  const { result, error } = await running.call('grandpa_proveFinality', block)
  if (error !== undefined) return error
  if (result === null) return null
  return decodeAll(fromHex(result as string), 'the proof', (reader) => {
    const block_ = running.node.blocks.header(reader.hash())?.number
    return { block: block_, justification: [...reader.bytes()], headers: reader.vec(readHeader).map(({ number }) => number) }
  })
}

describe('a proof of finality', () => {
  it('goes to the last block of the set, where the set has changed since', async () => {
    await start([4, 8], [2, 4, 8, 10])
    expect(await prove(1)).toEqual({ block: 4, justification: [4], headers: [2, 3, 4] })
    expect(await prove(4)).toEqual({ block: 4, justification: [4], headers: [] })
    expect(await prove(5)).toEqual({ block: 8, justification: [8], headers: [6, 7, 8] })
  })

  it('goes to what the authorities had finalized before they were discharged by force, and above that to what the new ones did', async () => {
    await start([{ number: 6, provenUpTo: 4 }], [2, 4, 5, 9])
    expect(await prove(1)).toEqual({ block: 4, justification: [4], headers: [2, 3, 4] })
    expect(await prove(5)).toEqual({ block: 9, justification: [9], headers: [6, 7, 8, 9] })
  })

  it('goes to the newest justified block under the set of today', async () => {
    await start([4], [4, 6, 9])
    expect(await prove(5)).toEqual({ block: 9, justification: [9], headers: [6, 7, 8, 9] })
    expect(await prove(10)).toBeNull()
  })

  it('is empty where there is no justification, and refused where the block is not final', async () => {
    await start([], [])
    expect(await prove(5)).toBeNull()
    expect(await prove(11)).toEqual({ code: 4, message: 'GRANDPA prove finality rpc failed: Block not yet finalized' })
  })

  it('is refused where it would be too large an answer', async () => {
    await start([], [10], { maxResponseBytes: 600 })
    expect(await prove(1)).toMatchObject({ code: -32008 })
  })
})
