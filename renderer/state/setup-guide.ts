/**
 * The guide of the first run as a pure state machine: which step is shown, what was answered, what keeps the next step
 * shut. Nothing is written here; what the answers come to is services/set-up.ts.
 */
import { ACCOUNTS, authoritiesOf, draftOf, fittingWho, unlisted, type Account, type Authority, type Online, type Who } from '../text/joining.ts'
import { hasMemberLines, privateChoices, USUAL_CHOICES, wrongChoices, type MoreChoices, type PrivateForm } from '../text/private-network.ts'
import { teamOf, usualBalances, wrongLine } from '../text/team.ts'
import type { MemberLine } from '../../node-core/api/network/members.ts'
import type { MemberDraft } from '../../node-core/manager/kinds/chain/member-drafts.ts'
import type { KeysState } from '../../node-core/api/network/keys.ts'
import type { SetupState } from '../../node-core/api/app/setup.ts'
import type { NetworkDetails } from '../../node-core/manager/networks/admin-types.ts'
import type { SpecSummary } from '../../node-core/manager/kinds/chain/networks.ts'
import type { FolderCheck } from '../../node-core/manager/folders/data-folder.ts'
import type { PortCheck } from '../../node-core/manager/ports/port-check.ts'
import type { NetworkRequirements } from '../../node-core/manager/kinds/chain/requirements.ts'

export const STEPS = ['welcome', 'network', 'folder', 'role', 'ports', 'start', 'done'] as const
export type StepId = (typeof STEPS)[number]

export { ACCOUNTS, type Account } from '../text/joining.ts'

export interface Answers {
  readonly way: 'dev' | 'private' | 'spec' | 'public'
  /** Which public network. */
  readonly chain: string
  /** Of a private network. */
  readonly name: string
  readonly authorities: readonly Account[]
  /** Keys made on this computer that are of the network, by their identifiers; undefined: all there are. */
  readonly keysHere: readonly string[] | undefined
  /** Lines of members, or an address and session keys a line. */
  readonly pasted: string
  /** One entry a line; undefined while nobody decided. */
  readonly balances: string | undefined
  readonly more: MoreChoices
  readonly specPath: string
  /** Empty: the app's own place. */
  readonly folder: string
  /** Who this node is, where the authorities are known by name; undefined while nobody decided. */
  readonly who: Who | undefined
  readonly role: 'full' | 'validator'
  /** What a validator signs with. */
  readonly keys: Account | 'own'
  /** As it is typed. */
  readonly port: string
  readonly upnp: boolean
  readonly autoStart: boolean
  readonly launchAtLogin: boolean
}

/** What was found out meanwhile; undefined while it is asked for. */
export interface Facts {
  readonly requirements: readonly NetworkRequirements[]
  readonly spec: Pick<SpecSummary, 'name' | 'chainType' | 'members' | 'canValidate'> | undefined
  /** The app's own place for data. */
  readonly place: FolderCheck | undefined
  /** The folder that was chosen. */
  readonly folder: FolderCheck | undefined
  readonly port: PortCheck | undefined
  /** Keys that were made here before their network, and what was pasted of others. */
  readonly drafts: readonly MemberDraft[]
  readonly lines: readonly MemberLine[]
  /** Members of the chosen file whose nodes answered. */
  readonly online: Online
  /** The passphrase of the keys to join with was typed. */
  readonly passphrase: boolean
  /** Session keys of one's own that are kept. */
  readonly ownKeys: number
  readonly canLaunchAtLogin: boolean
}

export interface Guide {
  readonly step: StepId
  readonly answers: Answers
  /** What the person decided; the rest follows what fits the network. */
  readonly touched: ReadonlySet<keyof Answers>
  /** The network that keys were made for: it is there, and so is its folder. */
  readonly added: string | undefined
}

export type GuideEvent =
  | { readonly type: 'next' }
  | { readonly type: 'back' }
  | { readonly type: 'answer'; readonly change: Partial<Answers> }
  /** A value that fits what was found out, as long as the person decided nothing else. */
  | { readonly type: 'suggest'; readonly change: Partial<Answers> }
  | { readonly type: 'added'; readonly network: string }
  /** A network file or an invitation was opened with the app. */
  | { readonly type: 'offered'; readonly source: string }
  /** A guide that was left goes on, from its beginning, with the network that it added. */
  | { readonly type: 'resumed'; readonly settled: Settled }

export type Settled = NonNullable<SetupState['settled']>

/** Why it does not go on: `checking` is over by itself. */
export type Blocker = 'name' | 'lists' | 'more' | 'authority' | 'spec' | 'folder' | 'role' | 'passphrase' | 'port' | 'checking'

const FIXED_ONCE_ADDED: readonly (keyof Answers)[] = ['way', 'chain', 'name', 'authorities', 'keysHere', 'pasted', 'balances', 'more', 'specPath', 'folder', 'who']

export function newGuide(): Guide {
  const answers: Answers = {
    way: 'dev', chain: 'westend', name: '', authorities: ['alice'], keysHere: undefined, pasted: '', balances: undefined, more: USUAL_CHOICES, specPath: '',
    folder: '', who: undefined, role: 'validator', keys: 'alice', port: '30333', upnp: false, autoStart: false, launchAtLogin: false,
  }
  return { step: 'welcome', answers, touched: new Set(), added: undefined }
}

/** The next step is the caller's to forbid: it knows the facts (`blocker`). */
export function reduce(guide: Guide, event: GuideEvent): Guide {
  switch (event.type) {
    case 'next':
      return { ...guide, step: STEPS[stepNumber(guide.step)] ?? guide.step }
    case 'back':
      return { ...guide, step: STEPS[stepNumber(guide.step) - 2] ?? guide.step }
    case 'answer': {
      const change = allowed(guide, event.change)
      const touched = new Set([...guide.touched, ...(Object.keys(change) as (keyof Answers)[])])
      return { ...guide, touched, answers: fitting({ ...guide.answers, ...change }, touched) }
    }
    case 'suggest': {
      const open = Object.entries(allowed(guide, event.change)).filter(([key]) => !guide.touched.has(key as keyof Answers))
      return { ...guide, answers: { ...guide.answers, ...Object.fromEntries(open) } }
    }
    case 'offered':
      return guide.added === undefined ? { ...reduce(guide, { type: 'answer', change: { way: 'spec', specPath: event.source } }), step: 'network' } : guide
    case 'added':
      return { ...guide, added: event.network }
    case 'resumed': {
      const change = answersOf(event.settled)
      const touched = new Set([...guide.touched, ...(Object.keys(change) as (keyof Answers)[])])
      return { ...guide, touched, answers: fitting({ ...guide.answers, ...change }, touched), added: event.settled.answers.network }
    }
  }
}

/** What was answered before the guide was left, and what its network says of itself. */
function answersOf({ answers, details: { profile } }: Settled): Partial<Answers> {
  const { way, folder, role } = answers
  const authorities = ACCOUNTS.filter((account) => answers.authorities.includes(account))
  const keys = ACCOUNTS.find((account) => account === answers.keys) ?? 'own'
  return { way, folder, role, keys, authorities, name: profile.settings.name, ...(profile.chain.kind === 'known' && way === 'public' ? { chain: profile.chain.name } : {}) }
}

/** Session keys that are kept, development accounts aside. */
export function ownKeyCount({ session }: Pick<KeysState, 'session'>): number {
  return session.filter(({ source }) => source === 'file').length
}

/** What is known of a chain of one's own without its file. */
export function specOf({ profile: { chain, settings }, canValidate }: NetworkDetails): Facts['spec'] {
  return chain.kind === 'custom' ? { name: settings.name, chainType: chain.chainType, members: [], canValidate } : undefined
}

/** From 1 on. */
export function stepNumber(step: StepId): number {
  return STEPS.indexOf(step) + 1
}

function allowed(guide: Guide, change: Partial<Answers>): Partial<Answers> {
  if (guide.added === undefined) return change
  return Object.fromEntries(Object.entries(change).filter(([key]) => !FIXED_ONCE_ADDED.includes(key as keyof Answers)))
}

/** A development network of one computer wants a validator and no router; a public one neither the one nor to be without the other. */
function fitting(answers: Answers, touched: Guide['touched']): Answers {
  const { way, authorities } = answers
  const makesBlocks = way === 'dev' || way === 'private'
  const fits: Partial<Answers> = {
    role: makesBlocks ? 'validator' : 'full',
    keys: way === 'dev' ? 'alice' : way === 'private' ? (authorities[0] ?? 'own') : 'own',
    upnp: way !== 'dev',
  }
  const open = Object.fromEntries(Object.entries(fits).filter(([key]) => !touched.has(key as keyof Answers)))
  const next = { ...answers, ...open }
  // Keys that everybody knows are not for public networks, whatever was chosen before; and those that ship are relay chains, of which this node is no validator.
  return way === 'public' ? { ...next, keys: 'own', role: 'full' } : next
}

/** Development accounts may be used. */
export function isDevelopment({ way }: Answers, { spec }: Pick<Facts, 'spec'>): boolean {
  return way === 'dev' || way === 'private' || (way === 'spec' && spec !== undefined && spec.chainType !== 'Live')
}

/** This node can be a validator of the network: of live relay chains it cannot. */
export function canValidate({ way }: Answers, { spec }: Pick<Facts, 'spec'>): boolean {
  return way === 'spec' ? spec?.canValidate !== false : way !== 'public'
}

/** The authorities are known by name, so that the person can say which of them he is; once the network is there, that is settled. */
export function asksWho({ answers: { way }, added }: Guide, { spec }: Pick<Facts, 'spec'>): boolean {
  return added === undefined && (way === 'private' || (way === 'spec' && (spec?.members.length ?? 0) > 0))
}

/** Keys of this computer that are of the private network. */
export function keysOf({ keysHere }: Answers, { drafts }: Pick<Facts, 'drafts'>): readonly MemberDraft[] {
  return keysHere === undefined ? drafts : drafts.filter(({ id }) => keysHere.includes(id))
}

/** Development accounts of the private network: none where it is a team's and nobody chose any. */
export function accountsOf({ authorities, pasted }: Answers, touched: Guide['touched'], { drafts }: Pick<Facts, 'drafts'>): readonly Account[] {
  return !touched.has('authorities') && (drafts.length > 0 || hasMemberLines(pasted)) ? [] : authorities
}

export function privateForm({ answers, touched }: Guide, facts: Pick<Facts, 'drafts' | 'lines'>): PrivateForm {
  const team = teamOf(keysOf(answers, facts), facts.lines)
  const authorities = accountsOf(answers, touched, facts)
  const { name, pasted, balances = usualBalances(team, authorities), more } = answers
  return { name, authorities, team, pasted, balances, more }
}

export function authoritiesIn(guide: Guide, facts: Pick<Facts, 'spec' | 'drafts' | 'lines' | 'online'>): readonly Authority[] {
  if (guide.answers.way !== 'private') return authoritiesOf(facts.spec?.members ?? [], facts.drafts, undefined, facts.online)
  const { authorities, team } = privateForm(guide, facts)
  const development = authorities.map((account): Authority => ({ name: account.charAt(0).toUpperCase() + account.slice(1), who: `account:${account}`, member: undefined }))
  return [...development, ...authoritiesOf(team, facts.drafts)]
}

export function whoIn(guide: Guide, facts: Pick<Facts, 'spec' | 'drafts' | 'lines' | 'online'>): Who {
  return fittingWho(guide.answers.who, authoritiesIn(guide, facts), guide.answers.way === 'private', laterIn(guide, facts))
}

/** Keys of this computer that root of the network can add later. */
export function laterIn(guide: Guide, facts: Pick<Facts, 'spec' | 'drafts' | 'lines' | 'online'>): readonly MemberDraft[] {
  return guide.answers.way === 'private' ? [] : unlisted(authoritiesIn(guide, facts), facts.drafts)
}

/** What a choice of who this node is means for its role and its keys. */
export function roleAnswers(who: Who): Pick<Answers, 'who' | 'role' | 'keys'> {
  const account = ACCOUNTS.find((name) => who === `account:${name}`)
  return { who, role: who === 'full' ? 'full' : 'validator', keys: account ?? 'own' }
}

/** What the network asks of the computer; undefined where nobody knows, as with a specification from a file. */
export function needsOf({ way, chain }: Answers, { requirements }: Pick<Facts, 'requirements'>): NetworkRequirements | undefined {
  const id = { dev: 'dev', private: 'local', public: chain, spec: undefined }[way]
  return requirements.find((needs) => needs.chain === id)
}

/** A port whose next one exists, too; undefined where it is none. */
export function readPort(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text.trim()) ? Number(text) : 0
  return port >= 1 && port <= 65_534 ? port : undefined
}

/** What keeps the step after the present one shut; undefined where nothing does. */
export function blocker(guide: Guide, facts: Facts): Blocker | undefined {
  const { step, answers, added } = guide
  switch (step) {
    case 'network':
      return added === undefined ? networkBlocker(guide, facts) : undefined
    case 'folder':
      return added === undefined ? folderBlocker(answers, facts) : undefined
    case 'role': {
      if (answers.role === 'validator' && !asksWho(guide, facts) && !canValidate(answers, facts)) return 'role'
      const draft = asksWho(guide, facts) ? draftOf(whoIn(guide, facts), facts.drafts) : undefined
      return draft !== undefined && !draft.remembered && !facts.passphrase ? 'passphrase' : undefined
    }
    case 'ports':
      if (readPort(answers.port) === undefined) return 'port'
      if (facts.port?.port !== readPort(answers.port)) return 'checking'
      return facts.port?.state === 'free' ? undefined : 'port'
    default:
      return undefined
  }
}

function networkBlocker(guide: Guide, facts: Facts): Blocker | undefined {
  const { answers } = guide
  if (answers.way === 'spec') return facts.spec === undefined ? 'spec' : undefined
  if (answers.way !== 'private') return undefined
  if (answers.name.trim() === '') return 'name'
  const form = privateForm(guide, facts)
  if (wrongChoices(answers.more).size > 0) return 'more'
  const choices = privateChoices(form)
  if (choices === undefined || wrongLine(answers.pasted, facts.lines, form.team) !== undefined) return 'lists'
  return choices.authorities.length === 0 ? 'authority' : undefined
}

function folderBlocker({ folder }: Answers, facts: Facts): Blocker | undefined {
  const check = folder.trim() === '' ? facts.place : facts.folder
  if (check === undefined) return 'checking'
  return check.problem === undefined ? undefined : 'folder'
}
