/** Troubles as a person reads them: what it is, what to do, and what the buttons say. Pure: time comes in. */
import { dataFolderActions, dataFolderText, repairedText, unusableText, type DataFolderAction } from './data-folder.ts'
import { formatBytes, formatDayTime, formatDuration, formatHeight, formatNumber, formatTime, shortId } from './format.ts'
import { m } from '../i18n/language.ts'
import { inOneLine, translated } from './problem.ts'
import type { Sentence } from './status-sentence.ts'
import type { Trouble } from '../../node-core/manager/watch/troubles.ts'
import type { TroubleAction } from '../../node-core/manager/kinds/trouble.ts'

/** What a card offers: what the manager can do, and what the window itself can. */
export type CardAction = TroubleAction | DataFolderAction | 'move-data' | 'add-network' | 'connect'

export interface TroubleText {
  readonly title: string
  readonly text: string
  /** The language of the text, where the node said it and not this window. */
  readonly language?: 'en'
  /** What the node said besides, in English, whatever the language of the text. */
  readonly quote?: string
  /** What happens by itself, where something does. */
  readonly outlook: string | undefined
  readonly since: string
}

export function troubleText(trouble: Trouble, now: number): TroubleText {
  return { ...words(trouble, now), outlook: outlookText(trouble, now), since: m.trouble.since(formatTime(trouble.since)) }
}

/** For the top of the screen, where the node does not run for a reason that has a card below. */
export function failedSentence(trouble: Trouble, now: number): Sentence {
  const { title, outlook } = troubleText(trouble, now)
  const why = `${title}.${outlook === undefined ? '' : ` ${outlook}`}`
  // That the node failed is all that is known here: it is said once.
  return { text: trouble.code === 'node-failed' ? why : m.status.failed(why), tone: 'trouble' }
}

/** Nothing is well, or merely on its way, while something below says otherwise. */
export function tempered(sentence: Sentence, troubles: readonly Trouble[]): Sentence {
  return (sentence.tone === 'well' || sentence.tone === 'busy') && troubles.some(({ severity }) => severity === 'trouble') ? { ...sentence, tone: 'attention' } : sentence
}

/** The first is the obvious one. `canMove`: the data of this network can be moved from here, and others be added. */
export function offeredActions(trouble: Trouble, canMove: boolean): readonly CardAction[] {
  const { code, actions } = trouble
  // Who is alone is helped by an address.
  if (code === 'no-peers' || code === 'authoring-alone') return trouble.code === 'no-peers' && trouble.own !== true ? [...actions, 'connect'] : ['connect', ...actions]
  if (!canMove) return actions
  if (code === 'data-folder') return [...actions, ...dataFolderActions(trouble.reason)]
  if (code === 'disk-low') return ['move-data', ...actions]
  if (code === 'old-runtime') return ['add-network', ...actions]
  return code === 'disk-full' ? [...actions, 'move-data'] : actions
}

export function actionText(trouble: Trouble, action: CardAction): string {
  const { trouble: t, dataFolder } = m
  switch (action) {
    case 'choose-folder':
      return dataFolder.choose
    case 'use-as-it-is':
      return dataFolder.useAsItIs
    case 'connect':
      return m.standing.connect
    case 'begin-anew':
      return dataFolder.beginAnew
    case 'repair':
      return dataFolder.repair
    case 'start':
      return trouble.code === 'disk-full' ? t.startNode : trouble.code === 'data-folder' ? dataFolder.lookAgain : t.actions.start
    default:
      return t.actions[action]
  }
}

/** How far a clock is off, which is measured to some milliseconds: to the next second, either way. */
function measured(ms: number): string {
  return formatDuration(Math.round(Math.abs(ms) / 1000) * 1000)
}

function words(trouble: Trouble, now: number): Pick<TroubleText, 'title' | 'text' | 'language' | 'quote'> {
  const { trouble: t } = m
  switch (trouble.code) {
    case 'port-in-use': {
      const purpose = t.ports[trouble.purpose]
      // A port is a name made of digits: no separators.
      const title = trouble.port === undefined ? t.portTitleUnknown(purpose) : t.portTitle(String(trouble.port), purpose)
      if (trouble.network !== undefined) return { title, text: m.dataFolder.portNetwork(trouble.network) }
      return { title, text: trouble.actions.includes('free-port') ? t.portText : t.portTextFixed }
    }
    case 'folder-locked':
      return { title: t.lockedTitle, text: trouble.pid === undefined ? t.lockedTextUnknown(trouble.path) : t.lockedText(trouble.path, trouble.pid) }
    case 'data-folder':
      return dataFolderText(trouble)
    case 'database-unusable':
      return unusableText(trouble)
    case 'database-repaired':
      return repairedText(trouble)
    case 'disk-full': {
      const needed = formatBytes(trouble.stopBytes)
      return { title: t.diskFullTitle, text: trouble.freeBytes === undefined ? t.diskFullTextUnknown(needed) : t.diskFullText(formatBytes(trouble.freeBytes), needed) }
    }
    case 'disk-low':
      return { title: t.diskLowTitle, text: t.diskLowText(formatBytes(trouble.freeBytes), formatBytes(trouble.stopBytes)) }
    case 'clock-wrong': {
      const span = measured(trouble.offsetMs)
      return { title: trouble.offsetMs < 0 ? t.clockBehindTitle(span) : t.clockAheadTitle(span), text: t.clockText(trouble.peers) }
    }
    case 'clock-jumped': {
      const span = measured(trouble.byMs)
      return { title: trouble.byMs < 0 ? t.jumpBackTitle(span) : t.jumpForwardTitle(span), text: t.jumpText }
    }
    case 'no-peers':
      return trouble.own === true
        ? { title: m.standing.noMembersTitle, text: m.standing.noMembersText(formatDuration(now - trouble.since + 60_000)) }
        : { title: t.noPeersTitle, text: t.noPeersText(formatDuration(now - trouble.since + 60_000)) }
    case 'authoring-alone':
      return { title: t.aloneTitle, text: t.aloneText(trouble.authorities) }
    case 'authoring-again':
      return { title: t.againTitle(formatDuration(Math.max(1000, trouble.until - now))), text: t.againText }
    case 'signing-record':
      return trouble.kind === 'unreadable' ? { title: t.unreadableTitle, text: t.unreadableText(trouble.path) } : { title: t.unwritableTitle, text: t.unwritableText(trouble.path) }
    case 'signed-elsewhere':
      return { title: m.signing.title, text: `${foundText(trouble.found)} ${m.signing.advice}` }
    case 'not-signing': {
      const { validator: v } = m
      const why = { locked: v.silentLocked, failed: v.silentSaid, unknown: v.silentUnknown }[trouble.reason]
      return { title: v.silentTitle, text: `${v.silentText(trouble.turns)} ${why}`, ...(trouble.message === '' ? {} : { quote: trouble.message }) }
    }
    case 'router': {
      const title = trouble.problem === 'NAT_DOUBLE' ? t.doubleNatTitle : t.routerTitle
      const text = t.routerText[trouble.problem]
      return text === undefined ? { title, text: `${trouble.message} ${trouble.hint}`, language: 'en' } : { title, text }
    }
    case 'member-key':
      return { title: t.memberKeyTitle(trouble.name ?? shortId(trouble.peer)), text: t.memberKeyText(trouble.peer, trouble.found, trouble.others, trouble.path) }
    case 'topology-file':
      return { title: t.topologyFileTitle, text: t.topologyFileText(trouble.path), quote: trouble.message }
    case 'relay-validator':
      return { title: t.relayValidatorTitle, text: t.relayValidatorText }
    case 'old-runtime':
      return { title: t.oldRuntimeTitle, text: t.oldRuntimeText }
    case 'runtime-trap': {
      const text = trouble.stopped ? t.trapTextStopped : t.trapText
      return { title: t.trapTitle, text, ...(trouble.message === '' ? {} : { quote: trouble.message }) }
    }
    case 'cannot-execute': {
      const height = formatHeight(trouble.number)
      return { title: t.cannotExecuteTitle(height), text: t.cannotExecuteText(height, trouble.peers), quote: trouble.message }
    }
    case 'node-failed': {
      const problem = translated({ code: trouble.failure, message: trouble.message, hint: trouble.hint })
      const text = capitalized(inOneLine(problem))
      return problem.original === undefined ? { title: t.failedTitle, text, language: 'en' } : { title: t.failedTitle, text, quote: problem.original }
    }
  }
}

function foundText(found: Extract<Trouble, { code: 'signed-elsewhere' }>['found']): string {
  if (found === undefined) return m.signing.unreadable
  const height = formatHeight(found.number)
  const key = shortId(found.publicKey)
  const time = formatDayTime(found.at)
  return found.kind === 'block' ? m.signing.block(height, key, time) : m.signing.vote(height, formatNumber(found.round), key, time)
}

/** Errors are written to follow a colon. */
function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function outlookText({ outlook }: Trouble, now: number): string | undefined {
  if (outlook === undefined) return undefined
  if (outlook.kind === 'gave-up') return m.trouble.gaveUp(outlook.attempts)
  return outlook.at <= now ? m.trouble.restartNow : m.trouble.restartIn(formatDuration(Math.max(1000, outlook.at - now)), outlook.attempt)
}
