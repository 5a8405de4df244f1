/**
 * The gateway as a person has it in hand in the desktop app, in whose process it runs then: on or off, where it listens, before which node, and the keys of its clients. What
 * is set lasts where it is kept. What serves is loaded when it is turned on for the first time; turned off, it lets what is under way finish.
 */
import { systemClock, type Clock } from '../base/clock.ts'
import { isNodeError, plainData, type PlainData } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import { SerialQueue } from '../base/serial-queue.ts'
import { join } from 'node:path'
import { KeysFile } from './access/keys-file.ts'
import { Keys, type KeyInfo, type KeyLimits } from './access/keys.ts'
import { GatewayError } from './errors.ts'
import type { Gateway } from './gateway.ts'
import { GATEWAY_LIMITS, type GatewayOptions, type UpstreamOptions } from './options.ts'
import { isLoopback } from './visitors.ts'

/** What a person chooses. Texts are empty where nothing is chosen. */
export interface GatewayChoice {
  readonly isOn: boolean
  /** The network whose node is served, by its id. */
  readonly network: string
  readonly host: string
  readonly port: number
  /** Files in PEM. */
  readonly cert: string
  readonly key: string
  /** Where clients see it, behind a reverse proxy: `https://node.example/rpc/`. */
  readonly publicUrl: string
  /** Sites whose pages may use it; `*` is every one. */
  readonly origins: readonly string[]
  /** Serve the service API, too: it reads every network of the app. */
  readonly service: boolean
}

export const GATEWAY_OFF: GatewayChoice = { isOn: false, network: '', host: '127.0.0.1', port: 8443, cert: '', key: '', publicUrl: '', origins: [], service: false }

export interface GatewayKeeper {
  get(): GatewayChoice
  keep(choice: GatewayChoice): void
}

/** The node that is served, as the app has it. */
export interface ServedNode {
  /** `http://127.0.0.1:9944`, whether the node runs or not; undefined where there is no such network, or nobody knows its port yet. */
  rpcUrl(network: string): string | undefined
  /** The service API of the app, with a token that may read and submit. */
  service(): UpstreamOptions['service']
}

export interface GatewayControlDeps {
  /** Its own: keys, what they have used, the log of requests. */
  readonly folder: string
  readonly keeper: GatewayKeeper
  readonly node: ServedNode
  readonly logger: Logger
  readonly clock?: Clock
}

export type GatewayPhase = 'off' | 'starting' | 'serving' | 'draining' | 'failed'

export interface GatewayProblem {
  readonly code: string
  readonly message: string
  readonly hint: string | undefined
  readonly data?: PlainData | undefined
}

export interface GatewayControlState extends GatewayChoice {
  readonly phase: GatewayPhase
  /** Where it listens; undefined where it does not. */
  readonly address: string | undefined
  /** How the node behind it is: `ready`, `unreachable`, `syncing`, `lonely`; undefined where it does not serve. */
  readonly node: string | undefined
  /** Why it does not serve although it should, or why nobody is let in. */
  readonly problem: GatewayProblem | undefined
  readonly keys: readonly KeyInfo[]
  /** The log of requests. */
  readonly log: string
}

const MAX_CHANGES = 16
const ADDRESS_PER_MINUTE = 6000
/** A reverse proxy on this computer says whose request it passes on. */
const OWN_PROXIES = ['127.0.0.1', '::1']

export class GatewayControl {
  readonly #deps: GatewayControlDeps
  readonly #clock: Clock
  readonly #keys: Keys
  readonly #changes = new SerialQueue(MAX_CHANGES)
  #gateway: Gateway | undefined
  #rpcUrl: string | undefined
  #phase: GatewayPhase = 'off'
  #problem: GatewayProblem | undefined
  #isStopped = false

  constructor(deps: GatewayControlDeps) {
    this.#deps = deps
    this.#clock = deps.clock ?? systemClock
    this.#keys = new Keys(new KeysFile(this.#path('gateway-keys.json')), this.#clock)
  }

  /** Never rejects: that a gateway which was on cannot serve is told by {@link state}. */
  async start(): Promise<void> {
    if (!this.#deps.keeper.get().isOn) return
    await this.#changes.run(() => this.#open(this.#deps.keeper.get())).catch(() => undefined)
  }

  async state(): Promise<GatewayControlState> {
    const told = { ...this.#deps.keeper.get(), phase: this.#phase, address: this.#gateway?.address, node: this.#gateway?.health().node, log: this.#path('requests.log') }
    try {
      return { ...told, problem: this.#problem, keys: await this.#keys.list() }
    } catch (error) {
      return { ...told, problem: this.#problem ?? problemOf(error), keys: [] }
    }
  }

  /**
   * What is left out stays as it is. A gateway that serves is started anew. Kept only where it could be done: otherwise it goes on as it was. Throws GATEWAY_{TLS_MISSING,TLS_HALF,PORT_IN_USE,CANNOT_LISTEN,OPTION_INVALID,NETWORK_UNKNOWN},
   * GATEWAY_KEYS_FILE_{INVALID,OPEN}, TLS_{UNREADABLE,KEY_OPEN,INVALID}.
   */
  change(change: Partial<GatewayChoice>): Promise<GatewayControlState> {
    const { keeper } = this.#deps
    return this.#changes.run(async () => {
      const former = keeper.get()
      const choice = { ...former, ...change }
      await this.#close()
      try {
        if (choice.isOn) await this.#open(choice)
      } catch (error) {
        // What went on before goes on; why the change failed is told to whoever asked for it, and stays where nothing serves.
        if (former.isOn) await this.#open(former).catch(() => undefined)
        throw error
      }
      keeper.keep(choice)
      return this.state()
    })
  }

  /** The key is in the answer and nowhere else. Throws as {@link Keys.add} does. */
  async addKey(name: string, limits: KeyLimits): Promise<{ readonly key: string }> {
    const { key } = await this.#keys.add(name, limits)
    return { key }
  }

  /** Throws GATEWAY_KEY_UNKNOWN. */
  revokeKey(name: string): Promise<void> {
    return this.#keys.revoke(name)
  }

  /** A node was started or stopped: its port may be another one now, or be known for the first time. */
  nodesChanged(): void {
    const { keeper, node } = this.#deps
    if (!keeper.get().isOn || this.#isStopped) return
    const isDue = (): boolean => {
      const choice = keeper.get()
      const url = node.rpcUrl(choice.network)
      if (!choice.isOn || this.#isStopped || url === undefined) return false
      return this.#phase === 'serving' ? url !== this.#rpcUrl : this.#phase === 'failed' && this.#problem?.code === 'GATEWAY_NETWORK_UNKNOWN'
    }
    if (!isDue()) return
    void this.#changes.run(async () => {
      if (!isDue()) return
      await this.#close()
      await this.#open(keeper.get())
    }).catch(() => undefined)
  }

  /** Idempotent. What is under way finishes, within a limit. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#changes.close()
    await this.#close()
  }

  async #open(choice: GatewayChoice): Promise<void> {
    this.#phase = 'starting'
    this.#problem = undefined
    let gateway: Gateway | undefined
    try {
      const options = this.#options(choice)
      const { Gateway: Loaded } = await import('./gateway.ts')
      gateway = new Loaded({ logger: this.#deps.logger, clock: this.#clock }, options)
      await gateway.start()
      this.#gateway = gateway
      this.#rpcUrl = options.upstream.rpcUrl
      this.#phase = 'serving'
    } catch (error) {
      await gateway?.stop()
      this.#phase = 'failed'
      this.#problem = problemOf(error)
      this.#deps.logger.warn('the gateway cannot serve', { reason: this.#problem.message })
      throw error
    }
  }

  async #close(): Promise<void> {
    const gateway = this.#gateway
    this.#problem = undefined
    if (gateway !== undefined) {
      this.#phase = 'draining'
      await gateway.stop()
      this.#gateway = undefined
    }
    this.#phase = 'off'
  }

  #options(choice: GatewayChoice): GatewayOptions {
    const { folder, node } = this.#deps
    const { network, host, port, cert, key, publicUrl, origins, service } = choice
    if ((cert === '') !== (key === '')) throw new GatewayError('GATEWAY_TLS_HALF', 'A certificate and its key go together, and one of the two files is not named.', { hint: 'Name both, or neither.' })
    const rpcUrl = node.rpcUrl(network)
    if (rpcUrl === undefined) throw new GatewayError('GATEWAY_NETWORK_UNKNOWN', 'There is no network that the gateway could serve, or its node has never had a port.', { hint: 'Choose a network, or start its node first.', data: { network } })
    const upstream = service ? node.service() : undefined
    if (service && upstream === undefined) this.#deps.logger.warn('the gateway serves no service API: the local door of this program is not open')
    return {
      host, port, origins, folder,
      tls: cert === '' ? undefined : { cert, key },
      publicUrl: publicUrl === '' ? undefined : publicUrl,
      trustedProxies: publicUrl !== '' && isLoopback(host) ? OWN_PROXIES : [],
      upstream: { rpcUrl, service: upstream },
      keysFile: this.#path('gateway-keys.json'),
      requestLog: this.#path('requests.log'),
      loggedAddresses: 'full',
      anonymousPerMinute: 0,
      addressPerMinute: ADDRESS_PER_MINUTE,
      allowed: [], denied: [],
      limits: GATEWAY_LIMITS,
    }
  }

  #path(name: string): string {
    return join(this.#deps.folder, name)
  }
}

function problemOf(error: unknown): GatewayProblem {
  if (isNodeError(error)) return { code: error.code, message: error.message, hint: error.hint, data: plainData(error) }
  return { code: 'GATEWAY_INTERNAL', message: error instanceof Error ? error.message : String(error), hint: undefined }
}
