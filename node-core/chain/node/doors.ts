/**
 * The part of the composition root through which others ask: JSON-RPC for programs, the explorer for people. Both read; what they may change
 * is the pool, the keys and the list of reserved peers, by a caller who is trusted.
 */
import { concatBytes, fromHex, utf8, type Hash } from '../../base/bytes.ts'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import { VERSION } from '../../base/version.ts'
import { twox128 } from '../../crypto/hashes/hashing.ts'
import { authorName } from '../../crypto/keys/dev-accounts.ts'
import { encodeSs58 } from '../../crypto/keys/ss58.ts'
import type { NetworkKeys } from '../../keystore/network-keys.ts'
import type { NetworkService } from '../../network/network-service.ts'
import type { CoreService } from '../core/core-service.ts'
import { Explorer } from '../explorer/explorer.ts'
import type { JoiningStatus } from '../joining/types.ts'
import type { ChainPeerStatus } from '../protocols/roles.ts'
import { ChainQueries } from '../queries/queries.ts'
import { RpcService } from '../rpc/rpc-service.ts'
import { metadataAtVersion } from '../runtime/api/metadata.ts'
import type { RuntimeExecutor, RuntimeProver } from '../runtime/types.ts'
import type { Header } from '../scale/header.ts'
import { addressPrefixOf, tokenOf } from '../spec/properties.ts'
import type { ChainSpec } from '../spec/schema.ts'
import type { StorageReader } from '../state/types.ts'
import type { StateService } from '../state/state-service.ts'
import type { SyncService } from '../sync/sync-service.ts'
import { rpcMethods } from './engine-methods.ts'
import type { NodeOptions, WorkerUrls } from './options.ts'
import { rpcOptionsOf } from './rpc-options.ts'
import type { SessionKeys } from './session-keys.ts'
import { toldJoining } from './told-joining.ts'

/** `Timestamp::Now`. */
const TIMESTAMP_NOW = concatBytes(twox128(utf8('Timestamp')), twox128(utf8('Now')))

export interface DoorDependencies {
  readonly state: Pick<StateService, 'blocks' | 'storage' | 'proofs' | 'pins'>
  readonly runtime: RuntimeExecutor & RuntimeProver
  readonly core: CoreService
  readonly network: Pick<NetworkService<ChainPeerStatus>, 'state' | 'actions'>
  readonly sync: SyncService
  readonly joining: { status(): JoiningStatus | undefined }
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
  readonly queries: ChainQueries
  /** A well-known name or the address of who wrote the block, where it is known. */
  authorOf(hash: Hash): string | undefined
  /** The same; asks the block's own state where it must. */
  lookUpAuthor(hash: Hash): Promise<string | undefined>
  /** When the block was made, in milliseconds since the Unix epoch. */
  timeOf(header: Header): number | undefined
}

export function createDoors({ state, runtime, core, network, sync, joining, keys, sessionKeys, clock, logger }: DoorDependencies, { spec, options, workerUrls }: DoorOptions): Doors {
  const isPublic = spec.chainType === 'Live'
  const properties = spec.properties ?? {}
  const addressPrefix = addressPrefixOf(spec.properties)

  // On a public network development names would lie.
  const nameOf = (key: Hash | undefined): string | undefined => {
    if (key === undefined) return undefined
    return (isPublic ? undefined : authorName(key)) ?? encodeSs58(fromHex(key), addressPrefix)
  }

  const authorOf = (hash: Hash): string | undefined => nameOf(core.authorOf(hash))
  const lookUpAuthor = async (hash: Hash): Promise<string | undefined> => nameOf(await core.lookUpAuthor(hash))
  const timeOf = (header: Header): number | undefined => {
    const slot = core.slotOf(header)
    return slot === undefined ? timestampIn(state.storage, header.stateRoot) : slot * core.slotDurationMs
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
      pins: state.pins,
      runtime,
      pool: core.pool,
      keys: { keystore: keys.keystore, session: sessionKeys },
      engineMethods: (context) => rpcMethods(core.engine.rpc(context)),
      network: network.state,
      peerActions: network.actions,
      sync,
      joining: () => {
        const status = joining.status()
        return status && toldJoining(status)
      },
      logger: logger.child('rpc'),
      clock,
    },
    rpcOptionsOf(options.rpc),
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
      lookUpAuthor,
      timeOf,
    },
    { addressPrefix, token: tokenOf(properties), isPublic, ...(workerUrls === undefined ? {} : { workerUrl: workerUrls.explorer }) },
  )
  const queries = new ChainQueries({ blocks: state.blocks, storage: state.storage, runtime, pool: core.pool, explorer })
  return { rpc, explorer, queries, authorOf, lookUpAuthor, timeOf }
}

/** What the runtime keeps of a block's moment; undefined where the state is not kept, or the chain has no such pallet. */
function timestampIn(storage: Pick<StorageReader, 'has' | 'get'>, root: Hash): number | undefined {
  const value = storage.has(root) ? storage.get(root, TIMESTAMP_NOW) : undefined
  const time = value?.length === 8 ? Number(new DataView(value.buffer, value.byteOffset).getBigUint64(0, true)) : 0
  return time === 0 ? undefined : time
}
