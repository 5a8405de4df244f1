/** Proofs of the Merkle mountain range, with a runtime that answers as it is told. */
import { describe, expect, test } from 'vitest'
import { fromHex, toHex, type Hash } from '../../../../node-core/base/bytes.ts'
import { mmrMethods } from '../../../../node-core/chain/rpc/methods/mmr.ts'
import { apiId } from '../../../../node-core/chain/runtime/api/by-version.ts'
import { RuntimeError } from '../../../../node-core/chain/runtime/errors.ts'
import type { CallOptions, RuntimeVersion } from '../../../../node-core/chain/runtime/types.ts'
import { ScaleWriter } from '../../../../node-core/scale/writer.ts'
import { FakeChain } from './fakes.ts'

const ROOT: Hash = `0x${'aa'.repeat(32)}`
const LEAVES = toHex(new ScaleWriter().vec([Uint8Array.of(1, 2)], (w, leaf) => w.bytes(leaf)).finish())
const PROOF = toHex(new ScaleWriter().vec([3n], (w, index) => w.u64(index)).u64(9n).vec([ROOT], (w, node) => w.hash(node)).finish())
const ok = (hex: string): Uint8Array => fromHex(`0x00${hex.slice(2)}`)

function setUp(answer: (method: string, args: Uint8Array) => Uint8Array, version = 3) {
  const chain = new FakeChain()
  const calls: { method: string; args: string; offchain: boolean | undefined }[] = []
  const runtime = {
    version: async (): Promise<RuntimeVersion> => ({
      specName: 'm', implName: 'm', authoringVersion: 0, specVersion: 1, implVersion: 0, transactionVersion: 1, systemVersion: 1, stateVersion: 1,
      apis: [[apiId('MmrApi'), version]],
    }),
    call: async (_root: Hash, method: string, args: Uint8Array, { offchain }: CallOptions = {}) => {
      calls.push({ method, args: toHex(args), offchain })
      return answer(method, args)
    },
  }
  const methods = mmrMethods({ blocks: chain, runtime }, { callTimeoutMs: 1000 })
  const call = async (name: string, ...params: unknown[]): Promise<unknown> =>
    methods.find(({ names }) => names.includes(name))!.run(params, { trusted: false, protocol: 'http', connection: undefined })
  return { chain, calls, call }
}

test('a proof is asked for in a call that may read what blocks indexed, and is split into leaves and proof', async () => {
  const { chain, calls, call } = setUp(() => ok(LEAVES + PROOF.slice(2)))
  expect(await call('mmr_generateProof', [1, 2], 5)).toEqual({ blockHash: chain.best().hash, leaves: LEAVES, proof: PROOF })
  expect(await call('mmr_generateProof', [1], null, chain.genesisHash)).toMatchObject({ blockHash: chain.genesisHash })
  expect(calls).toEqual([
    { method: 'MmrApi_generate_proof', args: '0x0801000000020000000105000000', offchain: true },
    { method: 'MmrApi_generate_proof', args: '0x040100000000', offchain: true },
  ])
})

test('the root, and a proof of ancestry', async () => {
  const ancestry = new ScaleWriter().u8(0).vec([ROOT], (w, peak) => w.hash(peak)).u64(4n).u64(9n).vec([7n], (w, at) => w.u64(at).hash(ROOT)).finish()
  const { call } = setUp((method) => (method === 'MmrApi_mmr_root' ? ok(ROOT) : ancestry))
  expect(await call('mmr_root')).toBe(ROOT)
  expect(await call('mmr_generateAncestryProof', 3)).toEqual({ prev_peaks: [ROOT], prev_leaf_count: 4, leaf_count: 9, items: [[7, ROOT]] })
})

test('proofs are verified against the root in the state, or a given one', async () => {
  const { chain, calls, call } = setUp(() => Uint8Array.of(0))
  const proof = { blockHash: chain.genesisHash, leaves: LEAVES, proof: PROOF }
  expect(await call('mmr_verifyProof', proof)).toBe(true)
  expect(await call('mmr_verifyProofStateless', ROOT, proof)).toBe(true)
  const args = `${LEAVES.slice(2)}${PROOF.slice(2)}`
  expect(calls.map(({ method, args: given }) => [method, given])).toEqual([
    ['MmrApi_verify_proof', `0x${args}`],
    ['MmrApi_verify_proof_stateless', `${ROOT}${args}`],
  ])
})

describe('what cannot be had', () => {
  test.each([
    [6, 8011, 'Leaf was not found'],
    [4, 8012, 'Error generating proof'],
    [5, 8013, 'Invalid proof'],
    [0, 8014, 'Error performing numeric op'],
    [9, 8015, 'Provided best known block number invalid'],
    [7, 8010, 'MMR pallet not included in runtime'],
  ])('the runtime\'s reason %i is number %i', async (index, code, message) => {
    const { call } = setUp(() => Uint8Array.of(1, index))
    await expect(call('mmr_generateProof', [1])).rejects.toMatchObject({ code, message })
  })

  test('a call that fails is number 8000, and so is an API that is older or not there', async () => {
    const { call } = setUp(() => {
      throw new RuntimeError('RUNTIME_TRAP', 'it panicked')
    })
    await expect(call('mmr_root')).rejects.toMatchObject({ code: 8000, data: 'it panicked' })
    const old = setUp(() => Uint8Array.of(0), 1)
    await expect(old.call('mmr_generateProof', [1])).rejects.toMatchObject({ code: 8000, data: expect.stringContaining('version 1') as string })
    expect(old.calls).toEqual([])
  })

  test('a proof that does not decode is the caller\'s mistake', async () => {
    const { chain, call, calls } = setUp(() => Uint8Array.of(0))
    for (const [leaves, proof] of [['0x04', PROOF], [LEAVES, `${PROOF}00`]] as const) {
      await expect(call('mmr_verifyProof', { blockHash: chain.genesisHash, leaves, proof })).rejects.toMatchObject({ code: -32602 })
    }
    expect(calls).toEqual([])
  })
})
