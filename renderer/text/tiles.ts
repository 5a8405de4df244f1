/** What the tiles of the overview say: a number and the line that puts it into context. Pure. */
import { m } from '../i18n/language.ts'
import { formatAge, formatBytes, formatDuration, formatHeight, formatNumber } from './format.ts'
import type { NetworkDisk, NodeStatus } from '../../node-core/manager/types.ts'

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

/** Of so much of the data the database must know what they are, to be told apart, and something of both: what it wrote last it does not count yet. */
const MOSTLY_KNOWN = 0.5

export function diskTile(use: NetworkDisk | undefined): TileText {
  const { metrics } = m
  const free = use === undefined ? metrics.measuring : use.freeBytes === undefined ? metrics.freeUnknown : metrics.free(formatBytes(use.freeBytes))
  const parts = use?.parts
  const isKnown = use !== undefined && parts !== undefined && parts.state > 0 && parts.blocks > 0 && parts.state + parts.blocks >= use.dataBytes * MOSTLY_KNOWN
  const context = isKnown ? `${metrics.diskParts(formatBytes(parts.state), formatBytes(parts.blocks))}, ${free}` : free
  return { id: 'disk', title: metrics.disk, hint: metrics.diskHint, value: use && formatBytes(use.dataBytes), context }
}

/** How long the node has been running, and since when; undefined while it does not. */
export function uptime({ startedAt, state }: NodeStatus, now: number): string | undefined {
  return state === 'running' && startedAt !== undefined ? formatDuration(now - startedAt) : undefined
}
