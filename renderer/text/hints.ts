/**
 * Which hint a screen shows: one line that explains what the person sees now for the first time. Each screen has its hints in the
 * order in which they help; the first that fits and was not dismissed is shown, and stays while it fits: no line gives way to another
 * while somebody reads it. Pure.
 */
import { m } from '../i18n/language.ts'
import { formatDuration } from './format.ts'
import { FINALITY_LAG_LIMIT } from './status-sentence.ts'
import type { SyncStatus } from '../../node-core/chain/sync/types.ts'
import type { NodeStatus } from '../../node-core/manager/types.ts'

export type HintId = 'peer' | 'direction' | 'finality' | 'slot' | 'catching-up' | 'up-to-date' | 'fork'

/** Dismisses every hint, also those of later versions. */
export const ALL_HINTS = 'all'

export interface Hint {
  readonly id: HintId
  readonly text: string
}

export interface Seen {
  /** Of the network on screen. */
  readonly status: NodeStatus | undefined
  readonly sync?: SyncStatus | undefined
  /** Branches of the chain that are drawn side by side. */
  readonly lanes?: number
}

const OF_SCREEN = {
  overview: ['peer', 'finality', 'slot'],
  peers: ['peer', 'direction'],
  sync: ['catching-up', 'up-to-date'],
  blocks: ['finality', 'fork'],
} as const satisfies Record<string, readonly HintId[]>

/** `dismissed` is undefined until it is known what was dismissed: then there is no hint either. `shown` is on screen now. */
export function hintFor(screen: keyof typeof OF_SCREEN, seen: Seen, dismissed: readonly string[] | undefined, shown?: HintId): Hint | undefined {
  if (dismissed === undefined || dismissed.includes(ALL_HINTS) || seen.status?.state !== 'running') return undefined
  for (const id of [...(shown === undefined ? [] : [shown]), ...OF_SCREEN[screen]]) {
    const text = dismissed.includes(id) ? undefined : textOf(id, seen.status, seen)
    if (text !== undefined) return { id, text }
  }
  return undefined
}

/** Undefined where there is nothing on screen that it would explain. */
function textOf(id: HintId, status: NodeStatus, { sync, lanes = 1 }: Seen): string | undefined {
  const { hints } = m
  switch (id) {
    case 'peer':
      return status.peers > 0 ? hints.peer : undefined
    case 'direction':
      return status.peers > 0 ? hints.direction : undefined
    case 'finality':
      return finalityText(status)
    case 'slot':
      return slotText(status)
    case 'catching-up':
      return sync?.state === 'major-sync' ? hints.catchingUp : undefined
    case 'up-to-date':
      return sync?.state === 'idle' && sync.peers > 0 ? hints.upToDate : undefined
    case 'fork':
      return lanes > 1 ? hints.fork : undefined
  }
}

/** Only of finality that works: where it is late the sentence on top says so, and nothing here makes that look usual. */
function finalityText({ newest, settled, catchingUp }: NodeStatus): string | undefined {
  if (newest === undefined || settled === undefined || settled.number === 0 || catchingUp !== undefined) return undefined
  const lag = newest.number - settled.number
  return lag > FINALITY_LAG_LIMIT ? undefined : m.hints.finality(Math.max(0, lag))
}

/** Where somebody decides when a block comes, slots explain nothing; before the first block is finalized, finality is the thing to wait for. */
function slotText({ producing, intervalMs, details, settled }: NodeStatus): string | undefined {
  if (settled === undefined || settled.number === 0) return undefined
  const isSealed = details?.sealing === 'manual' || details?.sealing === 'instant'
  return !producing || isSealed || intervalMs === undefined || intervalMs < 1000 ? undefined : m.hints.slot(formatDuration(intervalMs))
}
