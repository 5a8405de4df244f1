/**
 * The check of a request's `Host` header, shared by every HTTP server of the node.
 *
 * A web page from anywhere runs on the user's machine and can reach its loopback ports. `Host` names what the browser believes it is
 * talking to, and a page cannot forge it: a DNS name that was re-pointed at 127.0.0.1 (DNS rebinding) shows up there.
 */

/** True where `Host` is one of `hosts`, with any port or none. */
export function isAllowedHost(header: string | undefined, hosts: readonly string[]): boolean {
  if (header === undefined) return false
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:[\]]+)(?::\d{1,5})?$/.exec(header.trim())
  if (match === null) return false
  const name = (match[1] as string).toLowerCase()
  return hosts.some((host) => host.toLowerCase() === name)
}
