/**
 * Reports of equivocations: `…_generate_key_ownership_proof` and `…_submit_report_equivocation_unsigned_extrinsic`, which the APIs of
 * engines with punishment have alike (Polkadot Host spec, sections C.11.2, C.11.3, C.12.4 and C.12.5).
 *
 * The runtime proves that a key belonged to a validator in the session of the fault, and makes an unsigned extrinsic of that proof
 * and of the fault itself, which it submits to the transaction pool. How the two of an engine's headers or votes are written is the
 * engine's business.
 */
import { concatBytes, type Hash } from '../../../base/bytes.ts'
import { decodeAll } from '../../../scale/reader.ts'
import { ScaleWriter } from '../../../scale/writer.ts'
import type { Extrinsic } from '../../scale/block.ts'
import type { RuntimeExecutor, RuntimeSubmitter } from '../types.ts'

/**
 * Undefined where the key is none of an authority's at this state. `when` is the engine's measure of time: a slot,
 * or the id of a set. The proof is opaque.
 */
export async function keyOwnershipProof(
  caller: Pick<RuntimeExecutor, 'call'>, stateRoot: Hash, api: string, when: number, offender: Hash,
): Promise<Uint8Array | undefined> {
  const args = new ScaleWriter(40).u64(when).hash(offender).finish()
  const answer = await caller.call(stateRoot, `${api}_generate_key_ownership_proof`, args)
  return decodeAll(answer, 'the proof of who owns a key', (reader) => reader.option((r) => r.bytes()))
}

/** The extrinsics that the runtime submits for this report: one, or none where it does not take it (`None`: it was reported already). */
export async function equivocationReport(
  submitter: RuntimeSubmitter, stateRoot: Hash, api: string, equivocation: Uint8Array, ownership: Uint8Array,
): Promise<readonly Extrinsic[]> {
  const args = concatBytes(equivocation, new ScaleWriter(ownership.length + 5).bytes(ownership).finish())
  const { submitted } = await submitter.callSubmitting(stateRoot, `${api}_submit_report_equivocation_unsigned_extrinsic`, args)
  return submitted
}
