/** What the manager, and through it the dashboard, sees of a node. */
import type { Hash } from '../../base/bytes.ts'
import type { Disposer } from '../../base/disposers.ts'
import type { SessionKeys } from './session-keys.ts'
import type { ExplorerReader } from '../explorer/types.ts'
import type { MetricsReader } from '../../metrics/registry.ts'
import type { NetworkStateReader, PeerActions } from '../../network/types.ts'
import type { ChainPeerStatus } from '../protocols/roles.ts'
import type { BlockStateReader } from '../state/types.ts'
import type { SurroundingsView } from './surroundings.ts'
import type { SyncStateReader } from '../sync/types.ts'

export interface NodeView {
  /** As the chain specification calls it. */
  readonly chainName: string
  readonly dataPath: string
  readonly blocks: BlockStateReader
  readonly network: NetworkStateReader<ChainPeerStatus>
  readonly sync: SyncStateReader
  /** What a person may do to its peers. */
  readonly peerActions: PeerActions
  readonly metrics: MetricsReader
  /** Blocks as people read them. */
  readonly explorer: ExplorerReader
  readonly sessionKeys: Pick<SessionKeys, 'kinds' | 'inUse' | 'rotate' | 'rotateFor' | 'development'>
  /** Whether it authors blocks with local keys. */
  readonly authoring: boolean
  readonly slotDurationMs: number
  /** The computer around it: its clock, and the way to the others. */
  readonly surroundings: SurroundingsView
  /** `127.0.0.1:9944`, once started. */
  readonly rpcAddress: string | undefined
  /** A well-known name or the address of who wrote the block, where this node has verified it since it started. */
  authorOf(hash: Hash): string | undefined
  /** Hears of a failure that the node cannot recover from by itself. */
  onFailure(listener: (error: unknown) => void): Disposer
}
