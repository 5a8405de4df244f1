/** What the tiles of the sync screen say. Pure. */
import type { TileText } from './tiles.ts'
import { formatBytes, formatNumber, formatTime, paceText, roughSpan } from './format.ts'
import { m } from '../i18n/language.ts'
import type { SyncStatus } from '../../node-core/chain/sync/types.ts'

/** Stage, speed, time left, and what waits. `producing`: it makes blocks now, by itself where it has no peers. `now` in milliseconds since the Unix epoch. */
export function syncTiles(status: SyncStatus | undefined, now: number, producing = false): readonly [stage: TileText, pace: TileText, left: TileText, queue: TileText] {
  const { syncing } = m
  const stage = { id: 'stage', title: syncing.stage, hint: syncing.stageHint }
  const pace = { id: 'pace', title: syncing.pace, hint: syncing.paceHint }
  const left = { id: 'left', title: syncing.timeLeft, hint: syncing.timeLeftHint }
  const queue = { id: 'queue', title: syncing.queue, hint: syncing.queueHint }
  if (status === undefined) {
    const unknown = { value: undefined, context: syncing.afterStart }
    return [{ ...stage, ...unknown, context: syncing.notRunning }, { ...pace, ...unknown }, { ...left, ...unknown }, { ...queue, ...unknown }]
  }
  const { state, blocksPerSecond, secondsLeft, queuedBlocks, queuedBytes, pendingRequests, peers } = status
  const { standing } = m
  // Without peers nobody tells what is missing.
  const alone = state === 'idle' && peers === 0
  const nothing = state === 'idle'
  const [word, meaning] = !alone
    ? [syncing.stages[state], syncing.stageMeanings[state]]
    : producing
      ? [standing.stageProducing, standing.stageProducingMeaning]
      : [standing.stageAlone, standing.stageAloneMeaning]
  const ms = secondsLeft === undefined ? undefined : secondsLeft * 1000
  return [
    { ...stage, value: word, context: meaning },
    { ...pace, value: paceText(blocksPerSecond), context: syncing.paceContext },
    {
      ...left,
      value: nothing || ms === undefined ? undefined : roughSpan(ms),
      context: alone ? standing.timeLeftAlone : nothing ? syncing.nothingLeft : ms === undefined ? syncing.timeUnknown : syncing.readyAt(formatTime(now + ms).slice(0, 5)),
    },
    { ...queue, value: formatNumber(queuedBlocks), context: syncing.queueContext(formatBytes(queuedBytes), pendingRequests) },
  ]
}
