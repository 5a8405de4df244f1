/**
 * The session of a browser: a cookie that it is given for the token, once, so that the token need not stay in the page's address.
 *
 * The cookie is made out of the token and means nothing but that its bearer had it: nothing is kept here, a new token ends all sessions, and one that
 * is kept in a file lets them outlast the node's process. It is HttpOnly, so that no script reads it, and SameSite=Strict, so that no other site's page
 * sends it; without a Path browsers take the folder of the request as they see it, which is right behind a proxy under a sub-path as well.
 * A program that has got hold of a cookie opens nothing with it: it counts only beside the origin that browsers name (dashboard-service.ts).
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const LIFE_SECONDS = 30 * 24 * 60 * 60
/** A token and some white space. */
const MAX_BODY_BYTES = 256

export class Sessions {
  readonly #token: string
  readonly #value: string

  constructor(token: string) {
    this.#token = token
    this.#value = createHmac('sha256', token).update('nodestead dashboard session 1').digest('base64url')
  }

  /** Compares in a time that does not depend on where the two differ. */
  isToken(said: string): boolean {
    return equalSecrets(said, this.#token)
  }

  /** True where the request has the cookie. `port` is our own: cookies of one host are sent to all its ports. */
  has(request: IncomingMessage, port: number): boolean {
    const name = nameOf(port)
    return (request.headers.cookie ?? '').split(';').some((pair) => {
      const at = pair.indexOf('=')
      return pair.slice(0, at).trim() === name && equalSecrets(pair.slice(at + 1).trim(), this.#value)
    })
  }

  /** The value of Set-Cookie. `secure`: the browser speaks TLS. */
  cookie(port: number, secure: boolean): string {
    return cookieOf(port, this.#value, LIFE_SECONDS, secure)
  }

  /** The value of Set-Cookie by which a browser forgets its session. */
  ended(port: number, secure: boolean): string {
    return cookieOf(port, '', 0, secure)
  }
}

/** What a page sends for its session: the token alone. Undefined where it is longer than any. Rejects where the client goes away. */
export async function readToken(request: IncomingMessage): Promise<string | undefined> {
  let text = ''
  for await (const chunk of request as AsyncIterable<Buffer>) {
    text += chunk.toString('latin1')
    if (text.length > MAX_BODY_BYTES) return undefined
  }
  return text.trim()
}

function cookieOf(port: number, value: string, seconds: number, secure: boolean): string {
  return `${nameOf(port)}=${value}; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`
}

function nameOf(port: number): string {
  return `nodestead_session_${port}`
}

function equalSecrets(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
