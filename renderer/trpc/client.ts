/**
 * The client of the node's API: over IPC where the preload script has put its bridge (the app's windows), over
 * WebSocket otherwise (a browser), with the cookie that the token in the address was handed in for.
 */
import { createTRPCClient, createWSClient, wsLink, type TRPCClient } from '@trpc/client'
import { ipcLink } from './ipc-link.ts'
import { PageSession, type BrowserSession } from './session.ts'
import type { Place } from '../i18n/place.ts'
import type { NodesteadBridge } from '../../electron/channel.ts'
import type { ManagedBatch } from '../../node-core/api/app/remote.ts'
import type { AppRouter } from '../../node-core/api/router.ts'
import type { ConnectionState } from '../text/status-sentence.ts'

declare global {
  interface Window {
    readonly nodestead?: NodesteadBridge
  }
}

export type ApiClient = TRPCClient<AppRouter>

/** The node elsewhere that a window shows. */
export interface ManagedName {
  readonly name: string
  readonly address: string
}

export interface Connection {
  readonly client: ApiClient
  /** Reports each change of the connection, beginning with how it is now; and which node it leads to, where that is one elsewhere. */
  readonly watch: (listener: (state: ConnectionState, node?: ManagedName) => void) => void
  /** Of a page in a browser; undefined for the app's windows. */
  readonly browser?: BrowserSession
}

const identity = { serialize: (value: unknown): unknown => value, deserialize: (value: unknown): unknown => value }

/** The server's close code for a wrong token (CLOSE_TOKEN_REFUSED in node-core/api/server/origin-check.ts). */
const TOKEN_REFUSED = 4401

/** Milliseconds before the next attempt: at once, then slower, never slower than every five seconds. */
export function retryDelay(attempt: number): number {
  return attempt === 0 ? 0 : Math.min(5_000, 250 * 2 ** attempt)
}

export function connect(): Connection {
  if (window.nodestead === undefined) return connectSocket()
  return managedNode() !== undefined ? connectManaged(window.nodestead) : connectIpc(window.nodestead)
}

/** The name of the node elsewhere that the app opened this window for (managedUrl in electron/app-url.ts); undefined in its own. */
export function managedNode(): string | undefined {
  return new URLSearchParams(location.search).get('managed') ?? undefined
}

/** Whose node the page shows. */
export function placeOfPage(): Place {
  const name = managedNode()
  return window.nodestead === undefined ? 'browser' : name === undefined ? 'here' : { name }
}

function connectIpc(bridge: NodesteadBridge): Connection {
  return { client: createTRPCClient<AppRouter>({ links: [ipcLink(bridge)] }), watch: (listener) => listener({ kind: 'open' }) }
}

/** The app's main process holds the connection, and tells how it is. */
function connectManaged(bridge: NodesteadBridge): Connection {
  const client = createTRPCClient<AppRouter>({ links: [ipcLink(bridge)] })
  let listener: Parameters<Connection['watch']>[0] = () => undefined
  let last: ManagedBatch | undefined
  const tell = (): void => {
    if (last !== undefined) listener({ ...last.state, node: last.name }, { name: last.name, address: last.address })
  }
  client.remote.managed.subscribe(undefined, {
    onData: (batch) => {
      last = batch ?? undefined
      tell()
    },
  })
  return {
    client,
    watch: (next) => {
      listener = next
      tell()
    },
  }
}

/** Beside the page, wherever that is. */
function socketUrl(): string {
  const url = new URL('trpc', location.href)
  return `${url.protocol === 'https:' ? 'wss' : 'ws'}://${url.host}${url.pathname}`
}

function connectSocket(): Connection {
  const session = new PageSession()
  let state: ConnectionState = { kind: 'connecting' }
  let listener: (state: ConnectionState) => void = () => undefined
  const become = (next: ConnectionState): void => {
    // The first loss counts: later failed attempts do not make it younger. A refusal is final.
    if (state.kind === 'refused' || (state.kind === 'lost' && next.kind === 'lost')) return
    state = next
    listener(state)
  }
  const enter = (): void => {
    session.entered()
    become({ kind: 'open' })
  }
  const socket = createWSClient({
    url: async () => {
      await session.open()
      return socketUrl()
    },
    retryDelayMs: retryDelay,
    keepAlive: { enabled: true, intervalMs: 10_000, pongTimeoutMs: 5_000 },
    onClose: (cause) => {
      if (cause?.code === TOKEN_REFUSED) {
        become({ kind: 'refused' })
        void socket.close()
      } else become({ kind: 'lost', since: Date.now() })
    },
    onError: () => become({ kind: 'lost', since: Date.now() }),
  })
  const client = createTRPCClient<AppRouter>({ links: [wsLink({ client: socket, transformer: identity })] })
  return {
    client,
    browser: session,
    watch: (next) => {
      listener = next
      listener(state)
      // Open sockets prove nothing before the token was accepted: the first answer does.
      socket.connectionState.subscribe({
        next: ({ state: socketState }) => {
          if (socketState === 'pending') client.app.info.query().then(enter, () => undefined)
        },
      })
    },
  }
}
