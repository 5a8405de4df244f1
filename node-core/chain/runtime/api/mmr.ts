/**
 * `MmrApi`: the Merkle mountain range, a tree over all blocks that a relay chain keeps for bridges. The chain itself has the root
 * alone; the nodes are what its blocks index for calls outside of blocks (host/offchain-index.ts), so proofs are made in such a call.
 *
 * Leaves and proofs are passed on as they are encoded: what is in them is the business of the two chains. Proofs by block number
 * came with version 2 of the API. They reach as far back as the runtime remembers block hashes, since nodes of forks are told
 * apart by them.
 */
import { EMPTY, concatBytes, type Hash } from '../../../base/bytes.ts'
import { ScaleError, ScaleReader, decodeAll } from '../../../scale/reader.ts'
import { ScaleWriter } from '../../../scale/writer.ts'
import { RuntimeError } from '../errors.ts'
import type { CallOptions } from '../types.ts'
import { byVersion, type ApiCaller } from './by-version.ts'

/** In the order of the runtime's `Error`. */
const ERRORS = [
  'InvalidNumericOp', 'Push', 'GetRoot', 'Commit', 'GenerateProof', 'Verify', 'LeafNotFound', 'PalletNotIncluded', 'InvalidLeafIndex', 'InvalidBestKnownBlock',
] as const
export type MmrErrorName = (typeof ERRORS)[number]

/** The runtime's own refusal, as opposed to a call that failed. */
export class MmrError extends Error {
  readonly reason: MmrErrorName

  constructor(reason: MmrErrorName) {
    super(reason)
    this.name = 'MmrError'
    this.reason = reason
  }
}

export interface MmrLeavesProof {
  /** A SCALE vector of encoded leaves. */
  readonly leaves: Uint8Array
  /** An encoded `LeafProof`: indices, how many leaves there are, and the nodes. */
  readonly proof: Uint8Array
}

/** That an earlier root belongs to the same history. */
export interface MmrAncestryProof {
  readonly prevPeaks: readonly Hash[]
  readonly prevLeafCount: number
  readonly leafCount: number
  /** Positions and hashes. */
  readonly items: readonly (readonly [position: number, hash: Hash])[]
}

/** The version of the API that brought a function. */
const FIRST_WITH = { mmr_root: 1, generate_proof: 2, verify_proof: 2, verify_proof_stateless: 2, generate_ancestry_proof: 3 } as const
type FunctionName = keyof typeof FIRST_WITH

const LEAF_INDEX_SIZE = 8
const HASH_SIZE = 32

/** Each throws a MmrError, a RuntimeError or a ScaleError. */
export class MmrQueries {
  readonly #caller: ApiCaller

  constructor(caller: ApiCaller) {
    this.#caller = caller
  }

  async root(stateRoot: Hash, options?: CallOptions): Promise<Hash> {
    return decodeAll(await this.#ask(stateRoot, 'mmr_root', EMPTY, options), 'the root', (reader) => reader.hash())
  }

  /** Proves that these blocks are under the root that the chain had at `bestKnown`, or has in this state. */
  async generateProof(stateRoot: Hash, blocks: readonly number[], bestKnown: number | undefined, options?: CallOptions): Promise<MmrLeavesProof> {
    const args = new ScaleWriter().vec(blocks, (writer, block) => writer.u32(block)).option(bestKnown, (writer, block) => writer.u32(block))
    const encoded = await this.#ask(stateRoot, 'generate_proof', args.finish(), { ...options, offchain: true })
    const reader = new ScaleReader(encoded)
    readLeaves(reader)
    const [leaves, proof] = [encoded.subarray(0, reader.offset), encoded.subarray(reader.offset)]
    checkProof(proof)
    return { leaves, proof }
  }

  /** Proves the root that the chain had after block `previous`. */
  async generateAncestryProof(stateRoot: Hash, previous: number, bestKnown: number | undefined, options?: CallOptions): Promise<MmrAncestryProof> {
    const args = new ScaleWriter().u32(previous).option(bestKnown, (writer, block) => writer.u32(block)).finish()
    return decodeAll(await this.#ask(stateRoot, 'generate_ancestry_proof', args, { ...options, offchain: true }), 'the proof', (reader) => ({
      prevPeaks: reader.vec((r) => r.hash(), HASH_SIZE),
      prevLeafCount: reader.u64Number(),
      leafCount: reader.u64Number(),
      items: reader.vec((r) => [r.u64Number(), r.hash()] as const, LEAF_INDEX_SIZE + HASH_SIZE),
    }))
  }

  /** Against the root in this state, or against `root` where one is given. Resolves where the proof holds. */
  async verify(stateRoot: Hash, { leaves, proof }: MmrLeavesProof, root: Uint8Array | undefined, options?: CallOptions): Promise<void> {
    decodeAll(leaves, 'the leaves', readLeaves)
    checkProof(proof)
    const call = { ...options, offchain: true }
    if (root === undefined) await this.#ask(stateRoot, 'verify_proof', concatBytes(leaves, proof), call)
    else await this.#ask(stateRoot, 'verify_proof_stateless', concatBytes(root, leaves, proof), call)
  }

  async #ask(stateRoot: Hash, name: FunctionName, args: Uint8Array, options?: CallOptions): Promise<Uint8Array> {
    const output = await byVersion(this.#caller, stateRoot, 'MmrApi', (version) => {
      if (version < FIRST_WITH[name]) {
        throw new RuntimeError('RUNTIME_NO_SUCH_API', `the runtime has version ${version} of MmrApi; ${name} came with version ${FIRST_WITH[name]}`)
      }
      return this.#caller.call(stateRoot, `MmrApi_${name}`, args, options)
    })
    const reader = new ScaleReader(output)
    if (!reader.bool()) return output.subarray(reader.offset)
    const reason = ERRORS[reader.u8()]
    if (reason === undefined) throw new ScaleError('SCALE_INVALID', 'unknown error of the Merkle mountain range')
    throw new MmrError(reason)
  }
}

function readLeaves(reader: ScaleReader): void {
  reader.vec((r) => r.bytes())
}

function checkProof(proof: Uint8Array): void {
  decodeAll(proof, 'the proof', (reader) => {
    reader.vec((r) => r.u64(), LEAF_INDEX_SIZE)
    reader.u64()
    reader.vec((r) => r.raw(HASH_SIZE), HASH_SIZE)
  })
}
