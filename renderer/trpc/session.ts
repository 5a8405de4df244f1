/**
 * The session of a browser: the token that stood in the page's address, or that somebody typed, is handed in for a cookie, once
 * (node-core/api/server/session.ts). A page that signs out takes the others of its address along.
 */

/** Why the page is not let in: it has no token, the node rejected the one it had, or the node has another since. */
export type RefusalReason = 'none' | 'wrong' | 'changed'

export type SignInOutcome = 'in' | 'wrong' | 'lost'

export interface BrowserSession {
  /** Of the last refusal. */
  readonly refusal: RefusalReason
  /** By a token. */
  readonly signIn: (token: string) => Promise<SignInOutcome>
  /** Rejects where the node does not answer: the cookie is still there then. */
  readonly signOut: () => Promise<void>
}

const TOKEN_FORM = /^[A-Za-z0-9_-]+$/

/** The token in what somebody pasted: the address that the node printed, what follows its `#`, or the token alone. Undefined where there is none. */
export function tokenIn(pasted: string): string | undefined {
  const text = pasted.trim()
  const token = text.includes('token=') ? (new URLSearchParams(text.slice(text.indexOf('#') + 1)).get('token') ?? '') : text
  return TOKEN_FORM.test(token) ? token : undefined
}

export class PageSession implements BrowserSession {
  #token: string
  #wasIn = false
  #wasRejected = false
  /** Of pages at this address alone: another node may be shown at the same host, under another path. */
  readonly #others = new BroadcastChannel(`nodestead-session ${location.pathname}`)

  /** Takes the token out of the page's address. */
  constructor() {
    this.#token = new URLSearchParams(location.hash.slice(1)).get('token') ?? ''
    if (this.#token !== '') history.replaceState(history.state, '', `${location.pathname}${location.search}`)
    this.#others.onmessage = () => location.reload()
    // Somebody opens the printed address where the page is open already.
    addEventListener('hashchange', () => {
      if (location.hash.startsWith('#token=')) location.reload()
    })
  }

  get refusal(): RefusalReason {
    return this.#wasRejected ? 'wrong' : this.#wasIn ? 'changed' : 'none'
  }

  /** The node has answered. */
  entered(): void {
    this.#wasIn = true
  }

  /** Before each attempt to connect. */
  async open(): Promise<void> {
    if (this.#token === '') return
    const outcome = await this.signIn(this.#token)
    // Whatever the answer was, another one will not come. Without one the WebSocket finds that there is no connection, and the next attempt comes through here.
    if (outcome !== 'lost') this.#token = ''
    this.#wasRejected = outcome === 'wrong'
  }

  readonly signIn = async (token: string): Promise<SignInOutcome> => {
    try {
      const { ok } = await fetch(sessionUrl(), { method: 'POST', body: token, headers: { 'content-type': 'text/plain' } })
      return ok ? 'in' : 'wrong'
    } catch {
      return 'lost'
    }
  }

  readonly signOut = async (): Promise<void> => {
    const { ok, status } = await fetch(sessionUrl(), { method: 'DELETE' })
    if (!ok) throw new Error(`The node answered with ${status}.`)
    this.#others.postMessage('out')
  }
}

/** Beside the page, wherever that is. */
function sessionUrl(): URL {
  return new URL('session', location.href)
}
