/**
 * The address under which a reverse proxy shows the dashboard to browsers: `https://ops.example/node/`. It says which host name and which
 * origin are ours besides the loopback's own, and below which path; headers of proxies say nothing here, for anybody can send them.
 */
import { NodeError } from '../../base/errors.ts'

export interface PublicUrl {
  /** `https://ops.example`. */
  readonly origin: string
  /** `ops.example`, with the port where it is not the usual one. */
  readonly host: string
  /** `/node/`, or `/`. */
  readonly path: string
}

export type PublicUrlErrorCode = 'DASHBOARD_PUBLIC_URL_INVALID'

/** Throws a NodeError {@link PublicUrlErrorCode}. */
export function parsePublicUrl(text: string): PublicUrl {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:'
  if (url === undefined || !isWeb || url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new NodeError<PublicUrlErrorCode>('DASHBOARD_PUBLIC_URL_INVALID', 'This is no address under which a proxy could show the dashboard: it needs a scheme, a host and perhaps a path, and nothing else.', {
      hint: 'Write it as browsers see it: --dashboard-public-url https://ops.example/node/',
    })
  }
  return { origin: url.origin, host: url.host, path: url.pathname.endsWith('/') ? url.pathname : `${url.pathname}/` }
}

/** The proxy's path without the slash at its end, without which nothing relative is found. */
export function lacksSlash(path: string, base: string): boolean {
  return base !== '/' && path === base.slice(0, -1)
}

/** The path below the proxy's, whether the proxy passes its own on or not. */
export function pathBelow(path: string, base: string): string {
  return base !== '/' && path.startsWith(base) ? path.slice(base.length - 1) : path
}
