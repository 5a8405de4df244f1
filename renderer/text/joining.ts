/** Who a person may be in a network that is added: a follower, or an authority with keys that are at hand. Pure. */
import type { Member } from '../../node-core/chain/spec/members.ts'
import type { NetworkProfile } from '../../node-core/manager/kinds/table.ts'
import type { MemberDraft } from '../../node-core/manager/kinds/chain/member-drafts.ts'

export const ACCOUNTS = ['alice', 'bob', 'charlie', 'dave', 'eve', 'ferdie'] as const
export type Account = (typeof ACCOUNTS)[number]

/** `full`, `own` (a validator whose keys come later), `draft:<id>`, `account:<name>`. */
export type Who = 'full' | 'own' | `draft:${string}` | `account:${Account}`

/** An authority as the form shows it. */
export interface Authority {
  readonly name: string
  /** What it takes to be this one on this computer; undefined where its keys are elsewhere. */
  readonly who: Who | undefined
  readonly member: Member | undefined
  /** The network of this computer whose node signs with these keys already: two would sign twice. */
  readonly taken?: string | undefined
  /** Its node answered: a second one with its keys would sign twice. */
  readonly online?: boolean
}

/** Peer ids of members whose nodes answered. */
export type Online = readonly string[]

/** Development accounts that networks of this computer sign with, and their names. */
export type TakenAccounts = ReadonlyMap<string, string>

/** Of a chain, by the identifier in its specification. */
export function takenAccounts(profiles: readonly { readonly profile: Pick<NetworkProfile, 'chain' | 'settings'> }[], specId: string): TakenAccounts {
  const same = profiles.filter(({ profile: { chain } }) => chain.kind === 'custom' && chain.specId === specId)
  return new Map(same.flatMap(({ profile: { settings } }) => (settings.role === 'validator' && settings.account !== 'none' ? [[settings.account, settings.name] as const] : [])))
}

/** What an addition says of the node's role. */
export interface RoleOptions {
  readonly role: 'full' | 'validator'
  readonly account?: Account
  readonly draft?: { readonly id: string; readonly passphrase?: string }
}

/** Stash accounts of the development accounts, in the form that a list of members has. */
const STASHES: Readonly<Record<Account, string>> = {
  alice: '5GNJqTPyNqANBkUVMN1LPPrxXnFouWXoe2wNSmmEoLctxiZY',
  bob: '5HpG9w8EBLe5XCrbczpwq5TSXvedjrBGCwqxK1iQ7qUsSWFc',
  charlie: '5Ck5SLSHYac6WFt5UZRSsdJjwmpSZq85fd5TRNAdZQVzEAPT',
  dave: '5HKPmK9GYtE1PSLsS1qiYU9xQ9Si1NcEhdeCq9sw5bqu4ns8',
  eve: '5FCfAonRZgTFrTd9HREEyeJjDpT397KMzizE6T3DvebLFE7n',
  ferdie: '5CRmqmsiNFExV6VbdmPJViVxrWmkaXXvBrSX8oqBT8R9vmWk',
}

export function authoritiesOf(members: readonly Member[], drafts: readonly MemberDraft[], taken: TakenAccounts = new Map(), online: Online = []): readonly Authority[] {
  return members.map((member) => {
    if (member.peerId !== undefined && online.includes(member.peerId)) return { name: member.name, member, who: undefined, online: true }
    const draft = draftFor(member, drafts)
    const account = ACCOUNTS.find((name) => STASHES[name] === member.stash)
    if (draft !== undefined) return { name: member.name, member, who: `draft:${draft.id}` as const }
    const holder = account === undefined ? undefined : taken.get(account)
    return { name: member.name, member, who: account === undefined || holder !== undefined ? undefined : (`account:${account}` as const), taken: holder }
  })
}

/** Whoever has keys for it is that one: first with keys of his own, a follower otherwise. Of a network that is built here, a development authority makes it live. */
export function usualWho(authorities: readonly Authority[], building: boolean): Who {
  const can = authorities.flatMap(({ who }) => who ?? [])
  const own = can.find((who) => who.startsWith('draft:'))
  return own ?? (building ? can[0] : undefined) ?? 'full'
}

/** Keys of this computer that no authority of the list has: root can add them later, by their line. */
export function unlisted(authorities: readonly Authority[], drafts: readonly MemberDraft[]): readonly MemberDraft[] {
  return drafts.filter((each) => !authorities.some(({ member }) => draftFor(member, [each]) !== undefined))
}

/** One that is not offered any more gives way to the usual one. `later`: keys that may be added later. */
export function fittingWho(chosen: Who | undefined, authorities: readonly Authority[], building: boolean, later: readonly MemberDraft[] = []): Who {
  const offered = chosen === 'full' || chosen === 'own' || authorities.some(({ who }) => who === chosen) || later.some(({ id }) => chosen === `draft:${id}`)
  return chosen !== undefined && offered ? chosen : usualWho(authorities, building)
}

/** Names of the authorities, where nobody else can be one and this node is none: the network would never make a block. */
export function deadNames(who: Who, authorities: readonly Authority[]): readonly string[] {
  const everywhere = authorities.every((authority) => authority.who?.startsWith('account:') === true)
  return who === 'full' && authorities.length > 0 && everywhere ? authorities.map(({ name }) => name) : []
}

export function roleOf(who: Who, passphrase: string): RoleOptions {
  if (who === 'full') return { role: 'full' }
  if (who === 'own') return { role: 'validator' }
  const account = ACCOUNTS.find((name) => who === `account:${name}`)
  if (account !== undefined) return { role: 'validator', account }
  return { role: 'validator', draft: { id: who.slice('draft:'.length), ...(passphrase === '' ? {} : { passphrase }) } }
}

export function draftOf(who: Who, drafts: readonly MemberDraft[]): MemberDraft | undefined {
  return drafts.find(({ id }) => who === `draft:${id}`)
}

/** The keys of this computer that are this member's. */
export function draftFor(member: Member | undefined, drafts: readonly MemberDraft[]): MemberDraft | undefined {
  return member === undefined ? undefined : drafts.find((each) => sameKeys(each.member, member))
}

function sameKeys(one: Member, other: Member): boolean {
  return one.sessionKeys.every(({ keyType, publicKey }) => other.sessionKeys.some((key) => key.keyType === keyType && key.publicKey === publicKey))
}
