/**
 * The node manager: the networks that this computer takes part in, and their nodes. The desktop app and the headless
 * command host the same one; the dashboard sees it through {@link NodeManagerView}.
 */
import { systemClock, type Clock } from '../base/clock.ts'
import { Emitter } from '../base/events.ts'
import { NodeError } from '../base/errors.ts'
import { createLogger, type Logger, type LogFilter, type LogLevels, type LogRecord, type LogSink } from '../base/logger.ts'
import { Keyrings, type NetworkKeys } from '../keystore/network-keys.ts'
import type { PassphraseVault } from '../keystore/vault.ts'
import type { HistoryReader } from '../metrics/history/history.ts'
import type { Installation } from './kinds/installation.ts'
import type { BlockSummary, KindTable, NetworkDefinition, NodeView } from './kinds/kind.ts'
import { KINDS, unknownKind } from './kinds/table.ts'
import type { PortPurpose, TroubleAction, TroubleCode } from './kinds/trouble.ts'
import type { BeginAnew } from './folders/begin-anew.ts'
import type { FolderMemory } from './folders/folder-memory.ts'
import { ManagedNetwork } from './managed-network.ts'
import type { NetworkHost } from './networks/admin-types.ts'
import { LogMemory } from './support/log-sinks.ts'
import type { ManagerEvents, NetworkDisk, NetworkSummary, NodeManagerView } from './types.ts'
import type { DiskLimits, Trouble } from './watch/troubles.ts'

export interface ManagerDependencies {
  /** The kinds of node that there are; all that this version knows, where it is left out. */
  readonly kinds?: KindTable
  /** What the node of a network is built with, in the form that its kind takes. Asked before each start. */
  readonly plan: (network: NetworkDefinition) => unknown
  readonly installation: Installation
  /** Chooses a free port for a network and keeps it for its next start; left out where ports come from elsewhere. */
  readonly changePort?: (network: string, purpose: PortPurpose) => Promise<void>
  /** The name of the network of this program that has a port, other than by the one that asks. */
  readonly portHolder?: (asking: string, port: number) => string | undefined
  /** Opens the system's settings of date and time; left out where nobody sits before it, or it has none. */
  readonly openTimeSettings?: (() => Promise<void>) | undefined
  /** Milliseconds that pass whatever the clock is set to. */
  readonly monotonic?: () => number
  readonly clock?: Clock
  /** Besides the memory that the dashboard reads. */
  readonly logSinks: readonly LogSink[]
  /** What was seen of data folders, outside of them; left out where nothing is kept. */
  readonly memory?: FolderMemory
  /** The system's keyring, which remembers passphrases; none does, where it is left out. */
  readonly vault?: PassphraseVault
}

export interface ManagerOptions {
  readonly networks: readonly NetworkDefinition[]
  readonly logFilter: LogFilter
  /** A file whose first line is the passphrase of the keystores. */
  readonly passphraseFile?: string | undefined
  /** When a node warns of a full disk, and when it stops. */
  readonly diskLimits?: DiskLimits
}

/** Log records kept for the dashboard. */
const LOG_MEMORY = 5000

export class NodeManager implements NodeManagerView, NetworkHost {
  readonly events = new Emitter<ManagerEvents>()
  readonly logger: Logger
  /** The same for every node of this manager and for its screens. */
  readonly keyrings: Keyrings
  readonly #memory = new LogMemory(LOG_MEMORY)
  readonly #networks = new Map<string, ManagedNetwork>()
  readonly #dependencies: ManagerDependencies
  readonly #diskLimits: DiskLimits | undefined
  readonly #loggerFor: (network: string, filter: LogFilter | LogLevels) => Logger

  constructor(dependencies: ManagerDependencies, options: ManagerOptions) {
    const announce: LogSink = (record) => this.events.emit('log', record)
    this.logger = createLogger([...dependencies.logSinks, this.#memory.sink, announce], options.logFilter, 'manager')
    const { vault, clock = systemClock } = dependencies
    this.keyrings = new Keyrings({ logger: this.logger, clock, vault }, { passphraseFile: options.passphraseFile })
    // What a node says is told apart from what another says.
    this.#loggerFor = (network, filter) =>
      createLogger([...dependencies.logSinks, this.#memory.sink, announce].map((sink): LogSink => (record) => sink({ ...record, network })), filter, 'manager')
    this.#dependencies = dependencies
    this.#diskLimits = options.diskLimits
    for (const definition of options.networks) this.#networks.set(definition.id, this.#manage(definition))
  }

  async setNetwork(definition: NetworkDefinition): Promise<void> {
    const known = this.#networks.get(definition.id)
    if (known !== undefined && known.definition.dataPath === definition.dataPath) known.redefine(definition)
    else {
      if (known !== undefined) await this.#letGo(known)
      this.#networks.set(definition.id, this.#manage(definition))
    }
    this.events.emit('status', this.#find(definition.id).summary())
  }

  async forgetNetwork(id: string): Promise<void> {
    await this.#letGo(this.#find(id))
    this.#networks.delete(id)
    this.#dependencies.memory?.forget(id)
    this.events.emit('removed', { network: id })
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

  /**
   * Puts the database of a network aside and starts its node with an empty one, whether it runs or not. Keys, identity and the record of
   * what was signed stay, unless the options say otherwise. What was seen of the data before is forgotten.
   */
  async beginAnew(network: string, options: BeginAnew = {}): Promise<void> {
    await this.#find(network).beginAnew(options)
  }

  /** Starts the node of a network with its data folder as it is, whatever was seen of it before. */
  async useAsItIs(network: string): Promise<void> {
    await this.#find(network).useAsItIs()
  }

  node(network: string): NodeView | undefined {
    return this.#find(network).node
  }

  keys(network: string): NetworkKeys {
    return this.keyrings.at(this.#find(network).definition.dataPath)
  }

  history(network: string): HistoryReader {
    return this.#find(network).history
  }

  disk(network: string): Promise<NetworkDisk> {
    return this.#find(network).diskUse()
  }

  troubles(network: string): readonly Trouble[] {
    return this.#find(network).supervisor.troubles
  }

  async mend(network: string, code: TroubleCode, action: TroubleAction): Promise<void> {
    await this.#find(network).supervisor.act(code, action)
  }

  /** The computer slept, or is in another network: every node looks after its connections. */
  wake(): void {
    for (const network of this.#networks.values()) network.supervisor.onWake()
  }

  latestBlocks(network: string, count: number): readonly BlockSummary[] {
    return this.#find(network).latestBlocks(count)
  }

  recentLogs(count: number): readonly LogRecord[] {
    return this.#memory.recent(count)
  }

  /** What is being stopped now: `Development: state`. */
  stopping(): readonly string[] {
    return [...this.#networks.values()].flatMap((network) => network.stopping ?? [])
  }

  /** Stops every node; for the end of the app. */
  async stopAll(): Promise<void> {
    await Promise.all([...this.#networks.values()].map((network) => network.stop()))
    await Promise.all([this.keyrings.lockAll(), this.#dependencies.memory?.flush()])
  }

  #manage(definition: NetworkDefinition): ManagedNetwork {
    const network = definition.id
    const { plan, installation, changePort, portHolder, openTimeSettings, clock = systemClock } = this.#dependencies
    const kinds: KindTable = this.#dependencies.kinds ?? KINDS
    const kind = Object.hasOwn(kinds, definition.kind) ? kinds[definition.kind] : undefined
    if (kind === undefined) throw unknownKind(definition.kind)
    // A clock that a test turns does not jump.
    const monotonic = this.#dependencies.monotonic ?? (clock === systemClock ? () => performance.now() : () => clock.now())
    return new ManagedNetwork(
      {
        kind,
        create: async (current, seen) => {
          const logger = this.#loggerFor(network, current.logFilter ?? this.logger.levels)
          return kind.create(await plan(current), { installation, logger, clock, keys: this.keyrings.at(current.dataPath), seen })
        },
        clock,
        logger: this.logger,
        onStatus: (summary) => this.events.emit('status', summary),
        onBlock: (block) => this.events.emit('block', { network, block }),
        onSettled: (head) => this.events.emit('finalized', { network, head }),
        onTroubles: (troubles) => this.events.emit('troubles', { network, troubles }),
        monotonic,
        changePort: changePort === undefined ? undefined : (purpose) => changePort(network, purpose),
        portHolder: portHolder === undefined ? undefined : (port) => portHolder(network, port),
        openTimeSettings,
        diskLimits: this.#diskLimits,
        memory: this.#dependencies.memory,
        dropKeys: (dataPath) => this.keyrings.drop(dataPath),
      },
      definition,
    )
  }

  /** Its folder may go away afterwards. */
  async #letGo(network: ManagedNetwork): Promise<void> {
    await network.stop()
    await this.keyrings.drop(network.definition.dataPath)
  }

  #find(id: string): ManagedNetwork {
    const network = this.#networks.get(id)
    if (network === undefined) throw new NodeError('NETWORK_UNKNOWN', `Network "${id}" does not exist.`, { data: { network: id } })
    return network
  }
}
