/**
 * How much clients of the service API may take. A client is a program of the user's that has a token; it is trusted with what its scopes say, not with
 * the node's memory and time. Before it has said its token it is trusted with nothing.
 */
import type { PortLimits } from '../web/port.ts'

export interface ServiceLimits extends PortLimits {
  /** Between two messages of a client whose request is a stream. */
  readonly silenceMs: number
  /** The longest message of a topic has 32 MiB, and in JSON a third more. */
  readonly answerBytes: number
  /** What of requests is held at a time, of all clients: whoever holds most is hung up on where it is more. */
  readonly heldBytes: number
  readonly callsPerClient: number
  readonly calls: number
  /** An answer of which nothing is read for so long ends. */
  readonly unreadMs: number
  /** Events that are kept for those who take a stream up again. */
  readonly keptEvents: number
  /** How far behind a client of a stream may fall. */
  readonly waitingEvents: number
  /** Of messages of one topic, and how long they are kept after the last client left. */
  readonly topicBytes: number
  readonly topicKeptMs: number
}

export const SERVICE_LIMITS: ServiceLimits = {
  connections: 256,
  firstBytesMs: 5_000,
  keepAliveMs: 60_000,
  headersMs: 10_000,
  bodyMs: 30_000,
  silenceMs: 60_000,
  idleMs: 5 * 60_000,
  headerBytes: 16 * 1024,
  messageBytes: 8 * 1024 * 1024,
  answerBytes: 48 * 1024 * 1024,
  streamsPerConnection: 128,
  resetBurst: 200,
  resetsPerSecond: 20,
  connectionMegabytes: 16,
  heldBytes: 64 * 1024 * 1024,
  callsPerClient: 256,
  calls: 1024,
  unreadMs: 60_000,
  keptEvents: 4096,
  waitingEvents: 1024,
  topicBytes: 4 * 1024 * 1024,
  topicKeptMs: 5 * 60_000,
}
