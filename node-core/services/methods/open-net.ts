/** What `nodestead.v1.Topics`, `Channels` and `Resources` stand on: a network that is open to services and programs. */
import { NodeError } from '../../base/errors.ts'
import { findNetwork, findRunning } from '../../manager/asking.ts'
import type { NetView } from '../../manager/kinds/net-view.ts'
import { networkOf, type ServiceContext } from '../context.ts'

export interface OfNetwork {
  readonly network: string
}

/** Throws API_NODE_NOT_RUNNING, API_NET_OFF. */
export function openNet(ctx: Pick<ServiceContext, 'manager'>, request: OfNetwork): NetView {
  const { id } = networkOf(ctx, request)
  const { net } = findRunning(ctx.manager, id)
  if (net !== undefined) return net
  throw new NodeError('API_NET_OFF', `${findNetwork(ctx.manager, id).name} is not open to programs.`, { hint: 'Switch on "Open to programs" in its settings and restart the node, or start it with --net.' })
}
