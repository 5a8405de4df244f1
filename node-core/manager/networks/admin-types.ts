/** What one can do to the list of networks, and what is known of each besides its status. All of it is plain data. */
import type { Hash } from '../../base/bytes.ts'
import type { EventSource } from '../../base/events.ts'
import type { LogFilter } from '../../base/logger.ts'
import type { PrivateNetworkChoices } from '../../chain/spec/private.ts'
import type { NodeOptions, WellKnownAccount } from '../../chain/node/options.ts'
import type { FolderCheck } from '../folders/data-folder.ts'
import type { MoveProgress } from '../folders/folder-move.ts'
import type { NetworkProfile, ProfileSettings } from './profile.ts'
import type { StoreDamage } from './profile-store.ts'
import type { NetworkSummary } from '../types.ts'

export type NetworkAdminErrorCode =
  | 'NETWORK_UNKNOWN'
  | 'NETWORK_RUNNING'
  | 'NETWORK_MOVING'
  | 'NETWORK_NOT_MOVING'
  | 'NETWORK_NAME_DIFFERS'
  | 'NETWORK_NAME_TAKEN'
  | 'NETWORK_ACCOUNT_PUBLIC'
  | 'NETWORK_FILE_INVALID'
  /** The file is not the one any more that was looked at. */
  | 'NETWORK_FILE_CHANGED'

export interface MoveStatus extends MoveProgress {
  readonly network: string
  readonly from: string
  readonly to: string
  readonly state: 'moving' | 'done' | 'cancelled' | 'failed'
  /** Why it failed, and what to do. A failed move can be taken up again or cancelled. */
  readonly problem: { readonly code: string; readonly message: string; readonly hint: string | undefined } | undefined
}

export interface NetworkDetails {
  readonly profile: NetworkProfile
  readonly dataPath: string
  /** Development accounts may be used. */
  readonly development: boolean
  /** Dotted names of settings that take effect at the node's next start. */
  readonly pendingRestart: readonly string[]
  /** The last move of its data since the app was opened. */
  readonly move: MoveStatus | undefined
}

/** Options of every way to add a network. What is left out is chosen: a name, a folder of its own, free ports. */
export interface NewNetwork {
  readonly name?: string | undefined
  /** Absolute; empty, not there yet, or with data of this very chain. */
  readonly folder?: string | undefined
  readonly role?: 'full' | 'validator' | undefined
  readonly account?: WellKnownAccount | undefined
  readonly autoStart?: boolean | undefined
  readonly upnp?: boolean | undefined
}

/** A network that ships with the app, or the path of a chain specification; where `genesisHash` is given, of that one and no other. */
export type NewChain = { readonly known: string } | { readonly specPath: string; readonly genesisHash?: Hash }

export interface SpecSummary {
  readonly id: string
  readonly name: string
  readonly chainType: string
  readonly genesisHash: Hash
  readonly bootNodes: number
  /** A network that ships with the app and is the same by its genesis. */
  readonly known: string | undefined
}

export interface UpdatedNetwork extends NetworkDetails {
  readonly restartNeeded: boolean
}

export interface ExportedNetwork {
  readonly fileName: string
  /** JSON without secrets. */
  readonly text: string
}

export interface AdminEvents {
  /** A network was added, changed or removed. */
  changed: { readonly network: string }
  move: MoveStatus
}

export interface NetworkAdminView {
  readonly events: EventSource<AdminEvents>
  /** The list of networks was damaged at the start. */
  readonly damage: StoreDamage | undefined
  dismissDamage(): void
  list(): readonly NetworkDetails[]
  details(network: string): NetworkDetails
  add(chain: NewChain, options: NewNetwork): Promise<NetworkDetails>
  buildPrivate(choices: PrivateNetworkChoices, options: NewNetwork): Promise<NetworkDetails>
  parseSpec(path: string): Promise<SpecSummary>
  duplicate(network: string, name?: string): Promise<NetworkDetails>
  update(network: string, settings: ProfileSettings): UpdatedNetwork
  /** `name` is the network's, typed once more. Its data are deleted. */
  remove(network: string, name: string): Promise<void>
  export(network: string): Promise<ExportedNetwork>
  import(path: string, options: Pick<NewNetwork, 'name' | 'folder'>): Promise<NetworkDetails>
  checkFolder(path: string): Promise<FolderCheck>
  /** Begins to move the data, or takes up a move that failed. Resolves once it is under way. */
  move(network: string, to: string): Promise<void>
  cancelMove(network: string): Promise<void>
}

/** A network as the manager of nodes knows it. */
export interface HostedNetwork {
  readonly id: string
  readonly name: string
  readonly dataPath: string
  readonly logFilter?: LogFilter
}

/** What the administration needs of the manager of nodes. */
export interface NetworkHost {
  networks(): readonly NetworkSummary[]
  /** Adds or changes one. Where its data are may only change while it does not run. */
  setNetwork(network: HostedNetwork): Promise<void>
  /** Forgets one that does not run. */
  forgetNetwork(id: string): Promise<void>
}

/** What a node is built with. */
export interface NodePlan {
  readonly chain: string
  readonly options: NodeOptions
}
