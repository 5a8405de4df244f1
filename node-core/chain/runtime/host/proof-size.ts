/**
 * `ext_storage_proof_size_*`: how large the proof of what was read so far is, for runtimes of parachains.
 *
 * It is known where a collator records one. Everybody else, a node of a relay chain among them, answers with the largest
 * number, which the runtime takes for "not recorded".
 */
import type { HostFunctions } from './context.ts'

/** `u64::MAX`. */
const NOT_RECORDED = -1n

export function proofSizeFunctions(): HostFunctions {
  return { ext_storage_proof_size_storage_proof_size_version_1: () => NOT_RECORDED }
}
