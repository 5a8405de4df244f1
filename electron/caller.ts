/**
 * Who answers what a window asks: the nodes of this computer (the API's router in this process), or a node elsewhere
 * (remote/connection.ts). The link over IPC (ipc.ts) bounds and addresses what crosses; what is behind it, it does not know.
 */
import { callTRPCProcedure } from '@trpc/server'
import type { IpcErrorShape } from './channel.ts'
import { appRouter } from '../node-core/api/router.ts'
import type { ApiContext } from '../node-core/api/trpc.ts'

export type CallType = 'query' | 'mutation' | 'subscription'

export interface ProcedureCaller {
  /**
   * Resolves with the answer, or for a subscription with an AsyncIterable of its events, which ends with `signal`. Rejects with
   * a NodeError, with an {@link AnsweredError}, or with whatever the procedure threw.
   */
  call(type: CallType, path: string, input: unknown, signal: AbortSignal | undefined): Promise<unknown>
}

/** An error that came as an answer: it has the form already in which a window reads it. */
export class AnsweredError extends Error {
  readonly shape: IpcErrorShape

  constructor(shape: IpcErrorShape) {
    super(shape.message)
    this.name = 'AnsweredError'
    this.shape = shape
  }
}

/** The router of this process, in this context. */
export function localCaller(context: ApiContext): ProcedureCaller {
  return {
    call: (type, path, input, signal) =>
      callTRPCProcedure({ router: appRouter, path, type, ctx: context, getRawInput: () => Promise.resolve(input), signal, batchIndex: 0 }),
  }
}
