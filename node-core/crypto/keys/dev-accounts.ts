/**
 * The development accounts that every Substrate tool knows: derived from one public phrase, they are for test networks only, and whoever
 * finds value on them may take it.
 */
import { toHex, type Hash } from '../../base/bytes.ts'
import { deriveKeyPair, miniSecretFromPhrase, type KeyPair } from './keypairs.ts'

/** Public on purpose. */
export const DEV_PHRASE = 'bottom drive obey lake curtain smoke basket hold race lonely fit walk'

export const DEV_ACCOUNTS = ['Alice', 'Bob', 'Charlie', 'Dave', 'Eve', 'Ferdie'] as const
export type DevAccountName = (typeof DEV_ACCOUNTS)[number]

/** The same as they are written in options and settings. */
export const WELL_KNOWN_ACCOUNTS = ['alice', 'bob', 'charlie', 'dave', 'eve', 'ferdie'] as const

export const DEV_MINI_SECRET: Uint8Array = miniSecretFromPhrase(DEV_PHRASE)

export interface DevAccount {
  readonly sr25519: KeyPair
  readonly ed25519: KeyPair
}

/** `path` such as `//Alice` or `//Alice//stash`: hard junctions only. */
export function devAccount(path: string): DevAccount {
  return { sr25519: deriveKeyPair('sr25519', DEV_MINI_SECRET, path), ed25519: deriveKeyPair('ed25519', DEV_MINI_SECRET, path) }
}

const NAMES: ReadonlyMap<Hash, DevAccountName> = new Map(
  DEV_ACCOUNTS.map((name) => [toHex(deriveKeyPair('sr25519', DEV_MINI_SECRET, `//${name}`).publicKey), name] as const),
)

/** The account of this name in any spelling. Throws where there is none. */
export function devAccountNamed(name: string): DevAccountName {
  const account = DEV_ACCOUNTS.find((candidate) => candidate.toLowerCase() === name.toLowerCase())
  if (account === undefined) throw new RangeError(`${name} is not a development account`)
  return account
}

/** Whose block it is, where a development account wrote it: by the author's sr25519 key as `0x…`. */
export function authorName(author: Hash): DevAccountName | undefined {
  return NAMES.get(author)
}
