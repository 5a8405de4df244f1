/** The upgrade of a network's runtime as a person reads it. Pure. */
import { formatHeight, shortId } from './format.ts'
import { m } from '../i18n/language.ts'
import { inOneLine, translated } from './problem.ts'
import type { Tone } from './status-sentence.ts'
import type { UpgradeDetails, UpgradeState } from '../../node-core/api/network/upgrade.ts'

export interface UpgradeStepLine {
  readonly step: keyof typeof m.upgrade.steps
  readonly tone: Tone
  readonly note: string | undefined
}

export interface UpgradeText {
  readonly title: string
  readonly text: string
  /** Undefined where it is an offer. */
  readonly tone: Tone | undefined
  /** What the node said, in English. */
  readonly quote?: string | undefined
  /** Where it is under way. */
  readonly steps: readonly UpgradeStepLine[]
}

/** Undefined where there is nothing to say. `finalized` is the height of the finalized block. */
export function upgradeText(state: UpgradeState, finalized: number | undefined): UpgradeText | undefined {
  const { upgrade: u } = m
  const { stage, current, target, since, failure, isOwn, canApply } = state
  switch (stage) {
    case 'none':
      return undefined
    case 'offered': {
      const text = offerText(state)
      return text === undefined || target === undefined ? undefined : { title: u.offeredTitle(target, current), text, tone: undefined, steps: [] }
    }
    case 'done':
      return { title: since === undefined ? u.doneTitle(current) : u.doneSince(current, formatHeight(since)), text: u.doneText, tone: 'well', steps: [] }
    case 'failed': {
      const quote = failure === undefined ? undefined : inOneLine(translated(failure))
      return { title: u.failedTitle(target ?? current), text: canApply ? u.failedApplyText : u.failedText, tone: 'attention', quote, steps: [] }
    }
    case 'authorizing':
    case 'authorized':
    case 'applying':
    case 'waiting-for-finality': {
      const title = target === undefined ? u.comingUnknownTitle : isOwn ? u.ownTitle(target) : u.comingTitle(target)
      const text = target === undefined ? u.comingUnknownText : canApply ? u.comingApply : u.comingText
      return { title, text, tone: 'busy', steps: stepsOf(state, finalized) }
    }
  }
}

function offerText(state: UpgradeState): string | undefined {
  const { upgrade: u } = m
  const { root } = state
  switch (root.kind) {
    case 'none':
      return undefined
    case 'here':
      return u.offeredHere
    case 'locked':
      return u.offeredLocked(rootLabel(state))
    case 'elsewhere':
      return u.offeredElsewhere(rootLabel(state))
    case 'multisig':
      return root.members === undefined || root.threshold === undefined ? u.offeredMultisigUnknown : u.offeredMultisig(root.threshold, root.members.length)
  }
}

/** `Alice (5Grwva…utQY)`. */
export function rootLabel({ rootName, rootAddress }: UpgradeState): string {
  const address = shortId(rootAddress ?? '')
  return rootName === undefined ? address : `${rootName} (${address})`
}

function stepsOf({ stage, isOwn, inBlock, authorizedAt }: UpgradeState, finalized: number | undefined): UpgradeStepLine[] {
  const { upgrade: u } = m
  const waits = inBlock !== undefined ? u.inBlock(formatHeight(inBlock)) : isOwn ? u.waitsForBlock : undefined
  const authorized = authorizedAt === undefined ? u.isFinalSomewhere : u.isFinal(formatHeight(authorizedAt))
  const soFar = finalized === undefined ? undefined : u.finalSoFar(formatHeight(finalized))
  switch (stage) {
    case 'authorizing':
      return [line('authorize', 'busy', waits ?? u.notFinal), line('apply', 'off'), line('final', 'off')]
    case 'authorized':
      return [line('authorize', 'well', authorized), line('apply', 'off'), line('final', 'off')]
    case 'applying':
      return [line('authorize', 'well', authorized), line('apply', 'busy', u.waitsForBlock), line('final', 'off')]
    default:
      return [line('authorize', 'well', authorized), line('apply', 'well', waits ?? u.notFinal), line('final', 'busy', soFar)]
  }
}

function line(step: UpgradeStepLine['step'], tone: Tone, note?: string): UpgradeStepLine {
  return { step, tone, note }
}

/** Under which name a card is remembered as put aside; undefined where it stays. */
export function dismissalOf({ stage, target, current, root }: UpgradeState): string | undefined {
  if (stage === 'done') return `done ${current}`
  return stage === 'offered' && (root.kind === 'elsewhere' || root.kind === 'multisig') ? `offered ${target}` : undefined
}

/** Whether others than this node act, with the call that root makes. */
export function needsCall({ stage, root }: UpgradeState): boolean {
  return stage === 'offered' && (root.kind === 'elsewhere' || root.kind === 'multisig')
}

export interface ChangeGroup {
  readonly title: string
  readonly names: readonly string[]
  /** Names that are not shown. */
  readonly more: number
}

/** Names of one kind that are shown. */
const SHOWN_NAMES = 6

/** What changes, by kind; empty where nothing that others call does. */
export function changeGroups({ changes: { pallets, calls, apis } }: UpgradeDetails): ChangeGroup[] {
  const { upgrade: u } = m
  const groups: readonly (readonly [title: string, names: readonly string[] | undefined])[] = [
    [u.newPallets, pallets.added],
    [u.gonePallets, pallets.removed],
    [u.newCalls, calls.added],
    [u.goneCalls, calls.removed],
    [u.newApis, apis?.added],
    [u.goneApis, apis?.removed],
  ]
  return groups.flatMap(([title, names = []]) => (names.length === 0 ? [] : [{ title, names: names.slice(0, SHOWN_NAMES), more: Math.max(0, names.length - SHOWN_NAMES) }]))
}
