/**
 * A private network from what a person chose: who makes the blocks, who owns what, who is root, how fast it goes. The result is a chain
 * specification like any other, to give to everybody who is to take part.
 *
 * The choices become a patch of the genesis configuration of the runtime that ships with the app, which makes the state of
 * them and refuses what does not hold (runtime-genesis/). Two networks of the same choices still have geneses of their own, by a mark
 * that no runtime reads: nodes of one never take those of the other for peers, and a transaction of one is worth nothing in the other.
 */
import { randomBytes } from 'node:crypto'
import { concatBytes, fromHex, isHex, toHex, utf8, type Hex } from '../../base/bytes.ts'
import { NodeError, errorMessage } from '../../base/errors.ts'
import { DEV_ACCOUNTS, devAccount, type DevAccountName } from '../../crypto/keys/dev-accounts.ts'
import { decodeSs58, encodeSs58 } from '../../crypto/keys/ss58.ts'
import { parseAmount } from './amount.ts'
import type { Member } from './members.ts'
import { multisigAccount } from './multisig.ts'
import { ROOT_MULTISIG, type NamedMultisig } from './properties.ts'
import { sortedStorage } from './raw-genesis.ts'
import { ExactNumber, type ExactObject } from './runtime-genesis/exact-json.ts'
import type { ChainSpec, SpecWithState, WrittenSpec } from './schema.ts'
import { withState } from './with-state.ts'

export type PrivateNetworkErrorCode = 'PRIVATE_NETWORK_INVALID'

/** Either a development account (`alice`), or a stash address with public session keys. */
export type AuthorityChoice =
  | { readonly account: string }
  | {
      readonly stash: string
      /** What `author_rotateKeys` printed: a grandpa and a babe key (64 bytes) in hexadecimal. */
      readonly sessionKeys: string
      /** Who that is, for people. */
      readonly name?: string | undefined
      /** Of that person's node. */
      readonly peerId?: string | undefined
    }

export interface BalanceChoice {
  /** An SS58 address, or the name of a development account. */
  readonly address: string
  /** Whole units of the token. */
  readonly amount: number
}

/** An address or the name of a development account, or several of whom `threshold` have to agree. */
export type RootChoice = { readonly account: string } | { readonly members: readonly string[]; readonly threshold: number }

export interface PrivateNetworkChoices {
  readonly name: string
  readonly authorities: readonly AuthorityChoice[]
  readonly balances: readonly BalanceChoice[]
  /** The first authority's account where it is left out. */
  readonly root?: RootChoice | undefined
  /** 1 to 60. */
  readonly slotSeconds?: number | undefined
  /** In slots. */
  readonly epochLength?: number | undefined
  /** In units of the token, as decimal text: `0.001`. */
  readonly existentialDeposit?: string | undefined
  readonly fees?: boolean | undefined
  readonly token?: { readonly symbol: string; readonly decimals: number } | undefined
}

/** What is chosen where nothing is said. */
export const PRIVATE_DEFAULTS = { slotSeconds: 6, epochLength: 600, existentialDeposit: '0.001', fees: true, token: { symbol: 'UNIT', decimals: 12 } } as const

/** Fees and deposits of the runtime are meant for twelve decimals: with these, they stay between a grain and a handful. */
export const TOKEN_DECIMALS = { least: 9, most: 18 } as const
export const SLOT_SECONDS = { least: 1, most: 60 } as const
export const EPOCH_SLOTS = { least: 10, most: 604_800 } as const

/** What an authority, or who is root, has at least, in units: an account without anything is no account. */
const LEAST_BALANCE = 1_000n
const SESSION_KEYS_SIZE = 64
/** An existential deposit is smaller, in units. */
const MAX_DEPOSIT = 10n ** 12n

export const MARK_SIZE = 16

/** Where the mark is kept. */
const MARK_KEY = toHex(utf8(':nodestead:mark'))

/** `code` is the runtime's. Throws a NodeError `PRIVATE_NETWORK_INVALID` that says which choice is wrong. */
export function privateSpec(code: Hex, choices: PrivateNetworkChoices, id: string): WrittenSpec {
  const { slotSeconds, epochLength, existentialDeposit, fees, token } = { ...PRIVATE_DEFAULTS, ...withoutUndefined(choices) }
  if (!within(slotSeconds, SLOT_SECONDS)) throw invalid(`A slot duration of ${slotSeconds} s is not possible.`, `Choose ${SLOT_SECONDS.least} to ${SLOT_SECONDS.most} whole seconds.`)
  if (!within(epochLength, EPOCH_SLOTS)) throw invalid(`An epoch length of ${epochLength} slots is not possible.`, `Choose ${EPOCH_SLOTS.least} to ${EPOCH_SLOTS.most}.`)
  if (!within(token.decimals, TOKEN_DECIMALS)) throw invalid(`A token with ${token.decimals} decimals is not possible.`, `Choose ${TOKEN_DECIMALS.least} to ${TOKEN_DECIMALS.most}.`)
  const authorities = authoritiesOf(choices)
  const root = rootOf(choices)
  const balances = balancesOf(choices, [...authorities.map(({ stash }) => stash), ...root.holders], 10n ** BigInt(token.decimals))
  const patch: ExactObject = {
    settings: { slotDuration: slotSeconds * 1000, epochLength, existentialDeposit: exact(smallest(existentialDeposit, token.decimals)), fees, unit: exact(10n ** BigInt(token.decimals)) },
    authorities: { accounts: authorities.map(({ stash }) => encodeSs58(stash)) },
    session: { keys: authorities.map(({ stash, grandpa, babe }) => [encodeSs58(stash), encodeSs58(stash), { grandpa: encodeSs58(grandpa), babe: encodeSs58(babe) }]) },
    balances: { balances: [...balances].map(([account, free]) => [account, exact(free)]) },
    sudo: { key: encodeSs58(root.account) },
  }
  return {
    name: choices.name,
    id,
    chainType: 'Local',
    bootNodes: [],
    protocolId: id,
    properties: { ss58Format: 42, tokenDecimals: token.decimals, tokenSymbol: token.symbol, ...(root.multisig === undefined ? {} : { [ROOT_MULTISIG]: root.multisig }) },
    codeSubstitutes: {},
    genesis: { runtimeGenesis: { code, how: { kind: 'patch', patch } } },
  }
}

/** A specification whose genesis is that of no other network; the same `salt` makes the same network once more. */
export function markedSpec(spec: ChainSpec, salt: Uint8Array = randomBytes(MARK_SIZE)): SpecWithState {
  const { raw } = withState(spec).genesis
  return { ...spec, genesis: { raw: { ...raw, top: sortedStorage({ ...raw.top, [MARK_KEY]: toHex(concatBytes(utf8(spec.id), salt)) }) } } }
}

/** The salt that {@link markedSpec} gave this genesis; undefined where it has none. */
export function markOf({ id, genesis: { raw } }: Pick<SpecWithState, 'id' | 'genesis'>): Uint8Array | undefined {
  const mark = raw.top[MARK_KEY]
  const salt = mark === undefined ? undefined : fromHex(mark).slice(utf8(id).length)
  return salt?.length === MARK_SIZE ? salt : undefined
}

/** Who is who among the authorities that were chosen, as a specification lists them. */
export function membersOfChoices(choices: PrivateNetworkChoices): Member[] {
  return authoritiesOf(choices).map(({ stash, grandpa, babe }, index) => {
    const choice = choices.authorities[index] as AuthorityChoice
    const { name, peerId } = 'account' in choice ? { name: developmentName(choice.account), peerId: undefined } : choice
    return {
      name: name ?? `Authority ${index + 1}`,
      stash: encodeSs58(stash),
      sessionKeys: [{ keyType: 'gran', publicKey: toHex(grandpa) }, { keyType: 'babe', publicKey: toHex(babe) }],
      ...(peerId === undefined ? {} : { peerId }),
    }
  })
}

/** An identifier from a name: `My network` becomes `my_network`. */
export function specIdOf(name: string): string {
  const id = name.normalize('NFKD').toLowerCase().replace(/[^a-z0-9]+/g, '_').replace(/^_+|_+$/g, '').slice(0, 40)
  return id === '' ? 'private' : id
}

interface Authority {
  readonly stash: Uint8Array
  readonly grandpa: Uint8Array
  readonly babe: Uint8Array
}

function authoritiesOf({ authorities }: PrivateNetworkChoices): Authority[] {
  if (authorities.length === 0) throw invalid('A network needs at least one authority.', 'Choose one or more.')
  const chosen = authorities.map(authorityOf)
  if (new Set(chosen.map(({ stash }) => toHex(stash))).size < chosen.length) throw invalid('Two authorities have the same account.', 'Remove one of them.')
  return chosen
}

function authorityOf(choice: AuthorityChoice): Authority {
  if ('account' in choice) {
    const name = developmentName(choice.account) ?? unknownAccount(choice.account)
    const { sr25519, ed25519 } = devAccount(`//${name}`)
    return { stash: devAccount(`//${name}//stash`).sr25519.publicKey, grandpa: ed25519.publicKey, babe: sr25519.publicKey }
  }
  const stash = accountOf(choice.stash, "The authority's account")
  const text = choice.sessionKeys.trim()
  const bytes = isHex(text) ? fromHex(text) : undefined
  if (bytes?.length !== SESSION_KEYS_SIZE) {
    throw invalid(`The session keys of ${choice.stash} are invalid.`, `Paste what author_rotateKeys prints: ${SESSION_KEYS_SIZE} bytes in hexadecimal, a grandpa key and a babe key.`)
  }
  return { stash, grandpa: bytes.slice(0, 32), babe: bytes.slice(32) }
}

interface RootAccount {
  readonly account: Uint8Array
  /** Those that have to act for it. */
  readonly holders: readonly Uint8Array[]
  readonly multisig?: NamedMultisig
}

function rootOf({ root, authorities }: PrivateNetworkChoices): RootAccount {
  const what = 'The account that is root'
  if (root !== undefined && 'members' in root) {
    const members = root.members.map((member) => accountOf(member, 'A member of the multisig that is root'))
    const count = new Set(members.map(toHex)).size
    if (count < members.length) throw invalid('Two members of the root multisig are the same account.', 'Remove one of them.')
    if (count < 2 || !within(root.threshold, { least: 2, most: count })) {
      throw invalid(`A root multisig of ${count} accounts with the threshold ${root.threshold} is not possible.`, 'Enter at least two accounts, and a threshold from 2 to their number.')
    }
    const account = multisigAccount(members, root.threshold)
    return { account, holders: [account, ...members], multisig: { members: members.map((member) => encodeSs58(member)), threshold: root.threshold } }
  }
  const first = authorities[0]
  const text = root?.account ?? (first === undefined ? '' : 'account' in first ? first.account : first.stash)
  const account = accountOf(text, what)
  return { account, holders: [account] }
}

/** By address, in the smallest unit. Each of `holders` has something. */
function balancesOf({ balances }: PrivateNetworkChoices, holders: readonly Uint8Array[], unit: bigint): Map<string, bigint> {
  const free = new Map<string, bigint>()
  for (const { address, amount } of balances) {
    if (!Number.isSafeInteger(amount) || amount < 0) throw invalid(`${amount} is not a balance.`, 'Give a whole number of units, 0 or more.')
    const account = encodeSs58(accountOf(address, 'A balance'))
    if (amount > 0) free.set(account, (free.get(account) ?? 0n) + BigInt(amount) * unit)
  }
  for (const holder of holders) {
    const account = encodeSs58(holder)
    if (!free.has(account)) free.set(account, LEAST_BALANCE * unit)
  }
  return free
}

/** A decimal text in the smallest unit. */
function smallest(text: string, decimals: number): bigint {
  const value = parseAmount(text, decimals)
  if (value !== undefined && value > 0n && value < MAX_DEPOSIT * 10n ** BigInt(decimals)) return value
  throw invalid(`"${text.slice(0, 40)}" is not an existential deposit.`, `Give an amount above 0 with ${decimals} decimals at the most, such as ${PRIVATE_DEFAULTS.existentialDeposit}.`)
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

function within(value: number, { least, most }: { readonly least: number; readonly most: number }): boolean {
  return Number.isInteger(value) && value >= least && value <= most
}

function exact(value: bigint): ExactNumber {
  return new ExactNumber(value.toString())
}

/** What says undefined says nothing. */
function withoutUndefined<T extends object>(value: T): { readonly [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as { readonly [Key in keyof T]: Exclude<T[Key], undefined> }
}

function invalid(message: string, hint: string): NodeError<PrivateNetworkErrorCode> {
  return new NodeError('PRIVATE_NETWORK_INVALID', message, { hint })
}
