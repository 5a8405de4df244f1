/**
 * The check of a request's `Host` header, shared by every HTTP server of the node.
 *
 * A web page from anywhere runs on the user's machine and can reach its loopback ports. `Host` names what the browser believes it is
 * talking to, and a page cannot forge it: a DNS name that was re-pointed at 127.0.0.1 (DNS rebinding) shows up there.
 */

import { isIP } from 'node:net'

/** True where `Host` is one of `hosts`, with any port or none. */
export function isAllowedHost(header: string | undefined, hosts: readonly string[]): boolean {
  const name = hostName(header)
  return name !== undefined && hosts.some((host) => host.toLowerCase() === name)
}

/** True where `Host` is an address and no name: nobody but its machine's owner decides where it leads. */
export function isAddressHost(header: string | undefined): boolean {
  const name = hostName(header)
  return name !== undefined && isIP(name.startsWith('[') ? name.slice(1, -1) : name) !== 0
}

/** What stands before the port, in small letters; undefined where it is no host. */
function hostName(header: string | undefined): string | undefined {
  const match = header === undefined ? null : /^(\[[0-9a-fA-F:.]+\]|[^:[\]]+)(?::\d{1,5})?$/.exec(header.trim())
  return match === null ? undefined : (match[1] as string).toLowerCase()
}
