/** The sync screen's sentence, and what its tiles and its list of events say. Pure. */
import { formatDuration, formatHeight, formatNumber, formatPercent, paceText, roughSpan, shortId } from './format.ts'
import { hasNews, stallLimit, type Sentence } from './status-sentence.ts'
import { m } from '../i18n/language.ts'
import type { NodeStatus } from '../../node-core/manager/types.ts'
import type { OpenRequest, SyncEvent, SyncStatus } from '../../node-core/chain/sync/types.ts'

/** Share of the chain that is here: never all of it while anything is missing. */
export function progress(current: number, highest: number): number {
  return highest <= 0 ? 1 : Math.min(current >= highest ? 1 : 0.999, current / highest)
}

/** `0.319` as `31 %`: rounded down, so that `100 %` means all. */
export function progressText(current: number, highest: number): string {
  return formatPercent(Math.floor(progress(current, highest) * 100) / 100)
}

/** `serving`: how many peers deliver now. */
export function syncSentence(sync: SyncStatus, node: NodeStatus, serving: number, now: number): Sentence {
  const { syncing } = m
  const { state, currentBlock, highestBlock, blocksPerSecond, secondsLeft, stalled, peers } = sync
  const best = formatHeight(currentBlock)
  const company = syncing.peers(peers)
  if (stalled !== undefined) {
    const fix = stalled.reason === 'peers-do-not-answer' && node.details?.isPublic === false ? m.standing.noAnswerOwn : syncing.fixes[stalled.reason]
    return { text: syncing.stalled(formatDuration(stalled.forMs), syncing.reasons[stalled.reason], fix), tone: 'attention' }
  }
  const missing = highestBlock - currentBlock
  if (state === 'major-sync') {
    const percent = progressText(currentBlock, highestBlock)
    const from = syncing.peers(serving > 0 ? serving : peers)
    if (secondsLeft === undefined || blocksPerSecond <= 0) return { text: syncing.catchingUpOpenEnd(percent, missing, from), tone: 'busy' }
    return { text: syncing.catchingUp(percent, roughSpan(secondsLeft * 1000), syncing.speed(paceText(blocksPerSecond)), from), tone: 'busy' }
  }
  if (state === 'syncing') return { text: missing > 0 ? syncing.nearTop(missing, company) : syncing.importing(best), tone: 'busy' }
  if (peers === 0) {
    if (node.producing && node.details?.hold === undefined) return { text: syncing.aloneAuthoring(best), tone: 'busy' }
    return { text: node.producing ? syncing.aloneHeld(best) : syncing.alone(best), tone: 'attention' }
  }
  const quietFor = now - (node.newestChangedAt ?? node.startedAt ?? now)
  if (quietFor > stallLimit(node.intervalMs)) return { text: syncing.inStepQuiet(best, company, formatDuration(quietFor)), tone: 'attention' }
  if (!hasNews(node)) return { text: m.standing.syncWaiting(best, company), tone: 'busy' }
  return { text: syncing.inStep(best, company), tone: 'well' }
}

/** What a peer was asked for: `#48,001 to #48,128`. */
export function requestText({ from, blocks }: OpenRequest): string {
  if (typeof from === 'string') return blocks > 1 ? m.syncing.back(shortId(from), blocks) : shortId(from)
  return blocks > 1 ? rangeText(from, from + blocks - 1) : formatHeight(from)
}

export function rangeText(from: number, to: number): string {
  return from === to ? formatHeight(from) : m.syncing.range(formatHeight(from), formatHeight(to))
}

/** What a peer did, as the middle of a sentence about it. */
function faultText(code: string): string {
  return m.syncing.faults[code] ?? m.syncing.otherFault(code)
}

export function eventText(event: SyncEvent): string {
  const { happened, reasons } = m.syncing
  switch (event.kind) {
    case 'began':
      return happened.began(formatHeight(event.from), formatHeight(event.to))
    case 'caught-up':
      return happened.caughtUp(formatHeight(event.number), event.blocks, formatDuration(event.tookMs))
    case 'stalled':
      return happened.stalled(reasons[event.reason])
    case 'moves-again':
      return happened.movesAgain(formatDuration(event.afterMs))
    case 'reorganized':
      return happened.reorganized(event.depth, formatHeight(event.from.number), `${formatHeight(event.to.number)} ${shortId(event.to.hash)}`)
    case 'forks-ended':
      return happened.forksEnded(event.forks, formatHeight(event.head.number))
    case 'peer-charged':
      return happened.charged(shortId(event.peer), faultText(event.fault), formatNumber(event.cost))
    case 'peer-left': {
      const peer = shortId(event.peer)
      return event.fault === undefined ? happened.left(peer, event.delivered) : happened.dropped(peer, event.delivered, faultText(event.fault))
    }
  }
}
