/**
 * *Manage another node*: one window for each node elsewhere, which shows the same page and asks that node in the place of ours. The page
 * does not know the token and connects nowhere; which node answers it is decided here by the window that asks, not by anything it says.
 */
import { parseRemoteTarget, type RemoteTarget } from './address.ts'
import { noAnswer, refused, RemoteConnection, type RemoteDeps } from './connection.ts'
import type { RememberedNodes } from './remembered.ts'
import type { ProcedureCaller } from '../caller.ts'
import type { ManagedNode, RemoteNode, RemoteNodesKeeper, RemoteWish } from '../../node-core/api/app/remote-types.ts'
import { NodeError } from '../../node-core/base/errors.ts'
import { Emitter } from '../../node-core/base/events.ts'

export type RemoteNodesErrorCode = 'REMOTE_TOKEN_UNKNOWN' | 'REMOTE_TOO_MANY'

/** How long a node that was just entered may take to answer. */
export const ANSWER_LIMIT_MS = 8_000
/** Windows for nodes elsewhere at a time. */
export const MAX_WINDOWS = 8

/** A window, as far as this file needs to know it. */
export interface RemoteWindow {
  /** By which the link over IPC knows it. */
  readonly id: number
  reveal(): void
  close(): void
  onClosed(listener: () => void): void
}

export interface RemoteNodesDeps extends RemoteDeps {
  readonly remembered: RememberedNodes
  readonly openWindow: (node: Pick<RemoteNode, 'name' | 'address'>) => RemoteWindow
  /** Answers `remote.*` in a window of this node. */
  readonly localCaller: (managed: ManagedNode) => ProcedureCaller
  /** Shows the app's own window, where the dialog is. */
  readonly showApp: () => void
  /** The last of the windows was closed. */
  readonly onAllClosed: () => void
}

interface Open {
  readonly address: string
  readonly window: RemoteWindow
  readonly connection: RemoteConnection
  readonly caller: ProcedureCaller
}

export class RemoteNodes implements RemoteNodesKeeper {
  readonly events = new Emitter<{ changed: undefined }>()
  readonly #deps: RemoteNodesDeps
  readonly #open = new Map<number, Open>()
  #request: { readonly address: string | undefined } | undefined

  constructor(deps: RemoteNodesDeps) {
    this.#deps = deps
  }

  /** Who answers a window; undefined for the app's own. */
  callerOf(window: number): ProcedureCaller | undefined {
    return this.#open.get(window)?.caller
  }

  get openWindows(): number {
    return this.#open.size
  }

  list(): readonly RemoteNode[] {
    return this.#deps.remembered.list()
  }

  canKeepTokens(): boolean {
    return this.#deps.remembered.canKeepTokens()
  }

  /** For menus: the node's window, or the dialog where its token has to be entered. */
  ask(address: string | undefined): void {
    if (address !== undefined && !this.#isRefused(address) && (this.#show(address) || this.#openRemembered(address))) return
    this.#request = { address }
    this.#deps.showApp()
    this.events.emit('changed', undefined)
  }

  takeRequest(): { readonly address: string | undefined } | undefined {
    const request = this.#request
    this.#request = undefined
    return request
  }

  async connect({ address: text, token, name }: RemoteWish): Promise<void> {
    const target = parseRemoteTarget(text, token)
    const connection = new RemoteConnection(target, this.#deps)
    const { kind } = await connection.settled(ANSWER_LIMIT_MS)
    if (kind !== 'open') {
      connection.close()
      throw kind === 'refused' ? refused(target.address) : noAnswer(target.address)
    }
    // The one that was open may stand there refused.
    this.#windowOf(target.address)?.window.close()
    const known = name.trim() === '' ? this.#deps.remembered.nameOf(target.address) : name.trim()
    try {
      this.#openWindow(target.address, known, connection)
    } catch (error) {
      connection.close()
      throw error
    }
    this.#deps.remembered.remember(target, known)
    this.events.emit('changed', undefined)
  }

  open(address: string): void {
    if (this.#isRefused(address)) throw refused(address)
    if (this.#show(address) || this.#openRemembered(address)) return
    throw new NodeError<RemoteNodesErrorCode>('REMOTE_TOKEN_UNKNOWN', `The token of ${this.#deps.remembered.nameOf(address)} is not kept here.`, { hint: 'Enter the address that the node printed.' })
  }

  forget(address: string): void {
    this.#deps.remembered.forget(address)
    this.events.emit('changed', undefined)
  }

  /** When the app ends. */
  close(): void {
    for (const { connection } of this.#open.values()) connection.close()
  }

  /** Its window is open, and the token that it has is not the node's: another one must be entered. */
  #isRefused(address: string): boolean {
    return this.#windowOf(address)?.connection.state.kind === 'refused'
  }

  /** False where no window of it is open. */
  #show(address: string): boolean {
    const open = this.#windowOf(address)
    open?.window.reveal()
    return open !== undefined
  }

  #windowOf(address: string): Open | undefined {
    return [...this.#open.values()].find((open) => open.address === address)
  }

  #openRemembered(address: string): boolean {
    const token = this.#deps.remembered.tokenOf(address)
    if (token === undefined) return false
    const target: RemoteTarget = { address, token }
    const connection = new RemoteConnection(target, this.#deps)
    try {
      this.#openWindow(address, this.#deps.remembered.nameOf(address), connection)
    } catch (error) {
      connection.close()
      throw error
    }
    return true
  }

  #openWindow(address: string, name: string, connection: RemoteConnection): void {
    if (this.#open.size >= MAX_WINDOWS) {
      throw new NodeError<RemoteNodesErrorCode>('REMOTE_TOO_MANY', `More than ${MAX_WINDOWS} other nodes at a time.`, { hint: 'Close the window of another one first.' })
    }
    const { openWindow, localCaller, logger, onAllClosed } = this.#deps
    const own = localCaller({ name, address, events: connection.events, get state() { return connection.state } })
    const window = openWindow({ name, address })
    const caller: ProcedureCaller = {
      call: (type, path, input, signal) => (path.startsWith('remote.') ? own : connection).call(type, path, input, signal),
    }
    this.#open.set(window.id, { address, window, connection, caller })
    logger.info('another node is managed', { address })
    window.onClosed(() => {
      connection.close()
      if (this.#open.delete(window.id) && this.#open.size === 0) onAllClosed()
    })
  }
}
