/**
 * Where a program of this computer listens, as a multiaddress in bytes: `/unix/<path>`, or TCP on loopback. Anything else is refused: a program could
 * make the node connect anywhere. Pure. (Multiaddr, table of protocols: unix 400, ip4 4, ip6 41, tcp 6. The path has its length in front; whether it
 * begins with a slash is a matter of the implementation.)
 */
import { fromUtf8 } from '../../../base/bytes.ts'
import { longestPath } from '../place.ts'
import { IpcError } from '../errors.ts'

export type LocalAddress = { readonly kind: 'unix'; readonly path: string } | { readonly kind: 'tcp'; readonly host: string; readonly port: number }

const IP4 = 4
const TCP = 6
const IP6 = 41
const UNIX = 400
const LOOPBACK6 = Uint8Array.from([...new Array<number>(15).fill(0), 1])

/** Throws NET_ADDRESS_NOT_LOCAL. */
export function localAddress(bytes: Uint8Array, platform: NodeJS.Platform = process.platform): LocalAddress {
  const [code, at] = varint(bytes, 0)
  if (code === UNIX) {
    const [length, start] = varint(bytes, at)
    const path = fromUtf8(bytes.subarray(start, start + length))
    if (length === 0 || start + length !== bytes.length || path.includes('\0') || path.includes('\ufffd')) throw refused('it is no path of a Unix socket')
    const absolute = path.startsWith('/') || platform === 'win32' ? path : `/${path}`
    if (platform !== 'win32' && Buffer.byteLength(absolute) > longestPath(platform)) throw refused('the path is too long')
    return { kind: 'unix', path: absolute }
  }
  if (code !== IP4 && code !== IP6) throw refused('it is neither a Unix socket nor TCP on loopback')
  const length = code === IP4 ? 4 : 16
  const ip = bytes.subarray(at, at + length)
  const [next, port] = varint(bytes, at + length)
  if (next !== TCP || bytes.length !== port + 2) throw refused('it is not TCP')
  const isLoopback = code === IP4 ? ip[0] === 127 : Buffer.compare(ip, LOOPBACK6) === 0
  if (!isLoopback) throw refused('it is not on loopback')
  const number = ((bytes[port] as number) << 8) | (bytes[port + 1] as number)
  if (number === 0) throw refused('it has no port')
  return { kind: 'tcp', host: code === IP4 ? ip.join('.') : '::1', port: number }
}

export function describeAddress(address: LocalAddress): string {
  return address.kind === 'unix' ? address.path : address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`
}

/** The value, and where what follows begins. */
function varint(bytes: Uint8Array, start: number): readonly [value: number, next: number] {
  let value = 0
  for (let i = 0; i < 4; i++) {
    const byte = bytes[start + i]
    if (byte === undefined) break
    value += (byte & 0x7f) * 2 ** (7 * i)
    if (byte < 0x80) return [value, start + i + 1]
  }
  throw refused('it is no multiaddress')
}

function refused(why: string): IpcError {
  return new IpcError('NET_ADDRESS_NOT_LOCAL', `A stream handler listens on a Unix socket or on loopback; the address was refused because ${why}.`)
}
