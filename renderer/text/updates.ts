/** What is known of newer versions, as a person reads it. Pure: time comes in. */
import { formatAge, formatBytes, formatPercent } from './format.ts'
import type { Sentence } from './status-sentence.ts'
import { m } from '../i18n/language.ts'
import type { UpdateState } from '../../node-core/api/app/update-types.ts'

/** `state` is null where this program does not update itself at all. */
export function updateSentence(state: UpdateState | null, now: number): Sentence {
  const { updates } = m
  if (state === null) return { text: updates.headless, tone: 'off' }
  const { phase, checkedAt, outcome } = state
  switch (phase.kind) {
    case 'off':
      return { text: updates.off[phase.reason], tone: 'off' }
    case 'idle':
      if (outcome?.succeeded === false && checkedAt === undefined) return { text: updates.didNot(outcome.from, outcome.to, outcome.reason ?? ''), tone: 'attention' }
      if (outcome !== undefined && checkedAt === undefined) return { text: updates.succeeded(outcome.from, outcome.to), tone: 'well' }
      return checkedAt === undefined ? { text: updates.unknown, tone: 'off' } : { text: updates.newest(formatAge(checkedAt, now)), tone: 'well' }
    case 'checking':
      return { text: updates.checking, tone: 'busy' }
    case 'downloading': {
      const share = downloadShare(state) ?? 0
      return { text: updates.downloading(phase.version, formatBytes(phase.doneBytes), formatBytes(phase.totalBytes), formatPercent(Math.floor(share * 100) / 100)), tone: 'busy' }
    }
    case 'ready':
      return { text: updates.ready(phase.version), tone: 'attention' }
    case 'installing':
      return { text: updates.installing(phase.version), tone: 'busy' }
    case 'failed': {
      const { code, message, hint } = phase.problem
      return { text: updates.problems[code] ?? (hint === undefined ? message : `${message} ${hint}`), tone: 'attention' }
    }
  }
}

/** How much of a download is here, from 0 to 1; undefined where none is under way. */
export function downloadShare({ phase }: UpdateState): number | undefined {
  return phase.kind === 'downloading' ? Math.min(1, phase.doneBytes / Math.max(1, phase.totalBytes)) : undefined
}

/** It can be looked for newer versions now. */
export function canLook({ phase }: UpdateState): boolean {
  return phase.kind === 'idle' || phase.kind === 'failed'
}

/** A version waits to be installed. */
export function isReady(state: UpdateState | null | undefined): boolean {
  return state?.phase.kind === 'ready'
}
