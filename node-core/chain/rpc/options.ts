/** Limits and policies of the RPC server. Sizes are in bytes, times in milliseconds. */

/** Which methods a client may call: `auto` gives the unsafe ones to loopback clients only, and to nobody where other machines are served. */
export const METHOD_POLICIES = ['auto', 'safe', 'unsafe'] as const
export type MethodPolicy = (typeof METHOD_POLICIES)[number]

export interface RpcOptions {
  /** TCP port; 0 takes a free one. */
  readonly port: number
  /** Addresses to listen at. One that this machine lacks is skipped as long as another one works. */
  readonly listen: readonly string[]
  /**
   * Web origins whose pages may use the server; `:*` stands for any port, and `*` alone for every origin. A request
   * without `Origin` does not come from another site's page and is always let through.
   */
  readonly origins: readonly string[]
  /** Host names (without port) under which the server may be addressed: the defence against DNS rebinding. */
  readonly hosts: readonly string[]
  /**
   * Other machines are served, too. An address in `Host` is then as good as a name of this machine: only names can be re-pointed. Other names
   * are let in where `origins` has `*`, as in Substrate's nodes.
   */
  readonly external: boolean
  readonly methods: MethodPolicy
  readonly maxRequestBytes: number
  readonly maxResponseBytes: number
  readonly maxConnections: number
  readonly maxSubscriptionsPerConnection: number
  /** Requests in one batch; 0 takes no batches. */
  readonly maxBatch: number
  /** Calls that a connection may make a minute; 0 is no limit. */
  readonly callsPerMinute: number
  /** Calls of one connection that run at the same time; further ones wait and its socket is not read. */
  readonly maxConcurrentCalls: number
  /** What may wait unsent for a slow client before its connection is closed. */
  readonly maxBacklogBytes: number
  /** The same in messages. More than `maxSubscriptionsPerConnection`: one block may make a notification for each. */
  readonly maxBacklogMessages: number
  /** What may wait unsent for all clients together, and what may have come of messages that are not whole: the client who holds most goes first. */
  readonly maxTotalBytes: number
  readonly callTimeoutMs: number
  readonly headersTimeoutMs: number
  readonly requestTimeoutMs: number
  /** How long `stop()` waits for answers under way and closing handshakes. */
  readonly stopGraceMs: number
}

const MEBIBYTE = 1024 * 1024

export const DEFAULT_RPC_OPTIONS: RpcOptions = {
  port: 9944,
  listen: ['127.0.0.1', '::1'],
  origins: [
    'http://localhost:*',
    'http://127.0.0.1:*',
    'http://[::1]:*',
    'https://localhost:*',
    'https://127.0.0.1:*',
    'https://[::1]:*',
    'https://polkadot.js.org',
  ],
  hosts: ['localhost', '127.0.0.1', '[::1]'],
  external: false,
  methods: 'auto',
  maxRequestBytes: 15 * MEBIBYTE,
  maxResponseBytes: 15 * MEBIBYTE,
  maxConnections: 100,
  maxSubscriptionsPerConnection: 1024,
  maxBatch: 1000,
  callsPerMinute: 0,
  maxConcurrentCalls: 64,
  maxBacklogBytes: 32 * MEBIBYTE,
  maxBacklogMessages: 4096,
  maxTotalBytes: 256 * MEBIBYTE,
  callTimeoutMs: 10_000,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  stopGraceMs: 500,
}
