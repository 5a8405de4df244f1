/** Which IPv4 addresses are those of the internet at large (IANA's special-purpose registry, RFC 6890). */
import { BlockList, isIPv4 } from 'node:net'

const SPECIAL = new BlockList()
for (const [address, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  // Shared by the customers of one provider: carrier-grade NAT, RFC 6598.
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  // Multicast, and what was never assigned.
  ['224.0.0.0', 3],
] as const) {
  SPECIAL.addSubnet(address, bits)
}

export function isPublicIPv4(address: string): boolean {
  return isIPv4(address) && !SPECIAL.check(address)
}
