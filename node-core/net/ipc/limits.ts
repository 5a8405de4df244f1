/**
 * How much programs may take. A program of the user is trusted with what its scopes say and not with the node's memory: it may have
 * mistakes, and what it holds must end somewhere.
 */
export interface IpcLimits {
  /** Connections of all programs, those that have not said who they are among them. */
  readonly clients: number
  readonly clientsPerProgram: number
  /** Connections that have not said who they are. */
  readonly strangers: number
  /** From the connection to the first request. */
  readonly firstRequestMs: number
  /** One message in either direction; the daemon's own limit. */
  readonly messageBytes: number
  /** One before the program is known: a hello. */
  readonly strangerMessageBytes: number
  /** Streams with peers, in both directions. */
  readonly streamsPerProgram: number
  /** Streams that one peer may have open with the handler of a program. */
  readonly streamsPerPeer: number
  /** Protocols that a program handles. */
  readonly handlersPerProgram: number
  readonly tagsPerProgram: number
  /** Calls of one session that run at the same time. */
  readonly callsPerSession: number
  /** Bytes that wait for one client; nothing more is read from it meanwhile. */
  readonly waitingBytes: number
  /** Messages of one topic that wait for a subscriber of the daemon's protocol. */
  readonly waitingMessages: number
  /** How long an ended client may still be written to by a peer that says nothing. */
  readonly halfClosedMs: number
}

export const IPC_LIMITS: IpcLimits = {
  clients: 256,
  clientsPerProgram: 128,
  strangers: 32,
  firstRequestMs: 10_000,
  messageBytes: 4 * 1024 * 1024,
  strangerMessageBytes: 4096,
  streamsPerProgram: 512,
  streamsPerPeer: 64,
  handlersPerProgram: 64,
  tagsPerProgram: 1024,
  callsPerSession: 1024,
  waitingBytes: 8 * 1024 * 1024,
  waitingMessages: 1024,
  halfClosedMs: 10 * 60_000,
}
