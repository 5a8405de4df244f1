/** What a node's options say of JSON-RPC, as the server takes it: sizes in bytes, addresses to listen at, pages that may call. */
import { DEFAULT_RPC_OPTIONS, type RpcOptions } from '../rpc/options.ts'
import type { NodeOptions } from './options.ts'

const MEBIBYTE = 1024 * 1024

export function rpcOptionsOf(said: NodeOptions['rpc']): Partial<RpcOptions> {
  const maxRequestBytes = said.maxRequestSize * MEBIBYTE
  const maxResponseBytes = said.maxResponseSize * MEBIBYTE
  return {
    port: said.port,
    origins: [...DEFAULT_RPC_OPTIONS.origins, ...said.cors],
    methods: said.methods,
    external: said.external,
    ...(said.external ? { listen: ['0.0.0.0', '::'] } : {}),
    maxConnections: said.maxConnections,
    maxSubscriptionsPerConnection: said.maxSubscriptionsPerConnection,
    maxBatch: said.maxBatch,
    callsPerMinute: said.callsPerMinute,
    maxBacklogMessages: said.maxBacklogMessages,
    maxRequestBytes,
    maxResponseBytes,
    // Some of the largest requests and answers, at least.
    maxTotalBytes: Math.max(DEFAULT_RPC_OPTIONS.maxTotalBytes, 4 * (maxRequestBytes + maxResponseBytes)),
  }
}
