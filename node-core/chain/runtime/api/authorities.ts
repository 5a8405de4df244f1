/** `AuthorityDiscoveryApi_authorities`: the keys of those who publish their address, in whatever engine. */
import { EMPTY, type Hash } from '../../../base/bytes.ts'
import { decodeAll } from '../../../scale/reader.ts'
import type { ApiCaller } from './by-version.ts'

/** Throws where the runtime does not say. */
export async function discoveryAuthorities(caller: Pick<ApiCaller, 'call'>, stateRoot: Hash): Promise<readonly Hash[]> {
  const answer = await caller.call(stateRoot, 'AuthorityDiscoveryApi_authorities', EMPTY)
  return decodeAll(answer, 'the authorities', (reader) => reader.vec((item) => item.hash(), 32))
}
