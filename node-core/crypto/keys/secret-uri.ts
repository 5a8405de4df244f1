/**
 * The "secret URI" of Substrate's tools: `phrase//hard/soft///password`, or `0x…` (a 32-byte seed) in place of the phrase. Without
 * either it is the development phrase, as in `//Alice`.
 */
import { fromHex } from '../../base/bytes.ts'
import { NodeError } from '../../base/errors.ts'
import { DEV_PHRASE } from './dev-accounts.ts'
import { deriveKeyPair, miniSecretFromPhrase, seedAt, type KeyErrorCode, type KeyPair, type KeyScheme } from './keypairs.ts'

const FORM = /^([a-zA-Z0-9 ]+)?((?:\/\/?[^/]+)*)(?:\/\/\/(.*))?$/
const MAX_LENGTH = 1024

/** Throws KEY_BAD_PHRASE or KEY_BAD_PATH; no message quotes the URI. */
export function keyPairFromUri(scheme: KeyScheme, uri: string): KeyPair {
  return withMiniSecret(scheme, uri, (miniSecret, path) => deriveKeyPair(scheme, miniSecret, path))
}

/** The seed of the same pair; undefined where it has none ({@link seedAt}). Throws as {@link keyPairFromUri} does. */
export function seedFromUri(scheme: KeyScheme, uri: string): Uint8Array | undefined {
  return withMiniSecret(scheme, uri, (miniSecret, path) => seedAt(scheme, miniSecret, path))
}

function withMiniSecret<T>(scheme: KeyScheme, uri: string, use: (miniSecret: Uint8Array, path: string) => T): T {
  const parts = uri.length > MAX_LENGTH ? null : FORM.exec(uri.trim())
  if (parts === null) throw new NodeError<KeyErrorCode>('KEY_BAD_PATH', 'This is not a secret URI, which has the form phrase//hard/soft///password.')
  const [, phrase = '', path = '', password = ''] = parts
  const miniSecret = miniSecretOf(phrase, password)
  try {
    return use(miniSecret, path)
  } catch (error) {
    if (error instanceof RangeError) throw new NodeError<KeyErrorCode>('KEY_BAD_PHRASE', `This seed is not a valid ${scheme} key.`)
    throw error
  } finally {
    miniSecret.fill(0)
  }
}

function miniSecretOf(phrase: string, password: string): Uint8Array {
  if (/^0x[0-9a-fA-F]{64}$/.test(phrase)) return fromHex(phrase)
  if (phrase.startsWith('0x')) throw new NodeError<KeyErrorCode>('KEY_BAD_PHRASE', 'A seed is 0x and 64 hexadecimal digits.')
  return miniSecretFromPhrase(phrase === '' ? DEV_PHRASE : phrase.trim().replace(/ +/g, ' ').toLowerCase(), password)
}
