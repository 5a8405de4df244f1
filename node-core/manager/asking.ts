/** How doors find what a request is about: a network, its node, its chain. What is wrong is a NodeError, which each door puts into its own form. */
import { NodeError } from '../base/errors.ts'
import type { NodeView } from './kinds/kind.ts'
import { isOfKind, type KindName, type KnownNode } from './kinds/table.ts'
import type { NetworkSummary, NodeManagerView } from './types.ts'

export type AskingErrorCode =
  | 'API_UNKNOWN_NETWORK'
  | 'API_NODE_NOT_RUNNING'
  /** The network's nodes are of a kind that does not have this. */
  | 'API_OTHER_KIND'
  /** The chain is being joined: there is no block of it yet. */
  | 'API_NODE_JOINING'

/** Throws API_UNKNOWN_NETWORK, which names those that exist. */
export function findNetwork(manager: Pick<NodeManagerView, 'networks'>, id: string): NetworkSummary {
  const networks = manager.networks()
  const found = networks.find((network) => network.id === id)
  if (found !== undefined) return found
  const known = networks.map((network) => network.id).join(', ')
  throw new NodeError<AskingErrorCode>('API_UNKNOWN_NETWORK', `Network "${id}" does not exist.`, { hint: known === '' ? 'No network is set up.' : `Known networks: ${known}.` })
}

/** For what needs a node. Throws API_NODE_NOT_RUNNING where it does not run. */
export function findRunning(manager: Pick<NodeManagerView, 'networks' | 'node'>, id: string): NodeView {
  const { name } = findNetwork(manager, id)
  const node = manager.node(id)
  if (node !== undefined) return node
  throw notRunning(name)
}

function notRunning(name: string): NodeError {
  return new NodeError<AskingErrorCode>('API_NODE_NOT_RUNNING', `The node of ${name} is not running.`, { hint: 'Start the node first.' })
}

/** For what one kind of node has: throws API_OTHER_KIND where the network is of another. */
export function requireKindOf(manager: Pick<NodeManagerView, 'networks'>, id: string, kind: KindName): void {
  const { name, kind: found } = findNetwork(manager, id)
  if (found === kind) return
  throw new NodeError<AskingErrorCode>('API_OTHER_KIND', `${name} runs nodes of the kind "${found}"; this request is for the kind "${kind}".`, { data: { kind: found } })
}

/** The node of a network of one kind; undefined while it does not run. */
export function runningOf<Name extends KindName>(manager: Pick<NodeManagerView, 'networks' | 'node'>, id: string, kind: Name): Extract<KnownNode, { readonly kind: Name }> | undefined {
  requireKindOf(manager, id, kind)
  const node = manager.node(id)
  return node !== undefined && isOfKind(node, kind) ? node : undefined
}

/** The same, which throws API_NODE_NOT_RUNNING instead. */
export function findRunningOf<Name extends KindName>(manager: Pick<NodeManagerView, 'networks' | 'node'>, id: string, kind: Name): Extract<KnownNode, { readonly kind: Name }> {
  const node = runningOf(manager, id, kind)
  if (node !== undefined) return node
  throw notRunning(findNetwork(manager, id).name)
}

/** For what needs a chain that stands on a block. Throws API_NODE_NOT_RUNNING, API_NODE_JOINING. */
export function findChain(manager: Pick<NodeManagerView, 'networks' | 'node'>, id: string): Extract<KnownNode, { readonly kind: 'chain' }> {
  const node = findRunningOf(manager, id, 'chain')
  if (node.joining.status() === undefined) return node
  const { name } = findNetwork(manager, id)
  throw new NodeError<AskingErrorCode>('API_NODE_JOINING', `The node is still joining ${name} and has no blocks yet.`, { hint: 'The Sync screen says how far it is.', data: { name } })
}
