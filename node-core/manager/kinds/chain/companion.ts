/**
 * A second node of a network on this computer: what it needs to know of the first, and who it may be.
 *
 * Two nodes that sign with the same key are a fault that the network punishes: two blocks in a slot, two votes in a round. So a companion
 * never gets a key that another network of this computer is set to sign with. What it may be is the next development account
 * that is an authority of the chain and that nobody here has; where there is none, it follows.
 */
import { NodeError } from '../../../base/errors.ts'
import type { ChainNode } from './hosted.ts'
import type { FirstNode } from '../profiles.ts'
import { chainSettingsSchema, isDevelopment, specIdOfChain, type ChainProfile, type ChainSettings } from './profile.ts'

export type CompanionErrorCode =
  /** Blocks that are sealed on request are valid for the node that sealed them alone. */
  'NETWORK_SEALED'

export async function firstNodeOf(node: Pick<ChainNode, 'network' | 'sessionKeys'>): Promise<FirstNode> {
  const { localPeerId } = node.network
  const addresses = node.network.listenAddresses()
  const local = addresses.find((address) => /^\/ip4\/127\.0\.0\.1\/tcp\/\d+(\/p2p\/|$)/.test(address)) ?? addresses[0] ?? ''
  return {
    address: local.includes('/p2p/') ? local : `${local}/p2p/${localPeerId}`,
    authorities: await node.sessionKeys.developmentAuthors(),
  }
}

/** What a companion's name ends in. */
const COMPANION = / \((Alice|Bob|Charlie|Dave|Eve|Ferdie|follower)\)( \d+)?$/

/** How the second node is set; `all` are the networks of this computer. Throws NETWORK_SEALED. */
export function companionSettings(profile: ChainProfile, all: readonly ChainProfile[], first: FirstNode): ChainSettings {
  const { settings, chain } = profile
  if (settings.sealing !== 'slots') {
    throw new NodeError<CompanionErrorCode>('NETWORK_SEALED', `${settings.name} produces blocks on request, which a second node cannot follow.`, {
      hint: 'Switch block production to slots and reset the chain first.',
    })
  }
  const taken = new Set(all.filter((other) => specIdOfChain(other.chain) === specIdOfChain(chain)).map((other) => other.settings.account))
  const account = isDevelopment(chain) ? first.authorities.find((name) => !taken.has(name as ChainSettings['account'])) : undefined
  const { inPeers, outPeers, mdns } = settings.network
  return chainSettingsSchema.parse({
    name: `${settings.name.replace(COMPANION, '').slice(0, 48)} (${account === undefined ? 'follower' : capitalized(account)})`,
    role: account === undefined ? 'full' : 'validator',
    account: account ?? 'none',
    log: settings.log,
    network: { inPeers, outPeers, mdns, upnp: false, reservedNodes: [first.address] },
    rpc: { cors: settings.rpc.cors },
  })
}

function capitalized(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}
