/** Connections of HTTP/2 to the service API of the node: as many as its limit of requests on one makes necessary, opened when they are needed. */
import { connect as connectSocket } from 'node:net'
import { connect, type ClientHttp2Session, type ClientHttp2Stream, type OutgoingHttpHeaders } from 'node:http2'

/** The node's limit is 128. */
const STREAMS_PER_SESSION = 100

export class ServiceUpstream {
  readonly #url: string
  readonly #socketPath: string | undefined
  readonly #sessions = new Map<ClientHttp2Session, number>()

  /** `socketPath`: the socket at which that address is found, in place of its port. */
  constructor(url: string, socketPath?: string) {
    this.#url = url
    this.#socketPath = socketPath
  }

  /** Fails by the stream's `error` where the node cannot be reached. */
  request(headers: OutgoingHttpHeaders): ClientHttp2Stream {
    const session = [...this.#sessions].find(([one, streams]) => streams < STREAMS_PER_SESSION && !one.closed && !one.destroyed)?.[0] ?? this.#open()
    const stream = session.request(headers)
    this.#count(session, 1)
    stream.once('close', () => this.#count(session, -1))
    return stream
  }

  close(): void {
    for (const session of this.#sessions.keys()) session.destroy()
  }

  #count(session: ClientHttp2Session, change: number): void {
    const streams = this.#sessions.get(session)
    if (streams !== undefined) this.#sessions.set(session, streams + change)
  }

  #open(): ClientHttp2Session {
    const path = this.#socketPath
    const session = path === undefined ? connect(this.#url) : connect(this.#url, { createConnection: () => connectSocket(path) })
    this.#sessions.set(session, 0)
    // Its streams tell what has happened.
    session.on('error', () => this.#sessions.delete(session))
    session.on('goaway', () => this.#sessions.delete(session))
    session.once('close', () => this.#sessions.delete(session))
    return session
  }
}
