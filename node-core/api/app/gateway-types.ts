/** The gateway as the app that runs it gives it into the window's hands. */
import type { PlainData } from '../../base/errors.ts'

export interface GatewayChoice {
  readonly isOn: boolean
  /** The network whose node is served, by its id; empty where none is chosen. */
  readonly network: string
  readonly host: string
  readonly port: number
  /** Files in PEM; empty without TLS. */
  readonly cert: string
  readonly key: string
  /** Where clients see it behind a reverse proxy; empty where there is none. */
  readonly publicUrl: string
  /** Sites whose pages may use it; `*` is every one. */
  readonly origins: readonly string[]
  /** The service API is served, too. */
  readonly service: boolean
}

export interface GatewayKey {
  readonly name: string
  /** Milliseconds since the Unix epoch. */
  readonly created: number
  /** Requests; undefined without a limit of its own. */
  readonly perMinute?: number | undefined
  readonly perDay?: number | undefined
}

export interface GatewayState extends GatewayChoice {
  readonly phase: 'off' | 'starting' | 'serving' | 'draining' | 'failed'
  /** Where it listens; undefined where it does not. */
  readonly address: string | undefined
  /** How the node behind it is: `ready`, `unreachable`, `syncing`, `lonely`. */
  readonly node: string | undefined
  readonly problem: { readonly code: string; readonly message: string; readonly hint: string | undefined; readonly data?: PlainData | undefined } | undefined
  readonly keys: readonly GatewayKey[]
  /** The log of requests. */
  readonly log: string
}

/** What a gateway serves, by name. */
export interface GatewayMethods {
  readonly rpc: readonly string[]
  readonly service: readonly string[]
}

/** Whoever has the gateway in hand. */
export interface GatewayHolder {
  state(): Promise<GatewayState>
  methods(): Promise<GatewayMethods>
  /** What is left out stays as it is. */
  change(change: Partial<GatewayChoice>): Promise<GatewayState>
  addKey(name: string, limits: { readonly perMinute?: number | undefined; readonly perDay?: number | undefined }): Promise<{ readonly key: string }>
  revokeKey(name: string): Promise<void>
}
