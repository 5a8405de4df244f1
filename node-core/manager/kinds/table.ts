/**
 * The kinds of node: one line for each. A further kind brings a folder beside this file and adds itself to these lists; the manager, the
 * troubles and the list of networks then know it without a change of their own.
 */
import { NodeError } from '../../base/errors.ts'
import { CHAIN } from './chain/chain.ts'
import type { ChainNode } from './chain/hosted.ts'
import type { NewChain, SpecSummary } from './chain/networks.ts'
import type { ChainProfile } from './chain/profile.ts'
import type { Installation } from './installation.ts'
import type { KindTable, NodeView } from './kind.ts'
import type { ProfileKind } from './profiles.ts'

export const KINDS = { chain: CHAIN } as const satisfies KindTable

/** A node that the table knows, told apart by its `kind`. */
export type KnownNode = ChainNode
export type KindName = KnownNode['kind']

export type NetworkProfile = ChainProfile
export type ProfileSettings = NetworkProfile['settings']

/** What a person may choose to add, told apart by its `kind`. */
export type NetworkChoice = NewChain
/** What a choice is, for the person who is asked. */
export type ChoiceSummary = SpecSummary

export function isOfKind<Name extends KindName>(node: Pick<NodeView, 'kind'>, kind: Name): node is Extract<KnownNode, { readonly kind: Name }> {
  return node.kind === kind
}

/** What the node of this profile is built with. */
export function planOf(profile: NetworkProfile, installation: Installation): Promise<unknown> {
  return KINDS[profile.kind].plan(profile, installation)
}

/** What a support bundle says of a node besides what every kind has. */
export function reportOf(node: NodeView): Readonly<Record<string, unknown>> {
  return isOfKind(node, 'chain') ? { sync: node.sync.status() } : {}
}

/** How networks of this kind are remembered. Throws NETWORK_KIND_UNKNOWN. */
export function profilesOf({ kind }: { readonly kind: string }): ProfileKind<NetworkProfile, NetworkChoice, unknown, ChoiceSummary> {
  if (Object.hasOwn(KINDS, kind)) return KINDS[kind as KindName].profiles
  throw unknownKind(kind)
}

export function unknownKind(kind: string): NodeError<'NETWORK_KIND_UNKNOWN'> {
  return new NodeError('NETWORK_KIND_UNKNOWN', `This version does not support nodes of the kind "${kind}".`, { hint: 'Check for an update of the app.' })
}
