/** What one can do to the list of networks, and what is known of each besides its status. All of it is plain data. */
import type { Hash } from '../../base/bytes.ts'
import type { EventSource } from '../../base/events.ts'
import type { BeginAnew } from '../folders/begin-anew.ts'
import type { FolderCheck } from '../folders/data-folder.ts'
import type { MoveProgress } from '../folders/folder-move.ts'
import type { NetworkKeys } from '../../keystore/network-keys.ts'
import type { NetworkStateReader } from '../../network/types.ts'
import type { NetworkDefinition } from '../kinds/kind.ts'
import type { FirstNode, NewNetwork } from '../kinds/profiles.ts'
import type { ChoiceSummary, NetworkChoice, NetworkProfile, ProfileSettings } from '../kinds/table.ts'
import type { LeftFolder } from './left-folders.ts'
import type { StoreDamage } from './profile-store.ts'
import type { NetworkSummary } from '../types.ts'

export type NetworkAdminErrorCode =
  | 'NETWORK_UNKNOWN'
  | 'NETWORK_RUNNING'
  | 'NETWORK_MOVING'
  | 'NETWORK_NOT_MOVING'
  | 'NETWORK_NAME_DIFFERS'
  /** A public network goes on without this computer: its chain cannot start again. */
  | 'NETWORK_PUBLIC'
  | 'NETWORK_NAME_TAKEN'
  | 'NETWORK_KEYS_GONE'
  /** Of a kind of node that this version does not know. */
  | 'NETWORK_KIND_UNKNOWN'

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
  /** Keys that everybody knows may be used. */
  readonly development: boolean
  /** Blocks may be made on request: no other node is in the network. */
  readonly sealable: boolean
  /** This node can be a validator of the network. */
  readonly canValidate: boolean
  /** Dotted names of settings that take effect at the node's next start. */
  readonly pendingRestart: readonly string[]
  /** The last move of its data since the app was opened. */
  readonly move: MoveStatus | undefined
}

export interface UpdatedNetwork extends NetworkDetails {
  readonly restartNeeded: boolean
}

export interface ExportedNetwork {
  readonly fileName: string
  /** A chain specification; nothing in it is secret. */
  readonly text: string
  /** The same as one link, where that is possible. */
  readonly link: string | undefined
  /** Where others find this node, as the file says; empty where nobody knows. */
  readonly addresses: readonly string[]
  /** Peer id of the node whose signature the file has. */
  readonly signedBy: string | undefined
  readonly name: string
  readonly genesisHash: Hash
}

export interface AdminEvents {
  /** A network was added, changed or removed. */
  changed: { readonly network: string }
  move: MoveStatus
  /** That the list was damaged is told no more. */
  damageDismissed: undefined
}

export interface NetworkAdminView {
  readonly events: EventSource<AdminEvents>
  /** The list of networks was damaged at the start. */
  readonly damage: StoreDamage | undefined
  dismissDamage(): void
  list(): readonly NetworkDetails[]
  details(network: string): NetworkDetails
  /** What a choice is, before it is added. */
  look(choice: NetworkChoice): Promise<ChoiceSummary>
  add(choice: NetworkChoice, options: NewNetwork): Promise<NetworkDetails>
  duplicate(network: string, name?: string): Promise<NetworkDetails>
  /** A second node of the same network, with a folder and ports of its own, that signs with no key that another network here signs with. */
  addBeside(network: string, first: FirstNode): Promise<NetworkDetails>
  update(network: string, settings: ProfileSettings): UpdatedNetwork
  /** `name` is the network's, typed once more. Its data are deleted. */
  remove(network: string, name: string): Promise<void>
  export(network: string): Promise<ExportedNetwork>
  checkFolder(path: string): Promise<FolderCheck>
  /** Begins to move the data, or takes up a move that failed. Resolves once it is under way. */
  move(network: string, to: string): Promise<void>
  cancelMove(network: string): Promise<void>
  /** The data are in another folder now: they are checked to be those that were used last, and the node is started with them. */
  locateData(network: string, path: string): Promise<void>
  /** Folders with the data of networks that are in no list. */
  leftFolders(): Promise<readonly LeftFolder[]>
  /** Adds the network of one of them, with its data where they are. */
  addLeft(folder: string): Promise<NetworkDetails>
  /** Starts the node with the data folder as it is, whatever was seen of it before. `name` is the network's, typed once more. */
  useDataAsItIs(network: string, name: string): Promise<void>
  /** Puts the data aside and starts the node with an empty database. `name` is the network's, typed once more. */
  beginAnew(network: string, name: string): Promise<void>
  /**
   * The chain of a development or private network starts again from its genesis: on every network of this computer that is of this chain,
   * because one that went on would bring the old blocks back. Blocks are deleted; keys, identities and settings stay. Those that ran, and
   * this one, start again. `name` is the network's, typed once more.
   */
  reset(network: string, name: string): Promise<void>
}

/** What the administration needs of the manager of nodes. */
export interface NetworkHost {
  networks(): readonly NetworkSummary[]
  /** Adds or changes one. Where its data are may only change while it does not run. */
  setNetwork(network: NetworkDefinition): Promise<void>
  /** Forgets one that does not run. */
  forgetNetwork(id: string): Promise<void>
  start(id: string): Promise<void>
  beginAnew(id: string, options?: BeginAnew): Promise<void>
  useAsItIs(id: string): Promise<void>
  /** The node of a network while it runs. */
  node(id: string): { readonly network: Pick<NetworkStateReader, 'localPeerId' | 'listenAddresses' | 'nat'> } | undefined
  keys(id: string): NetworkKeys
}

/** Keys that were made before their network: they move into its data when it is joined. */
export interface DraftKeys {
  /** Throws where the passphrase does not open them, or they are gone. */
  require(id: string, passphrase: string | undefined): Promise<void>
  moveInto(id: string, dataPath: string): Promise<void>
}
