/** What is typed into the private network builder: lists with one entry a line, and further choices. Pure. */
import type { Member } from '../../node-core/chain/spec/members.ts'
import type { ApiClient } from '../trpc/client.ts'

type Choices = Parameters<ApiClient['networks']['buildPrivate']['mutate']>[0]['choices']
type Account = 'alice' | 'bob' | 'charlie' | 'dave' | 'eve' | 'ferdie'
type RootInput = NonNullable<Choices['root']>

/** Numbers of lines count from 1; `who` is what no account is called. */
export type Lines<T> = { readonly ok: true; readonly items: readonly T[] } | { readonly ok: false; readonly line: number; readonly who?: string }

export interface NamedAddress {
  readonly name: string
  readonly stash: string
}

const DEVELOPMENT = ['alice', 'bob', 'charlie', 'dave', 'eve', 'ferdie']
/** What an address may look like; whether it is one, the node decides. */
const ADDRESS = /^[1-9A-HJ-NP-Za-km-z]{45,50}$/

/** `team` may be named by their names, which come before those of development accounts. */
export function parseBalances(text: string, team: readonly NamedAddress[] = []): Lines<{ readonly address: string; readonly amount: number }> {
  const items: { readonly address: string; readonly amount: number }[] = []
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const [, who, amount] = /^(.*\S)\s+(\d{1,15})$/.exec(line.trim()) ?? []
    if (who === undefined) return { ok: false, line: index + 1 }
    const address = team.find(({ name }) => name.toLowerCase() === who.toLowerCase())?.stash ?? who
    if (!ADDRESS.test(address) && !DEVELOPMENT.includes(address.toLowerCase())) return { ok: false, line: index + 1, who: who.slice(0, 40) }
    items.push({ address, amount: Number(amount) })
  }
  return { ok: true, items }
}

/** An address and session keys in hexadecimal on each line. */
export function parseAuthorities(text: string): Lines<{ readonly stash: string; readonly sessionKeys: string }> {
  const items: { readonly stash: string; readonly sessionKeys: string }[] = []
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const [stash, sessionKeys, ...more] = line.trim().split(/\s+/)
    if (stash === undefined || sessionKeys === undefined || more.length > 0 || !/^0x([0-9a-f]{2})+$/i.test(sessionKeys)) return { ok: false, line: index + 1 }
    items.push({ stash, sessionKeys })
  }
  return { ok: true, items }
}

/** The text holds lines of members (`nodestead1…`), which the node reads. */
export function hasMemberLines(text: string): boolean {
  return /nodestead\s*1/i.test(text)
}

/** Further choices of a private network, as they are typed. */
export interface MoreChoices {
  /** Who is root: the first account that makes blocks, another one, or several together. */
  readonly root: 'first' | 'account' | 'multisig'
  readonly rootAccount: string
  /** One account a line. */
  readonly members: string
  readonly threshold: string
  readonly slotSeconds: string
  /** In slots. */
  readonly epochLength: string
  /** In units. */
  readonly existentialDeposit: string
  readonly fees: boolean
  readonly symbol: string
  readonly decimals: string
}

export const USUAL_CHOICES: MoreChoices = {
  root: 'first', rootAccount: '', members: 'alice\nbob\ncharlie', threshold: '2', slotSeconds: '6', epochLength: '600', existentialDeposit: '0.001', fees: true, symbol: 'UNIT', decimals: '12',
}

/** The fields that can be filled in wrongly. */
export type MoreField = 'rootAccount' | 'members' | 'threshold' | 'slotSeconds' | 'epochLength' | 'existentialDeposit' | 'symbol' | 'decimals'

/** Those that are. What an address is, the node decides. */
export function wrongChoices(more: MoreChoices): ReadonlySet<MoreField> {
  const members = linesOf(more.members)
  const wrong: readonly (readonly [MoreField, boolean])[] = [
    ['rootAccount', more.root === 'account' && !/^\s*\S+\s*$/.test(more.rootAccount)],
    ['members', more.root === 'multisig' && (members.length < 2 || new Set(members).size < members.length || members.some((member) => /\s/.test(member)))],
    ['threshold', more.root === 'multisig' && !isWhole(more.threshold, 2, Math.max(2, members.length))],
    ['slotSeconds', !isWhole(more.slotSeconds, 1, 60)],
    ['epochLength', !isWhole(more.epochLength, 10, 604_800)],
    ['existentialDeposit', !/^\d{1,12}([.,]\d+)?$/.test(more.existentialDeposit.trim()) || !/[1-9]/.test(more.existentialDeposit)],
    ['symbol', !/^[A-Za-z0-9]{1,12}$/.test(more.symbol.trim())],
    ['decimals', !isWhole(more.decimals, 9, 18)],
  ]
  return new Set(wrong.flatMap(([field, isWrong]) => (isWrong ? [field] : [])))
}

export interface PrivateForm {
  readonly name: string
  /** Development accounts. */
  readonly authorities: readonly Account[]
  /** Members by their lines, or by keys that are on this computer. */
  readonly team: readonly Member[]
  /** As it is typed: an address and session keys a line, where it holds no members' lines. */
  readonly pasted: string
  readonly balances: string
  readonly more: MoreChoices
}

/** What the node is asked to build; undefined where something cannot be read. */
export function privateChoices({ name, authorities, team, pasted, balances, more }: PrivateForm): Choices | undefined {
  const others = hasMemberLines(pasted) ? ({ ok: true, items: [] } as const) : parseAuthorities(pasted)
  const owners = parseBalances(balances, team)
  if (!others.ok || !owners.ok || wrongChoices(more).size > 0) return undefined
  return {
    name: name.trim(),
    authorities: [...authorities.map((account) => ({ account })), ...team.map(authorityOf), ...others.items],
    balances: [...owners.items],
    ...rootOf(more, team),
    slotSeconds: Number(more.slotSeconds),
    epochLength: Number(more.epochLength),
    existentialDeposit: more.existentialDeposit.trim().replace(',', '.'),
    fees: more.fees,
    token: { symbol: more.symbol.trim(), decimals: Number(more.decimals) },
  }
}

function authorityOf({ name, stash, sessionKeys, peerId }: Member): Choices['authorities'][number] {
  const key = (type: string): string => sessionKeys.find(({ keyType }) => keyType === type)?.publicKey.slice(2) ?? ''
  return { name, stash, sessionKeys: `0x${key('gran')}${key('babe')}`, ...(peerId === undefined ? {} : { peerId }) }
}

function rootOf({ root, rootAccount, members, threshold }: MoreChoices, team: readonly NamedAddress[]): { readonly root?: RootInput } {
  const address = (account: string): string => team.find(({ name }) => name.toLowerCase() === account.trim().toLowerCase())?.stash ?? account.trim()
  switch (root) {
    case 'first':
      return {}
    case 'account':
      return { root: { account: address(rootAccount) } }
    case 'multisig':
      return { root: { members: linesOf(members).map(address), threshold: Number(threshold) } }
  }
}

function linesOf(text: string): string[] {
  return text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]))
}

function isWhole(text: string, least: number, most: number): boolean {
  return /^\s*\d{1,7}\s*$/.test(text) && Number(text) >= least && Number(text) <= most
}
