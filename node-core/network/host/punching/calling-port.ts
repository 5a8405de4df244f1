/**
 * The local port from which this node calls others over TCP, so that they can say how it looks from outside.
 *
 * A router that translates addresses gives a connection a port of its own on its other side. Most keep to the same one for all connections from one local
 * port, whoever they lead to (RFC 4787, REQ-1), and let packets in from where packets went out to. So if two nodes call each other at the same time, each from
 * the port that the others have seen, either's first packet opens the way for the other's. For that a node has to call everybody from one port.
 *
 * Which one: not the port that it listens at. Node.js binds with SO_REUSEADDR, which lets several connections have one local port as long as
 * nobody listens there. And only on Linux, where SO_REUSEADDR means that; and only to addresses of the internet, since at home nobody needs it. A call that
 * cannot be made from this port, as where one to the same address ended a moment ago, is made from any.
 *
 * Where there is no such port, or nobody has told how it looks, the guess is a port that no connection has had yet, which many routers keep as it is.
 */
import type { Connection, DialTransportOptions, MultiaddrConnection, Transport, Upgrader } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { instead } from '../instead.ts'
import { ipOf, isNearby } from '../../peers/address.ts'

/** Above the ports that Linux gives to connections by itself, so that none of these has it. */
const FIRST_PORT = 61_000
const PORTS = 65_536 - FIRST_PORT
/** Somebody has it, or had it to the same address. */
const TAKEN = new Set(['EADDRINUSE', 'EADDRNOTAVAIL', 'EACCES'])

export interface CallingPlace {
  readonly port: number
  /** How others may see it: multiaddresses, the likeliest first; none where nobody has told this node's address. */
  readonly addresses: readonly string[]
}

/** As call-at-once.ts gives them. */
type CallOptions = DialTransportOptions & { readonly localPort?: number; readonly initiator?: boolean }

export interface CallingPortOptions {
  /** Several connections can have one local port here. */
  readonly shared: boolean
  readonly random: () => number
}

export class CallingPort {
  readonly #options: CallingPortOptions
  readonly #called = new WeakSet<Connection>()
  /** `/ip4/<address>` and `/ip6/<address>` as others see this node, and what they see of the port; the newest of each family. */
  readonly #seen = new Map<string, { readonly ip: string; readonly port: string | undefined }>()
  #port: number

  constructor(options: CallingPortOptions = { shared: process.platform === 'linux', random: Math.random }) {
    this.#options = options
    this.#port = this.#any()
  }

  /** The transport, whose calls to the internet go out from the port. Calls that say their own port are left as they are. */
  wrap(transport: Transport): Transport {
    return instead(transport, {
      dial: async (address: Multiaddr, given: CallOptions) => {
        const options = given.initiator === false ? { ...given, upgrader: answering(given.upgrader) } : given
        const localPort = this.#options.shared && options.localPort === undefined && isOfInternet(address) ? this.#port : undefined
        if (localPort === undefined) return transport.dial(address, options)
        try {
          const connection = await transport.dial(address, { ...options, localPort } as DialTransportOptions)
          this.#called.add(connection)
          return connection
        } catch (error) {
          const { code, syscall } = error as { readonly code?: string; readonly syscall?: string }
          if (!TAKEN.has(code ?? '')) throw error
          if (syscall === 'bind' && localPort === this.#port) this.#renew()
          return transport.dial(address, options)
        }
      },
    })
  }

  /** What the other end of a connection says of this one's address. */
  note(connection: Connection, observed: Multiaddr): void {
    const [first, second] = observed.getComponents()
    if (first?.value === undefined || second?.name !== 'tcp' || !isOfInternet(observed)) return
    const isOurs = this.#called.has(connection)
    if (!isOurs && this.#seen.get(first.name)?.port !== undefined) return
    this.#seen.set(first.name, { ip: first.value, port: isOurs ? second.value : undefined })
  }

  /** Where to call from, and to be called at, in one attempt. */
  place(): CallingPlace {
    if (!this.#options.shared) this.#renew()
    const port = this.#port
    return { port, addresses: [...this.#seen].map(([family, seen]) => `/${family}/${seen.ip}/tcp/${seen.port ?? port}`) }
  }

  #renew(): void {
    this.#port = this.#any()
    for (const [family, { ip }] of this.#seen) this.#seen.set(family, { ip, port: undefined })
  }

  #any(): number {
    return FIRST_PORT + Math.floor(this.#options.random() * PORTS)
  }
}

/** What makes a call one that answers: the host knows that the other end speaks first, and the multiplexer has to number its streams as that end does not. */
function answering(upgrader: Upgrader): Upgrader {
  return instead(upgrader, {
    upgradeOutbound: (connection: MultiaddrConnection, options: Parameters<Upgrader['upgradeOutbound']>[1]) => upgrader.upgradeOutbound(Object.assign(connection, { direction: 'inbound' as const }), options),
  })
}

/** Neither of this computer, nor of a network at home. */
export function isOfInternet(address: Multiaddr): boolean {
  const ip = ipOf(address)
  return ip !== undefined && !isNearby(ip)
}
