/** Small runtime APIs (Polkadot Host spec, appendix C): metadata, account nonces, session keys. */
import { EMPTY, fromUtf8, type Hash } from '../../base/bytes.ts'
import { decodeAll } from '../../scale/reader.ts'
import { ScaleWriter } from '../../scale/writer.ts'
import type { CallOptions, RuntimeExecutor } from '../types.ts'

/** `Metadata_metadata` (C.5.1): the bytes of the metadata, beginning with `meta`. */
export async function metadata(executor: RuntimeExecutor, stateRoot: Hash, options?: CallOptions): Promise<Uint8Array> {
  return decodeAll(await executor.call(stateRoot, 'Metadata_metadata', EMPTY, options), 'the metadata', (reader) => reader.bytes())
}

/** `AccountNonceApi_account_nonce` (C.15.1): how many transactions the account has sent. */
export async function accountNonce(
  executor: RuntimeExecutor, stateRoot: Hash, account: Uint8Array, options?: CallOptions,
): Promise<number> {
  return decodeAll(await executor.call(stateRoot, 'AccountNonceApi_account_nonce', account, options), 'the nonce', (reader) => reader.u32())
}

/**
 * `SessionKeys_generate_session_keys` (C.14.1): new keys in the executor's keystore, as one byte string. `seed` is a
 * secret URI; random keys where there is none.
 */
export async function generateSessionKeys(
  executor: RuntimeExecutor, stateRoot: Hash, seed: Uint8Array | undefined, options?: CallOptions,
): Promise<Uint8Array> {
  const args = new ScaleWriter().option(seed, (writer, bytes) => writer.bytes(bytes)).finish()
  const result = await executor.call(stateRoot, 'SessionKeys_generate_session_keys', args, options)
  return decodeAll(result, 'the session keys', (reader) => reader.bytes())
}

export interface SessionKey {
  /** Such as `babe`. */
  readonly keyType: string
  readonly publicKey: Uint8Array
}

/** `SessionKeys_decode_session_keys` (C.14.2): undefined where the bytes are no session keys. */
export async function decodeSessionKeys(
  executor: RuntimeExecutor, stateRoot: Hash, keys: Uint8Array, options?: CallOptions,
): Promise<SessionKey[] | undefined> {
  const args = new ScaleWriter(keys.length + 5).bytes(keys).finish()
  const result = await executor.call(stateRoot, 'SessionKeys_decode_session_keys', args, options)
  return decodeAll(result, 'the session keys', (reader) =>
    reader.option((r) =>
      r.vec((item) => {
        const publicKey = item.bytes()
        return { publicKey, keyType: fromUtf8(item.raw(4)) }
      }, 5),
    ),
  )
}
