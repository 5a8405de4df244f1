/**
 * What a request is before anything of it is done: its path below the gateway's own, the key that the path may name, and whether its headers are those of a
 * client that is welcome. Browsers ask in the name of the page that is open in them (`Origin`): pages of the listed origins may use the gateway. Where it listens on a
 * loopback address, a page could reach it under a name of its own (DNS rebinding), which shows in `Host`.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { isAllowedHost } from '../base/host-check.ts'
import { isAllowedOrigin } from '../web/origins.ts'
import { pathBelow, type PublicUrl } from '../web/public-url.ts'
import type { Response } from '../web/exchange.ts'
import { GatewayError } from './errors.ts'

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]']

export interface Place {
  /** Without the gateway's own path, the key and the query. */
  readonly path: string
  readonly key: string | undefined
}

/** `base`: the path of the public address. */
export function placeOf(url: string | undefined, base: string): Place {
  const [whole = '/'] = (url ?? '/').split('?', 1)
  const path = pathBelow(whole, base)
  const [, key, below = '/'] = /^\/k\/([^/]*)(\/.*)?$/.exec(path) ?? []
  return key === undefined ? { path, key: undefined } : { path: below, key }
}

/** True for the addresses at which only this machine can be reached. */
export function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^127(\.\d{1,3}){3}$/.test(address)
}

export interface WelcomeOptions {
  readonly listensOnLoopback: boolean
  readonly shown: PublicUrl | undefined
  readonly origins: readonly string[]
}

/** Throws GATEWAY_FOREIGN_HOST, GATEWAY_FOREIGN_ORIGIN. */
export function requireWelcome(headers: IncomingHttpHeaders & { readonly ':authority'?: string | undefined }, { listensOnLoopback, shown, origins }: WelcomeOptions): void {
  const host = headers[':authority'] ?? headers.host
  const names = [...(listensOnLoopback ? LOOPBACK : []), ...(shown === undefined ? [] : [shown.host, new URL(shown.origin).hostname])]
  const isOpen = !listensOnLoopback && shown === undefined
  if (!isOpen && host?.toLowerCase() !== shown?.host && !isAllowedHost(host, names)) {
    throw new GatewayError('GATEWAY_FOREIGN_HOST', 'The request is for a host that this gateway does not have.', { hint: 'Whoever runs it names its host with --public-url.' })
  }
  const { origin } = headers
  if (origin !== shown?.origin && !isAllowedOrigin(origin, origins)) {
    throw new GatewayError('GATEWAY_FOREIGN_ORIGIN', 'Pages of this site may not use this gateway.', { hint: 'Whoever runs it names the sites whose pages may with --cors.' })
  }
}

const ASKED_HEADERS = 'authorization, content-type, x-api-key, connect-protocol-version, connect-timeout-ms, grpc-timeout, x-grpc-web, x-user-agent'
const SHOWN_HEADERS = 'grpc-status, grpc-message, grpc-status-details-bin, retry-after'

/** Lets the page that asked read the answer. Its origin has been looked at. */
export function allowOrigin(headers: IncomingHttpHeaders, response: Response): void {
  response.setHeader('vary', 'Origin')
  if (headers.origin === undefined) return
  response.setHeader('access-control-allow-origin', headers.origin)
  response.setHeader('access-control-expose-headers', SHOWN_HEADERS)
}

/** For what browsers ask before the request itself. */
export const PREFLIGHT: Readonly<Record<string, string>> = { 'access-control-allow-methods': 'GET, POST, OPTIONS', 'access-control-allow-headers': ASKED_HEADERS, 'access-control-max-age': '600' }
