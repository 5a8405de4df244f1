/** The form by which a network is added: what is typed, what follows from it, and what is still missing. */
import type { Members } from './members.svelte.ts'
import { authoritiesOf, deadNames, draftOf, fittingWho, roleOf, takenAccounts, unlisted, type Account, type Authority, type Who } from '../text/joining.ts'
import { hasMemberLines, parseAuthorities, privateChoices, USUAL_CHOICES, type MoreChoices } from '../text/private-network.ts'
import { problemOf } from '../text/problem.ts'
import { teamOf, usualBalances, wrongLine } from '../text/team.ts'
import type { ApiProblem } from '../../node-core/api/trpc.ts'
import type { NetworkDetails } from '../../node-core/manager/networks/admin-types.ts'
import type { SpecSummary } from '../../node-core/manager/kinds/chain/networks.ts'
import type { NetworkRequirements } from '../../node-core/manager/kinds/chain/requirements.ts'
import type { ApiClient } from '../trpc/client.ts'

export const WAYS = ['known', 'private', 'join', 'keys'] as const
export type Way = (typeof WAYS)[number]

export type Missing = 'name' | 'authority' | 'source' | 'wrong' | 'passphrase'

export interface Added {
  readonly network: string
  readonly begin: boolean
  readonly invite: boolean
}

export class AddForm {
  way = $state<Way>('known')
  known = $state('dev')
  source = $state('')
  spec = $state.raw<SpecSummary | undefined>()
  name = $state('')
  folder = $state('')
  role = $state<'full' | 'validator'>('full')
  account = $state<Account | 'none'>('none')
  /** Lines of members, or an address and session keys a line. */
  pasted = $state('')
  /** Undefined while nobody decided. */
  balances = $state<string | undefined>()
  more = $state.raw<MoreChoices>(USUAL_CHOICES)
  chosenWho = $state.raw<Who | undefined>()
  passphrase = $state('')
  #accounts = $state.raw<readonly Account[] | undefined>()
  #chosen = $state.raw<readonly string[] | undefined>()
  #requirements = $state.raw<readonly NetworkRequirements[]>([])
  #busy = $state(false)
  #problem = $state.raw<ApiProblem | undefined>()
  /** How often Add was pressed in vain. */
  #pressed = $state(0)
  readonly #client: ApiClient
  readonly #members: Members
  readonly #profiles: () => readonly NetworkDetails[]

  readonly needs = $derived(this.#requirements.find(({ chain }) => chain === (this.way === 'known' ? this.known : 'local')))
  /** Keys of this computer are of the network unless somebody decides otherwise; without any, it begins with Alice. */
  readonly chosen = $derived.by(() => this.#chosen ?? this.#members.drafts.map(({ id }) => id))
  readonly accounts = $derived.by(() => this.#accounts ?? (this.#members.drafts.length > 0 || hasMemberLines(this.pasted) ? [] : (['alice'] as const)))
  readonly team = $derived.by(() => teamOf(this.#members.drafts.filter(({ id }) => this.chosen.includes(id)), this.#members.lines))
  readonly choices = $derived(
    privateChoices({ name: this.name, authorities: this.accounts, team: this.team, pasted: this.pasted, balances: this.balances ?? usualBalances(this.team, this.accounts), more: this.more }),
  )
  readonly development = $derived(
    this.way === 'private' || (this.way === 'known' && this.needs?.kind !== 'public') || (this.way === 'join' && this.spec !== undefined && this.spec.chainType !== 'Live'),
  )
  /** Those that ship and are public are relay chains. */
  readonly canValidate = $derived(this.way === 'known' ? this.needs?.kind !== 'public' : this.way !== 'join' || this.spec?.canValidate !== false)
  /** The authorities are known by name: the person chooses who he is. */
  readonly asksWho = $derived(this.way === 'private' || (this.way === 'join' && (this.spec?.members.length ?? 0) > 0))
  readonly authorities = $derived.by((): readonly Authority[] => (this.way === 'private' ? this.#built() : authoritiesOf(this.spec?.members ?? [], this.#members.drafts, takenAccounts(this.#profiles(), this.spec?.id ?? ''), this.#members.online)))
  /** Keys of this computer that root of the network can add later. */
  readonly later = $derived.by(() => (this.way === 'join' ? unlisted(this.authorities, this.#members.drafts) : []))
  readonly who = $derived(fittingWho(this.chosenWho, this.authorities, this.way === 'private', this.later))
  readonly dead = $derived(this.way === 'private' ? deadNames(this.who, this.authorities) : [])
  readonly missing = $derived(this.#missing())

  /** `profiles`: the networks of this computer. */
  constructor(client: ApiClient, members: Members, profiles: () => readonly NetworkDetails[]) {
    this.#profiles = profiles
    this.#client = client
    this.#members = members
  }

  /** What was opened with the app. */
  offer(source: string): void {
    this.way = 'join'
    this.source = source
  }

  get requirements(): readonly NetworkRequirements[] {
    return this.#requirements
  }

  get busy(): boolean {
    return this.#busy
  }

  get problem(): ApiProblem | undefined {
    return this.#problem
  }

  get pressed(): number {
    return this.#pressed
  }

  chooseAccounts(accounts: readonly Account[]): void {
    this.#accounts = accounts
  }

  /** Keys of this computer. */
  chooseKeys(drafts: readonly string[]): void {
    this.#chosen = drafts
  }

  dismissProblem(): void {
    this.#problem = undefined
  }

  loadRequirements(): void {
    this.#client.networks.requirements.query().then(
      (list) => (this.#requirements = list),
      (error: unknown) => (this.#problem = problemOf(error)),
    )
  }

  /** Undefined where something is missing, or it failed: both are said. */
  async add(): Promise<Added | undefined> {
    this.#problem = undefined
    if (this.missing !== undefined) {
      this.#pressed++
      return undefined
    }
    this.#busy = true
    try {
      // Before the keys are gone into the network.
      const next = { begin: this.asksWho && this.who.startsWith('draft:'), invite: this.way === 'private' && this.team.length > 1 }
      const { profile } = await this.#send()
      return { network: profile.id, ...next }
    } catch (error) {
      this.#problem = problemOf(error)
      return undefined
    } finally {
      this.#busy = false
    }
  }

  #send() {
    const folder = this.folder.trim() === '' ? {} : { folder: this.folder.trim() }
    const role = this.asksWho ? roleOf(this.who, this.passphrase) : this.#plainRole()
    const options = { ...folder, ...role }
    const named = this.name.trim() === '' ? {} : { name: this.name.trim() }
    if (this.way === 'known') return this.#client.networks.add.mutate({ chain: { known: this.known }, ...named, ...options })
    if (this.way === 'private' && this.choices !== undefined) return this.#client.networks.buildPrivate.mutate({ choices: this.choices, ...options })
    const { genesisHash } = this.spec ?? {}
    return this.#client.networks.add.mutate({ chain: { specPath: this.source.trim(), ...(genesisHash === undefined ? {} : { genesisHash }) }, ...named, ...options })
  }

  #plainRole() {
    const { account, development } = this
    const role = this.canValidate ? this.role : 'full'
    return { role, ...(development && role === 'validator' && account !== 'none' ? { account } : {}) }
  }

  /** Of a network that is built here: in the order in which the node is told of them. */
  #built(): readonly Authority[] {
    const accounts = this.accounts.map((account): Authority => ({ name: capitalized(account), who: `account:${account}`, member: undefined }))
    const others = hasMemberLines(this.pasted) ? undefined : parseAuthorities(this.pasted)
    const strangers = others?.ok === true ? others.items.map(({ stash }): Authority => ({ name: `${stash.slice(0, 6)}…${stash.slice(-4)}`, who: undefined, member: undefined })) : []
    return [...accounts, ...authoritiesOf(this.team, this.#members.drafts), ...strangers]
  }

  #missing(): Missing | undefined {
    if (this.way === 'keys') return undefined
    if (this.way === 'join' && this.spec === undefined) return 'source'
    if (this.way === 'private') {
      if (this.name.trim() === '') return 'name'
      if (wrongLine(this.pasted, this.#members.lines, this.team) !== undefined || this.choices === undefined) return 'wrong'
      if (this.choices.authorities.length === 0) return 'authority'
    }
    const draft = this.asksWho ? draftOf(this.who, this.#members.drafts) : undefined
    return draft !== undefined && !draft.remembered && this.passphrase === '' ? 'passphrase' : undefined
  }
}

function capitalized(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}
