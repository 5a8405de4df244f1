/** What the procedures about a running node share: how they reach it, and how its figures, which no event announces, are watched. */
import { TRPCError } from '@trpc/server'
import { requireNetwork, type ApiContext } from './trpc.ts'
import { watch } from './watch.ts'
import { isNodeError } from '../base/errors.ts'
import { findChain, findRunning, findRunningOf, requireKindOf, runningOf, type AskingErrorCode } from '../manager/asking.ts'
import type { KindName, KnownNode } from '../manager/kinds/table.ts'
import type { NodeView } from '../manager/kinds/kind.ts'

/** How often figures are looked at for those who watch them. */
export const SAMPLE_INTERVAL_MS = 1_000

/** The node of a network while it runs; undefined otherwise. Throws where there is no such network. */
export function runningNode(ctx: ApiContext, network: string): NodeView | undefined {
  return ctx.manager.node(requireNetwork(ctx, network).id)
}

/** What the manager's rooms say of a request (manager/asking.ts), as tRPC has it. */
function asked<T>(find: () => T): T {
  try {
    return find()
  } catch (error) {
    if (!isNodeError(error)) throw error
    throw new TRPCError({ code: error.code === ('API_UNKNOWN_NETWORK' satisfies AskingErrorCode) ? 'NOT_FOUND' : 'PRECONDITION_FAILED', cause: error })
  }
}

/** For what needs a node. Throws a TRPCError PRECONDITION_FAILED where it does not run. */
export function requireRunning(ctx: ApiContext, network: string): NodeView {
  return asked(() => findRunning(ctx.manager, network))
}

/** For procedures that one kind of node has: throws a TRPCError PRECONDITION_FAILED where the network is of another. */
export function requireKind(ctx: ApiContext, network: string, kind: KindName): void {
  asked(() => requireKindOf(ctx.manager, network, kind))
}

/** {@link runningNode} of one kind. */
export function runningOfKind<Name extends KindName>(ctx: ApiContext, network: string, kind: Name): Extract<KnownNode, { readonly kind: Name }> | undefined {
  return asked(() => runningOf(ctx.manager, network, kind))
}

/** {@link requireRunning} of one kind. */
export function requireRunningOfKind<Name extends KindName>(ctx: ApiContext, network: string, kind: Name): Extract<KnownNode, { readonly kind: Name }> {
  return asked(() => findRunningOf(ctx.manager, network, kind))
}

/** For what needs a chain that stands on a block. Throws a TRPCError PRECONDITION_FAILED where the node does not run, or still joins its chain. */
export function requireChain(ctx: ApiContext, network: string): Extract<KnownNode, { readonly kind: 'chain' }> {
  return asked(() => findChain(ctx.manager, network))
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

/** Gives figures of what `find` finds each second, with rates that begin anew with another node. */
export function following<Node, T>(find: () => Node | undefined, begin: () => (node: Node | undefined) => T): () => T | undefined {
  const onlyChanges = changes<T>()
  let node = find()
  let take = begin()
  return () => {
    const present = find()
    if (present !== node) take = begin()
    node = present
    return onlyChanges(take(present))
  }
}
