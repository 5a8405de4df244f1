/**
 * Who may talk to a server on the loopback interface.
 *
 * Any web page can make its visitor's browser send requests to 127.0.0.1, and a page whose own name is made to resolve
 * there (DNS rebinding) may even read the answers. Both betray themselves: the first by the `Origin` header, the second
 * by the `Host` header, which carries the foreign name. So the host must be one of the loopback's own names with our
 * port, and an origin, where a browser sends one, must be that same address.
 *
 * A program is not a page: it has no origin, and may come through a tunnel (`ssh -L 19955:127.0.0.1:9955`), whose port on
 * the other computer is in its `Host` header. A browser sends the origin of every WebSocket, and no page can keep it from
 * doing so; so a WebSocket without one is a program's, and of its host the name alone is checked. What vouches for it is the token.
 */
import type { PublicUrl } from '../../web/public-url.ts'

/** Close code of a WebSocket whose token was wrong: whoever opened it says so and stops trying. */
export const CLOSE_TOKEN_REFUSED = 4401

const LOOPBACK_NAMES = ['127.0.0.1', 'localhost', '[::1]']

export type OriginVerdict = 'ok' | 'foreign-host' | 'foreign-origin'

/**
 * `host` and `origin` as they stand in the request's headers. For files, and for whatever else a page can ask for without an origin. `shown` is where
 * a reverse proxy shows the dashboard; some proxies pass the browser's host on, some put ours in its place, and the origin is the browser's in both.
 */
export function checkOrigin(host: string | undefined, origin: string | undefined, port: number, shown?: PublicUrl): OriginVerdict {
  if (shown !== undefined && host?.toLowerCase() === shown.host) return origin === undefined || origin === shown.origin ? 'ok' : 'foreign-origin'
  const allowed = LOOPBACK_NAMES.map((name) => `${name}:${port}`)
  if (port === 80) allowed.push(...LOOPBACK_NAMES)
  if (host === undefined || !allowed.includes(host.toLowerCase())) return 'foreign-host'
  if (origin !== undefined && origin !== `http://${host.toLowerCase()}` && origin !== shown?.origin) return 'foreign-origin'
  return 'ok'
}

/** The same for a WebSocket, which a program may open through a tunnel on any port. */
export function checkSocketOrigin(host: string | undefined, origin: string | undefined, port: number, shown?: PublicUrl): OriginVerdict {
  if (origin !== undefined) return checkOrigin(host, origin, port, shown)
  if (shown !== undefined && host?.toLowerCase() === shown.host) return 'ok'
  const name = /^(.+?)(?::\d{1,5})?$/.exec(host?.toLowerCase() ?? '')?.[1]
  return name !== undefined && LOOPBACK_NAMES.includes(name) ? 'ok' : 'foreign-host'
}

/** True for the addresses at which only this machine can be reached. */
export function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^127(\.\d{1,3}){3}$/.test(address)
}
