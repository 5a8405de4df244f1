/**
 * The one true sentence: how the node is, in plain words with numbers in it.
 *
 * It says only what is known. A tone goes with it; `well` is given to nothing but a node whose blocks and whose
 * finality move.
 */
import { formatCount, formatDuration, formatHeight } from './format.ts'
import type { NetworkSummary, NodeStatus } from '../../node-core/manager/types.ts'

export type Tone = 'well' | 'busy' | 'attention' | 'trouble' | 'off'

export interface Sentence {
  readonly text: string
  readonly tone: Tone
}

/** How the dashboard reaches the node. `since` is when that became so, in milliseconds since the Unix epoch. */
export type ConnectionState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'open' }
  | { readonly kind: 'lost'; readonly since: number }
  /** The token of this address is not the running node's. */
  | { readonly kind: 'refused' }

/** Finality this far behind is not progress any more: a healthy chain lags two to five blocks. */
export const FINALITY_LAG_LIMIT = 20

const SLOTS_WITHOUT_BLOCK = 5
const DEFAULT_SLOT_MS = 6_000

/** Milliseconds without a new best block after which that is worth a word. */
export function stallLimit(slotDurationMs: number | undefined): number {
  return Math.max(15_000, SLOTS_WITHOUT_BLOCK * (slotDurationMs ?? DEFAULT_SLOT_MS))
}

export function statusSentence(connection: ConnectionState, network: NetworkSummary | undefined, now: number): Sentence {
  switch (connection.kind) {
    case 'connecting':
      return { text: 'Connecting to the node: waiting for its first answer.', tone: 'busy' }
    case 'lost':
      return {
        text: `Lost the connection to the node ${formatDuration(now - connection.since)} ago; trying again. It may have been stopped: what stands below is old.`,
        tone: 'trouble',
      }
    case 'refused':
      return { text: 'The node does not accept this address: it was started again since. Open the address that it printed last.', tone: 'trouble' }
    case 'open':
      return network === undefined ? { text: 'No network is set up yet.', tone: 'off' } : nodeSentence(network, now)
  }
}

function nodeSentence({ name, status }: NetworkSummary, now: number): Sentence {
  switch (status.state) {
    case 'stopped':
      return { text: `Stopped${at(status)}. Press Start to run ${name} on this computer.`, tone: 'off' }
    case 'starting':
      return { text: `Starting: opening the data of ${name} and loading its runtime.`, tone: 'busy' }
    case 'stopping':
      return { text: 'Stopping: finishing the block under way, then closing the data.', tone: 'busy' }
    case 'failed':
      return { text: failureText(status), tone: 'trouble' }
    case 'running':
      return runningSentence(status, now)
  }
}

function failureText({ failure }: NodeStatus): string {
  if (failure === undefined) return 'Failed without a reason given. The log says more.'
  return `Failed: ${sentence(failure.message)}${failure.hint === undefined ? '' : ` ${sentence(failure.hint)}`}`
}

function runningSentence(status: NodeStatus, now: number): Sentence {
  const { best, finalized, authoring, peers } = status
  const company = peers === 0 ? 'no peers' : formatCount(peers, 'peer')
  const quietFor = now - (status.bestChangedAt ?? status.startedAt ?? now)
  const isQuiet = quietFor > stallLimit(status.slotDurationMs)
  if (best === undefined || (best.number === 0 && !isQuiet)) return { text: 'Running: waiting for the first block.', tone: 'busy' }

  const lag = best.number - (finalized?.number ?? 0)
  const isFinalizing = best.number === 0 || (finalized?.number ?? 0) > 0
  const facts = `best ${formatHeight(best.number)}, ${isFinalizing ? lagText(lag) : 'nothing final yet'}, ${company}`
  if (isQuiet) {
    const reason = !authoring && peers === 0 ? 'there are no peers to get one from' : 'none came'
    return { text: `No new block for ${formatDuration(quietFor)}, ${reason}: ${facts}.`, tone: 'attention' }
  }
  if (lag > FINALITY_LAG_LIMIT) {
    return { text: `Blocks come but finality does not: ${facts}.`, tone: 'attention' }
  }
  return { text: `${authoring ? 'Authoring blocks' : 'Following the chain'}: ${facts}.`, tone: isFinalizing ? 'well' : 'busy' }
}

function lagText(lag: number): string {
  return lag <= 0 ? 'all of it finalized' : `finalized ${formatCount(lag, 'block')} behind`
}

function at({ best }: NodeStatus): string {
  return best === undefined || best.number === 0 ? '' : ` at block ${formatHeight(best.number)}`
}

/** With a full stop at its end, where it has none. */
function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}
