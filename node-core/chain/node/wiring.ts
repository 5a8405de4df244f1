/**
 * The wiring diagram of a node: services are built in the order of their dependencies, started in that order and stopped in reverse.
 * Nothing is opened here.
 *
 *   network ──> core ──> state ──> rpc        what arrives
 *   core ──> state ──> network                what we produce
 */
import { systemClock, type Clock } from '../../base/clock.ts'
import type { Emitter } from '../../base/events.ts'
import type { Logger } from '../../base/logger.ts'
import { authorityForksOf } from '../spec/authority-forks.ts'
import { genesisOf } from '../spec/genesis.ts'
import { lightSyncStateOf } from '../spec/light-sync-state.ts'
import { chainDataPath } from '../spec/load.ts'
import { knownNetworkOf } from '../spec/networks.ts'
import { addressPrefixOf } from '../spec/properties.ts'
import type { ChainSpec } from '../spec/schema.ts'
import { CoreService } from '../core/core-service.ts'
import { ENGINE_KEYS } from '../core/engines/table.ts'
import { CryptoWorker } from '../../crypto/worker/crypto-worker.ts'
import { devAccountNamed } from '../../crypto/keys/dev-accounts.ts'
import { developmentKeystore, JoinedKeystore } from '../../crypto/keys/keystore.ts'
import { NetworkKeys } from '../../keystore/network-keys.ts'
import { RelayRole } from './relay-role.ts'
import { SessionKeys } from './session-keys.ts'
import { createSigning, exemptKeys } from './signing.ts'
import { NetworkService } from '../../network/network-service.ts'
import { createAuthorities } from './authorities.ts'
import { createDoors } from './doors.ts'
import { NodeMetrics } from './metrics.ts'
import type { NodeOptions, WorkerUrls } from './options.ts'
import { chainNamespace } from '../protocols/names.ts'
import type { ChainPeerStatus } from '../protocols/roles.ts'
import { createPeerProtocols, type PeerProtocols } from './peer-protocols.ts'
import { createRuntime } from './runtime-threads.ts'
import { ServiceGroup } from '../../base/service.ts'
import { NodeJoining } from './joining.ts'
import type { createNet } from './net.ts'
import { sealingOf } from './sealing.ts'
import { StagedStart } from './staged-start.ts'
import { Surroundings } from './surroundings.ts'
import { carryLimitMsOf, keptBlocksOf, statePruningOf, syncModeOf } from './sync-mode.ts'
import type { AcceptGenesis } from '../state/genesis.ts'
import { StateService, type StateOptions } from '../state/state-service.ts'
import type { CarriedRuntime } from '../upgrades/carried.ts'
import { isEarlierGenesis } from '../upgrades/chain-facts.ts'
import { createOwnExtrinsics } from './own-extrinsics.ts'
import { VERSION } from '../../base/version.ts'


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

export type NodeEvents = { failure: unknown; preparing: number }

/** `events` hears of failures and of older data that are carried over; `openNet` is given where the network is opened to programs. */
export function wire({ spec, options, logger, clock = systemClock, random = Math.random, workerUrls, keys: givenKeys, carried, seen }: NodeEnvironment, events: Emitter<NodeEvents>, openNet: typeof createNet | undefined) {
  const dataPath = chainDataPath(options.basePath, spec)
  const keys = givenKeys ?? new NetworkKeys({ dataPath, logger, clock }, { passphraseFile: options.keystorePassphraseFile })
  const shipped = knownNetworkOf(spec)
  const known = shipped?.genesisHash
  // A development network that an earlier version of this app made is still that network.
  const acceptGenesis = shipped === undefined || known !== undefined ? undefined : (get: Parameters<AcceptGenesis>[0]) => isEarlierGenesis(spec, get)
  const development = developmentKeystore(options.account === undefined ? [] : [devAccountNamed(options.account)], ENGINE_KEYS)
  const keptBlocks = keptBlocksOf(options, spec)
  const state = new StateService(
    { logger, clock, onCarry: ({ blocks, total }) => events.emit('preparing', total === 0 ? 0 : blocks / total) },
    {
      dataPath, genesis: () => genesisOf(spec), genesisHash: known, acceptGenesis, seen,
      pruning: options.statePruning, initialPruning: statePruningOf(spec), carryLimitMs: carryLimitMsOf(spec),
      oldBlocks: { keep: keptBlocks, keepsJustification: (header): boolean => core.changesFinality(header) },
    },
  )
  const runtime = createRuntime({ blocks: state.blocks, logger, clock }, { spec, dataPath, workerUrls })
  const crypto = new CryptoWorker({ logger: logger.child('crypto') }, workerUrls === undefined ? {} : { workerUrl: workerUrls.crypto })
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
      onFault: (error) => events.emit('failure', error),
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
    { network, core, state, prover: runtime, keptBlocks, clock, random, logger, onAnnounced: (peer, header) => surroundings.onAnnounced(peer, header), isJoining: () => joining.isUnderWay },
    role.validator ? 'AUTHORITY' : 'FULL',
  )
  const joining: NodeJoining = new NodeJoining(
    { state, executor: runtime, crypto, sender: network.requests, judge: network.judge, peers: () => peers.fullNodes(), clock, logger: logger.child('joining') },
    { mode: syncModeOf({ sync: options.sync, validator: role.validator }, spec), authorityForks: authorityForksOf(known), lightSyncState: lightSyncStateOf(spec), workerUrl: workerUrls?.state },
  )
  const sessionKeys = new SessionKeys({ keys, runtime, blocks: state.blocks, development, lists: () => core.engine.lists, logger: logger.child('keys') })
  const { upgrades, accounts, authorityChanges } = createOwnExtrinsics(
    { blocks: state.blocks, storage: state.storage, runtime, pool: core.pool, keys, sync: peers.sync, slotDuration: () => core.slotDurationMs, logger },
    { spec, account: options.account, carried },
  )
  const doors = createDoors({ state, runtime, core, network, sync: peers.sync, joining, keys, sessionKeys, clock, logger }, { spec, options: { ...options, validator: role.validator }, workerUrls })
  const { rpc, explorer } = doors
  const authorities = createAuthorities(
    { blocks: state.blocks, storage: state.storage, core, network: network.state, keys, development, sync: peers.sync, authoring: role.validator, timeOf: (header) => doors.timeOf(header), clock, logger }, spec,
  )
  const net = openNet?.({ network, metrics: () => metrics.reader, genesisHash: () => state.blocks.genesisHash, clock, logger }, { dataPath, net: options.net, ipWorkerUrl: workerUrls?.ip })
  const metrics: NodeMetrics = new NodeMetrics(
    { blocks: state.blocks, storage: state.storage, core, network: network.state, sync: peers.sync, joining, rpc, net, clock, logger: logger.child('metrics') },
    { chain: spec.id, name: options.name, version: VERSION, role: role.validator ? 'authority' : 'full', prometheus: options.prometheus },
  )

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
      { name: 'network', service: StagedStart.later(network, () => services.isEarly) },
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
  const services: StagedStart = new StagedStart({ ground, early, upper, joining, runtime, onFailure: (error) => events.emit('failure', error) })
  logger.info('node', { chain: spec.name, data: dataPath, validator: role.validator, version: VERSION })
  return { dataPath, keys, state, runtime, network, role, core, surroundings, peers, joining, sessionKeys, upgrades, accounts, authorityChanges, doors, authorities, net, metrics, services }
}
