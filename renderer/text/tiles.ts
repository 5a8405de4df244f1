/** What the tiles of the overview say: a number and the line that puts it into context. Pure. */
import { m } from '../i18n/language.ts'
import { formatAge, formatBytes, formatDuration, formatHeight, formatNumber } from './format.ts'
import type { NodeStatus } from '../../node-core/manager/types.ts'
import type { DiskUse } from '../../node-core/metrics/disk-use.ts'

export interface TileText {
  /** Stays the same in every language. */
  readonly id: string
  readonly title: string
  /** Explains the term. */
  readonly hint: string
  readonly value: string | undefined
  readonly context: string
}

export function bestTile({ newest, newestChangedAt, intervalMs, state, details }: NodeStatus, now: number): TileText {
  const { overview } = m
  if (details?.joining !== undefined) return { id: 'best', title: overview.best, hint: overview.bestHint, value: undefined, context: m.joining.bestTile }
  const pace = intervalMs === undefined ? '' : overview.pace(formatDuration(intervalMs))
  // A node that does not run has not opened its data either.
  let context = state === 'running' ? overview.noBlock : overview.unknown
  if (newest !== undefined) {
    context = state !== 'running' ? overview.whereItStopped : newestChangedAt === undefined ? overview.noNewBlock(pace) : `${formatAge(newestChangedAt, now)}${pace}`
  }
  return { id: 'best', title: overview.best, hint: overview.bestHint, value: newest && formatHeight(newest.number), context }
}

export function finalizedTile({ newest, settled, state, details }: NodeStatus): TileText {
  const { overview } = m
  if (details?.joining !== undefined) return { id: 'finalized', title: overview.finalized, hint: overview.finalizedHint, value: undefined, context: m.joining.bestTile }
  if (newest?.number === 0) return { id: 'finalized', title: overview.finalized, hint: overview.finalizedHint, value: settled && formatHeight(settled.number), context: m.standing.genesisTile }
  const lag = newest !== undefined && settled !== undefined ? newest.number - settled.number : undefined
  const context =
    lag === undefined ? (state === 'running' ? overview.nothingFinal : overview.unknown) : lag === 0 ? overview.levelWithBest : overview.behindBest(lag)
  return { id: 'finalized', title: overview.finalized, hint: overview.finalizedHint, value: settled && formatHeight(settled.number), context }
}

export function peersTile({ peers, producing, details, state }: NodeStatus): TileText {
  const { overview } = m
  const running = state === 'running'
  const alone = !producing ? overview.nobody : details?.hold === undefined ? overview.alone : overview.aloneHeld
  const context = !running ? overview.notConnected : peers > 0 ? overview.connectedNow : alone
  return { id: 'peers', title: overview.peers, hint: overview.peersHint, value: running ? formatNumber(peers) : undefined, context }
}

export function diskTile(use: DiskUse | undefined): TileText {
  const { metrics } = m
  const context = use === undefined ? metrics.measuring : use.freeBytes === undefined ? metrics.freeUnknown : metrics.free(formatBytes(use.freeBytes))
  return { id: 'disk', title: metrics.disk, hint: metrics.diskHint, value: use && formatBytes(use.dataBytes), context }
}

/** How long the node has been running, and since when; undefined while it does not. */
export function uptime({ startedAt, state }: NodeStatus, now: number): string | undefined {
  return state === 'running' && startedAt !== undefined ? formatDuration(now - startedAt) : undefined
}
