/** libp2p's address manager, as far as it is used here: which addresses the host has, where they come from, and who proved them. */
import type { Multiaddr } from '@multiformats/multiaddr'

/** The part of libp2p's address manager that is used here. */
export interface AddressBook {
  getAddressesWithMetadata(): readonly KnownAddress[]
  addPublicAddressMapping(internalIp: string, internalPort: number, externalIp: string, externalPort: number, protocol: 'tcp' | 'udp'): void
  /** What autonat calls with its findings. */
  confirmObservedAddr: (address: Multiaddr, options?: object) => void
  removeObservedAddr: (address: Multiaddr, options?: object) => void
  removePublicAddressMapping(internalIp: string, internalPort: number, externalIp: string, externalPort: number, protocol: 'tcp' | 'udp'): void
}

export interface KnownAddress {
  readonly multiaddr: Multiaddr
  /** By peers outside, or because it needs no proof. */
  readonly verified: boolean
  /** When it is to be verified again, in milliseconds since the Unix epoch; 0 where that was never tried. */
  readonly expires: number
  readonly type: 'transport' | 'announce' | 'observed' | 'dns-mapping' | 'ip-mapping'
}

/**
 * Public addresses, mapped or of this computer's own, that nobody has denied yet. libp2p by itself tells peers of verified
 * ones only, and most peers of these networks cannot verify any.
 */
export function unprovenAddresses(book: AddressBook): readonly Multiaddr[] {
  return book
    .getAddressesWithMetadata()
    .filter(({ type, verified, expires }) => (type === 'ip-mapping' || type === 'transport') && !verified && expires === 0)
    .map(({ multiaddr }) => multiaddr)
}
