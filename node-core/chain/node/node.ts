/**
 * The composition root: one node of one network. It reads like a wiring diagram: services are built in the order of
 * their dependencies, started in that order and stopped in reverse.
 *
 *   network ──> core ──> state ──> rpc        what arrives
 *   core ──> state ──> network                what we produce
 */
import type { Hash } from '../../base/bytes.ts'
import { systemClock, type Clock } from '../../base/clock.ts'
import type { Disposer } from '../../base/disposers.ts'
import { Emitter } from '../../base/events.ts'
import type { Logger } from '../../base/logger.ts'
import { authorityForksOf } from '../spec/authority-forks.ts'
import { genesisOf } from '../spec/genesis.ts'
import { lightSyncStateOf } from '../spec/light-sync-state.ts'
import { chainDataPath } from '../spec/load.ts'
import { knownNetworkOf } from '../spec/networks.ts'
import { addressPrefixOf } from '../spec/properties.ts'
import type { ChainSpec } from '../spec/schema.ts'
import { readSubstitutes } from '../spec/substitutes.ts'
import type { AccountsService } from '../extrinsics/accounts/accounts-service.ts'
import type { AuthorityChanges } from '../extrinsics/authorities/authority-changes.ts'
import { CoreService } from '../core/core-service.ts'
import type { SealingControls } from '../core/engines/engine.ts'
import { ENGINE_KEYS } from '../core/engines/table.ts'
import { CryptoWorker } from '../../crypto/worker/crypto-worker.ts'
import { devAccountNamed } from '../../crypto/keys/dev-accounts.ts'
import { developmentKeystore, JoinedKeystore } from '../../crypto/keys/keystore.ts'
import { NetworkKeys } from '../../keystore/network-keys.ts'
import { RelayRole } from './relay-role.ts'
import { SessionKeys } from './session-keys.ts'
import { createSigning, exemptKeys } from './signing.ts'
import type { Explorer } from '../explorer/explorer.ts'
import type { ChainQueriesView } from '../queries/types.ts'
import type { MetricsReader } from '../../metrics/registry.ts'
import type { TopicSender } from '../../network/contracts.ts'
import type { Net } from '../../net/net.ts'
import { NetworkService } from '../../network/network-service.ts'
import type { NetworkStateReader, PeerActions } from '../../network/types.ts'
import type { AuthorityWatch } from '../authorities/authority-watch.ts'
import type { ValidatorRecord } from '../authorities/validator-record.ts'
import { createAuthorities } from './authorities.ts'
import { createDoors, type Doors } from './doors.ts'
import { NodeMetrics } from './metrics.ts'
import { progressOf, type ChainProgress } from './progress.ts'
import type { ChainView } from './view.ts'
import type { NodeOptions, WorkerUrls } from './options.ts'
import { chainNamespace } from '../protocols/names.ts'
import type { ChainPeerStatus } from '../protocols/roles.ts'
import { createPeerProtocols, type PeerProtocols } from './peer-protocols.ts'
import { RuntimeWorkers } from '../runtime/threads/executor.ts'
import type { RuntimeExecutor, RuntimeProver, RuntimeVersion } from '../runtime/types.ts'
import { ServiceGroup, type Service } from '../../base/service.ts'
import { NodeJoining } from './joining.ts'
import type { createNet } from './net.ts'
import { sealingOf } from './sealing.ts'
import { StagedStart } from './staged-start.ts'
import { Surroundings } from './surroundings.ts'
import { carryLimitMsOf, keptBlocksOf, statePruningOf, syncModeOf } from './sync-mode.ts'
import type { AcceptGenesis } from '../state/genesis.ts'
import type { DiskParts } from '../state/disk-parts.ts'
import { StateService, type StateOptions } from '../state/state-service.ts'
import type { CarriedRuntime } from '../upgrades/carried.ts'
import { isEarlierGenesis } from '../upgrades/chain-facts.ts'
import type { UpgradeService } from '../upgrades/upgrade-service.ts'
import { createOwnExtrinsics } from './own-extrinsics.ts'
import type { SyncService } from '../sync/sync-service.ts'
import type { Header } from '../scale/header.ts'
import type { BlockStateReader, StorageReader } from '../state/types.ts'
import { VERSION } from '../../base/version.ts'

const USUAL_SLOT_MS = 6_000

export interface NodeEnvironment {
  readonly spec: ChainSpec
  readonly options: NodeOptions
  readonly logger: Logger
  readonly clock?: Clock
  /** From 0 to 1: how much longer than they must keys are listened for. */
  readonly random?: () => number
  /** The keys of this data folder; the node reads them itself where it is given none. */
  readonly keys?: NetworkKeys
  /** Where the worker threads' scripts are, if the node is bundled. */
  readonly workerUrls?: WorkerUrls | undefined
  /** The runtime that this installation has for networks of our own. */
  readonly carried?: CarriedRuntime | undefined
  /** What the data have reached before: they are not used where they have less. */
  readonly seen?: StateOptions['seen']
}

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
  readonly #events = new Emitter<{ failure: unknown; preparing: number }>()

  /** Builds every service; nothing is opened before {@link start}. */
  static async create(environment: NodeEnvironment): Promise<Node> {
    const openNet = environment.options.net.enabled ? (await import('./net.ts')).createNet : undefined
    return new Node(environment, openNet)
  }

  private constructor({ spec, options, logger, clock = systemClock, random = Math.random, workerUrls, keys: givenKeys, carried, seen }: NodeEnvironment, openNet: typeof createNet | undefined) {
    const dataPath = chainDataPath(options.basePath, spec)
    const keys = givenKeys ?? new NetworkKeys({ dataPath, logger, clock }, { passphraseFile: options.keystorePassphraseFile })
    const shipped = knownNetworkOf(spec)
    const known = shipped?.genesisHash
    // A development network that an earlier version of this app made is still that network.
    const acceptGenesis = shipped === undefined || known !== undefined ? undefined : (get: Parameters<AcceptGenesis>[0]) => isEarlierGenesis(spec, get)
    const development = developmentKeystore(options.account === undefined ? [] : [devAccountNamed(options.account)], ENGINE_KEYS)
    const keptBlocks = keptBlocksOf(options, spec)
    const state = new StateService(
      { logger, clock, onCarry: ({ blocks, total }) => this.#events.emit('preparing', total === 0 ? 0 : blocks / total) },
      {
        dataPath, genesis: () => genesisOf(spec), genesisHash: known, acceptGenesis, seen,
        pruning: options.statePruning, initialPruning: statePruningOf(spec), carryLimitMs: carryLimitMsOf(spec),
        oldBlocks: { keep: keptBlocks, keepsJustification: (header): boolean => core.changesFinality(header) },
      },
    )
    const substitutes = readSubstitutes(spec)
    const runtime = new RuntimeWorkers(
      { logger, clock },
      {
        dataPath,
        substitution: () => ({ substitutes, genesisStateRoot: genesisStateRoot(state.blocks) }),
        ...(workerUrls === undefined ? {} : { workerUrl: workerUrls.runtime }),
      },
    )
    const crypto = new CryptoWorker({ logger: logger.child('crypto'), clock }, workerUrls === undefined ? {} : { workerUrl: workerUrls.crypto })
    const { signed, signingState } = createSigning({ logger: logger.child('keys'), genesisHash: () => state.blocks.genesisHash }, dataPath)
    const network = new NetworkService<ChainPeerStatus>(
      { logger: logger.child('network'), clock, namespace: () => chainNamespace(state.blocks.genesisHash, spec) },
      {
        ...options.network,
        ...(options.net.enabled ? { openTable: true, gossip: ['signed'] } : {}),
        dataPath,
        networkBootnodes: spec.bootNodes,
        // A development network is one computer's own: others of its kind nearby are strangers.
        mdns: options.network.mdns && spec.chainType !== 'Development',
      },
    )
    const role = new RelayRole({ blocks: state.blocks, runtime, keystore: new JoinedKeystore([development, keys.keystore]), logger: logger.child('role') }, { spec, validator: options.validator })
    const core = new CoreService(
      {
        blocks: state.blocks,
        writer: state.writer,
        executor: runtime,
        crypto,
        keystore: role,
        signed,
        signingState,
        random,
        sync: { isMajorSyncing: () => peers.sync.isMajorSyncing(), isOffline: () => network.state.peers().length === 0 },
        clock,
        logger: logger.child('core'),
        onFault: (error) => this.#events.emit('failure', error),
      },
      {
        validator: role.validator,
        forceAuthoring: options.forceAuthoring,
        badBlocks: spec.badBlocks ?? [],
        forkBlocks: spec.forkBlocks ?? [],
        authorityForks: authorityForksOf(known),
        sealing: sealingOf(spec, options, logger),
        exemptKeys: exemptKeys(spec, development),
      },
    )
    const surroundings = new Surroundings({ clock, core, network: network.reachability, signed }, { expectsPeers: spec.chainType !== 'Development' })
    const peers: PeerProtocols = createPeerProtocols(
      { network, core, state, prover: runtime, keptBlocks, clock, random, logger, onAnnounced: (peer, header) => surroundings.onAnnounced(peer, header), isJoining: () => this.joining.isUnderWay },
      role.validator ? 'AUTHORITY' : 'FULL',
    )
    this.joining = new NodeJoining(
      { state, executor: runtime, crypto, sender: network.requests, judge: network.judge, peers: () => peers.fullNodes(), clock, logger: logger.child('joining') },
      { mode: syncModeOf({ sync: options.sync, validator: role.validator }, spec), authorityForks: authorityForksOf(known), lightSyncState: lightSyncStateOf(spec), workerUrl: workerUrls?.state },
    )
    const sessionKeys = new SessionKeys({ keys, runtime, blocks: state.blocks, development, lists: () => core.engine.lists, logger: logger.child('keys') })
    const { upgrades, accounts, authorityChanges } = createOwnExtrinsics(
      { blocks: state.blocks, storage: state.storage, runtime, pool: core.pool, keys, sync: peers.sync, slotDuration: () => core.slotDurationMs, logger },
      { spec, account: options.account, carried },
    )
    const doors = createDoors({ state, runtime, core, network, sync: peers.sync, joining: this.joining, keys, sessionKeys, clock, logger }, { spec, options: { ...options, validator: role.validator }, workerUrls })
    const { rpc, explorer } = doors
    const authorities = createAuthorities(
      { blocks: state.blocks, storage: state.storage, core, network: network.state, keys, development, sync: peers.sync, authoring: role.validator, timeOf: (header) => doors.timeOf(header), clock, logger }, spec,
    )
    const net = openNet?.({ network, metrics: () => metrics.reader, genesisHash: () => state.blocks.genesisHash, clock, logger }, { dataPath, net: options.net })
    const metrics: NodeMetrics = new NodeMetrics(
      { blocks: state.blocks, storage: state.storage, core, network: network.state, sync: peers.sync, joining: this.joining, rpc, net, clock, logger: logger.child('metrics') },
      { chain: spec.id, name: options.name, version: VERSION, role: role.validator ? 'authority' : 'full', prometheus: options.prometheus },
    )

    this.chainName = spec.name
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
    this.explorer = explorer
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
    keys.addressPrefix = addressPrefixOf(spec.properties)
    const ground = new ServiceGroup(
      [
        // Their folder outlives the node, and so does their being unlocked.
        { name: 'keys', service: { start: () => keys.open(), stop: () => Promise.resolve() } },
        { name: 'state', service: state },
        { name: 'signing record', service: { start: () => signed.open(state.blocks.genesisHash), stop: () => signed.close() } },
        { name: 'runtime', service: runtime },
        { name: 'crypto', service: crypto },
      ],
      logger,
    )
    // To be seen, and asked, while the chain is joined.
    const early = new ServiceGroup([{ name: 'network', service: network }, { name: 'rpc', service: rpc.early }, { name: 'metrics', service: metrics }], logger)
    const upper = new ServiceGroup(
      [
        { name: 'role', service: role },
        { name: 'core', service: core },
        peers.registration,
        { name: 'network', service: StagedStart.later(network, () => this.#services.isEarly) },
        ...(net === undefined ? [] : [{ name: 'net', service: net }]),
        ...peers.services,
        { name: 'authorities', service: authorities.watch },
        { name: 'validator record', service: authorities.record },
        { name: 'upgrades', service: upgrades },
        { name: 'accounts', service: accounts },
        { name: 'changes of authorities', service: authorityChanges },
        { name: 'rpc', service: rpc },
        { name: 'metrics', service: metrics },
        { name: 'explorer', service: explorer },
      ],
      logger,
    )
    this.#services = new StagedStart({ ground, early, upper, joining: this.joining, runtime, onFailure: (error) => this.#events.emit('failure', error) })
    logger.info('node', { chain: spec.name, data: dataPath, validator: role.validator, version: VERSION })
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

function genesisStateRoot(blocks: BlockStateReader): Hash {
  const genesis = blocks.header(blocks.genesisHash)
  if (genesis === undefined) throw new Error('the state service has no genesis block')
  return genesis.stateRoot
}
