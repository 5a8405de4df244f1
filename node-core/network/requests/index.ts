/**
 * Questions and answers between nodes: each protocol with its messages, the handler that answers others, and the call
 * with which we ask.
 *
 * A handler gets bytes that were checked for length and rate. What does not decode costs the peer; what we do not have is
 * answered as the protocol says, or refused without blame. A call decodes and checks what came back and throws a
 * {@link ResponseError} that carries the peer's fault.
 *
 * sync.ts: blocks · state.ts: whole states · warp.ts: finality in leaps · light.ts: proofs · fairness.ts: what one
 * peer may take · protobuf.ts: the encoding.
 */
import type { Clock } from '../../base/clock.ts'
import type { RuntimeProver } from '../../runtime/types.ts'
import type { BlockStateReader, ProofReader } from '../../state/types.ts'
import type { RequestHandler } from '../contracts.ts'
import { PeerBudget, withinBudget } from './fairness.ts'
import { lightHandler } from './light.ts'
import { stateHandler } from './state.ts'
import { syncHandler, type AuthorityChange } from './sync.ts'
import { warpHandler, type AuthorityChanges } from './warp.ts'

export { ResponseError, type ResponseErrorCode } from './errors.ts'
export { LIGHT_SPEC, requestCallProof, requestStorage, type KnownState } from './light.ts'
export { STATE_SPEC, requestState, type StateLevel, type StatePiece } from './state.ts'
export { MAX_BLOCKS, SYNC_SPEC, requestBlocks, type AuthorityChange, type BlockRequest, type ReceivedBlock } from './sync.ts'
export {
  WARP_SPEC, requestWarpProof, verifyWarpProof,
  type AuthorityChanges, type AuthoritySet, type JustificationVerifier, type WarpFragment, type WarpProof, type WarpResult,
} from './warp.ts'

export interface RequestDependencies {
  readonly blocks: Omit<BlockStateReader, 'events'>
  readonly proofs: ProofReader
  readonly prover: RuntimeProver
  /** What a header does to the GRANDPA authorities. */
  readonly authorityChange: AuthorityChange
  readonly changes: AuthorityChanges
  readonly clock: Clock
}

/** Proofs and states for one peer. A whole state comes at this pace; a light client that starts takes the runtime's code at once. */
const BUDGET = { bytesPerSecond: 4 * 1024 * 1024, burstBytes: 32 * 1024 * 1024, maxWaitMs: 8_000 }

/** The handlers of all request protocols. */
export function requestHandlers({ blocks, proofs, prover, authorityChange, changes, clock }: RequestDependencies): RequestHandler[] {
  const budget = new PeerBudget(clock, BUDGET)
  const proving = [stateHandler({ blocks, proofs }), warpHandler({ blocks, changes }), lightHandler({ blocks, prover })]
  return [syncHandler({ blocks, authorityChange }), ...proving.map((handler) => withinBudget(handler, budget))]
}
