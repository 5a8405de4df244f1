/** What peers can do wrong on the topics, and what it costs. Nothing here happens to an honest peer by bad luck. */
import type { PeerFault } from '../../network/contracts.ts'

export const FAULTS = {
  /** Bytes that do not decode. */
  badHandshake: { code: 'topic-bad-handshake', cost: -200 },
  badMessage: { code: 'topic-bad-message', cost: -200 },
  /** A node of another chain: there is nothing to talk about. */
  wrongGenesis: { code: 'status-wrong-genesis', cost: -1000, ban: true },
  /** A transaction that no state of the chain makes valid. Some come from honest peers around a change of the runtime. */
  badTransaction: { code: 'transactions-bad', cost: -20 },
  /** A transaction that is not valid now. Some come from honest peers that are a block behind or ahead. */
  failedTransaction: { code: 'transactions-failed', cost: -2 },
} as const satisfies Record<string, PeerFault>
