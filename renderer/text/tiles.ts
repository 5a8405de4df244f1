/** What the tiles of the overview say: a number and the line that puts it into context. Pure. */
import { formatAge, formatCount, formatDuration, formatHeight, formatTime } from './format.ts'
import type { NodeStatus } from '../../node-core/manager/types.ts'

export interface TileText {
  readonly title: string
  /** Explains the term. */
  readonly hint: string
  readonly value: string | undefined
  readonly context: string
}

/** A node that does not run has not opened its data either. */
const UNKNOWN = 'Known once the node runs'

export function bestTile({ best, bestChangedAt, slotDurationMs, state }: NodeStatus, now: number): TileText {
  const pace = slotDurationMs === undefined ? '' : `, one at most every ${formatDuration(slotDurationMs)}`
  let context = state === 'running' ? 'No block yet' : UNKNOWN
  if (best !== undefined) context = state !== 'running' ? 'Where it stopped' : bestChangedAt === undefined ? `No new block yet${pace}` : `${formatAge(bestChangedAt, now)}${pace}`
  return { title: 'Best', hint: 'The newest block of the chain that this node follows.', value: best && formatHeight(best.number), context }
}

export function finalizedTile({ best, finalized, state }: NodeStatus): TileText {
  const lag = best !== undefined && finalized !== undefined ? best.number - finalized.number : undefined
  const context = lag === undefined ? (state === 'running' ? 'Nothing final yet' : UNKNOWN) : lag === 0 ? 'Level with the best block' : `${formatCount(lag, 'block')} behind the best`
  return { title: 'Finalized', hint: 'The newest block that can never be taken back.', value: finalized && formatHeight(finalized.number), context }
}

export function peersTile({ peers, authoring, state }: NodeStatus): TileText {
  const running = state === 'running'
  const context = !running ? 'Not connected' : peers > 0 ? 'Connected now' : authoring ? 'Makes its blocks on its own' : 'Nobody to get blocks from'
  return { title: 'Peers', hint: 'Other nodes of the network that this one is connected to.', value: running ? String(peers) : undefined, context }
}

export function uptimeTile({ startedAt, state }: NodeStatus, now: number): TileText {
  const running = state === 'running' && startedAt !== undefined
  return {
    title: 'Uptime',
    hint: 'How long the node has been running.',
    value: running ? formatDuration(now - startedAt) : undefined,
    context: running ? `Since ${formatTime(startedAt)}` : 'Not running',
  }
}
