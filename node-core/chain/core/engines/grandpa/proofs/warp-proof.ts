/**
 * Following a warp sync proof (Polkadot Host spec, section 4.8.5 "Warp Sync"; warp.ts says what it is made of): asking for it, and
 * checking it step by step from the authorities that are trusted.
 *
 * What a proof cannot fake: every step is signed by a supermajority of the set before it, and says itself who the next set is. What it
 * can: end early. Whoever asks compares where it ends with what peers claim, and asks on.
 */
import type { Hash } from '../../../../../base/bytes.ts'
import { isNodeError } from '../../../../../base/errors.ts'
import { blake2Hash } from '../../../../../crypto/hashes/hashing.ts'
import type { RequestSender } from '../../../../../network/contracts.ts'
import { decodeAll, type ScaleReader } from '../../../../../scale/reader.ts'
import { ScaleWriter } from '../../../../../scale/writer.ts'
import { ResponseError, decodeResponse, mismatch } from '../../../../protocols/requests/errors.ts'
import type { BlockRef } from '../../../../scale/block.ts'
import { encodeHeader, readHeader, type Header } from '../../../../scale/header.ts'
import type { AuthoritySet } from '../../joining.ts'
import { readJustification, type GrandpaJustification } from './encoding.ts'
import { MAX_PROOF_BYTES, WARP_SPEC } from './warp.ts'

/** Parent, number, state root, extrinsics root and digest; round, target, and two empty vectors. */
const SMALLEST_FRAGMENT = 98 + 46

const MAX_FRAGMENTS = MAX_PROOF_BYTES / SMALLEST_FRAGMENT

export interface WarpFragment {
  readonly header: Header
  readonly justification: GrandpaJustification
}

export interface WarpProof {
  readonly fragments: readonly WarpFragment[]
  /** False where more can be had from the last fragment's block on. */
  readonly isFinished: boolean
}

/** Throws a ScaleError. */
export function decodeWarpProof(input: Uint8Array): WarpProof {
  const readFragment = (reader: ScaleReader): WarpFragment => ({ header: readHeader(reader), justification: readJustification(reader) })
  return decodeAll(input, 'the warp sync proof', (reader) => ({
    fragments: reader.vec(readFragment, SMALLEST_FRAGMENT, MAX_FRAGMENTS),
    isFinished: reader.bool(),
  }))
}

/** Asks for the way from `begin` to the newest finalized block. Nothing of the answer is proven before {@link verifyWarpProof}. */
export async function requestWarpProof(sender: RequestSender, peer: string, begin: Hash, signal?: AbortSignal): Promise<WarpProof> {
  const response = await sender.request(peer, WARP_SPEC, new ScaleWriter(32).hash(begin).finish(), signal)
  const proof = decodeResponse('warp sync', () => decodeWarpProof(response))
  if (!proof.isFinished && proof.fragments.length === 0) throw mismatch('The warp sync proof is not finished and leads nowhere.')
  return proof
}

/** What of GRANDPA the verification needs. */
export interface JustificationVerifier {
  /** Rejects with a NodeError where the justification does not prove that `set` finalized exactly this block. */
  verify(justification: GrandpaJustification, set: AuthoritySet, block: BlockRef): Promise<void>
  /** The authorities that follow once this header is final; undefined where it changes nothing. */
  nextAuthorities(header: Header): AuthoritySet['authorities'] | undefined
  /** The set that the network agreed on to follow this block, whatever its justification and its header say. */
  agreedSet?(block: Hash): AuthoritySet | undefined
}

/** One proven step. */
export interface WarpStep {
  readonly block: BlockRef
  readonly fragment: WarpFragment
  /** In charge from here on. */
  readonly set: AuthoritySet
  readonly changesSet: boolean
}

/**
 * Follows a proof from a set that is trusted, one step at a time. Throws a ResponseError with the peer's fault where a step is not
 * proven, does not lead upwards, or leaves out who comes next; what came before it stays proven. CRYPTO_* is nobody's fault.
 */
export async function* verifyWarpProof(trusted: AuthoritySet, { fragments, isFinished }: WarpProof, verifier: JustificationVerifier): AsyncGenerator<WarpStep> {
  let set = trusted
  let height = -1
  for (const [i, fragment] of fragments.entries()) {
    const { header, justification } = fragment
    const block = { hash: blake2Hash(encodeHeader(header)), number: header.number }
    if (block.number <= height) throw mismatch('The warp sync proof does not lead upwards.')
    height = block.number
    const agreed = verifier.agreedSet?.(block.hash)
    if (agreed === undefined) await proven(verifier, justification, set, block)
    const authorities = verifier.nextAuthorities(header)
    const changesSet = agreed !== undefined || authorities !== undefined
    if (!changesSet && (i < fragments.length - 1 || !isFinished)) throw mismatch(`The warp sync proof stops at block ${block.number}, which changes nothing.`)
    set = agreed ?? (authorities === undefined ? set : { setId: set.setId + 1, authorities })
    yield { block, fragment, set, changesSet }
  }
}

async function proven(verifier: JustificationVerifier, justification: GrandpaJustification, set: AuthoritySet, block: BlockRef): Promise<void> {
  try {
    await verifier.verify(justification, set, block)
  } catch (error) {
    if (!isNodeError(error) || error.code.startsWith('CRYPTO_')) throw error
    throw new ResponseError('RESPONSE_MISMATCH', `The warp sync proof does not prove block ${block.number}: ${error.message}`, error)
  }
}
