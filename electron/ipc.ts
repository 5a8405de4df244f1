/**
 * Our tRPC link over IPC, the main process's half (the window's half is renderer/trpc/ipc-link.ts).
 *
 * A message is answered only where it comes from our own page's main frame; it is checked for size and form
 * (envelope.ts) and goes to the router, or to the node elsewhere that the window is for. Subscriptions belong to the window that opened them: they end when it closes,
 * reloads, navigates or crashes, and none outlives its listener. Everything that can be asked for is bounded per window.
 */
import { getTRPCErrorFromUnknown, getTRPCErrorShape, TRPCError } from '@trpc/server'
import { AnsweredError, localCaller, type CallType, type ProcedureCaller } from './caller.ts'
import { EVENT_WINDOW, type IpcErrorShape, type IpcEvent, type IpcReply } from './channel.ts'
import { parseRequest, type IpcErrorCode } from './envelope.ts'
import { appRouter } from '../node-core/api/router.ts'
import type { ApiContext } from '../node-core/api/trpc.ts'
import { isNodeError, NodeError } from '../node-core/base/errors.ts'
import type { Logger } from '../node-core/base/logger.ts'

export const MAX_SUBSCRIPTIONS = 32
export const MAX_REQUESTS = 128

/** A window, as far as this file needs to know it. */
export interface IpcSender {
  readonly id: number
  /** True where the message comes from our own page's main frame. */
  readonly trusted: boolean
  readonly url: string
  send(event: IpcEvent): void
}

interface Subscription {
  readonly abort: AbortController
  /** Events that may still be sent before the window acknowledges some. */
  credit: number
  onCredit: (() => void) | undefined
}

interface WindowState {
  readonly subscriptions: Map<number, Subscription>
  requests: number
}

export interface IpcServerDeps {
  readonly context: ApiContext
  readonly logger: Logger
  /** Who answers a window in the place of this computer's nodes; undefined for a window of theirs. */
  readonly callerOf?: (window: number) => ProcedureCaller | undefined
}

export class IpcServer {
  readonly #deps: IpcServerDeps
  readonly #local: ProcedureCaller
  readonly #windows = new Map<number, WindowState>()

  constructor(deps: IpcServerDeps) {
    this.#deps = deps
    this.#local = localCaller(deps.context)
  }

  /** Never throws: an error is an answer too. */
  async handle(sender: IpcSender, message: unknown): Promise<IpcReply> {
    let path: string | undefined
    try {
      if (!sender.trusted) {
        this.#deps.logger.warn('a message from a foreign page was refused', { url: sender.url.slice(0, 200) })
        throw forbidden(new NodeError<IpcErrorCode>('IPC_FOREIGN_SENDER', 'Only the dashboard itself may ask for this.'))
      }
      const request = parseRequest(message)
      const window = this.#window(sender.id)
      switch (request.kind) {
        case 'unsubscribe':
          window.subscriptions.get(request.id)?.abort.abort()
          return { data: undefined }
        case 'acknowledge':
          this.#acknowledge(window.subscriptions.get(request.id), request.count)
          return { data: undefined }
        case 'subscribe':
          path = request.path
          await this.#subscribe(sender, window, request.id, request.path, request.input)
          return { data: undefined }
        case 'query':
        case 'mutation':
          path = request.path
          return { data: await this.#call(sender, window, request.kind, request.path, request.input) }
      }
    } catch (error) {
      return { error: this.#shape(error, path) }
    }
  }

  /** Ends every subscription of a window that closed, reloaded or navigated. */
  endWindow(id: number): void {
    const window = this.#windows.get(id)
    this.#windows.delete(id)
    for (const subscription of window?.subscriptions.values() ?? []) subscription.abort.abort()
  }

  /** Open subscriptions of all windows, for leak checks. */
  get subscriptionCount(): number {
    let count = 0
    for (const window of this.#windows.values()) count += window.subscriptions.size
    return count
  }

  #window(id: number): WindowState {
    let window = this.#windows.get(id)
    if (window === undefined) this.#windows.set(id, (window = { subscriptions: new Map(), requests: 0 }))
    return window
  }

  async #call(sender: IpcSender, window: WindowState, type: 'query' | 'mutation', path: string, input: unknown): Promise<unknown> {
    if (window.requests >= MAX_REQUESTS) throw tooMany('requests', MAX_REQUESTS)
    window.requests++
    try {
      return await this.#procedure(sender, type, path, input, undefined)
    } finally {
      window.requests--
    }
  }

  async #subscribe(sender: IpcSender, window: WindowState, id: number, path: string, input: unknown): Promise<void> {
    if (window.subscriptions.has(id)) throw badRequest(new NodeError<IpcErrorCode>('IPC_BAD_MESSAGE', `Subscription ${id} exists already.`))
    if (window.subscriptions.size >= MAX_SUBSCRIPTIONS) throw tooMany('subscriptions', MAX_SUBSCRIPTIONS)
    const subscription: Subscription = { abort: new AbortController(), credit: EVENT_WINDOW, onCredit: undefined }
    // Registered before the procedure runs, so that a window that goes away meanwhile takes this one with it.
    window.subscriptions.set(id, subscription)
    subscription.abort.signal.addEventListener('abort', () => subscription.onCredit?.())
    try {
      const events = await this.#procedure(sender, 'subscription', path, input, subscription.abort.signal)
      void this.#pump(sender, window, id, subscription, events as AsyncIterable<unknown>, path)
    } catch (error) {
      window.subscriptions.delete(id)
      throw error
    }
  }

  async #pump(
    sender: IpcSender,
    window: WindowState,
    id: number,
    subscription: Subscription,
    events: AsyncIterable<unknown>,
    path: string,
  ): Promise<void> {
    const { signal } = subscription.abort
    const send = (event: IpcEvent): void => {
      if (!signal.aborted) sender.send(event)
    }
    try {
      for await (const data of events) {
        if (signal.aborted) break
        subscription.credit--
        send({ id, kind: 'data', data })
        while (subscription.credit <= 0 && !signal.aborted) await creditOf(subscription)
        if (signal.aborted) break
      }
      send({ id, kind: 'end' })
    } catch (error) {
      send({ id, kind: 'error', error: this.#shape(error, path) })
    } finally {
      window.subscriptions.delete(id)
    }
  }

  #acknowledge(subscription: Subscription | undefined, count: number): void {
    if (subscription === undefined) return
    subscription.credit = Math.min(EVENT_WINDOW, subscription.credit + count)
    subscription.onCredit?.()
  }

  #procedure(sender: IpcSender, type: CallType, path: string, input: unknown, signal: AbortSignal | undefined): Promise<unknown> {
    return (this.#deps.callerOf?.(sender.id) ?? this.#local).call(type, path, input, signal)
  }

  #shape(thrown: unknown, path: string | undefined): IpcErrorShape {
    if (thrown instanceof AnsweredError) return thrown.shape
    const error = isNodeError(thrown) ? badRequest(thrown) : getTRPCErrorFromUnknown(thrown)
    this.#deps.logger.debug('request failed', { path, code: error.code, reason: error.message })
    return getTRPCErrorShape({ config: appRouter._def._config, error, type: 'unknown', path, input: undefined, ctx: this.#deps.context })
  }
}

function creditOf(subscription: Subscription): Promise<void> {
  return new Promise((resolve) => {
    subscription.onCredit = () => {
      subscription.onCredit = undefined
      resolve()
    }
  })
}

function badRequest(cause: NodeError): TRPCError {
  return new TRPCError({ code: 'BAD_REQUEST', message: cause.message, cause })
}

function forbidden(cause: NodeError): TRPCError {
  return new TRPCError({ code: 'FORBIDDEN', message: cause.message, cause })
}

function tooMany(what: string, limit: number): TRPCError {
  const cause = new NodeError<IpcErrorCode>('IPC_TOO_MANY', `More than ${limit} ${what} at a time.`, { data: { limit } })
  return new TRPCError({ code: 'TOO_MANY_REQUESTS', message: cause.message, cause })
}
