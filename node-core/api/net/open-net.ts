/** How the procedures of `net.*` reach a network that is open to services and programs. */
import { TRPCError } from '@trpc/server'
import { z } from 'zod'
import { requireRunning, runningNode } from '../running.ts'
import { networkId, requireNetwork, type ApiContext } from '../trpc.ts'
import { NodeError } from '../../base/errors.ts'
import type { NetView } from '../../manager/kinds/net-view.ts'

export type OpenNetErrorCode = 'API_NET_OFF'

export const networkInput = z.strictObject({ network: networkId })

/** `stopped`: its node does not run; `off`: it runs, and its network is not open. */
export type Opening = 'stopped' | 'off' | 'open'

export function openingOf(ctx: ApiContext, network: string): Opening {
  const node = runningNode(ctx, network)
  return node === undefined ? 'stopped' : node.net === undefined ? 'off' : 'open'
}

/** Undefined where the node does not run, or its network is not open. Throws where there is no such network. */
export function openNet(ctx: ApiContext, network: string): NetView | undefined {
  return runningNode(ctx, network)?.net
}

/** Throws a TRPCError PRECONDITION_FAILED: API_NODE_NOT_RUNNING, API_NET_OFF. */
export function requireNet(ctx: ApiContext, network: string): NetView {
  const { net } = requireRunning(ctx, network)
  if (net !== undefined) return net
  const { name } = requireNetwork(ctx, network)
  throw new TRPCError({
    code: 'PRECONDITION_FAILED',
    cause: new NodeError<OpenNetErrorCode>('API_NET_OFF', `${name} is not open to programs.`, { hint: 'Switch on "Open to programs" in its settings and restart the node, or start it with --net.', data: { name } }),
  })
}
