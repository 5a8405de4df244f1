/**
 * The Merkle mountain range of a modern relay runtime: its blocks index the nodes, a call outside of blocks makes proofs of them, and
 * the runtime holds these for true. Read from the folder beside the project; skipped where it is absent.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DevNode } from '../../helpers/dev-node.ts'
import { hasModernChain, modernSpec } from '../../helpers/modern-chain.ts'
import { Client } from '../../unit/chain/rpc/client.ts'

interface Proof {
  readonly blockHash: string
  readonly leaves: string
  readonly proof: string
}

describe.skipIf(!hasModernChain)('proofs of blocks', () => {
  let node: DevNode
  let client: Client

  beforeAll(async () => {
    node = await DevNode.start({ spec: modernSpec() })
    await node.slots(8)
    client = await Client.open(Number(new URL(node.node.rpcAddress as string).port))
  }, 60_000)

  afterAll(async () => {
    await client.close()
    await node.stop()
  })

  it('are made from what the blocks indexed, and hold', async () => {
    const proof = await client.call<Proof>('mmr_generateProof', [2, 5])
    expect(proof.blockHash).toBe(node.node.blocks.best().hash)
    expect(await client.call('mmr_verifyProof', proof)).toBe(true)
    const root = await client.call<string>('mmr_root')
    expect(await client.call('mmr_verifyProofStateless', root, proof)).toBe(true)
    const { error } = await client.request('mmr_verifyProofStateless', `0x${'11'.repeat(32)}`, proof)
    expect(error).toMatchObject({ code: 8013 })
  })

  it('can be made for an earlier root, and not for a block that is to come', async () => {
    expect(await client.call<Proof>('mmr_generateProof', [2], 6)).toMatchObject({ leaves: expect.stringMatching(/^0x04/) as string })
    expect((await client.request('mmr_generateProof', [99])).error?.code).toBeGreaterThanOrEqual(8010)
  })

  it('are not to be had by a plain call, which may read nothing but the state', async () => {
    const { error } = await client.request('state_call', 'MmrApi_generate_proof', '0x040200000000')
    expect(error?.message).toMatch(/offchain function/)
  })
})
