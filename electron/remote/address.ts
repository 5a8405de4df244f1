/**
 * The address of a node to manage, as its dashboard prints it: `http://127.0.0.1:9955/#token=…`. A dashboard answers on the loopback
 * interface alone, so the address is one of this computer, too: where the node is elsewhere, it is the near end of a tunnel.
 *
 * No error holds what was typed: the token may be in any part of it.
 */
import { NodeError } from '../../node-core/base/errors.ts'

export type RemoteAddressErrorCode =
  | 'REMOTE_ADDRESS_INVALID'
  /** Another scheme than http. */
  | 'REMOTE_ADDRESS_SCHEME'
  /** Another computer's. */
  | 'REMOTE_NOT_LOOPBACK'
  | 'REMOTE_NO_TOKEN'
  | 'REMOTE_TOKEN_INVALID'

/** Where a dashboard answers, and what opens it. */
export interface RemoteTarget {
  /** `127.0.0.1:9955` or `[::1]:9955`. */
  readonly address: string
  readonly token: string
}

const MAX_ADDRESS = 512
const TOKEN = /^[\x21-\x7e]{1,128}$/

/** `localhost` could resolve to anything: what listens there listens at the address as well. */
const HOSTS: Readonly<Record<string, string>> = { '127.0.0.1': '127.0.0.1', localhost: '127.0.0.1', '[::1]': '[::1]' }

/** Reads an address with its token, or with the token beside it, which comes first. Throws a NodeError {@link RemoteAddressErrorCode}. */
export function parseRemoteTarget(text: string, givenToken = ''): RemoteTarget {
  const { address, token: inAddress } = parseRemoteAddress(text)
  const token = givenToken.trim() === '' ? inAddress : givenToken.trim()
  if (token === '') {
    throw new NodeError<RemoteAddressErrorCode>('REMOTE_NO_TOKEN', 'The token is missing.', {
      hint: 'Copy the whole address that the node printed when it started: the token is what stands behind #token=.',
    })
  }
  if (!TOKEN.test(token)) {
    throw new NodeError<RemoteAddressErrorCode>('REMOTE_TOKEN_INVALID', 'This is no token: it has spaces or other signs in it, or is too long.', {
      hint: 'Copy the address that the node printed once more.',
    })
  }
  return { address, token }
}

/** `token` is empty where the address has none. */
function parseRemoteAddress(text: string): { readonly address: string; readonly token: string } {
  const trimmed = text.trim()
  const written = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `http://${trimmed}`
  if (trimmed === '' || trimmed.length > MAX_ADDRESS || !URL.canParse(written)) throw invalid()
  const url = new URL(written)
  if (url.protocol !== 'http:') {
    throw new NodeError<RemoteAddressErrorCode>('REMOTE_ADDRESS_SCHEME', `The address of a dashboard begins with http://, not with ${url.protocol}//.`, {
      hint: 'Copy the address that the node printed when it was started with --dashboard.',
    })
  }
  if (url.username !== '' || url.password !== '' || (url.pathname !== '/' && url.pathname !== '') || url.search !== '' || url.port === '0') throw invalid()
  const host = HOSTS[url.hostname]
  if (host === undefined) {
    throw new NodeError<RemoteAddressErrorCode>('REMOTE_NOT_LOOPBACK', 'A dashboard answers on its own computer only, so this address leads to none.', {
      hint: 'Open a tunnel (ssh -L 9955:127.0.0.1:9955 name-of-the-computer), and enter 127.0.0.1 with the port of this end.',
    })
  }
  return { address: `${host}:${url.port === '' ? 80 : url.port}`, token: new URLSearchParams(url.hash.slice(1)).get('token') ?? '' }
}

function invalid(): NodeError<RemoteAddressErrorCode> {
  return new NodeError('REMOTE_ADDRESS_INVALID', 'This is not the address of a dashboard.', {
    hint: 'It looks like http://127.0.0.1:9955/#token=…, as the node printed it when it was started with --dashboard.',
  })
}
