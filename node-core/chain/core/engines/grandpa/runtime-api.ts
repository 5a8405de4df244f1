/** `GrandpaApi_grandpa_authorities` (Polkadot Host spec, section C.11.1). */
import { EMPTY, type Hash } from '../../../../base/bytes.ts'
import { decodeAll } from '../../../../scale/reader.ts'
import type { CallOptions } from '../../../runtime/types.ts'
import type { ApiCaller } from '../../../runtime/api/by-version.ts'

export interface GrandpaAuthority {
  /** ed25519 public key. */
  readonly key: Hash
  readonly weight: number
}

/** The authorities in force after the block with this state; the same in every version. Throws a ScaleError. */
export async function grandpaAuthorities(caller: Pick<ApiCaller, 'call'>, stateRoot: Hash, options?: CallOptions): Promise<GrandpaAuthority[]> {
  const result = await caller.call(stateRoot, 'GrandpaApi_grandpa_authorities', EMPTY, options)
  return decodeAll(result, 'the GRANDPA authorities', (reader) => reader.vec((r) => ({ key: r.hash(), weight: r.u64Number() }), 40))
}
