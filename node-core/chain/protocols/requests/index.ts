/**
 * Questions and answers between nodes: each protocol with its messages, the handler that answers others, and the call
 * with which we ask.
 *
 * A handler gets bytes that were checked for length and rate; network/requests/serving/request-server.ts has the whole way of a
 * request. What does not decode costs the peer; what we do not have is answered as the protocol says, or refused without blame. A
 * call decodes and checks what came back and throws a {@link ResponseError} that carries the peer's fault.
 *
 * What one peer may take is said in each specification (rate, places, the longest answer) and in budgets.ts (bytes over time).
 *
 * sync.ts: blocks · state.ts: whole states · light.ts: proofs · protobuf.ts: the encoding. Proofs of finality are its engine's.
 */
import type { RequestHandler } from '../../../network/contracts.ts'
import type { Hash } from '../../../base/bytes.ts'
import type { StoredBlocks } from '../chain.ts'
import { lightHandler, type LightProver } from './light.ts'
import { stateHandler, type StateDependencies } from './state.ts'
import { syncHandler, type AuthorityChange } from './sync.ts'

export { ResponseError, type ResponseErrorCode } from './errors.ts'
export { LIGHT_SPEC, requestCallProof, requestStorage, type KnownState } from './light.ts'
export { STATE_SPEC, requestState, type StateLevel, type StatePiece } from './state.ts'
export { MAX_BLOCKS, SYNC_SPEC, requestBlocks, type AuthorityChange, type BlockRequest, type ReceivedBlock } from './sync.ts'

export interface RequestDependencies {
  readonly blocks: StoredBlocks
  readonly proofs: StateDependencies['proofs']
  readonly prover: LightProver
  /** What a header does to those who decide on finality. */
  readonly authorityChange: AuthorityChange
  /** A peer asked for this block, or for some that begin with it. */
  readonly onAsked?: (peer: string, hash: Hash) => void
}

/** The handlers of all request protocols. */
export function requestHandlers({ blocks, proofs, prover, authorityChange, onAsked }: RequestDependencies): RequestHandler[] {
  return [syncHandler({ blocks, authorityChange, ...(onAsked === undefined ? {} : { onAsked }) }), stateHandler({ blocks, proofs }), lightHandler({ blocks, prover })]
}
