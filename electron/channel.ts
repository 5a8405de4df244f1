/**
 * The one channel between the window and the main process, as types: what travels on it in both directions.
 *
 * The window sends requests and gets one reply to each. Subscriptions get further messages, events, which carry the
 * number that the window gave the subscription. So that a window that does not keep up cannot make messages pile up,
 * the main process sends at most EVENT_WINDOW events of a subscription ahead of the window's acknowledgements.
 *
 * Every message travels as JSON text. It is what a browser gets over WebSocket too; its size is known before anything is
 * made of it; and a text crosses the wall between preload script and page at once, where an object is copied piece by piece.
 */
export const CHANNEL = 'nodestead:api'

/** Events that may be under way unacknowledged, per subscription. */
export const EVENT_WINDOW = 32

/** The window acknowledges after this many events. */
export const ACKNOWLEDGE_EVERY = 8

export type IpcRequest =
  | { readonly kind: 'query' | 'mutation'; readonly path: string; readonly input?: unknown }
  | { readonly kind: 'subscribe'; readonly id: number; readonly path: string; readonly input?: unknown }
  | { readonly kind: 'unsubscribe'; readonly id: number }
  | { readonly kind: 'acknowledge'; readonly id: number; readonly count: number }

/** tRPC's form of an error; `data.problem` is what a person reads (node-core/api/trpc.ts). */
export interface IpcErrorShape {
  readonly code: number
  readonly message: string
  readonly data: Readonly<Record<string, unknown>>
}

/** `data` is left out where a procedure gives nothing. */
export type IpcReply = { readonly data?: unknown } | { readonly error: IpcErrorShape }

export type IpcEvent =
  | { readonly id: number; readonly kind: 'data'; readonly data: unknown }
  | { readonly id: number; readonly kind: 'error'; readonly error: IpcErrorShape }
  | { readonly id: number; readonly kind: 'end' }

/** What the preload script puts on `window.nodestead`. */
export interface NodesteadBridge {
  /** Takes an {@link IpcRequest} as JSON, gives an {@link IpcReply} as JSON. */
  request(message: string): Promise<string>
  /** Calls `listener` for each {@link IpcEvent}, as JSON; the returned function ends that. */
  onEvent(listener: (event: string) => void): () => void
  /** Where a file lies that a person dropped into the window; empty for one that the page made. */
  pathOf(file: File): string
}
