/** What is typed into the private network builder: lists with one entry a line, and further choices. Pure. */
import type { ApiClient } from '../trpc/client.ts'

type Choices = Parameters<ApiClient['networks']['buildPrivate']['mutate']>[0]['choices']
type Account = 'alice' | 'bob' | 'charlie' | 'dave' | 'eve' | 'ferdie'
type RootInput = NonNullable<Choices['root']>

/** Numbers of lines count from 1. */
export type Lines<T> = { readonly ok: true; readonly items: readonly T[] } | { readonly ok: false; readonly line: number }

export function parseBalances(text: string): Lines<{ readonly address: string; readonly amount: number }> {
  return parseLines(text, (first, second) => (/^\d{1,15}$/.test(second) ? { address: first, amount: Number(second) } : undefined))
}

export function parseAuthorities(text: string): Lines<{ readonly stash: string; readonly sessionKeys: string }> {
  return parseLines(text, (first, second) => (/^0x([0-9a-f]{2})+$/i.test(second) ? { stash: first, sessionKeys: second } : undefined))
}

function parseLines<T>(text: string, parse: (first: string, second: string) => T | undefined): Lines<T> {
  const items: T[] = []
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const words = line.trim().split(/\s+/)
    const item = words.length === 2 ? parse(words[0] ?? '', words[1] ?? '') : undefined
    if (item === undefined) return { ok: false, line: index + 1 }
    items.push(item)
  }
  return { ok: true, items }
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
  readonly authorities: readonly Account[]
  readonly pasted: string
  readonly balances: string
  readonly more: MoreChoices
}

/** What the node is asked to build; undefined where something cannot be read. */
export function privateChoices({ name, authorities, pasted, balances, more }: PrivateForm): Choices | undefined {
  const others = parseAuthorities(pasted)
  const owners = parseBalances(balances)
  if (!others.ok || !owners.ok || wrongChoices(more).size > 0) return undefined
  return {
    name: name.trim(),
    authorities: [...authorities.map((account) => ({ account })), ...others.items],
    balances: [...owners.items],
    ...rootOf(more),
    slotSeconds: Number(more.slotSeconds),
    epochLength: Number(more.epochLength),
    existentialDeposit: more.existentialDeposit.trim().replace(',', '.'),
    fees: more.fees,
    token: { symbol: more.symbol.trim(), decimals: Number(more.decimals) },
  }
}

function rootOf({ root, rootAccount, members, threshold }: MoreChoices): { readonly root?: RootInput } {
  switch (root) {
    case 'first':
      return {}
    case 'account':
      return { root: { account: rootAccount.trim() } }
    case 'multisig':
      return { root: { members: linesOf(members), threshold: Number(threshold) } }
  }
}

function linesOf(text: string): string[] {
  return text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]))
}

function isWhole(text: string, least: number, most: number): boolean {
  return /^\s*\d{1,7}\s*$/.test(text) && Number(text) >= least && Number(text) <= most
}
