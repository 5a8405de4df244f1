/** What the flags of `gateway` mean as its options. */
import { join } from 'node:path'
import { errorMessage } from '../../base/errors.ts'
import { readPrivate } from '../../base/private-file.ts'
import { LOGGED_ADDRESSES, type LoggedAddresses } from '../../gateway/log/request-log.ts'
import { GATEWAY_LIMITS, type GatewayOptions, type UpstreamOptions } from '../../gateway/options.ts'
import { defaultBasePath } from '../base-path.ts'
import { invalid } from '../definition/errors.ts'
import type { FlagValues } from '../definition/flag.ts'
import { portOf } from '../node-options.ts'
import type { GATEWAY_FLAGS } from './flags.ts'

export type GatewayValues = FlagValues<typeof GATEWAY_FLAGS>

const MEBIBYTE = 1024 * 1024
const MAX_RATE = 10_000_000
const MAX_TOKEN_FILE = 1024

/** Where a gateway keeps what is its own. */
export function gatewayFolder(values: GatewayValues): string {
  return join(values['base-path'] ?? defaultBasePath(), 'gateway')
}

export function keysFileOf(values: GatewayValues): string {
  return values['keys-file'] ?? join(gatewayFolder(values), 'gateway-keys.json')
}

/** A number of requests, at least 1; undefined where nothing was said. */
export function rateOf(flag: string, text: string | undefined, least = 1): number | undefined {
  return numberOf(flag, text, { what: 'a number of requests', least, most: MAX_RATE })
}

/** Throws OPTIONS_INVALID, which names the flag. */
export async function gatewayOptions(values: GatewayValues): Promise<GatewayOptions> {
  const [cert, key] = [values['tls-cert'], values['tls-key']]
  if ((cert === undefined) !== (key === undefined)) throw invalid('--tls-cert and --tls-key go together.', cert === undefined ? 'tls-key' : 'tls-cert')
  for (const flag of ['per-minute', 'per-day'] as const) if (values[flag] !== undefined) throw invalid(`--${flag} goes with gateway key add alone.`, flag)
  const folder = gatewayFolder(values)
  const connections = numberOf('max-connections', values['max-connections'], { what: 'a number', least: 1, most: 65_535 }) ?? GATEWAY_LIMITS.connections
  const requestMebibytes = numberOf('max-request-size', values['max-request-size'], { what: 'MiB', least: 1, most: 15 })
  const drainSeconds = numberOf('drain-seconds', values['drain-seconds'], { what: 'seconds', least: 0, most: 3600 })
  const requestLog = values['request-log'] ?? join(folder, 'requests.log')
  return {
    host: values['gateway-listen'] ?? '127.0.0.1',
    port: portOf('gateway-port', values['gateway-port'], 8443),
    tls: cert === undefined || key === undefined ? undefined : { cert, key },
    publicUrl: values['public-url'],
    trustedProxies: values['trusted-proxy'] ?? [],
    origins: originsOf(values.cors),
    upstream: await upstreamOf(values),
    keysFile: keysFileOf(values),
    folder,
    requestLog: requestLog === 'none' ? undefined : requestLog,
    loggedAddresses: addressesOf(values['log-addresses']),
    anonymousPerMinute: rateOf('anonymous', values.anonymous, 0) ?? 0,
    addressPerMinute: rateOf('per-address', values['per-address']) ?? 6000,
    allowed: values['allow-method'] ?? [],
    denied: values['deny-method'] ?? [],
    limits: {
      ...GATEWAY_LIMITS,
      connections,
      webSockets: Math.max(1, Math.min(GATEWAY_LIMITS.webSockets, connections)),
      ...(requestMebibytes === undefined ? {} : { messageBytes: requestMebibytes * MEBIBYTE }),
      ...(drainSeconds === undefined ? {} : { drainMs: drainSeconds * 1000 }),
    },
  }
}

async function upstreamOf(values: GatewayValues): Promise<UpstreamOptions> {
  const rpcUrl = urlOf('node-url', values['node-url'] ?? 'http://127.0.0.1:9944')
  const [url, file] = [values['node-service-url'], values['node-token-file']]
  if ((url === undefined) !== (file === undefined)) throw invalid('--node-service-url and --node-token-file go together.', url === undefined ? 'node-token-file' : 'node-service-url')
  return { rpcUrl, service: url === undefined || file === undefined ? undefined : { url: urlOf('node-service-url', url), token: await tokenIn(file) } }
}

/** Of a node on this computer: what goes there is not encrypted. */
function urlOf(flag: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'http:' && /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname) && url.pathname === '/') return url.origin
  throw invalid(`--${flag} takes an address of a node on this computer, such as http://127.0.0.1:9944, not "${text}".`, flag)
}

async function tokenIn(path: string): Promise<string> {
  const refuse = (fault: 'open' | 'odd'): Error => invalid(fault === 'open' ? `Other users can read ${path}: make it private (chmod 600).` : `${path} holds no token.`, 'node-token-file')
  const text = await readPrivate(path, { maxBytes: MAX_TOKEN_FILE, refuse }).catch((error: unknown) => {
    throw error instanceof Error && error.name === 'NodeError' ? error : invalid(`${path} cannot be read: ${errorMessage(error)}.`, 'node-token-file')
  })
  const token = text?.trim() ?? ''
  if (/^[A-Za-z0-9_-]{32,128}$/.test(token)) return token
  throw invalid(text === undefined ? `There is no file ${path}.` : `${path} holds no token.`, 'node-token-file')
}

function originsOf(text: string | undefined): readonly string[] {
  if (text === undefined) return []
  const origins = text.split(',').map((origin) => origin.trim()).filter((origin) => origin !== '')
  return origins.map((origin) => {
    if (origin === 'all' || origin === '*') return '*'
    if (/^https?:\/\/[^/\s]+$/i.test(origin)) return origin
    throw invalid(`--cors takes origins such as https://wallet.example, or all, not "${origin}".`, 'cors')
  })
}

function addressesOf(text: string | undefined): LoggedAddresses {
  const how = LOGGED_ADDRESSES.find((one) => one === (text ?? 'full'))
  if (how === undefined) throw invalid(`--log-addresses takes ${LOGGED_ADDRESSES.join(', ')}, not "${text ?? ''}".`, 'log-addresses')
  return how
}

function numberOf(flag: string, text: string | undefined, { what, least, most }: { readonly what: string; readonly least: number; readonly most: number }): number | undefined {
  if (text === undefined) return undefined
  if (/^\d{1,8}$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text)
  throw invalid(`--${flag} takes ${what} from ${least} to ${most}, not "${text}".`, flag)
}
