/**
 * A private network from what a person chose: its name, who makes the blocks, who owns what. The result is a chain
 * specification like any other: a file to give to everybody who is to take part.
 *
 * The template lends its runtime (see development.ts). Two networks of the same choices still have geneses of their own,
 * so that nodes of one never take those of the other for peers.
 */
import { randomBytes } from 'node:crypto'
import { concatBytes, fromHex, isHex, utf8 } from '../../base/bytes.ts'
import { NodeError, errorMessage } from '../../base/errors.ts'
import { DEV_ACCOUNTS, devAccount, type DevAccountName } from '../../crypto/keys/dev-accounts.ts'
import { decodeSs58 } from '../../crypto/keys/ss58.ts'
import { developmentAuthority } from './development-accounts.ts'
import { decodeSessionKeys, developmentSpec, SESSION_KEYS_SIZE, type DevelopmentAuthority, type Endowment } from './development.ts'
import type { ChainSpec } from './schema.ts'

export type PrivateNetworkErrorCode = 'PRIVATE_NETWORK_INVALID'

/** Either a development account (`alice`), or a stash address with public session keys. */
export type AuthorityChoice =
  | { readonly account: string }
  | {
      readonly stash: string
      /** What `author_rotateKeys` printed (225 bytes), or a grandpa and a babe key (64 bytes), in hexadecimal. */
      readonly sessionKeys: string
    }

export interface BalanceChoice {
  /** An SS58 address, or the name of a development account. */
  readonly address: string
  /** Whole units, of 10^12. */
  readonly amount: number
}

export interface PrivateNetworkChoices {
  readonly name: string
  readonly authorities: readonly AuthorityChoice[]
  readonly balances: readonly BalanceChoice[]
  /** Who may act as root: an address or a development account; the first authority's account where it is left out. */
  readonly sudo?: string | undefined
}

const UNIT = 10n ** 12n
/** What a stash has at least: an account without any is no account. */
const STASH_BALANCE = 1_000n * UNIT

/** Throws a NodeError `PRIVATE_NETWORK_INVALID` that says which choice is wrong. `salt` is for tests. */
export function privateSpec(template: ChainSpec, choices: PrivateNetworkChoices, id: string, salt: Uint8Array = randomBytes(16)): ChainSpec {
  const authorities = choices.authorities.map(authorityOf)
  const first = choices.authorities[0]
  if (first === undefined) throw invalid('A network without authorities makes no blocks.', 'Choose at least one.')
  const seen = new Set<string>()
  for (const { stash } of authorities) {
    if (seen.has(stash.join())) throw invalid('Two authorities have the same account.', 'Leave one of them out.')
    seen.add(stash.join())
  }
  const sudo = accountOf(choices.sudo ?? ('account' in first ? first.account : first.stash), 'The account that may act as root')
  return developmentSpec(template, {
    name: choices.name,
    id,
    chainType: 'Local',
    authorities,
    sudo,
    endowments: endowmentsOf(choices.balances, authorities, sudo),
    mark: concatBytes(utf8(id), salt),
  })
}

/** An identifier from a name: `My network` becomes `my_network`. */
export function specIdOf(name: string): string {
  const id = name.normalize('NFKD').toLowerCase().replace(/[^a-z0-9]+/g, '_').replace(/^_+|_+$/g, '').slice(0, 40)
  return id === '' ? 'private' : id
}

function authorityOf(choice: AuthorityChoice): DevelopmentAuthority {
  if ('account' in choice) return developmentAuthority(developmentName(choice.account) ?? unknownAccount(choice.account))
  const stash = accountOf(choice.stash, "The authority's account")
  const text = choice.sessionKeys.trim()
  const bytes = isHex(text) ? fromHex(text) : undefined
  if (bytes?.length === SESSION_KEYS_SIZE) return { stash, keys: decodeSessionKeys(bytes) }
  if (bytes?.length !== 64) {
    throw invalid(
      `The session keys of ${choice.stash} are not what author_rotateKeys prints.`,
      `Paste ${SESSION_KEYS_SIZE} bytes in hexadecimal, or 64: a grandpa key and a babe key.`,
    )
  }
  const grandpa = bytes.slice(0, 32)
  const babe = bytes.slice(32)
  const others = { imOnline: babe, paraValidator: babe, paraAssignment: babe, authorityDiscovery: babe }
  return { stash, keys: { grandpa, babe, ...others, beefy: new Uint8Array(33) } }
}

function endowmentsOf(balances: readonly BalanceChoice[], authorities: readonly DevelopmentAuthority[], sudo: Uint8Array): Endowment[] {
  const free = new Map<string, Endowment>()
  for (const { address, amount } of balances) {
    if (!Number.isSafeInteger(amount) || amount < 0) throw invalid(`${amount} is not a balance.`, 'Give a whole number of units, 0 or more.')
    const account = accountOf(address, 'A balance')
    const before = free.get(account.join())?.free ?? 0n
    free.set(account.join(), { account, free: before + BigInt(amount) * UNIT })
  }
  for (const account of [...authorities.map(({ stash }) => stash), sudo]) {
    if ((free.get(account.join())?.free ?? 0n) === 0n) free.set(account.join(), { account, free: STASH_BALANCE })
  }
  return [...free.values()]
}

function accountOf(text: string, what: string): Uint8Array {
  const name = developmentName(text)
  if (name !== undefined) return devAccount(`//${name}`).sr25519.publicKey
  try {
    return decodeSs58(text.trim()).publicKey
  } catch (error) {
    throw invalid(`${what}: "${text.slice(0, 60)}" is not an address. ${errorMessage(error)}`, 'Paste an SS58 address, or name a development account.')
  }
}

function developmentName(text: string): DevAccountName | undefined {
  return DEV_ACCOUNTS.find((name) => name.toLowerCase() === text.trim().toLowerCase())
}

function unknownAccount(text: string): never {
  throw invalid(`"${text.slice(0, 60)}" is not a development account.`, `There are ${DEV_ACCOUNTS.join(', ')}.`)
}

function invalid(message: string, hint: string): NodeError<PrivateNetworkErrorCode> {
  return new NodeError('PRIVATE_NETWORK_INVALID', message, { hint })
}
