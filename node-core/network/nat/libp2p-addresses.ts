/** The host's addresses as {@link HostAddresses}: libp2p's address manager knows where they come from and who confirmed them. */
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Disposer } from '../../base/disposers.ts'
import type { Host } from '../host/host.ts'
import { ipOf } from '../peers/address.ts'
import type { PortMapping } from '../types.ts'
import type { AddressBook } from './address-book.ts'
import type { HostAddresses } from './nat.ts'
import { isPublicIPv4 } from './public-address.ts'

export class Libp2pAddresses implements HostAddresses {
  readonly #host: Host

  constructor(host: Host) {
    this.#host = host
  }

  peerPorts(localAddress: string): readonly number[] {
    const ports = this.#book
      .getAddressesWithMetadata()
      .filter(({ type, multiaddr }) => type === 'transport' && ipOf(multiaddr) === localAddress)
      .flatMap(({ multiaddr }) => portOf(multiaddr) ?? [])
    return [...new Set(ports)]
  }

  announce(localAddress: string, { internalPort, externalAddress, externalPort }: PortMapping): void {
    this.#book.addPublicAddressMapping(localAddress, internalPort, externalAddress, externalPort, 'tcp')
    this.#tellPeers()
  }

  withdraw(localAddress: string, { internalPort, externalAddress, externalPort }: PortMapping): void {
    this.#book.removePublicAddressMapping(localAddress, internalPort, externalAddress, externalPort, 'tcp')
    this.#tellPeers()
  }

  confirmed(): readonly string[] {
    return this.#book.getAddressesWithMetadata().flatMap(({ multiaddr, verified, type }) => {
      const ip = ipOf(multiaddr)
      const port = portOf(multiaddr)
      if (!verified || type === 'announce' || ip === undefined || port === undefined || !isPublicIPv4(ip)) return []
      return [`${ip}:${port}`]
    })
  }

  /** libp2p tells of its own addresses only when peers are to be told; a finding about one that they know is none. */
  onUpdate(listener: () => void): Disposer {
    const book = this.#book
    const { confirmObservedAddr: confirm, removeObservedAddr: deny } = book
    book.confirmObservedAddr = (address, options) => {
      confirm.call(book, address, options)
      listener()
    }
    book.removeObservedAddr = (address, options) => {
      deny.call(book, address, options)
      listener()
    }
    return () => Object.assign(book, { confirmObservedAddr: confirm, removeObservedAddr: deny })
  }

  get #book(): AddressBook {
    return this.#host.services.addresses
  }

  /** Connected peers hear of a change in the host's own record. */
  #tellPeers(): void {
    const own = `/p2p/${this.#host.peerId.toString()}`
    const multiaddrs = this.#host.getMultiaddrs().map((address) => address.decapsulate(own))
    void Promise.resolve(this.#host.peerStore.patch(this.#host.peerId, { multiaddrs })).catch(() => undefined)
  }
}

function portOf(address: Multiaddr): number | undefined {
  const components = address.getComponents()
  if (components.some(({ name }) => name === 'p2p-circuit')) return undefined
  const tcp = components.find(({ name }) => name === 'tcp')?.value
  return tcp === undefined ? undefined : Number(tcp)
}
