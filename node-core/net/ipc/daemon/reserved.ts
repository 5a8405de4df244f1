/**
 * Protocols that no program speaks, whatever its scopes: those by which hosts tell each other who they are and relay, and those of the node's own rooms. A program that
 * spoke one would say in the node's name what the node does not say. Which protocols a chain has besides, its owner knows (ports.ts).
 */
const RESERVED = ['/nodestead/', '/ipfs/id/', '/libp2p/', '/meshsub/', '/floodsub/', '/noise', '/tls/', '/yamux/', '/multistream/']

export function isHostProtocol(protocol: string): boolean {
  return RESERVED.some((prefix) => protocol.startsWith(prefix))
}
