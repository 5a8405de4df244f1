/** Serves the built renderer under `app://nodestead/` with the same checks and headers as the browser's dashboard. */
import type { Protocol } from 'electron'
import { APP_SCHEME, isAppUrl } from './app-url.ts'
import { securityHeaders, type AssetFolder } from '../node-core/api/server/assets.ts'

/** Must run before the app is ready: the scheme gets an origin and counts as secure. */
export function registerAppScheme(protocol: Pick<Protocol, 'registerSchemesAsPrivileged'>): void {
  protocol.registerSchemesAsPrivileged([{ scheme: APP_SCHEME, privileges: { standard: true, secure: true, codeCache: true } }])
}

export function serveApp(protocol: Pick<Protocol, 'handle'>, assets: AssetFolder): void {
  protocol.handle(APP_SCHEME, async ({ url, method }) => {
    const headers = securityHeaders("'none'")
    const asset = method === 'GET' && isAppUrl(url) ? await assets.read(decodePath(url)) : undefined
    if (asset === undefined) return new Response('Not found.', { status: 404, headers: { ...headers, 'Content-Type': 'text/plain' } })
    return new Response(asset.body as BodyInit, { headers: { ...headers, 'Content-Type': asset.contentType, 'Cache-Control': 'no-cache' } })
  })
}

function decodePath(url: string): string {
  try {
    return decodeURIComponent(new URL(url).pathname)
  } catch {
    return ''
  }
}
