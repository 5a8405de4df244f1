/** Limits and policies of the RPC server. Sizes are in bytes, times in milliseconds. */

/** Which methods a client may call: `auto` gives the unsafe ones to loopback clients only. */
export type MethodPolicy = 'auto' | 'safe' | 'unsafe'

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
  readonly methods: MethodPolicy
  readonly maxRequestBytes: number
  readonly maxResponseBytes: number
  readonly maxConnections: number
  readonly maxSubscriptionsPerConnection: number
  readonly maxBatch: number
  /** Calls of one connection that run at the same time; further ones wait and its socket is not read. */
  readonly maxConcurrentCalls: number
  /** What may wait unsent for a slow client before its connection is closed. */
  readonly maxBacklogBytes: number
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
  methods: 'auto',
  maxRequestBytes: 15 * MEBIBYTE,
  maxResponseBytes: 15 * MEBIBYTE,
  maxConnections: 100,
  maxSubscriptionsPerConnection: 1024,
  maxBatch: 1000,
  maxConcurrentCalls: 64,
  maxBacklogBytes: 32 * MEBIBYTE,
  callTimeoutMs: 10_000,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  stopGraceMs: 500,
}
