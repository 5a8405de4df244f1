/**
 * Who may talk to the server: checks on headers, without any I/O.
 *
 * A web page from anywhere runs on the user's machine and can reach its loopback ports. Two headers that a page cannot
 * forge keep it out. `Host` names what the browser believes it is talking to: a DNS name that was re-pointed at
 * 127.0.0.1 (DNS rebinding) shows up there. `Origin` names the site that the page came from.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { isAddressHost, isAllowedHost } from '../../../base/host-check.ts'
import { isAllowedOrigin } from '../../../web/origins.ts'
import type { RpcOptions } from '../options.ts'
import type { DoorRefusal } from './refusals.ts'

/** True for an address of this machine's own loopback interface. */
export function isLoopbackAddress(address: string | undefined): boolean {
  if (address === undefined) return false
  const plain = address.startsWith('::ffff:') ? address.slice(7) : address
  return plain === '::1' || /^127(\.\d{1,3}){3}$/.test(plain)
}

/** Headers by which a proxy says that it speaks for somebody else. */
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-real-ip'] as const

/**
 * Whether a client may call unsafe methods: by policy, or because it sits on this machine and no proxy is between. Where other machines are
 * served `auto` trusts nobody, as in Substrate's nodes: a proxy on this machine that adds no header would pass strangers on as neighbours.
 */
export function isTrusted({ methods, external }: Pick<RpcOptions, 'methods' | 'external'>, address: string | undefined, headers: IncomingHttpHeaders): boolean {
  if (methods !== 'auto') return methods === 'unsafe'
  return !external && isLoopbackAddress(address) && FORWARDED.every((name) => headers[name] === undefined)
}

/** Why a request is turned away, or undefined where it is welcome. */
export function refusalOf(headers: IncomingHttpHeaders, options: Pick<RpcOptions, 'hosts' | 'origins' | 'external'>): DoorRefusal | undefined {
  if (!isWelcomeHost(headers.host, options)) {
    const hint = options.external ? 'Use an address of this machine, or start the node with --rpc-cors all.' : 'Use localhost or 127.0.0.1.'
    return { code: 'RPC_FOREIGN_HOST', message: 'This host name is not allowed here.', hint }
  }
  if (!isAllowedOrigin(headers.origin, options.origins)) {
    return { code: 'RPC_FOREIGN_ORIGIN', message: 'This origin is not allowed here.', hint: 'Allow it with --rpc-cors.' }
  }
  return undefined
}

function isWelcomeHost(host: string | undefined, { hosts, origins, external }: Pick<RpcOptions, 'hosts' | 'origins' | 'external'>): boolean {
  if (isAllowedHost(host, hosts)) return true
  return external && (isAddressHost(host) || (host !== undefined && origins.includes('*')))
}
