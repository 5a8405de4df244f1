/**
 * The one true sentence: how the node is, in plain words with numbers in it.
 *
 * It says only what is known. A tone goes with it; `well` is given to nothing but a node whose blocks and whose finality move, and that makes
 * the blocks itself or has peers to get them from.
 */
import { joiningSentence } from './chain-joining.ts'
import { formatDuration, formatHeight, formatPercent, percentDown } from './format.ts'
import { m } from '../i18n/language.ts'
import { translated } from './problem.ts'
import type { NetworkSummary, NodeStatus } from '../../node-core/manager/types.ts'

export type Tone = 'well' | 'busy' | 'attention' | 'trouble' | 'off'

export interface Sentence {
  readonly text: string
  readonly tone: Tone
}

/**
 * How the dashboard reaches the node. `since` is when that became so, in milliseconds since the Unix epoch; `node` what a node elsewhere is
 * called, whose window this is.
 */
export type ConnectionState = { readonly node?: string } & (
  | { readonly kind: 'connecting' }
  | { readonly kind: 'open' }
  | { readonly kind: 'lost'; readonly since: number }
  /** The token of this address is not the running node's. */
  | { readonly kind: 'refused' }
)

/** Finality this far behind is not progress any more: a healthy chain lags two to five blocks. */
export const FINALITY_LAG_LIMIT = 20

const SLOTS_WITHOUT_BLOCK = 5
const DEFAULT_SLOT_MS = 6_000

/** Milliseconds without a new best block after which that is worth a word. */
export function stallLimit(intervalMs: number | undefined): number {
  return Math.max(15_000, SLOTS_WITHOUT_BLOCK * (intervalMs ?? DEFAULT_SLOT_MS))
}

export function statusSentence(connection: ConnectionState, network: NetworkSummary | undefined, now: number): Sentence {
  const { node } = connection
  switch (connection.kind) {
    case 'connecting':
      return { text: node === undefined ? m.status.connecting : m.remote.connectingTo(node), tone: 'busy' }
    case 'lost': {
      const span = formatDuration(now - connection.since)
      return { text: node === undefined ? m.status.lost(span) : m.remote.lost(node, span), tone: 'trouble' }
    }
    case 'refused':
      return { text: node === undefined ? m.status.refused : m.remote.refused(node), tone: 'trouble' }
    case 'open':
      return network === undefined ? { text: m.status.noNetwork, tone: 'off' } : nodeSentence(network, now, node)
  }
}

function nodeSentence({ name, status }: NetworkSummary, now: number, node: string | undefined): Sentence {
  switch (status.state) {
    case 'stopped':
      return { text: stoppedText(name, status, node), tone: 'off' }
    case 'starting':
      return { text: status.preparing === undefined ? m.status.starting(name) : m.status.preparing(name, percentDown(status.preparing)), tone: 'busy' }
    case 'stopping':
      return { text: m.status.stopping, tone: 'busy' }
    case 'failed':
      return { text: failureText(status), tone: 'trouble' }
    case 'running':
      return runningSentence(status, now)
  }
}

function stoppedText(name: string, { newest }: NodeStatus, node: string | undefined): string {
  if (node !== undefined) return newest === undefined || newest.number === 0 ? m.remote.stopped(name, node) : m.remote.stoppedAt(name, formatHeight(newest.number), node)
  return newest === undefined || newest.number === 0 ? m.status.stopped(name) : m.status.stoppedAt(name, formatHeight(newest.number))
}

function failureText({ failure }: NodeStatus): string {
  if (failure === undefined) return m.status.failedWithoutReason
  const { message, hint } = translated(failure)
  return m.status.failed(`${sentence(message)}${hint === undefined ? '' : ` ${sentence(hint)}`}`)
}

function runningSentence(status: NodeStatus, now: number): Sentence {
  const { newest: best, settled: finalized, producing: authoring, peers } = status
  const company = peers === 0 ? m.status.noPeers : m.status.peers(peers)
  const quietFor = now - (status.newestChangedAt ?? status.startedAt ?? now)
  const isQuiet = quietFor > stallLimit(status.intervalMs)
  if (status.details?.joining !== undefined) return joiningSentence(status.details.joining)
  if (best === undefined) return { text: m.status.waitingForFirstBlock, tone: 'busy' }

  const lag = best.number - (finalized?.number ?? 0)
  const isFinalizing = best.number === 0 || (finalized?.number ?? 0) > 0
  const finality = best.number === 0 ? m.standing.onlyGenesis : !isFinalizing ? m.status.nothingFinal : lag <= 0 ? m.status.allFinal : m.status.finalBehind(lag)
  const facts = m.status.facts(formatHeight(best.number), finality, company)
  const sealing = status.details?.sealing
  // Nothing is late where somebody decides when a block comes.
  if (sealing === 'manual' || sealing === 'instant') return { text: m.developer.sealed[sealing](facts), tone: 'busy' }
  const held = heldText(status, facts, now)
  if (held !== undefined) return { text: held, tone: status.details?.hold?.kind === 'listening' ? 'busy' : 'attention' }
  // What nobody confirms is not well: a node without peers follows nothing.
  if (!authoring && peers === 0 && !isQuiet) return { text: m.standing.lookingForPeers(facts), tone: 'busy' }
  if (best.number === 0 && !isQuiet) return { text: m.status.waitingForFirstBlock, tone: 'busy' }
  if (isQuiet) {
    const text = !authoring && peers === 0 ? m.status.quietAlone : m.status.quiet
    return { text: text(formatDuration(quietFor), facts), tone: 'attention' }
  }
  if (status.catchingUp !== undefined) return { text: catchingUpText(best.number, status.catchingUp, company), tone: 'busy' }
  if (lag > FINALITY_LAG_LIMIT) return { text: m.status.notFinalizing(facts), tone: 'attention' }
  // One without a block since its start does not know yet.
  if (!hasNews(status)) return { text: m.standing.comparing(facts), tone: 'busy' }
  return { text: authoring ? m.status.authoring(facts) : m.status.following(facts), tone: isFinalizing ? 'well' : 'busy' }
}

/** A block came since the node started. */
export function hasNews({ newestChangedAt, startedAt }: Pick<NodeStatus, 'newestChangedAt' | 'startedAt'>): boolean {
  return newestChangedAt !== undefined && newestChangedAt >= (startedAt ?? 0)
}

/** Why an authority makes no blocks; that it catches up first is said by how far it has come. */
function heldText({ details, intervalMs = DEFAULT_SLOT_MS }: NodeStatus, facts: string, now: number): string | undefined {
  const hold = details?.hold
  const timeUntil = (slot: number): string => formatDuration(Math.max(1000, slot * intervalMs - now))
  if (hold?.kind === 'alone') return m.status.heldAlone(facts)
  if (hold?.kind === 'listening') return m.signing.listening(timeUntil(hold.untilSlot), facts)
  if (hold?.kind === 'signed-elsewhere') return m.signing.stopped(facts)
  if (hold?.kind === 'clock-behind') return m.status.heldByClock(timeUntil(hold.untilSlot), facts)
  return undefined
}

/** The share is rounded down: whoever catches up is never done. */
function catchingUpText(best: number, { highest, msLeft }: NonNullable<NodeStatus['catchingUp']>, company: string): string {
  const percent = formatPercent(highest <= 0 ? 0 : Math.min(99, Math.floor((best / highest) * 100)) / 100)
  if (msLeft === undefined) return m.status.catchingUpOpenEnd(percent, company)
  // Only about right: seconds would claim more above a minute.
  return m.status.catchingUp(percent, formatDuration(msLeft < 60_000 ? Math.max(1000, msLeft) : msLeft - (msLeft % 60_000)), company)
}

/** With a full stop at its end, where it has none. */
function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}
