/** What there is to tell of a key, in the fields and words of Substrate's tools (`key inspect`, `key generate`). */
import { fromHex, toHex, type Hex } from '../../base/bytes.ts'
import { isNodeError } from '../../base/errors.ts'
import { miniSecretFromPhrase, type KeyScheme } from '../../crypto/keys/keypairs.ts'
import { keyPairFromUri, seedFromUri } from '../../crypto/keys/secret-uri.ts'
import { decodeSs58, encodeSs58, encodeSs58Key } from '../../crypto/keys/ss58.ts'
import { blake2b256 } from '../../crypto/hashes/hashing.ts'
import { CommandError, invalid } from '../definition/errors.ts'

/** Networks that go by a name; others by the number of their prefix. */
const PREFIXES: Readonly<Record<string, number>> = { polkadot: 0, kusama: 2, substrate: 42 }
const MAX_PREFIX = 16_383

export interface AddressNetwork {
  readonly name: string
  readonly prefix: number
}

/** By name or number. Throws OPTIONS_INVALID. */
export function addressNetwork(text = 'substrate'): AddressNetwork {
  const known = PREFIXES[text]
  if (known !== undefined) return { name: text, prefix: known }
  const prefix = Number(text)
  if (!/^\d{1,5}$/.test(text) || prefix > MAX_PREFIX) throw invalid(`--network takes ${Object.keys(PREFIXES).join(', ')}, or an SS58 prefix from 0 to ${MAX_PREFIX}, not "${text}".`, 'network')
  return { name: Object.entries(PREFIXES).find(([, value]) => value === prefix)?.[0] ?? text, prefix }
}

export interface PublicFacts {
  readonly accountId: Hex
  readonly networkId: string
  readonly publicKey: Hex
  readonly ss58Address: string
  readonly ss58PublicKey: string
}

export interface SecretFacts extends PublicFacts {
  readonly secretPhrase?: string
  readonly secretKeyUri?: string
  /** `n/a` where the key has none: sr25519 below a soft junction. */
  readonly secretSeed: string
}

export function publicFacts(publicKey: Uint8Array, { name, prefix }: AddressNetwork): PublicFacts {
  // ecdsa accounts go by the hash of their key.
  const account = publicKey.length === 32 ? publicKey : blake2b256(publicKey)
  return { accountId: toHex(account), networkId: name, publicKey: toHex(publicKey), ss58Address: encodeSs58(account, prefix), ss58PublicKey: encodeSs58Key(publicKey, prefix) }
}

/** Of a phrase alone, or of a secret URI. Throws KEY_BAD_PHRASE or KEY_BAD_PATH. */
export function secretFacts(scheme: KeyScheme, uri: string, network: AddressNetwork): SecretFacts {
  const pair = keyPairFromUri(scheme, uri)
  try {
    const seed = seedOf(scheme, uri)
    const facts = publicFacts(pair.publicKey, network)
    return isPhrase(uri) ? { ...facts, secretPhrase: uri, secretSeed: seed } : { ...facts, secretKeyUri: uri, secretSeed: seed }
  } finally {
    pair.secret.erase()
  }
}

/** Of an address, or of a public key in hexadecimal. Throws DATA_INVALID or an SS58 error. */
export function factsOfPublic(text: string, network: AddressNetwork): PublicFacts {
  if (/^0x[0-9a-f]+$/i.test(text)) {
    if (!/^0x([0-9a-f]{64}|[0-9a-f]{66})$/i.test(text)) throw new CommandError('DATA_INVALID', 'A public key has 32 bytes, or 33 for ecdsa.', { hint: 'Give it as 0x and hexadecimal digits, or as an address.' })
    return publicFacts(fromHex(text.toLowerCase()), network)
  }
  return publicFacts(decodeSs58(text).publicKey, network)
}

/** Whether it is a phrase and nothing else. */
export function isPhrase(uri: string): boolean {
  try {
    miniSecretFromPhrase(uri).fill(0)
    return true
  } catch (error) {
    if (isNodeError(error)) return false
    throw error
  }
}

function seedOf(scheme: KeyScheme, uri: string): string {
  const seed = seedFromUri(scheme, uri)
  return seed === undefined ? 'n/a' : toHex(seed)
}

/** As Substrate's tools print it. */
export function factsText(facts: PublicFacts | SecretFacts, of: string): string {
  const head = 'secretPhrase' in facts && facts.secretPhrase !== undefined ? `Secret phrase:       ${facts.secretPhrase}` : 'secretSeed' in facts ? 'The secret key URI is account:' : `Public key URI \`${of}\` is account:`
  const rows: (readonly [string, string])[] = [
    ['Network ID', facts.networkId],
    ...('secretSeed' in facts ? [['Secret seed', facts.secretSeed] as const] : []),
    ['Public key (hex)', facts.publicKey],
    ['Account ID', facts.accountId],
    ['Public key (SS58)', facts.ss58PublicKey],
    ['SS58 Address', facts.ss58Address],
  ]
  return `${head}\n${rows.map(([name, value]) => `  ${`${name}:`.padEnd(19)}${value}`).join('\n')}`
}
