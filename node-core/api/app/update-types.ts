/** Updates of the desktop app as the API tells of them. A node from the command line is updated the way it was installed. */
import type { EventSource } from '../../base/events.ts'

/** Why this program does not update itself. */
export type UpdatesOff =
  /** It was built without the address of a feed, or without a key to check it by. */
  | 'no-feed'
  /** It runs from a folder, not as an installed program. */
  | 'not-installed'
  /** It lies where this person may not write. */
  | 'read-only'

/** What went wrong, why, and what to do. */
export interface UpdateProblem {
  readonly code: string
  readonly message: string
  readonly hint: string | undefined
}

export type UpdatePhase =
  | { readonly kind: 'off'; readonly reason: UpdatesOff }
  /** Nothing newer is known. */
  | { readonly kind: 'idle' }
  | { readonly kind: 'checking' }
  | { readonly kind: 'downloading'; readonly version: string; readonly doneBytes: number; readonly totalBytes: number }
  /** Downloaded and checked: it is installed when the app quits. */
  | { readonly kind: 'ready'; readonly version: string }
  | { readonly kind: 'installing'; readonly version: string }
  | { readonly kind: 'failed'; readonly problem: UpdateProblem }

/** How the last installation went, told at the first start after it. */
export interface UpdateOutcome {
  readonly from: string
  readonly to: string
  readonly succeeded: boolean
  /** Why it failed, where that is known. */
  readonly reason: string | undefined
}

export interface UpdateState {
  readonly phase: UpdatePhase
  /** When the feed was last looked at with success, in milliseconds since the Unix epoch. */
  readonly checkedAt: number | undefined
  /** What the newer version brings, as plain text; empty where none is known. */
  readonly notes: string
  readonly outcome: UpdateOutcome | undefined
}

export interface UpdatesKeeper {
  readonly events: EventSource<{ changed: UpdateState }>
  readonly state: UpdateState
  /** By hand: what goes wrong is told. A staged roll-out does not hold back who asks. */
  check(): void
  /** Stops the nodes, installs what is ready and starts the new version. Throws UPDATE_NOT_READY. */
  restart(): void
}
