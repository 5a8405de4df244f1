/** What the node tells of the upgrade of its chain's runtime: plain data, which crosses IPC and WebSocket. */
import type { Hash, Hex } from '../../base/bytes.ts'
import type { RootHolder } from './root-holder.ts'

export const UPGRADE_STAGES = [
  /** Nothing to tell. */
  'none',
  /** This app carries a newer runtime than the chain runs. */
  'offered',
  /** Root's authorization is on its way, and not final yet. */
  'authorizing',
  /** It is final: anybody may bring the code. */
  'authorized',
  /** This node handed the code to the pool. */
  'applying',
  /** The code is in a block that is not final yet. */
  'waiting-for-finality',
  /** The chain runs a version to which it was upgraded not long ago. */
  'done',
  /** What this node tried did not succeed; nothing is under way. */
  'failed',
] as const
export type UpgradeStage = (typeof UPGRADE_STAGES)[number]

/** What this node does for an upgrade. */
export type UpgradeStep = 'authorize' | 'apply'

export interface UpgradeFailure {
  readonly step: UpgradeStep
  readonly code: string
  readonly message: string
  readonly hint: string | undefined
}

export interface UpgradeState {
  readonly stage: UpgradeStage
  readonly specName: string
  /** The version that runs at the finalized block. */
  readonly current: number
  /** Where it goes, or went: undefined where root authorized code that this app does not carry. */
  readonly target: number | undefined
  readonly root: RootHolder
  /** The address of root; undefined where there is none. */
  readonly rootAddress: string | undefined
  /** A name of root's account, on networks of development accounts. */
  readonly rootName: string | undefined
  /** Authorized code is at hand here: this node may bring it. */
  readonly canApply: boolean
  /** The step is this node's. */
  readonly isOwn: boolean
  /** The block that took the step, while it is not final. */
  readonly inBlock: number | undefined
  /** The block by which the authorization became part of the state, where it can be told. */
  readonly authorizedAt: number | undefined
  /** The first block that the present version made, where it can be told and is not genesis. */
  readonly since: number | undefined
  readonly failure: UpgradeFailure | undefined
}

/** Names that one of two runtimes has and the other has not. */
export interface NameChanges {
  readonly added: readonly string[]
  readonly removed: readonly string[]
}

/** How the carried runtime differs from the one that runs. */
export interface RuntimeChanges {
  readonly pallets: NameChanges
  /** `Pallet.call`, of pallets that both have. */
  readonly calls: NameChanges
  /** `Api.function`; undefined where the chain's metadata lists none (before version 15). */
  readonly apis: NameChanges | undefined
}

export interface UpgradeDetails {
  readonly changes: RuntimeChanges
  readonly codeHash: Hash
  /** The call by which root authorizes it, for a wallet: `Sudo.sudo(System.authorize_upgrade(codeHash))`. */
  readonly call: Hex
}

export interface UpgradesView {
  /** Undefined on chains to which this does not apply: other runtimes than that of our own networks. */
  state(): UpgradeState | undefined
  /** Throws an UpgradeError. */
  details(): Promise<UpgradeDetails>
  /** Authorizes and applies, in this node's name; resolves when it is under way. Throws an UpgradeError. */
  begin(specVersion: number): Promise<void>
  /** Brings code that was authorized. Throws an UpgradeError. */
  apply(specVersion: number): Promise<void>
  /** Forgets what failed. */
  dismiss(): void
}
