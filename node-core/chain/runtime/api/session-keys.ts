/**
 * `SessionKeys` (Polkadot Host spec, section C.14): new keys, and a list of keys taken apart.
 *
 * Keys that stand on the chain for a validator must be that validator's own: who registers the keys of another would be paid for the
 * other's blocks, and punished for his faults. With version 2 the runtime therefore signs the owner (the account that is going to
 * register them) with each new key, behind `POP_`, and the chain asks for these signatures. Version 1 knows of no owner.
 */
import { fromUtf8, type Hash } from '../../../base/bytes.ts'
import { ScaleError, decodeAll } from '../../../scale/reader.ts'
import { ScaleWriter } from '../../../scale/writer.ts'
import { RuntimeError } from '../errors.ts'
import type { CallOptions } from '../types.ts'
import type { ApiCaller } from './by-version.ts'

export const GENERATE_SESSION_KEYS = 'SessionKeys_generate_session_keys'

const FIRST_WITH_OWNER = 2

export interface GeneratedSessionKeys {
  /** As they are registered on the chain. */
  readonly keys: Uint8Array
  /** That they are the owner's; undefined where the runtime proves nothing. */
  readonly proof: Uint8Array | undefined
}

/** Arguments of {@link GENERATE_SESSION_KEYS} (C.14.1) for random keys. `owner` is what the chain's rule wants, an account id as a rule. */
export function encodeGenerateSessionKeys(version: number, owner: Uint8Array): Uint8Array {
  const writer = new ScaleWriter(owner.length + 8)
  if (version >= FIRST_WITH_OWNER) writer.bytes(owner)
  return writer.option<Uint8Array>(undefined, (seed, bytes) => seed.bytes(bytes)).finish()
}

/** Throws RUNTIME_BAD_RESULT. */
export function decodeGeneratedSessionKeys(version: number, answer: Uint8Array): GeneratedSessionKeys {
  try {
    return decodeAll(answer, 'the session keys', (reader) => ({
      keys: reader.bytes(),
      proof: version >= FIRST_WITH_OWNER ? reader.bytes() : undefined,
    }))
  } catch (error) {
    throw error instanceof ScaleError ? new RuntimeError('RUNTIME_BAD_RESULT', error.message, { cause: error }) : error
  }
}

export interface SessionKey {
  /** Such as `babe`. */
  readonly keyType: string
  readonly publicKey: Uint8Array
}

/** `SessionKeys_decode_session_keys` (C.14.2), the same in every version: undefined where the bytes are no session keys. */
export async function decodeSessionKeys(
  caller: Pick<ApiCaller, 'call'>, stateRoot: Hash, keys: Uint8Array, options?: CallOptions,
): Promise<SessionKey[] | undefined> {
  const args = new ScaleWriter(keys.length + 5).bytes(keys).finish()
  const result = await caller.call(stateRoot, 'SessionKeys_decode_session_keys', args, options)
  return decodeAll(result, 'the session keys', (reader) =>
    reader.option((r) =>
      r.vec((item) => {
        const publicKey = item.bytes()
        return { publicKey, keyType: fromUtf8(item.raw(4)) }
      }, 5),
    ),
  )
}
