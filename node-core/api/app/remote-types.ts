/** Nodes elsewhere that the desktop app manages in windows of their own: what the API knows of them. Tokens are not among it. */
import type { EventSource } from '../../base/events.ts'

export interface RemoteNode {
  /** Where its dashboard answers, on this computer: `127.0.0.1:9955`. There is one node to an address. */
  readonly address: string
  /** What the person calls it; the address where they gave no name. */
  readonly name: string
  /** False where the token is asked for each time. */
  readonly hasToken: boolean
}

/** How a window reaches its node. `since` in milliseconds since the Unix epoch. */
export type RemoteState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'open' }
  | { readonly kind: 'lost'; readonly since: number }
  | { readonly kind: 'refused' }

/** A node to connect to, as the person gave it. */
export interface RemoteWish {
  readonly address: string
  readonly token: string
  readonly name: string
}

/** The desktop app's part: in electron/remote. */
export interface RemoteNodesKeeper {
  readonly events: EventSource<{ changed: undefined }>
  list(): readonly RemoteNode[]
  /** Whether the system can keep tokens. */
  canKeepTokens(): boolean
  /** What the app's menu asks the page for: the dialog, for this address where there is one. Given once. */
  takeRequest(): { readonly address: string | undefined } | undefined
  /** Opens a window once the node has accepted the token, and remembers the node. Rejects with a NodeError that says why not. */
  connect(wish: RemoteWish): Promise<void>
  /** Opens the window of a node that is remembered with its token. Throws a NodeError where it is not. */
  open(address: string): void
  forget(address: string): void
}

/** Of a window that shows a node elsewhere. */
export interface ManagedNode {
  readonly name: string
  readonly address: string
  readonly state: RemoteState
  readonly events: EventSource<{ changed: RemoteState }>
}
