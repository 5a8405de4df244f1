/**
 * Who an IP address belongs to, as far as it shows: what limits are counted by.
 *
 * Identities are free: a stranger makes a new peer id for each connection. Addresses are not, but what one holds depends on
 * the family. An IPv4 address is one subscriber's, and a /24 is what one rents. In IPv6 every subscriber holds a whole /64,
 * 2^64 addresses, and many hold a /48: a limit for a single address limits nobody. So a *subscriber* here is an IPv4 address or
 * an IPv6 /64, and a *site* an IPv4 /24 or an IPv6 /48. An IPv4 address that is written inside an IPv6 one (mapped, or through
 * a translator) is counted as what it is.
 *
 * Addresses of this computer and of private networks tell nothing: several nodes on one machine share one, and behind a
 * container's proxy everybody does. They are *nearby*, and are limited by what they do, not by how many they are.
 */
import { isIPv4, isIPv6 } from 'node:net'

/** An IPv4 address or an IPv6 /64. */
export function subscriberOf(ip: string): string {
  const groups = ipv6Groups(ip)
  return groups === undefined ? plain(ip) : textOf(groups, 4)
}

/** An IPv4 /24 (three numbers) or an IPv6 /48 (three groups). Text that is no address is its own site. */
export function subnetOf(ip: string): string {
  const groups = ipv6Groups(ip)
  if (groups !== undefined) return textOf(groups, 3)
  const address = plain(ip)
  return isIPv4(address) ? address.split('.').slice(0, 3).join('.') : address
}

export function isLoopback(ip: string): boolean {
  const address = plain(ip)
  return address === '::1' || address.startsWith('127.')
}

/** This computer's own address, or one of a private network (RFC 1918, 3927, 4193, 4291, 6598). */
export function isNearby(ip: string): boolean {
  if (isLoopback(ip)) return true
  const groups = ipv6Groups(ip)
  if (groups !== undefined) {
    const [first = 0] = groups
    return (first & 0xfe00) === 0xfc00 || (first & 0xffc0) === 0xfe80 || textOf(groups, 8) === '0:0:0:0:0:0:0:1'
  }
  const [a = 0, b = 0] = plain(ip).split('.').map(Number)
  return a === 10 || (a === 172 && b >> 4 === 1) || (a === 192 && b === 168) || (a === 169 && b === 254) || (a === 100 && b >> 6 === 1)
}

/** Without a zone; an IPv4 address out of the IPv6 one that carries it. */
export function plain(ip: string): string {
  const [address = ''] = ip.split('%')
  if (!isIPv6(address)) return address
  const groups = parse(address)
  return isCarrier(groups) ? [groups[6], groups[7]].flatMap((group = 0) => [group >> 8, group & 0xff]).join('.') : address
}

/** The eight groups of an IPv6 address that carries no IPv4 one; undefined for anything else. */
function ipv6Groups(ip: string): readonly number[] | undefined {
  const address = plain(ip)
  return isIPv6(address) ? parse(address) : undefined
}

/** `::ffff:0:0/96` (mapped) and `64:ff9b::/96` (translated). */
function isCarrier(groups: readonly number[]): boolean {
  const head = textOf(groups, 6)
  return head === '0:0:0:0:0:ffff' || head === '64:ff9b:0:0:0:0'
}

function textOf(groups: readonly number[], count: number): string {
  return groups.slice(0, count).map((group) => group.toString(16)).join(':')
}

/** Of a text that `isIPv6` holds for. */
function parse(address: string): number[] {
  const [head = '', tail] = address.split('::')
  const front = groupsOf(head)
  const back = groupsOf(tail ?? '')
  const missing = tail === undefined ? 0 : 8 - front.length - back.length
  return [...front, ...new Array<number>(missing).fill(0), ...back]
}

function groupsOf(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [parseInt(group, 16)]
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number)
    return [(a << 8) | b, (c << 8) | d]
  })
}
