/** What the procedures about a running node share: how they reach it, and how its figures, which no event announces, are watched. */
import { TRPCError } from '@trpc/server'
import { requireNetwork, type ApiContext } from './trpc.ts'
import { watch } from './watch.ts'
import { NodeError } from '../base/errors.ts'
import type { RunningNode } from '../manager/types.ts'

export type RunningErrorCode = 'API_NODE_NOT_RUNNING'

/** How often figures are looked at for those who watch them. */
export const SAMPLE_INTERVAL_MS = 1_000

/** The node of a network while it runs; undefined otherwise. Throws where there is no such network. */
export function runningNode(ctx: ApiContext, network: string): RunningNode | undefined {
  return ctx.manager.node(requireNetwork(ctx, network).id)
}

/** For what needs a node. Throws a TRPCError PRECONDITION_FAILED where it does not run. */
export function requireRunning(ctx: ApiContext, network: string): RunningNode {
  const node = runningNode(ctx, network)
  if (node !== undefined) return node
  const { name } = requireNetwork(ctx, network)
  throw new TRPCError({
    code: 'PRECONDITION_FAILED',
    cause: new NodeError<RunningErrorCode>('API_NODE_NOT_RUNNING', `The node of ${name} is not running.`, { hint: 'Start it first.' }),
  })
}

/** Looks at once and then every second; `take` gives undefined where nothing changed since, and calls `again` where the next second is too late. */
export function sample<T>(ctx: ApiContext, signal: AbortSignal | undefined, take: (again: () => void) => T | undefined): AsyncGenerator<T, void, undefined> {
  let wakeUp = (): void => undefined
  return watch<T>({
    clock: ctx.clock,
    signal,
    open: (wake) => {
      wakeUp = wake
      let cancel = (): void => undefined
      const again = (): void => {
        cancel = ctx.clock.schedule(SAMPLE_INTERVAL_MS, () => {
          wake()
          again()
        })
      }
      again()
      return () => cancel()
    },
    take: () => take(wakeUp),
  })
}

/** Passes a value on only where it differs from the last one. Values are plain data. */
export function changes<T>(): (value: T) => T | undefined {
  let last: string | undefined
  return (value) => {
    const text = JSON.stringify(value)
    if (text === last) return undefined
    last = text
    return value
  }
}
