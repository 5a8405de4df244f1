/**
 * What a specification's `properties` say of addresses and tokens. The field is free-form: chains with several tokens have lists
 * where others have one value, some write numbers as text, and what makes no sense must not keep anything from being shown.
 */
import { toHex, type Hex } from '../../base/bytes.ts'
import { decodeSs58 } from '../../crypto/keys/ss58.ts'

/** The network's name for its unit; empty where it says none. */
export interface Token {
  readonly symbol: string
  readonly decimals: number
}

/** A multisig by its members, as addresses. */
export interface NamedMultisig {
  readonly members: readonly string[]
  readonly threshold: number
}

export type ChainProperties = Readonly<Record<string, unknown>>

/** Any Substrate network's. */
const GENERIC_PREFIX = 42
const MAX_PREFIX = 16_383
const MAX_DECIMALS = 36
const MAX_SYMBOL = 12

/** The SS58 prefix of the network's addresses. */
export function addressPrefixOf(properties: ChainProperties | null | undefined): number {
  return wholeNumber(first(properties?.['ss58Format']), MAX_PREFIX) ?? GENERIC_PREFIX
}

/** Of several tokens the first is the native one. */
export function tokenOf(properties: ChainProperties): Token {
  const symbol = first(properties['tokenSymbol'])
  return { symbol: typeof symbol === 'string' ? symbol.slice(0, MAX_SYMBOL) : '', decimals: wholeNumber(first(properties['tokenDecimals']), MAX_DECIMALS) ?? 0 }
}

/**
 * The field in which a specification of ours names the members of the multisig that is root: the account is a hash of them, from which nobody
 * could tell who they are.
 */
export const ROOT_MULTISIG = 'rootMultisig'

/** Who was root in the beginning, where that is a multisig. Somebody else may be by now. */
export function rootMultisigOf(properties: ChainProperties): NamedMultisig | undefined {
  const field = properties[ROOT_MULTISIG]
  if (typeof field !== 'object' || field === null || !('members' in field) || !('threshold' in field)) return undefined
  const { members, threshold } = field
  const ids = Array.isArray(members) ? members.map(accountOf) : []
  const count = wholeNumber(threshold, ids.length)
  if (count === undefined || ids.includes(undefined) || new Set(ids).size < ids.length) return undefined
  return { members: members as string[], threshold: count }
}

function accountOf(address: unknown): Hex | undefined {
  try {
    return typeof address === 'string' ? toHex(decodeSs58(address).publicKey) : undefined
  } catch {
    return undefined
  }
}

function first(value: unknown): unknown {
  return Array.isArray(value) ? (value[0] as unknown) : value
}

function wholeNumber(value: unknown, max: number): number | undefined {
  const number = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= max ? number : undefined
}
