/**
 * Joining a running chain in words: the one sentence, the stages that are done, under way and to come, and the tiles of the sync screen.
 * Pure. A share is rounded down: whoever is not done yet is never at 100 %.
 */
import { m } from '../i18n/language.ts'
import { formatByteRate, formatBytes, formatDuration, formatHeight, formatTime, paceText, percentDown, roughSpan } from './format.ts'
import type { TileText } from './tiles.ts'
import type { SyncBatch } from '../../node-core/api/network/sync.ts'
import type { SyncStatus } from '../../node-core/chain/sync/types.ts'
import type { ChainJoining } from '../../node-core/manager/kinds/chain/types.ts'

/** How joining ended. */
export type Joined = NonNullable<SyncBatch['joined']>

/** A sentence of the node's: nothing of it is well before the chain is joined. */
export interface JoiningSentence {
  readonly text: string
  readonly tone: 'busy' | 'attention'
}

/** Of the proofs, as far as peers tell how long the chain is. */
export function proofShare({ proofs }: Pick<ChainJoining, 'proofs'>): number {
  return proofs === undefined || proofs.highest <= 0 ? 0 : proofs.block.number / proofs.highest
}

export function joiningSentence(status: ChainJoining): JoiningSentence {
  const { stage, hold, peers, target, state } = status
  const { joining } = m
  const company = joining.peers(peers)
  const block = formatHeight(target?.number ?? 0)
  if (stage === 'anchor') return { text: joining.anchoring(block), tone: 'busy' }
  if (stage === 'state') {
    const bytes = formatBytes(state?.bytes ?? 0)
    if (state?.assembled !== undefined) return { text: joining.assembling(bytes, percentDown(state.assembled)), tone: 'busy' }
    const percent = percentDown(state?.share ?? 0)
    if (hold === 'no-peers') return { text: joining.fetchingAlone(bytes, percent), tone: 'attention' }
    if (hold === 'nobody-serves-state') return { text: joining.stateGone(peers, block), tone: 'attention' }
    if (state === undefined || state.bytes === 0) return { text: joining.awaitingState(block, company), tone: 'busy' }
    const text = state.secondsLeft === undefined ? joining.fetchingOpenEnd(bytes, percent, company) : joining.fetching(bytes, percent, roughSpan(state.secondsLeft * 1000), company)
    return { text, tone: 'busy' }
  }
  return proofSentence(status)
}

function proofSentence({ hold, peers, proofs, fallsBack }: ChainJoining): JoiningSentence {
  const { joining } = m
  const company = joining.peers(peers)
  if (peers === 0) return { text: joining.waiting, tone: 'busy' }
  if (hold === 'nobody-serves-proofs') return { text: `${joining.unserved(peers)} ${fallsBack ? joining.thenFull : joining.thenWaits}`, tone: 'attention' }
  if (hold === 'no-peers') return { text: joining.nobodyAhead(peers), tone: 'attention' }
  if (proofs === undefined || proofs.fragments === 0) return { text: joining.asking(company), tone: 'busy' }
  const block = formatHeight(proofs.block.number)
  const highest = formatHeight(proofs.highest)
  const { fragments, secondsLeft } = proofs
  const text = secondsLeft === undefined ? joining.provingOpenEnd(fragments, block, highest, company) : joining.proving(fragments, block, highest, roughSpan(secondsLeft * 1000), company)
  return { text, tone: 'busy' }
}

export type StageId = 'proofs' | 'state' | 'blocks' | 'following'

export interface StageRow {
  readonly id: StageId
  readonly title: string
  readonly hint: string
  /** `held`: under way, and nothing moves. */
  readonly mark: 'done' | 'now' | 'held' | 'next'
  readonly text: string
  /** Of what is under way, 0 to 1; undefined where nothing is measured. */
  readonly share: number | undefined
}

/** The stages in their order: of a chain that is being joined, or was since the node started. */
export function stageRows(status: ChainJoining | undefined, joined: Joined | undefined, sync: SyncStatus | undefined): readonly StageRow[] {
  const { titles, hints } = m.joining
  const rows = status === undefined ? afterwards(joined, sync) : meanwhile(status)
  return rows.map((row) => ({ ...row, title: titles[row.id], hint: hints[row.id] }))
}

type Row = Omit<StageRow, 'title' | 'hint'>

function meanwhile(status: ChainJoining): readonly Row[] {
  const { stage, hold, proofs, state, target } = status
  const { joining } = m
  const now = hold === undefined ? 'now' : 'held'
  const fragments = proofs?.fragments ?? 0
  const following: Row = { id: 'following', mark: stage === 'anchor' ? 'now' : 'next', text: joining.followingNext, share: undefined }
  if (stage === 'peers' || stage === 'proofs') {
    const isAsking = proofs === undefined || fragments === 0
    const text = status.peers === 0 ? joining.peersFirst : isAsking ? joining.firstAnswer : joining.proofsNow(fragments, formatHeight(proofs.block.number), formatHeight(proofs.highest))
    return [
      { id: 'proofs', mark: now, text, share: isAsking ? undefined : proofShare(status) },
      { id: 'state', mark: 'next', text: joining.stateNext, share: undefined },
      following,
    ]
  }
  const proven: Row = { id: 'proofs', mark: 'done', text: joining.proofsDone(fragments, formatHeight(target?.number ?? 0)), share: undefined }
  const bytes = formatBytes(state?.bytes ?? 0)
  if (stage === 'anchor') return [proven, { id: 'state', mark: 'done', text: state === undefined ? joining.stateDoneEarlier : joining.stateDone(bytes), share: undefined }, following]
  const fetched: Row =
    state?.assembled === undefined
      ? { id: 'state', mark: now, text: joining.stateNow(bytes, state?.entries ?? 0, percentDown(state?.share ?? 0)), share: state?.share ?? 0 }
      : { id: 'state', mark: 'now', text: joining.stateAssembling(bytes, percentDown(state.assembled)), share: state.assembled }
  return [proven, fetched, following]
}

/** Blocks below are still fetched long after, and after other starts: then they alone are left of the stages. */
function afterwards(joined: Joined | undefined, sync: SyncStatus | undefined): readonly Row[] {
  const { joining } = m
  const gap = sync?.gap
  const anchor = joined?.kind === 'joined' ? joined : undefined
  if (anchor === undefined && gap === undefined) return []
  const proven: readonly Row[] =
    anchor === undefined
      ? []
      : [
          { id: 'proofs', mark: 'done', text: joining.proofsDone(anchor.fragments, formatHeight(anchor.block.number)), share: undefined },
          { id: 'state', mark: 'done', text: anchor.bytes === undefined ? joining.stateDoneEarlier : joining.stateDone(formatBytes(anchor.bytes)), share: undefined },
        ]
  const below = gap === undefined ? [] : [blocksRow(gap, anchor?.block.number)]
  return [...proven, ...below, { id: 'following', mark: 'now', text: joining.followingNow(formatHeight(sync?.currentBlock ?? anchor?.block.number ?? 0)), share: undefined }]
}

/** `top`: where the chain began here, by which a share can be told. */
function blocksRow({ from, to, perSecond, msLeft, foreign }: NonNullable<SyncStatus['gap']>, top: number | undefined): Row {
  const { joining, syncing } = m
  if (foreign !== undefined) return { id: 'blocks', mark: 'held', text: joining.blocksForeign, share: undefined }
  const missing = to - from + 1
  const text = perSecond > 0 && msLeft !== undefined ? joining.blocksNow(missing, syncing.speed(paceText(perSecond)), roughSpan(msLeft)) : joining.blocksWaiting(missing)
  return { id: 'blocks', mark: 'now', text, share: top === undefined || top <= from ? undefined : Math.max(0, top - 1 - to) / (top - from) }
}

/** What is said of how joining ended, below the stages or in their place; undefined where nothing was joined. */
export function joinedText(joined: Joined | undefined): string | undefined {
  if (joined === undefined) return undefined
  return joined.kind === 'joined' ? m.joining.joined(formatHeight(joined.block.number), formatDuration(Math.max(1000, joined.tookMs))) : m.joining.fellBack[joined.kind]
}

/** In the places of those of the sync: stage, speed, time left, and what is here. `now` in milliseconds since the Unix epoch. */
export function joiningTiles({ stage, state, proofs, hold }: ChainJoining, now: number): readonly [stage: TileText, pace: TileText, left: TileText, here: TileText] {
  const { joining, syncing } = m
  const word = stage === 'state' && state?.assembled !== undefined ? 'assembling' : stage
  const isFetching = word === 'state' && state !== undefined && state.bytes > 0
  const seconds = hold !== undefined ? undefined : isFetching ? state.secondsLeft : word === 'proofs' ? proofs?.secondsLeft : undefined
  const fragments = proofs?.fragments ?? 0
  return [
    { id: 'stage', title: syncing.stage, hint: syncing.stageHint, value: joining.stage[word], context: joining.stageMeanings[word] },
    { id: 'pace', title: syncing.pace, hint: joining.paceHint, value: isFetching ? formatByteRate(state.bytesPerSecond) : undefined, context: isFetching ? joining.paceContext : joining.paceLater },
    {
      id: 'left', title: syncing.timeLeft, hint: joining.leftHint, value: seconds === undefined ? undefined : roughSpan(seconds * 1000),
      context: seconds === undefined ? (word === 'assembling' || word === 'anchor' ? joining.leftUnknown : joining.leftLater) : syncing.readyAt(formatTime(now + seconds * 1000).slice(0, 5)),
    },
    {
      id: 'queue', title: joining.downloaded, hint: joining.downloadedHint, value: state === undefined ? undefined : formatBytes(state.bytes),
      context: state === undefined ? joining.fragmentsProven(fragments) : joining.entries(state.entries),
    },
  ]
}
