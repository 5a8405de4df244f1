/** `AccountNonceApi_account_nonce` (Polkadot Host spec, section C.15.1): how many transactions an account has sent. */
import type { Hash } from '../../../base/bytes.ts'
import { decodeAll } from '../../../scale/reader.ts'
import type { CallOptions } from '../types.ts'
import type { ApiCaller } from './by-version.ts'

const U64_SIZE = 8

/** A u32 on most chains, a u64 on some. Throws a ScaleError. */
export async function accountNonce(caller: Pick<ApiCaller, 'call'>, stateRoot: Hash, account: Uint8Array, options?: CallOptions): Promise<number> {
  const output = await caller.call(stateRoot, 'AccountNonceApi_account_nonce', account, options)
  return decodeAll(output, 'the nonce', (reader) => (output.length === U64_SIZE ? reader.u64Number() : reader.u32()))
}
