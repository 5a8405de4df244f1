/**
 * The node manager: the networks that this computer takes part in, and their nodes. The desktop app and the headless
 * command host the same one; the dashboard sees it through {@link NodeManagerView}.
 */
import { systemClock, type Clock } from '../base/clock.ts'
import { Emitter } from '../base/events.ts'
import { NodeError } from '../base/errors.ts'
import { createLogger, type Logger, type LogFilter, type LogRecord, type LogSink } from '../base/logger.ts'
import { Keyrings, type NetworkKeys } from '../keystore/network-keys.ts'
import type { DiskUse } from '../metrics/disk-use.ts'
import type { HistoryReader } from '../metrics/history.ts'
import { LogMemory } from './log-sinks.ts'
import { ManagedNetwork, type ManagedNode, type NetworkDefinition } from './managed-network.ts'
import type { BlockSummary, ManagerEvents, NetworkSummary, NodeManagerView, RunningNode } from './types.ts'

export interface ManagerDependencies {
  /** Builds the node of a network; it is not started yet. */
  readonly createNode: (network: NetworkDefinition, logger: Logger, keys: NetworkKeys) => Promise<ManagedNode>
  readonly clock?: Clock
  /** Besides the memory that the dashboard reads. */
  readonly logSinks: readonly LogSink[]
  /** What the nodes sign with; without it each folder has its own, and no keyring remembers a passphrase. */
  readonly keyrings?: (dependencies: { readonly logger: Logger; readonly clock: Clock }) => Keyrings
}

export interface ManagerOptions {
  readonly networks: readonly NetworkDefinition[]
  readonly logFilter: LogFilter
}

/** Log records kept for the dashboard. */
const LOG_MEMORY = 5000

export class NodeManager implements NodeManagerView {
  readonly events = new Emitter<ManagerEvents>()
  readonly logger: Logger
  /** The same for every node of this manager and for its screens. */
  readonly keyrings: Keyrings
  readonly #memory = new LogMemory(LOG_MEMORY)
  readonly #networks = new Map<string, ManagedNetwork>()

  constructor(dependencies: ManagerDependencies, options: ManagerOptions) {
    const announce: LogSink = (record) => this.events.emit('log', record)
    this.logger = createLogger([...dependencies.logSinks, this.#memory.sink, announce], options.logFilter, 'manager')
    const keyDependencies = { logger: this.logger, clock: dependencies.clock ?? systemClock }
    this.keyrings = dependencies.keyrings?.(keyDependencies) ?? new Keyrings(keyDependencies)
    for (const definition of options.networks) {
      const network = definition.id
      const managed = new ManagedNetwork(
        {
          create: () => dependencies.createNode(definition, this.logger, this.keyrings.at(definition.dataPath)),
          clock: dependencies.clock ?? systemClock,
          logger: this.logger,
          onStatus: (summary) => this.events.emit('status', summary),
          onBlock: (block) => this.events.emit('block', { network, block }),
          onFinalized: (head) => this.events.emit('finalized', { network, head }),
        },
        definition,
      )
      this.#networks.set(network, managed)
    }
  }

  networks(): readonly NetworkSummary[] {
    return [...this.#networks.values()].map((network) => network.summary())
  }

  async start(network: string): Promise<void> {
    await this.#find(network).start()
  }

  async stop(network: string): Promise<void> {
    await this.#find(network).stop()
  }

  async restart(network: string): Promise<void> {
    await this.#find(network).restart()
  }

  node(network: string): RunningNode | undefined {
    return this.#find(network).node
  }

  keys(network: string): NetworkKeys {
    return this.keyrings.at(this.#find(network).definition.dataPath)
  }

  history(network: string): HistoryReader {
    return this.#find(network).history
  }

  disk(network: string): Promise<DiskUse> {
    return this.#find(network).disk.measure()
  }

  latestBlocks(network: string, count: number): readonly BlockSummary[] {
    return this.#find(network).latestBlocks(count)
  }

  recentLogs(count: number): readonly LogRecord[] {
    return this.#memory.recent(count)
  }

  /** Stops every node; for the end of the app. */
  async stopAll(): Promise<void> {
    await Promise.all([...this.#networks.values()].map((network) => network.stop()))
    await this.keyrings.lockAll()
  }

  #find(id: string): ManagedNetwork {
    const network = this.#networks.get(id)
    if (network === undefined) throw new NodeError('NETWORK_UNKNOWN', `There is no network "${id}".`, { data: { network: id } })
    return network
  }
}
