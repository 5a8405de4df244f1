/**
 * `mmr_*`: proofs that blocks are under the root of a chain's Merkle mountain range, which bridges believe in. The runtime makes
 * and checks them.
 */
import { z } from 'zod'
import { fromHex, toHex, type Hash } from '../../../base/bytes.ts'
import { MmrError, MmrQueries, type MmrErrorName } from '../../runtime/api/mmr.ts'
import { ScaleError } from '../../../scale/reader.ts'
import { CODE, RpcError, invalidParams, runtimeFailure } from '../errors.ts'
import { defineCall, type Method } from '../method.ts'
import { blockNumber, hash, hexBytes, optional } from '../params.ts'
import type { MethodDeps } from '../types.ts'
import { headerAt } from './block-at.ts'

export interface MmrOptions {
  readonly callTimeoutMs: number
}

/** Blocks in one proof. */
const MAX_BLOCKS = 1024

/** Added to {@link CODE.mmr}, and the words of Substrate's nodes. */
const REASONS: Readonly<Record<MmrErrorName, readonly [code: number, message: string]>> = {
  LeafNotFound: [1, 'Leaf was not found'],
  GenerateProof: [2, 'Error generating proof'],
  Verify: [3, 'Invalid proof'],
  InvalidNumericOp: [4, 'Error performing numeric op'],
  InvalidBestKnownBlock: [5, 'Provided best known block number invalid'],
  Push: [0, 'Error pushing new node'],
  GetRoot: [0, 'Error getting new root'],
  Commit: [0, 'Error committing changes'],
  PalletNotIncluded: [0, 'MMR pallet not included in runtime'],
  InvalidLeafIndex: [0, 'Requested leaf index invalid'],
}

const leavesProof = z.object({ blockHash: hash, leaves: hexBytes, proof: hexBytes })

export function mmrMethods({ blocks, runtime }: Pick<MethodDeps, 'blocks' | 'runtime'>, { callTimeoutMs }: MmrOptions): Method[] {
  const queries = new MmrQueries(runtime)
  const options = { timeoutMs: callTimeoutMs }

  async function answer<T>(ask: (stateRoot: Hash) => Promise<T>, at: Hash | undefined): Promise<T> {
    const { stateRoot } = headerAt(blocks, at)
    try {
      return await ask(stateRoot)
    } catch (error) {
      if (error instanceof MmrError) {
        const [code, message] = REASONS[error.reason]
        throw new RpcError(CODE.mmr + code, message, error.reason)
      }
      const why = runtimeFailure(error)
      if (why !== undefined) throw new RpcError(CODE.mmrRuntime, 'Runtime trapped', why)
      throw error
    }
  }

  async function verify(proof: z.infer<typeof leavesProof>, root: Hash | undefined): Promise<true> {
    try {
      await answer((stateRoot) => queries.verify(stateRoot, proof, root === undefined ? undefined : fromHex(root), options), proof.blockHash)
    } catch (error) {
      throw error instanceof ScaleError ? invalidParams(error.message) : error
    }
    return true
  }

  return [
    defineCall({ name: 'mmr_root', params: { at: optional(hash) }, handle: ({ at }) => answer((stateRoot) => queries.root(stateRoot, options), at) }),
    defineCall({
      name: 'mmr_generateProof',
      params: { blockNumbers: z.array(blockNumber).max(MAX_BLOCKS), bestKnownBlockNumber: optional(blockNumber), at: optional(hash) },
      async handle({ blockNumbers, bestKnownBlockNumber, at }) {
        const blockHash = at ?? blocks.best().hash
        const { leaves, proof } = await answer((stateRoot) => queries.generateProof(stateRoot, blockNumbers, bestKnownBlockNumber, options), blockHash)
        return { blockHash, leaves: toHex(leaves), proof: toHex(proof) }
      },
    }),
    defineCall({
      name: 'mmr_generateAncestryProof',
      params: { prevBlockNumber: blockNumber, bestKnownBlockNumber: optional(blockNumber), at: optional(hash) },
      async handle({ prevBlockNumber, bestKnownBlockNumber, at }) {
        const proof = await answer((stateRoot) => queries.generateAncestryProof(stateRoot, prevBlockNumber, bestKnownBlockNumber, options), at)
        return { prev_peaks: proof.prevPeaks, prev_leaf_count: proof.prevLeafCount, leaf_count: proof.leafCount, items: proof.items }
      },
    }),
    defineCall({ name: 'mmr_verifyProof', params: { proof: leavesProof }, handle: ({ proof }) => verify(proof, undefined) }),
    defineCall({ name: 'mmr_verifyProofStateless', params: { mmrRoot: hash, proof: leavesProof }, handle: ({ mmrRoot, proof }) => verify(proof, mmrRoot) }),
  ]
}
