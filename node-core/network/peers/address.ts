/** What a multiaddress says: its IP and its peer id; and those that a person wrote, checked. */
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'
import { NodeError } from '../../base/errors.ts'
import { plain } from './address-block.ts'

export { isLoopback, isNearby, subnetOf, subscriberOf } from './address-block.ts'

export type AddressErrorCode = 'NETWORK_ADDRESS_INVALID'

/** The IP at the front of a multiaddress; undefined for a name or a relayed address. An IPv4 one in IPv6's clothes is IPv4. */
export function ipOf(address: Multiaddr): string | undefined {
  const components = address.getComponents()
  const first = components[0]
  // At the front of a relayed address is the relay's.
  if (components.some(({ name }) => name === 'p2p-circuit')) return undefined
  if (first === undefined || (first.name !== 'ip4' && first.name !== 'ip6')) return undefined
  return first.value === undefined ? undefined : plain(first.value)
}

/** The last peer id in a multiaddress. */
export function peerIdIn(address: Multiaddr): string | undefined {
  return address.getComponents().findLast(({ name }) => name === 'p2p')?.value
}

/** The address with the id of the peer at its end, where it has none there: in the middle of a relayed one stands the relay's. */
export function withPeerId(address: Multiaddr, peerId: string): Multiaddr {
  return address.getComponents().at(-1)?.name === 'p2p' ? address : address.encapsulate(`/p2p/${peerId}`)
}

/** Whether the text is the base58 form of a peer id. */
export function isPeerId(text: string): boolean {
  try {
    return peerIdFromString(text).toString() === text
  } catch {
    return false
  }
}

/** Throws a NodeError `NETWORK_ADDRESS_INVALID`. */
export function requirePeerId(text: string, hint = 'It is what stands behind /p2p/ in the address of a peer.'): void {
  if (!isPeerId(text)) throw new NodeError<AddressErrorCode>('NETWORK_ADDRESS_INVALID', `"${text}" is not a peer id.`, { hint })
}

/** No address is as long; a peer id's base58 takes time that grows with the square of its length. */
const MAX_ADDRESS_LENGTH = 1024
/** Names of hosts are written in it, too (RFC 5891); the parser would let any character into one, and a person reads it. */
const VISIBLE_ASCII = /^[\x21-\x7e]+$/

/** Throws a NodeError `NETWORK_ADDRESS_INVALID` that names the flag. */
export function parseAddress(flag: string, text: string): Multiaddr {
  try {
    if (text.length > MAX_ADDRESS_LENGTH) throw new Error('it is too long')
    if (!VISIBLE_ASCII.test(text)) throw new Error('it has characters that no address has')
    return multiaddr(text)
  } catch (error) {
    throw new NodeError<AddressErrorCode>('NETWORK_ADDRESS_INVALID', `"${text.slice(0, MAX_ADDRESS_LENGTH)}" is not a multiaddress.`, {
      hint: `Correct --${flag}: an address looks like /ip4/192.0.2.1/tcp/30333.`,
      cause: error,
    })
  }
}

/** As {@link parseAddress}, for the address of somebody: it must end with a peer id. */
export function parsePeerAddress(flag: string, text: string): { readonly peerId: string; readonly address: Multiaddr } {
  const address = parseAddress(flag, text)
  const peerId = peerIdIn(address)
  if (peerId === undefined) {
    throw new NodeError<AddressErrorCode>('NETWORK_ADDRESS_INVALID', `The address "${text}" has no peer id.`, { hint: `Add /p2p/<peer id> in --${flag}.` })
  }
  requirePeerId(peerId, `Correct what is behind /p2p/ in --${flag}.`)
  return { peerId, address }
}
