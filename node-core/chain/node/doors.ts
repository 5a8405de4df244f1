/**
 * The part of the composition root through which others ask: JSON-RPC for programs, the explorer for people. Both read; what they may change
 * is the pool, the keys and the list of reserved peers, by a caller who is trusted.
 */
import { fromHex, type Hash } from '../../base/bytes.ts'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import { VERSION } from '../../base/version.ts'
import { authorName } from '../../crypto/keys/dev-accounts.ts'
import { encodeSs58 } from '../../crypto/keys/ss58.ts'
import type { NetworkKeys } from '../../keystore/network-keys.ts'
import type { NetworkService } from '../../network/network-service.ts'
import type { CoreService } from '../core/core-service.ts'
import { Explorer } from '../explorer/explorer.ts'
import type { ChainPeerStatus } from '../protocols/roles.ts'
import { DEFAULT_RPC_OPTIONS } from '../rpc/options.ts'
import { RpcService } from '../rpc/rpc-service.ts'
import { metadataAtVersion } from '../runtime/api/metadata.ts'
import type { RuntimeExecutor, RuntimeProver } from '../runtime/types.ts'
import { addressPrefixOf, tokenOf } from '../spec/properties.ts'
import type { ChainSpec } from '../spec/schema.ts'
import type { StateService } from '../state/state-service.ts'
import type { SyncService } from '../sync/sync-service.ts'
import { rpcMethods } from './engine-methods.ts'
import type { NodeOptions, WorkerUrls } from './options.ts'
import type { SessionKeys } from './session-keys.ts'

export interface DoorDependencies {
  readonly state: Pick<StateService, 'blocks' | 'storage' | 'proofs'>
  readonly runtime: RuntimeExecutor & RuntimeProver
  readonly core: CoreService
  readonly network: Pick<NetworkService<ChainPeerStatus>, 'state' | 'actions'>
  readonly sync: SyncService
  readonly keys: NetworkKeys
  readonly sessionKeys: SessionKeys
  readonly clock: Clock
  readonly logger: Logger
}

export interface DoorOptions {
  readonly spec: ChainSpec
  readonly options: Pick<NodeOptions, 'validator' | 'rpc'>
  readonly workerUrls: WorkerUrls | undefined
}

export interface Doors {
  readonly rpc: RpcService
  readonly explorer: Explorer
  /** A well-known name or the address of who wrote the block, where it is known. */
  authorOf(hash: Hash): string | undefined
}

export function createDoors({ state, runtime, core, network, sync, keys, sessionKeys, clock, logger }: DoorDependencies, { spec, options, workerUrls }: DoorOptions): Doors {
  const isPublic = spec.chainType === 'Live'
  const properties = spec.properties ?? {}
  const addressPrefix = addressPrefixOf(spec.properties)

  // On a public network development names would lie.
  const authorOf = (hash: Hash): string | undefined => {
    const key = core.authorOf(hash)
    if (key === undefined) return undefined
    return (isPublic ? undefined : authorName(key)) ?? encodeSs58(fromHex(key), addressPrefix)
  }

  const rpc = new RpcService(
    {
      chain: {
        name: spec.name,
        id: spec.id,
        chainType: spec.chainType,
        properties,
        // Known once the state is open, which is before RPC starts.
        get genesisHash() {
          return state.blocks.genesisHash
        },
      },
      node: { name: 'Nodestead', version: VERSION, role: options.validator ? 'Authority' : 'Full', shouldHavePeers: spec.chainType !== 'Development' },
      blocks: state.blocks,
      storage: state.storage,
      trie: state.proofs,
      runtime,
      pool: core.pool,
      keys: { keystore: keys.keystore, session: sessionKeys },
      engineMethods: (context) => rpcMethods(core.engine.rpc(context)),
      network: network.state,
      peerActions: network.actions,
      sync,
      logger: logger.child('rpc'),
      clock,
    },
    { port: options.rpc.port, origins: [...DEFAULT_RPC_OPTIONS.origins, ...options.rpc.cors] },
  )
  const explorer = new Explorer(
    {
      blocks: state.blocks,
      storage: state.storage,
      runtime: {
        version: (stateRoot) => runtime.version(stateRoot),
        metadata: (stateRoot, versions) => metadataAtVersion(runtime, stateRoot, versions),
      },
      clock,
      logger: logger.child('explorer'),
      consensus: { authorOf: (hash) => core.authorOf(hash), engine: () => core.engine },
      authorOf,
    },
    { addressPrefix, token: tokenOf(properties), isPublic, ...(workerUrls === undefined ? {} : { workerUrl: workerUrls.explorer }) },
  )
  return { rpc, explorer, authorOf }
}
