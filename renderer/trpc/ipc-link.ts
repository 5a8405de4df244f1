/**
 * Our tRPC link over IPC, the window's half (the main process's half is electron/ipc.ts).
 *
 * Queries and mutations are one request each. A subscription is a request that gives it a number; its events come
 * with that number, and every few of them are acknowledged, so that the main process knows how far the window has come.
 */
import { TRPCClientError, type TRPCLink } from '@trpc/client'
import { observable } from '@trpc/server/observable'
import type { IpcEvent, IpcReply, IpcRequest, NodesteadBridge } from '../../electron/channel.ts'
import type { AppRouter } from '../../node-core/api/router.ts'

/** Less than the main process sends ahead (EVENT_WINDOW), so that neither waits for the other. */
export const ACKNOWLEDGE_EVERY = 8

interface Listener {
  next(data: unknown): void
  error(error: unknown): void
  end(): void
  unacknowledged: number
}

export function ipcLink(bridge: NodesteadBridge): TRPCLink<AppRouter> {
  return () => {
    const listeners = new Map<number, Listener>()
    let lastId = 0
    bridge.onEvent((event) => deliver(bridge, listeners, JSON.parse(event) as IpcEvent))

    return ({ op }) =>
      observable((observer) => {
        const { type, path, input } = op
        const fail = (error: unknown): void => observer.error(toClientError(error))

        if (type !== 'subscription') {
          ask(bridge, { kind: type, path, input }).then((reply) => {
            if ('error' in reply) return fail(reply)
            // The answer ends the request: whoever waits for it lets go. (Completing as well would make the client abort
            // a controller and build an exception for it, which cost as much as the rest of the link together.)
            observer.next({ result: { type: 'data', data: reply.data } })
          }, fail)
          return () => undefined
        }

        const id = ++lastId
        listeners.set(id, {
          next: (data) => observer.next({ result: { type: 'data', data } }),
          error: fail,
          end: () => observer.complete(),
          unacknowledged: 0,
        })
        observer.next({ result: { type: 'state', state: 'connecting', error: null } })
        ask(bridge, { kind: 'subscribe', id, path, input }).then((reply) => {
          if ('error' in reply) {
            listeners.delete(id)
            fail(reply)
          } else observer.next({ result: { type: 'started' } })
        }, fail)
        return () => {
          if (listeners.delete(id)) void ask(bridge, { kind: 'unsubscribe', id })
        }
      })
  }
}

function ask(bridge: NodesteadBridge, request: IpcRequest): Promise<IpcReply> {
  return bridge.request(JSON.stringify(request)).then(parseReply)
}

function parseReply(text: string): IpcReply {
  return JSON.parse(text) as IpcReply
}

function deliver(bridge: NodesteadBridge, listeners: Map<number, Listener>, event: IpcEvent): void {
  const listener = listeners.get(event.id)
  if (listener === undefined) return
  switch (event.kind) {
    case 'data':
      if (++listener.unacknowledged >= ACKNOWLEDGE_EVERY) {
        void ask(bridge, { kind: 'acknowledge', id: event.id, count: listener.unacknowledged })
        listener.unacknowledged = 0
      }
      return listener.next(event.data)
    case 'error':
      listeners.delete(event.id)
      return listener.error(event)
    case 'end':
      listeners.delete(event.id)
      return listener.end()
  }
}

function toClientError(thrown: unknown): TRPCClientError<AppRouter> {
  return TRPCClientError.from(isErrorReply(thrown) ? { error: thrown.error } : new Error(String(thrown)))
}

function isErrorReply(value: unknown): value is Extract<IpcReply, { error: unknown }> {
  return typeof value === 'object' && value !== null && 'error' in value
}
