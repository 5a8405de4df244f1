/** `GrandpaApi_grandpa_authorities` (Polkadot Host spec, section C.11.1). Version 3 of the API added the set id, which is not asked for. */
import { EMPTY, type Hash } from '../../../../base/bytes.ts'
import { decodeAll } from '../../../../scale/reader.ts'
import type { ApiCaller, KnownApi } from '../../../runtime/api/by-version.ts'
import type { CallOptions } from '../../../runtime/types.ts'
import { readAuthorities, type GrandpaAuthority } from './digest.ts'

export type { GrandpaAuthority } from './digest.ts'

export const GRANDPA_API: KnownApi = { name: 'GrandpaApi', newest: 3 }

/** The authorities in force after the block with this state; the same in every version. Throws a ScaleError. */
export async function grandpaAuthorities(caller: Pick<ApiCaller, 'call'>, stateRoot: Hash, options?: CallOptions): Promise<GrandpaAuthority[]> {
  return decodeAll(await caller.call(stateRoot, 'GrandpaApi_grandpa_authorities', EMPTY, options), 'the GRANDPA authorities', readAuthorities)
}
