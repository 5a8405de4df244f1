/** The peers that a node is told of before it starts: reserved ones, bootnodes, and those of the network's definition. */
import { errorMessage } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { NetworkOptions } from '../options.ts'
import { parsePeerAddress } from './address.ts'

export interface ConfiguredPeer {
  readonly peerId: string
  readonly address: string
  readonly reserved: boolean
}

/**
 * What a person wrote must be right: it throws a NodeError `NETWORK_ADDRESS_INVALID`. What comes with the
 * network's definition was written by somebody else: an unusable address there is passed over.
 */
export function configuredPeers(options: NetworkOptions, logger: Logger): readonly ConfiguredPeer[] {
  const { reservedNodes = [], bootnodes = [], networkBootnodes = [] } = options
  const peers: ConfiguredPeer[] = [
    ...reservedNodes.map((address) => ({ peerId: parsePeerAddress('reserved-nodes', address).peerId, address, reserved: true })),
    ...bootnodes.map((address) => ({ peerId: parsePeerAddress('bootnodes', address).peerId, address, reserved: false })),
  ]
  const unusable: string[] = []
  for (const address of networkBootnodes) {
    try {
      peers.push({ peerId: parsePeerAddress('bootnodes', address).peerId, address, reserved: false })
    } catch (error) {
      unusable.push(errorMessage(error))
    }
  }
  // Once, however many there are.
  if (unusable.length > 0) logger.warn('invalid bootnodes of the network are skipped', { count: unusable.length, first: unusable[0] })
  return peers
}
