/**
 * Whose request it is, by address. Behind a reverse proxy every connection comes from the proxy, which says in `X-Forwarded-For` for whom it speaks;
 * but so can anybody. So the header counts where the connection is of a proxy that is trusted, and is read from its end: each trusted proxy
 * has added the address it saw, and the first one that is not of a trusted proxy is the client's. What stands before may be invented.
 */
import { BlockList, isIP } from 'node:net'
import { GatewayError } from '../errors.ts'

/** More than this many proxies in a row are none. */
const MAX_HOPS = 16

export class ClientAddresses {
  readonly #trusted = new BlockList()
  readonly #trustsSome: boolean

  /** `proxies`: addresses and networks. Throws GATEWAY_OPTION_INVALID. */
  constructor(proxies: readonly string[]) {
    this.#trustsSome = proxies.length > 0
    for (const proxy of proxies) this.#trust(proxy)
  }

  /** `peer`: the address at the other end of the connection. */
  addressOf(peer: string | undefined, forwardedFor: string | readonly string[] | undefined): string {
    const direct = plainAddress(peer ?? '') ?? '0.0.0.0'
    if (!this.#trustsSome || !this.#isTrusted(direct) || forwardedFor === undefined) return direct
    const hops = (typeof forwardedFor === 'string' ? forwardedFor : forwardedFor.join(',')).split(',').slice(-MAX_HOPS)
    let seen = direct
    for (const hop of hops.reverse()) {
      const address = plainAddress(hop.trim())
      if (address === undefined) return seen
      seen = address
      if (!this.#isTrusted(address)) return address
    }
    return seen
  }

  #isTrusted(address: string): boolean {
    return this.#trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
  }

  #trust(text: string): void {
    const [address = '', length, ...rest] = text.split('/')
    const family = isIP(address)
    const bits = length === undefined ? (family === 6 ? 128 : 32) : Number(length)
    if (family === 0 || rest.length > 0 || (length !== undefined && !/^\d{1,3}$/.test(length)) || bits > (family === 6 ? 128 : 32)) {
      throw new GatewayError('GATEWAY_OPTION_INVALID', `"${text}" is no address and no network of a proxy.`, { hint: 'Write it as 10.0.0.5, 10.0.0.0/8 or 2001:db8::/32.', data: { flag: 'trusted-proxy' } })
    }
    this.#trusted.addSubnet(address, bits, family === 6 ? 'ipv6' : 'ipv4')
  }
}

/** Without a port, brackets, a zone, or the form of IPv6 in which IPv4 may be written; undefined where it is no address. */
function plainAddress(text: string): string | undefined {
  const bare = /^\[(.+)\](?::\d+)?$/.exec(text)?.[1] ?? (/^[\d.]+:\d+$/.test(text) ? text.slice(0, text.indexOf(':')) : text)
  const [unzoned = ''] = bare.split('%')
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(unzoned)?.[1]
  const address = mapped ?? unzoned
  return isIP(address) === 0 ? undefined : address.toLowerCase()
}

/** What one client has: an address of IPv4, and of IPv6 the network of 64 bits, for everybody at home has a whole one. */
export function networkOf(address: string): string {
  return isIP(address) === 6 ? `${groupsOf(address).slice(0, 4).join(':')}::/64` : address
}

/** What may be logged of an address where people are not to be found by it: IPv4 without its last byte, IPv6 without its last 80 bits. */
export function prefixOf(address: string): string {
  return isIP(address) === 6 ? `${groupsOf(address).slice(0, 3).join(':')}::/48` : `${address.split('.').slice(0, 3).join('.')}.0/24`
}

/** The eight groups, without leading zeros. */
function groupsOf(address: string): readonly string[] {
  const [head = '', tail] = address.split('::')
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':')).flatMap((group) => (group.includes('.') ? dotted(group) : [Number.parseInt(group, 16).toString(16)]))
  const [before, after] = [groups(head), tail === undefined ? [] : groups(tail)]
  return [...before, ...Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0'), ...after]
}

function dotted(address: string): string[] {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number)
  return [(a * 256 + b).toString(16), (c * 256 + d).toString(16)]
}
