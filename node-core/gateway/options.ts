/** What the gateway is told, and how much it gives to whom. Sizes are in bytes, times in milliseconds. */
import type { PortLimits } from '../web/port.ts'
import type { LoggedAddresses } from './log/request-log.ts'

/** The node behind it. */
export interface UpstreamOptions {
  /** Of its JSON-RPC: `http://127.0.0.1:9944`. */
  readonly rpcUrl: string
  /** Of its service API, with the token of a client there, and the socket where it is reached by one; undefined where the gateway serves none of it. */
  readonly service: { readonly url: string; readonly token: string; readonly socketPath?: string | undefined } | undefined
}

export interface GatewayOptions {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** Files in PEM; undefined without TLS, on a loopback address alone. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined
  /** Where clients see it: `https://node.example/rpc/`. */
  readonly publicUrl: string | undefined
  /** Addresses and networks (`10.0.0.0/8`) of proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[]
  /** Origins of web pages that may use it; `*` is every one. */
  readonly origins: readonly string[]
  readonly upstream: UpstreamOptions
  /** The list of keys: a file in a folder of its own, or of the node's. */
  readonly keysFile: string
  /** Where it keeps what keys have used. */
  readonly folder: string
  /** Where requests are logged; undefined where they are not. */
  readonly requestLog: string | undefined
  readonly loggedAddresses: LoggedAddresses
  /** Requests a minute and address of clients without a key; 0 lets in those with a key alone. */
  readonly anonymousPerMinute: number
  /** Requests a minute and address, with a key or without. */
  readonly addressPerMinute: number
  /** Methods besides the usual ones, and usual ones that are left out; a name may end in `*`. */
  readonly allowed: readonly string[]
  readonly denied: readonly string[]
  readonly limits: GatewayLimits
}

export interface GatewayLimits extends PortLimits {
  readonly webSockets: number
  readonly webSocketsPerAddress: number
  /** Requests of one WebSocket that wait for the node. */
  readonly pendingPerWebSocket: number
  readonly batch: number
  readonly answerBytes: number
  /** What of requests and of answers to JSON-RPC is held at a time, of all clients: whoever holds most is hung up on where it is more. */
  readonly heldBytes: number
  /** What may wait unsent for one WebSocket before the node is not read for it. */
  readonly backlogBytes: number
  /** Calls of the service API at a time. */
  readonly serviceCalls: number
  readonly unreadMs: number
  /** An answer of the node, from the request to its first bytes. */
  readonly answerMs: number
  /** How long what is under way has when the gateway stops. */
  readonly drainMs: number
}

const MEBIBYTE = 1024 * 1024

export const GATEWAY_LIMITS: GatewayLimits = {
  connections: 1024,
  firstBytesMs: 5_000,
  keepAliveMs: 30_000,
  headersMs: 10_000,
  bodyMs: 30_000,
  idleMs: 2 * 60_000,
  headerBytes: 16 * 1024,
  messageBytes: 4 * MEBIBYTE,
  streamsPerConnection: 64,
  resetBurst: 100,
  resetsPerSecond: 10,
  connectionMegabytes: 10,
  webSockets: 512,
  webSocketsPerAddress: 32,
  pendingPerWebSocket: 64,
  batch: 100,
  answerBytes: 32 * MEBIBYTE,
  heldBytes: 256 * MEBIBYTE,
  backlogBytes: 4 * MEBIBYTE,
  serviceCalls: 200,
  unreadMs: 30_000,
  answerMs: 60_000,
  drainMs: 10_000,
}
