/**
 * IP packets, as far as an IP link has to know them: where they come from, where they go, and whether they are packets at all (RFC 791, section 3.1; RFC 8200,
 * section 3).
 *
 * They stand behind each other as `length (2 bytes, big-endian), packet`, both between the device's thread and the node and on a stream: no limit lies below the
 * largest packet that there can be.
 */
import { isIPv4, isIPv6, SocketAddress } from 'node:net'

/** Of the length in front of each. */
export const LENGTH_BYTES = 2
export const MAX_PACKET_BYTES = 0xffff

const IPV4_HEADER = 20
const IPV6_HEADER = 40

/** Addresses are their 4 or 16 bytes, one to a character: quick to make, and to look up. */
export type AddressKey = string

export interface PacketEnds {
  readonly source: AddressKey
  readonly destination: AddressKey
}

/** Undefined where the bytes are no whole packet. */
export function packetEnds(packet: Buffer): PacketEnds | undefined {
  const version = packet.length === 0 ? 0 : (packet[0] as number) >> 4
  if (version === 4) {
    const headerBytes = ((packet[0] as number) & 15) * 4
    if (packet.length < IPV4_HEADER || headerBytes < IPV4_HEADER || headerBytes > packet.length || packet.readUInt16BE(2) !== packet.length) return undefined
    return { source: packet.toString('latin1', 12, 16), destination: packet.toString('latin1', 16, 20) }
  }
  if (version === 6) {
    if (packet.length < IPV6_HEADER || packet.readUInt16BE(4) + IPV6_HEADER !== packet.length) return undefined
    return { source: packet.toString('latin1', 8, 24), destination: packet.toString('latin1', 24, 40) }
  }
  return undefined
}

/** Of an address as people write it; undefined where it is none. An IPv6 address has no zone here. */
export function addressKey(address: string): AddressKey | undefined {
  if (isIPv4(address)) return String.fromCharCode(...address.split('.').map(Number))
  if (!isIPv6(address) || address.includes('%')) return undefined
  return ipv6Key(new SocketAddress({ address, family: 'ipv6' }).address)
}

/** `address` is in the form that the system gives it: lower-case, `::` for the longest run of zeros. */
function ipv6Key(address: string): AddressKey {
  const [before = '', after] = address.split('::')
  const head = groups(before)
  const tail = after === undefined ? [] : groups(after)
  const middle = Array.from({ length: 8 - head.length - tail.length }, () => 0)
  return [...head, ...middle, ...tail].map((group) => String.fromCharCode(group >> 8, group & 0xff)).join('')
}

function groups(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)]
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number)
    return [(a << 8) | b, (c << 8) | d]
  })
}

/** Calls `each` with every whole packet in `bytes`, and returns how many bytes they took; what is left is the beginning of another. A packet of no bytes is given, too. */
export function eachPacket(bytes: Buffer, each: (packet: Buffer, start: number, end: number) => void): number {
  let at = 0
  while (at + LENGTH_BYTES <= bytes.length) {
    const end = at + LENGTH_BYTES + bytes.readUInt16BE(at)
    if (end > bytes.length) break
    each(bytes.subarray(at + LENGTH_BYTES, end), at, end)
    at = end
  }
  return at
}
