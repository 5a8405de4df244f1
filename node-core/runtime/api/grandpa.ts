/** `GrandpaApi_grandpa_authorities` and `GrandpaApi_current_set_id` (Polkadot Host spec, sections C.11.1 and C.11.2). */
import { EMPTY, type Hash } from '../../base/bytes.ts'
import { decodeAll } from '../../scale/reader.ts'
import type { CallOptions, RuntimeExecutor } from '../types.ts'

export interface GrandpaAuthority {
  /** ed25519 public key. */
  readonly key: Hash
  readonly weight: number
}

/** The authorities in force after the block with this state. Throws a ScaleError. */
export async function grandpaAuthorities(executor: RuntimeExecutor, stateRoot: Hash, options?: CallOptions): Promise<GrandpaAuthority[]> {
  const result = await executor.call(stateRoot, 'GrandpaApi_grandpa_authorities', EMPTY, options)
  return decodeAll(result, 'the GRANDPA authorities', (reader) => reader.vec((r) => ({ key: r.hash(), weight: r.u64Number() }), 40))
}

/** Not every runtime has it: RUNTIME_NO_SUCH_API. */
export async function grandpaSetId(executor: RuntimeExecutor, stateRoot: Hash, options?: CallOptions): Promise<number> {
  const result = await executor.call(stateRoot, 'GrandpaApi_current_set_id', EMPTY, options)
  return decodeAll(result, 'the GRANDPA set id', (reader) => reader.u64Number())
}
