/** The host's addresses as {@link HostAddresses}: libp2p's address manager knows where they come from and who confirmed them. */
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Disposer } from '../../base/disposers.ts'
import type { Host } from '../host/host.ts'
import { ipOf } from '../peers/address.ts'
import type { PortMapping } from '../types.ts'
import type { AddressBook } from './address-book.ts'
import type { HostAddresses } from './nat.ts'
import { isSamePort, type PeerPort } from './port-mapper.ts'
import { isPublicIPv4 } from './public-address.ts'

export class Libp2pAddresses implements HostAddresses {
  readonly #host: Host

  constructor(host: Host) {
    this.#host = host
  }

  peerPorts(localAddress: string): readonly PeerPort[] {
    const ports = this.#book
      .getAddressesWithMetadata()
      .filter(({ type, multiaddr }) => type === 'transport' && ipOf(multiaddr) === localAddress)
      .flatMap(({ multiaddr }) => portOf(multiaddr) ?? [])
    const distinct = ports.filter((one, i) => ports.findIndex((other) => isSamePort(one, other)) === i)
    return distinct.toSorted((a, b) => Number(a.transport === 'udp') - Number(b.transport === 'udp'))
  }

  announce(localAddress: string, { transport, internalPort, externalAddress, externalPort }: PortMapping): void {
    this.#book.addPublicAddressMapping(localAddress, internalPort, externalAddress, externalPort, transport)
    this.#tellPeers()
  }

  withdraw(localAddress: string, { transport, internalPort, externalAddress, externalPort }: PortMapping): void {
    this.#book.removePublicAddressMapping(localAddress, internalPort, externalAddress, externalPort, transport)
    this.#tellPeers()
  }

  confirmed(): readonly string[] {
    return this.#book.getAddressesWithMetadata().flatMap(({ multiaddr, verified, type }) => {
      const ip = ipOf(multiaddr)
      const port = portOf(multiaddr)
      if (!verified || type === 'announce' || ip === undefined || port === undefined || !isPublicIPv4(ip)) return []
      return [`${port.transport}:${ip}:${port.port}`]
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

/** Of TCP, or of UDP where QUIC is on it; nothing else is passed on. */
function portOf(address: Multiaddr): PeerPort | undefined {
  const components = address.getComponents()
  if (components.some(({ name }) => name === 'p2p-circuit')) return undefined
  const tcp = components.find(({ name }) => name === 'tcp')?.value
  if (tcp !== undefined) return { transport: 'tcp', port: Number(tcp) }
  const udp = components.some(({ name }) => name === 'quic-v1') ? components.find(({ name }) => name === 'udp')?.value : undefined
  return udp === undefined ? undefined : { transport: 'udp', port: Number(udp) }
}
