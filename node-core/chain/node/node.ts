/** One node of one network: what is built (wiring.ts), as one service that is started, stopped and looked at. */
import type { Hash } from '../../base/bytes.ts'
import type { Disposer } from '../../base/disposers.ts'
import { Emitter } from '../../base/events.ts'
import type { AccountsService } from '../extrinsics/accounts/accounts-service.ts'
import type { AuthorityChanges } from '../extrinsics/authorities/authority-changes.ts'
import type { CoreService } from '../core/core-service.ts'
import type { SealingControls } from '../core/engines/engine.ts'
import type { NetworkKeys } from '../../keystore/network-keys.ts'
import type { RelayRole } from './relay-role.ts'
import type { SessionKeys } from './session-keys.ts'
import type { Explorer } from '../explorer/explorer.ts'
import type { ChainQueriesView } from '../queries/types.ts'
import type { MetricsReader } from '../../metrics/registry.ts'
import type { TopicSender } from '../../network/contracts.ts'
import type { Net } from '../../net/net.ts'
import type { NetworkStateReader, PeerActions } from '../../network/types.ts'
import type { AuthorityWatch } from '../authorities/authority-watch.ts'
import type { ValidatorRecord } from '../authorities/validator-record.ts'
import type { Doors } from './doors.ts'
import type { NodeMetrics } from './metrics.ts'
import { progressOf, type ChainProgress } from './progress.ts'
import type { ChainView } from './view.ts'
import type { ChainPeerStatus } from '../protocols/roles.ts'
import type { RuntimeExecutor, RuntimeProver, RuntimeVersion } from '../runtime/types.ts'
import type { Service } from '../../base/service.ts'
import type { NodeJoining } from './joining.ts'
import type { createNet } from './net.ts'
import type { StagedStart } from './staged-start.ts'
import type { Surroundings } from './surroundings.ts'
import type { DiskParts } from '../state/disk-parts.ts'
import type { StateService } from '../state/state-service.ts'
import type { UpgradeService } from '../upgrades/upgrade-service.ts'
import type { SyncService } from '../sync/sync-service.ts'
import type { Header } from '../scale/header.ts'
import type { BlockStateReader, StorageReader } from '../state/types.ts'

import { wire, type NodeEnvironment, type NodeEvents } from './wiring.ts'

const USUAL_SLOT_MS = 6_000

export class Node implements Service, ChainView {
  readonly kind = 'chain'
  readonly chainName: string
  readonly dataPath: string
  readonly authoring: boolean
  readonly blocks: BlockStateReader
  readonly network: NetworkStateReader<ChainPeerStatus>
  readonly peerActions: PeerActions
  readonly topics: TopicSender
  readonly metrics: MetricsReader
  /** The network opened to services and programs, where it is. */
  readonly net: Net | undefined
  readonly explorer: Explorer
  readonly queries: ChainQueriesView
  readonly storage: StorageReader
  readonly runtime: RuntimeExecutor & RuntimeProver
  readonly core: CoreService
  readonly sync: SyncService
  readonly joining: NodeJoining
  readonly surroundings: Surroundings
  readonly keys: NetworkKeys
  readonly sessionKeys: SessionKeys
  readonly authorities: AuthorityWatch
  readonly record: ValidatorRecord
  readonly upgrades: UpgradeService
  readonly accounts: AccountsService
  readonly authorityChanges: AuthorityChanges
  readonly #doors: Doors
  readonly #role: RelayRole
  readonly #metrics: NodeMetrics
  readonly #services: StagedStart
  readonly #state: StateService
  readonly #events = new Emitter<NodeEvents>()

  /** Builds every service; nothing is opened before {@link start}. */
  static async create(environment: NodeEnvironment): Promise<Node> {
    const openNet = environment.options.net.enabled ? (await import('./net.ts')).createNet : undefined
    return new Node(environment, openNet)
  }

  private constructor(environment: NodeEnvironment, openNet: typeof createNet | undefined) {
    const { dataPath, keys, state, runtime, network, role, core, surroundings, peers, joining, sessionKeys, upgrades, accounts, authorityChanges, doors, authorities, net, metrics, services } = wire(environment, this.#events, openNet)
    this.chainName = environment.spec.name
    this.dataPath = dataPath
    this.authoring = role.validator
    this.#role = role
    this.#state = state
    this.blocks = state.blocks
    this.storage = state.storage
    this.network = network.state
    this.peerActions = network.actions
    this.topics = network.topics
    this.metrics = metrics.reader
    this.net = net
    this.explorer = doors.explorer
    this.queries = doors.queries
    this.runtime = runtime
    this.core = core
    this.sync = peers.sync
    this.surroundings = surroundings
    this.keys = keys
    this.sessionKeys = sessionKeys
    this.authorities = authorities.watch
    this.record = authorities.record
    this.upgrades = upgrades
    this.accounts = accounts
    this.authorityChanges = authorityChanges
    this.#metrics = metrics
    this.#doors = doors
    this.joining = joining
    this.#services = services
  }

  start(): Promise<void> {
    return this.#services.start()
  }

  stop(): Promise<void> {
    return this.#services.stop()
  }

  get validatorRefused(): boolean {
    return this.#role.isRefused
  }

  /** The service that is being stopped now. */
  get stopping(): string | undefined {
    return this.#services.stopping
  }

  progress(): ChainProgress {
    return progressOf(this)
  }

  diskParts(): Promise<DiskParts> {
    return this.#state.diskParts()
  }

  /** Of a chain that is still being joined what most have. */
  get slotDurationMs(): number {
    return this.core.isRunning ? this.core.slotDurationMs : USUAL_SLOT_MS
  }

  get sealing(): SealingControls | undefined {
    return this.core.isRunning ? this.core.engine.sealing : undefined
  }

  get rpcAddress(): string | undefined {
    return this.#doors.rpc.address
  }

  /** `http://127.0.0.1:9615/metrics`, once started, where it is served. */
  get metricsAddress(): string | undefined {
    return this.#metrics.address
  }

  runtimeVersion(): Promise<RuntimeVersion> {
    const header = this.blocks.header(this.blocks.best().hash)
    if (header === undefined) throw new Error('the best block is unknown')
    return this.runtime.version(header.stateRoot)
  }

  authorOf(hash: Hash): string | undefined {
    return this.#doors.authorOf(hash)
  }

  lookUpAuthor(hash: Hash): Promise<string | undefined> {
    return this.#doors.lookUpAuthor(hash)
  }

  timeOf(header: Header): number | undefined {
    return this.#doors.timeOf(header)
  }

  onFailure(listener: (error: unknown) => void): Disposer {
    return this.#events.on('failure', listener)
  }

  /** Hears how much of older data is carried over, 0 to 1, while it starts. */
  onPreparing(listener: (share: number) => void): Disposer {
    return this.#events.on('preparing', listener)
  }
}
