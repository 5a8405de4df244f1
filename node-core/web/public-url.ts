/**
 * The address under which a reverse proxy shows a server to the world: `https://ops.example/node/`. It says which host name and which
 * origin are ours besides the loopback's own, and below which path; headers of proxies say nothing here, for anybody can send them.
 */
export interface PublicUrl {
  /** `https://ops.example`. */
  readonly origin: string
  /** `ops.example`, with the port where it is not the usual one. */
  readonly host: string
  /** `/node/`, or `/`. */
  readonly path: string
}

/** Undefined where it is no scheme, host and perhaps path, and nothing else. */
export function readPublicUrl(text: string): PublicUrl | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:'
  if (url === undefined || !isWeb || url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') return undefined
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
