/** What a trouble is: a fact that concerns a person, how bad it is, and the actions that mend it. The words are the window's. */
import type { ChainTrouble } from './chain/types.ts'
import type { FolderFault } from '../folders/folder-check.ts'

/** What a port is for. */
export type PortPurpose = 'peers' | 'rpc' | 'metrics'

export const TROUBLE_ACTIONS = [
  /** Start the node (again). */
  'start',
  /** Stop and start it. */
  'restart',
  /** Choose a port that is free, and start. */
  'free-port',
  /** Repair the database and start. */
  'repair',
  /** Put the database aside and start with an empty one. */
  'set-aside',
  /** Dial peers anew. */
  'reconnect',
  /** Ask the router once more. */
  'ask-router',
  /** Open the system's own settings of date and time. */
  'time-settings',
  /** Look again, now. */
  'check',
  /** A person says that no other computer has this node's keys any more: they may sign. */
  'sole-signer',
  /** Seen: do not show it any more. */
  'dismiss',
] as const
export type TroubleAction = (typeof TROUBLE_ACTIONS)[number]

/** `failed`: it does not open, for a reason that is none of the others. */
export type DatabaseFault = 'damaged' | 'beyond-repair' | 'failed' | 'other-version' | 'other-chain'

/** Troubles that a node of any kind may have. */
export type CommonTrouble =
  /** `network` is the one of this app that has the port, where it is not another program. */
  | { readonly code: 'port-in-use'; readonly purpose: PortPurpose; readonly port: number | undefined; readonly network?: string }
  | { readonly code: 'folder-locked'; readonly path: string; readonly pid: number | undefined }
  /**
   * The data folder is not the one that was used last, or not all of it. Heights where the data are older than those that were seen.
   * `soleAuthority`, here and below: the network has no other authority, so that its chain is lost with the data.
   */
  | { readonly code: 'data-folder'; readonly reason: FolderFault; readonly path: string; readonly found: number | undefined; readonly seen: number | undefined; readonly soleAuthority?: boolean }
  | { readonly code: 'database-unusable'; readonly reason: DatabaseFault; readonly path: string; readonly soleAuthority?: boolean }
  /** It was damaged, and goes on at `newest`; `seen` was there before, as far as that is known. The damaged one is kept. */
  | { readonly code: 'database-repaired'; readonly kept: string; readonly newest: number; readonly seen: number | undefined }
  /** The node was stopped, or does not start. `stopBytes` is what must be free. */
  | { readonly code: 'disk-full'; readonly freeBytes: number | undefined; readonly stopBytes: number }
  | { readonly code: 'disk-low'; readonly freeBytes: number; readonly stopBytes: number }
  | { readonly code: 'clock-wrong'; readonly offsetMs: number; readonly peers: number }
  | { readonly code: 'clock-jumped'; readonly byMs: number }
  /** `own`: a development or private network, whose nodes its members run: the internet does not know them. */
  | { readonly code: 'no-peers'; readonly own?: boolean }
  | { readonly code: 'router'; readonly problem: string; readonly message: string; readonly hint: string }
  /** Somebody with another key (`found`) answers where a member of a fixed topology should; `others`: as many members besides. */
  | { readonly code: 'member-key'; readonly peer: string; readonly name: string | undefined; readonly found: string; readonly others: number; readonly path: string }
  /** The file of the members is not usable as it is now: the one before holds. `failure` and `message` are the error's. */
  | { readonly code: 'topology-file'; readonly path: string; readonly failure: string; readonly message: string }
  /** Any other reason why the node is not running. */
  | { readonly code: 'node-failed'; readonly failure: string; readonly message: string; readonly hint: string | undefined }

/** Of every kind. A further kind adds its own here and in {@link TROUBLE_CODES}. */
export type TroubleDetail = CommonTrouble | ChainTrouble

export type TroubleCode = TroubleDetail['code']

export const TROUBLE_CODES = [
  'port-in-use', 'folder-locked', 'data-folder', 'database-unusable', 'database-repaired', 'disk-full', 'disk-low', 'clock-wrong', 'clock-jumped', 'no-peers', 'authoring-alone', 'authoring-again', 'signing-record', 'signed-elsewhere', 'not-signing', 'relay-validator', 'router', 'member-key', 'topology-file', 'old-runtime', 'runtime-trap', 'cannot-execute', 'node-failed',
] as const satisfies readonly TroubleCode[]

export type TroubleFinding = TroubleDetail & {
  /** `trouble`: the node does not do its work; `attention`: it does, for now. */
  readonly severity: 'trouble' | 'attention'
  /** The first is the obvious one. */
  readonly actions: readonly TroubleAction[]
}

export interface Failure {
  readonly code: string
  readonly message: string
  readonly hint: string | undefined
  readonly data: Readonly<Record<string, unknown>>
}

/** A number in the data of a failure; undefined where it has none of that name. */
export function numberIn(data: Failure['data'], name: string): number | undefined {
  const value = data[name]
  return typeof value === 'number' ? value : undefined
}

/** What is not as it should be for so long is told: a start finds its peers in a moment, and a clock may be set right. */
export const PATIENCE_MS = 60_000
