/** `AuraApi_slot_duration` and `AuraApi_authorities`: all that a runtime says of Aura. */
import { EMPTY, type Hash } from '../../../../base/bytes.ts'
import { decodeAll } from '../../../../scale/reader.ts'
import type { ApiCaller, KnownApi } from '../../../runtime/api/by-version.ts'
import type { CallOptions } from '../../../runtime/types.ts'
import { readAuthorities } from './digest.ts'

export const AURA_API: KnownApi = { name: 'AuraApi', newest: 1 }

/** Milliseconds. What the runtime says at the finalized block counts until the node stops, as with other nodes. Throws a ScaleError. */
export async function auraSlotDuration(caller: Pick<ApiCaller, 'call'>, stateRoot: Hash): Promise<number> {
  return decodeAll(await caller.call(stateRoot, 'AuraApi_slot_duration', EMPTY), 'the slot duration', (reader) => reader.u64Number())
}

/** Those who author the children of the block with this state, in the order of their turns. Throws a ScaleError. */
export async function auraAuthorities(caller: Pick<ApiCaller, 'call'>, stateRoot: Hash, options?: CallOptions): Promise<readonly Hash[]> {
  return decodeAll(await caller.call(stateRoot, 'AuraApi_authorities', EMPTY, options), 'the Aura authorities', readAuthorities)
}
