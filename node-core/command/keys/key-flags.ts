/** Flags of the commands about keys, by the names of Substrate's tools. */
import { KEY_SCHEMES, type KeyScheme } from '../../crypto/keys/keypairs.ts'
import { invalid } from '../definition/errors.ts'

/** Throws OPTIONS_INVALID. */
export function schemeOf(text: string | undefined, fallback: KeyScheme = 'sr25519'): KeyScheme {
  const scheme = KEY_SCHEMES.find((name) => name === (text ?? fallback).toLowerCase())
  if (scheme === undefined) throw invalid(`--scheme takes ${KEY_SCHEMES.join(', ')}, not "${text ?? ''}".`, 'scheme')
  return scheme
}
