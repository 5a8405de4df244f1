/** Serves the built renderer under `app://nodestead/` with the same checks and headers as the browser's dashboard. */
import type { Protocol, ProtocolResponse } from 'electron'
import { APP_SCHEME, isAppUrl } from './app-url.ts'
import { securityHeaders, type Asset, type AssetFolder } from '../node-core/api/server/assets.ts'

/** Must run before the app is ready: the scheme gets an origin and counts as secure. */
export function registerAppScheme(protocol: Pick<Protocol, 'registerSchemesAsPrivileged'>): void {
  protocol.registerSchemesAsPrivileged([{ scheme: APP_SCHEME, privileges: { standard: true, secure: true, codeCache: true } }])
}

/**
 * By buffers, not by `handle`: that one speaks in the objects of `fetch`, and the main process would read all of Node's HTTP
 * client for the first of them while the window waits for its page.
 */
export function serveApp(protocol: Pick<Protocol, 'registerBufferProtocol'>, assets: AssetFolder): void {
  protocol.registerBufferProtocol(APP_SCHEME, ({ url, method }, answer) => {
    const asset = method === 'GET' && isAppUrl(url) ? assets.read(decodePath(url)) : Promise.resolve(undefined)
    asset.then((found) => answer(responseOf(found)), () => answer({ error: NET_ERR_FAILED }))
  })
}

/** Of Chromium's network errors. */
const NET_ERR_FAILED = -2

function responseOf(asset: Asset | undefined): ProtocolResponse {
  const headers = securityHeaders("'none'")
  if (asset === undefined) return { statusCode: 404, headers: { ...headers, 'Content-Type': 'text/plain' }, data: Buffer.from('Not found.') }
  const { contentType, body } = asset
  return { statusCode: 200, headers: { ...headers, 'Content-Type': contentType, 'Cache-Control': 'no-cache' }, data: Buffer.from(body.buffer, body.byteOffset, body.byteLength) }
}

function decodePath(url: string): string {
  try {
    return decodeURIComponent(new URL(url).pathname)
  } catch {
    return ''
  }
}
