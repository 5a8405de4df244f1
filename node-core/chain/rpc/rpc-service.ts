/**
 * The RPC service: JSON-RPC 2.0 over HTTP and WebSocket on one port, for wallets, apps and scripts.
 *
 * It reads the node and changes nothing, except that it hands transactions to the pool, keys to the keystore, names reserved peers and
 * chooses what is logged. This file is the wiring: the method families with what they read, the dispatcher that finds a method, the server
 * that lets clients in.
 *
 * Where the chain is to be joined first, it serves in two steps: early what needs no chain (before-chain.ts), then, over the same port and to the same
 * connections, everything.
 */
import type { Clock } from '../../base/clock.ts'
import { systemClock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { BlockStateReader } from '../state/types.ts'
import type { Service } from '../../base/service.ts'
import { joiningRefusal, methodsBeforeChain, syncBeforeChain } from './before-chain.ts'
import { DEFAULT_CHAIN_HEAD_LIMITS, chainHeadMethods } from './chain-head/methods.ts'
import type { MethodFigures } from './server/call-figures.ts'
import { Dispatcher } from './server/dispatcher.ts'
import { guardedEvents } from './events.ts'
import { defineCall, type Method } from './method.ts'
import { archiveStorageMethods } from './methods/archive-storage.ts'
import { archiveMethods } from './methods/archive.ts'
import { keyMethods } from './methods/author-keys.ts'
import { authorMethods } from './methods/author.ts'
import { chainSpecMethods } from './methods/chain-spec.ts'
import { chainMethods } from './methods/chain.ts'
import { childStateMethods } from './methods/childstate.ts'
import { dryRunMethods } from './methods/dry-run.ts'
import { logFilterMethods } from './methods/log-filter.ts'
import { mmrMethods } from './methods/mmr.ts'
import { nonceMethods } from './methods/nonce.ts'
import { paymentMethods } from './methods/payment.ts'
import { proofMethods } from './methods/proofs.ts'
import { refusedMethods } from './methods/refused.ts'
import { bulkStateMethods } from './methods/state-bulk.ts'
import { stateSubscriptions } from './methods/state-subscriptions.ts'
import { stateMethods } from './methods/state.ts'
import { health, systemMethods } from './methods/system.ts'
import { transactionMethods } from './methods/transaction.ts'
import { DEFAULT_RPC_OPTIONS, type RpcOptions } from './options.ts'
import { RpcServer, type HttpExtension } from './server/server.ts'
import { NO_SESSIONS, type SessionCounts } from './server/session-figures.ts'
import type { Health } from './server/http.ts'
import type { ChainJoiner, EngineMethods, MethodDeps, TrieQueries } from './types.ts'

/** The address format of chains that name none. */
const DEFAULT_SS58 = 42

/** Said at each start at which other machines are served. */
const EXTERNAL = {
  auto: 'JSON-RPC is open to other machines: whoever reaches this port can ask this node, without encryption. Methods that change the node are refused, to programs of this computer too.',
  safe: 'JSON-RPC is open to other machines: whoever reaches this port can ask this node, without encryption. Methods that change the node are refused.',
  unsafe: 'JSON-RPC is open to other machines WITH METHODS THAT CHANGE THE NODE: whoever reaches this port can insert keys, choose its peers and keep it busy. Only a firewall can protect it now.',
} as const satisfies Record<RpcOptions['methods'], string>

export interface RpcDeps extends Omit<MethodDeps, 'trie' | 'blocks' | 'events'> {
  readonly blocks: BlockStateReader
  readonly logger: Logger
  readonly clock?: Clock
  /** Proofs and Merkle values, where the state can give them. */
  readonly trie?: TrieQueries
  /** Methods of the chain's consensus engine; asked for at the start. */
  readonly engineMethods?: EngineMethods
  /** How joining goes; left out where chains are not joined. */
  readonly joining?: ChainJoiner
  /** Serves other paths on the same port. */
  readonly extension?: HttpExtension
}

export class RpcService implements Service {
  readonly #deps: RpcDeps
  readonly #options: RpcOptions
  #server: RpcServer | undefined
  #dispatcher: Dispatcher | undefined
  #port: number | undefined
  /** What is told of the sync: the syncer's, or that of a node that joins. */
  #sync: MethodDeps['sync']

  constructor(deps: RpcDeps, options: Partial<RpcOptions> = {}) {
    this.#deps = deps
    this.#sync = deps.sync
    this.#options = { ...DEFAULT_RPC_OPTIONS, ...options }
  }

  /** The port that was taken; undefined while the service is not started. */
  get port(): number | undefined {
    return this.#port
  }

  /** `ws://127.0.0.1:<port>`; undefined while the service is not started. */
  get address(): string | undefined {
    return this.#port === undefined ? undefined : `ws://127.0.0.1:${this.#port}`
  }

  /** Open WebSocket connections. */
  get connectionCount(): number {
    return this.#server?.connectionCount ?? 0
  }

  /** What was called since the start. */
  callFigures(): readonly MethodFigures[] {
    return this.#dispatcher?.callFigures() ?? []
  }

  /** WebSocket connections since the start. */
  sessionCounts(): SessionCounts {
    return this.#server?.sessionCounts() ?? NO_SESSIONS
  }

  /** What `system_health` tells, also while the chain is joined. */
  health(): Health {
    return health({ ...this.#deps, sync: this.#sync })
  }

  /** Names of all methods, as `rpc_methods` lists them; empty before the start. */
  get methods(): readonly string[] {
    return this.#dispatcher?.names ?? []
  }

  /** Its start serves what needs no chain, and leaves the rest to {@link start}. Throws as that does. */
  get early(): Service {
    return { start: () => this.#startEarly(), stop: () => this.stop() }
  }

  /** Throws a NodeError `RPC_PORT_IN_USE`, `RPC_PORT_FORBIDDEN` or `RPC_LISTEN_FAILED`. */
  async start(): Promise<void> {
    const methods = this.#createMethods()
    this.#sync = this.#deps.sync
    if (this.#server === undefined) await this.#listen(new Dispatcher(methods, this.#deps.logger, this.#options))
    else this.#dispatcher?.serve(methods)
    this.#deps.logger.info('JSON-RPC is served', { address: this.address, methods: this.methods.length })
  }

  /** Closes every connection; idempotent. */
  async stop(): Promise<void> {
    await this.#server?.stop()
    this.#server = undefined
    this.#port = undefined
  }

  async #startEarly(): Promise<void> {
    const { logger, joining = () => undefined } = this.#deps
    this.#sync = syncBeforeChain(this.#deps, joining)
    const dispatcher = new Dispatcher([], logger, this.#options)
    dispatcher.serve([...methodsBeforeChain(this.#deps, this.#sync, logger), this.#methodList()], () => joiningRefusal(joining()))
    await this.#listen(dispatcher)
    logger.info('JSON-RPC is served as far as that needs no chain', { address: this.address, methods: this.methods.length })
  }

  async #listen(dispatcher: Dispatcher): Promise<void> {
    const { logger, clock = systemClock, extension } = this.#deps
    const server = new RpcServer({ dispatcher, health: () => this.health(), clock, logger, extension }, this.#options)
    this.#dispatcher = dispatcher
    this.#server = server
    this.#port = await server.start()
    if (this.#options.external) logger.warn(EXTERNAL[this.#options.methods], { port: this.#port })
  }

  #methodList(): Method {
    return defineCall({ name: 'rpc_methods', params: {}, handle: () => ({ methods: this.methods }) })
  }

  #createMethods(): Method[] {
    const { logger, blocks, chain, node, runtime, pool, network, peerActions, sync, storage, pins, trie = {}, clock = systemClock } = this.#deps
    const events = guardedEvents(blocks.events, logger)
    const deps: MethodDeps = { chain, node, blocks, events, runtime, pool, network, peerActions, sync, storage, pins, trie }
    const options = this.#options
    const { keys, engineMethods } = this.#deps
    const prefix = chain.properties['ss58Format']
    const addressPrefix = typeof prefix === 'number' ? prefix : DEFAULT_SS58
    const { callTimeoutMs, maxResponseBytes } = options
    const methods = [
      ...systemMethods(deps),
      ...nonceMethods(deps, options),
      ...chainMethods(deps),
      ...stateMethods(deps, options),
      ...bulkStateMethods(deps, { clock, maxResponseBytes }),
      ...proofMethods(deps),
      ...stateSubscriptions(deps, logger),
      ...childStateMethods(deps),
      ...authorMethods(pool, logger),
      ...(keys === undefined ? [] : keyMethods(keys)),
      ...paymentMethods(deps, options),
      ...mmrMethods(deps, options),
      ...dryRunMethods(deps, options),
      ...chainSpecMethods(chain),
      ...chainHeadMethods(deps, logger, { ...DEFAULT_CHAIN_HEAD_LIMITS, callTimeoutMs }),
      ...transactionMethods(pool, events, logger),
      ...(engineMethods?.({ blocks, events, logger, clock, callTimeoutMs, maxResponseBytes, addressPrefix }) ?? []),
      ...logFilterMethods(logger.levels),
      ...archiveMethods(deps, options),
      ...archiveStorageMethods(deps, logger),
      this.#methodList(),
    ]
    return [...methods, ...refusedMethods(methods)]
  }
}
