/** The one true sentence of each step of the guide, from what was answered and what is known. Green is what was looked at. Pure. */
import { m } from '../i18n/language.ts'
import { deadNames, draftOf } from './joining.ts'
import { privateChoices } from './private-network.ts'
import { asksWho, authoritiesIn, blocker, canValidate, isDevelopment, needsOf, privateForm, readPort, whoIn, type Answers, type Facts, type Guide } from '../state/setup-guide.ts'
import type { Sentence } from './status-sentence.ts'

export function setupSentence(guide: Guide, facts: Facts): Sentence {
  const { step, answers } = guide
  switch (step) {
    case 'welcome':
      return { text: guide.added === undefined ? m.setup.sentences.welcome : m.setup.sentences.goOn(networkName(answers, facts)), tone: 'off' }
    case 'network':
      return network(guide, facts)
    case 'folder':
      return folder(guide, facts)
    case 'role':
      return asksWho(guide, facts) ? who(guide, facts) : role(answers, facts)
    case 'ports':
      return ports(guide, facts)
    case 'start':
      return { text: m.setup.sentences.start(answers.launchAtLogin && facts.canLaunchAtLogin, answers.autoStart), tone: 'off' }
    case 'done':
      return { text: m.setup.sentences.done(networkName(answers, facts)), tone: 'off' }
  }
}

/** What the network is called until somebody calls it something else. */
export function networkName(answers: Answers, facts: Pick<Facts, 'requirements' | 'spec'>): string {
  if (answers.way === 'private') return answers.name.trim() === '' ? m.setup.unnamed : answers.name.trim()
  if (answers.way === 'spec') return facts.spec?.name ?? m.setup.fromFile
  return answers.way === 'dev' ? m.setup.development : (needsOf(answers, facts)?.name ?? answers.chain)
}

/** How many make its blocks from the first one on. */
export function authorityCount(guide: Guide, facts: Facts): number {
  return privateChoices(privateForm(guide, facts))?.authorities.length ?? 0
}

function network(guide: Guide, facts: Facts): Sentence {
  const { answers, added } = guide
  const name = networkName(answers, facts)
  if (added !== undefined) return { text: m.setup.sentences.added(name), tone: 'off' }
  const missing = blocker(guide, facts)
  if (missing === 'name' || missing === 'authority' || missing === 'lists' || missing === 'more' || missing === 'spec') return { text: m.setup.missing[missing], tone: 'off' }
  const needs = needsOf(answers, facts)
  if (answers.way === 'private') return { text: m.setup.sentences.private(name, authorityCount(guide, facts)), tone: 'off' }
  if (answers.way === 'spec') return { text: m.setup.sentences.spec(name), tone: 'attention' }
  if (needs?.download === undefined) return { text: m.setup.sentences.development(needs?.diskBytes ?? 0, needs?.memoryBytes ?? 0), tone: 'off' }
  return { text: m.setup.sentences.public(name, needs.download.minutes[0], needs.download.minutes[1], needs.diskBytes), tone: 'off' }
}

function folder(guide: Guide, facts: Facts): Sentence {
  const name = networkName(guide.answers, facts)
  if (guide.added !== undefined) return { text: m.setup.sentences.added(name), tone: 'off' }
  const check = guide.answers.folder.trim() === '' ? facts.place : facts.folder
  if (check === undefined) return { text: m.setup.sentences.lookingAtFolder, tone: 'busy' }
  if (check.problem !== undefined) return { text: m.networks.folderProblems[check.problem], tone: 'trouble' }
  if (check.freeBytes === undefined) return { text: m.setup.sentences.roomUnknown, tone: 'attention' }
  const needed = needsOf(guide.answers, facts)?.diskBytes
  if (needed === undefined) return { text: m.setup.sentences.roomFor(check.freeBytes), tone: 'off' }
  if (check.freeBytes < needed) return { text: m.setup.sentences.roomShort(check.freeBytes, name, needed), tone: 'attention' }
  return { text: m.setup.sentences.room(check.freeBytes, name, needed), tone: 'well' }
}

function who(guide: Guide, facts: Facts): Sentence {
  const chosen = whoIn(guide, facts)
  const authorities = authoritiesIn(guide, facts)
  const name = networkName(guide.answers, facts)
  const dead = guide.answers.way === 'private' ? deadNames(chosen, authorities) : []
  if (dead.length > 0) return { text: m.ceremony.dead(dead.join(', ')), tone: 'attention' }
  if (chosen === 'full') return { text: m.setup.sentences.full(name), tone: 'off' }
  if (chosen === 'own') return { text: m.setup.sentences.noKeysYet, tone: 'attention' }
  const draft = draftOf(chosen, facts.drafts)
  if (draft === undefined) return { text: m.setup.sentences.account(chosen.replace('account:', '')), tone: 'off' }
  return { text: m.ceremony.joinsAs(draft.member.name, name), tone: 'off' }
}

function role(answers: Answers, facts: Facts): Sentence {
  const name = networkName(answers, facts)
  if (answers.role === 'validator' && !canValidate(answers, facts)) return { text: m.setup.role.relayTruth, tone: 'trouble' }
  if (answers.role === 'full') {
    if (answers.way === 'dev') return { text: m.setup.sentences.nobodyMakesBlocks, tone: 'attention' }
    return { text: m.setup.sentences.full(name), tone: 'off' }
  }
  if (answers.keys === 'own' || !isDevelopment(answers, facts)) {
    return facts.ownKeys === 0 ? { text: m.setup.sentences.noKeysYet, tone: 'attention' } : { text: m.setup.sentences.ownKeys(facts.ownKeys), tone: 'off' }
  }
  return { text: m.setup.sentences.account(answers.keys), tone: 'off' }
}

function ports(guide: Guide, facts: Facts): Sentence {
  const port = readPort(guide.answers.port)
  if (port === undefined) return { text: m.setup.sentences.noPort, tone: 'trouble' }
  if (facts.port?.port !== port) return { text: m.setup.sentences.lookingAtPort(port), tone: 'busy' }
  const { state, network: holder } = facts.port
  if (state === 'network') return { text: m.setup.sentences.portOfNetwork(port, holder ?? ''), tone: 'trouble' }
  if (state !== 'free') return { text: m.setup.sentences.portNotFree[state](port), tone: 'trouble' }
  return { text: guide.answers.upnp ? m.setup.sentences.portsAsked(port) : m.setup.sentences.portsFree(port), tone: 'well' }
}
