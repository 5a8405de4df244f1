/** What the node of a chain shows besides what every kind of node has (manager/kinds/kind.ts). */
import type { Hash } from '../../base/bytes.ts'
import type { AccountsView } from '../extrinsics/accounts/types.ts'
import type { AuthorityChangesView } from '../extrinsics/authorities/types.ts'
import type { SealingControls } from '../core/engines/engine.ts'
import type { AuthoritiesView, ValidatorView } from '../authorities/types.ts'
import type { ExplorerReader } from '../explorer/types.ts'
import type { NetworkStateReader } from '../../network/types.ts'
import type { ChainPeerStatus } from '../protocols/roles.ts'
import type { Header } from '../scale/header.ts'
import type { DiskParts } from '../state/disk-parts.ts'
import type { ChainQueriesView } from '../queries/types.ts'
import type { BlockStateReader } from '../state/types.ts'
import type { RuntimeVersion } from '../runtime/types.ts'
import type { JoiningStatus, JoinOutcome } from '../joining/types.ts'
import type { SyncStateReader } from '../sync/types.ts'
import type { UpgradesView } from '../upgrades/types.ts'
import type { SessionKeys } from './session-keys.ts'
import type { SurroundingsView } from './surroundings.ts'

export interface ChainView {
  readonly kind: 'chain'
  readonly blocks: BlockStateReader
  readonly network: NetworkStateReader<ChainPeerStatus>
  readonly sync: SyncStateReader
  /** How a chain is joined that the node has nothing of yet. */
  readonly joining: { status(): JoiningStatus | undefined; outcome(): JoinOutcome | undefined }
  /** Blocks as people read them. */
  readonly explorer: ExplorerReader
  /** States, accounts and transactions, for programs. */
  readonly queries: ChainQueriesView
  readonly sessionKeys: Pick<SessionKeys, 'kinds' | 'inUse' | 'refresh' | 'rotate' | 'rotateFor' | 'development' | 'developmentAuthors'>
  /** Who makes blocks and votes, whether they are there, and what they did last. */
  readonly authorities: AuthoritiesView
  /** What this node did as one of them, and whether it still signs. */
  readonly record: ValidatorView
  /** Newer versions of the chain's runtime. */
  readonly upgrades: UpgradesView
  /** Whether it authors blocks with local keys. */
  readonly authoring: boolean
  /** It is to do so, and does not: on a live relay chain validators check parachains, which this node cannot. */
  readonly validatorRefused: boolean
  readonly slotDurationMs: number
  /** The computer around it: its clock, the way to the others, and what keeps it from authoring. */
  readonly surroundings: SurroundingsView
  /** Accounts that this node can sign for, and what it sends for them. */
  readonly accounts: AccountsView
  /** Adding and removing authorities, where root does so. */
  readonly authorityChanges: AuthorityChangesView
  /** Where blocks are sealed on request; undefined where consensus decides. */
  readonly sealing: SealingControls | undefined
  /** `ws://127.0.0.1:9944`, once started. */
  readonly rpcAddress: string | undefined
  /** What states and blocks take on the disk, in bytes. */
  diskParts(): Promise<DiskParts>
  /** Of the best block. */
  runtimeVersion(): Promise<RuntimeVersion>
  /** A well-known name or the address of who wrote the block, where this node has verified it since it started, or looked it up. */
  authorOf(hash: Hash): string | undefined
  /** The same; asks the block's own state where it must. */
  lookUpAuthor(hash: Hash): Promise<string | undefined>
  /** When the block was made, in milliseconds since the Unix epoch, by its slot or the runtime's own clock; undefined where neither tells. */
  timeOf(header: Header): number | undefined
}
