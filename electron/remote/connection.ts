/**
 * The connection to the dashboard service of a node elsewhere: the same protocol that a browser speaks (WebSocket, the token in the first
 * message), from the main process, so that the page itself connects nowhere. It comes back by itself for as long as it is wanted.
 *
 * The other node is not trusted further than a peer: what it sends is checked for size and form (message.ts), and nothing of it is done here.
 * What is asked while the connection is lost fails at once: a Stop that somebody pressed must not arrive ten minutes later.
 */
import { createTRPCUntypedClient, createWSClient, wsLink, type TRPCUntypedClient } from '@trpc/client'
import { WebSocket } from 'ws'
import type { RemoteTarget } from './address.ts'
import { eventsOf } from './events.ts'
import { answeredShape, MAX_ANSWER_BYTES, parseAnswer } from './message.ts'
import { AnsweredError, type CallType, type ProcedureCaller } from '../caller.ts'
import type { RemoteState } from '../../node-core/api/app/remote-types.ts'
import type { AppRouter } from '../../node-core/api/router.ts'
import type { DashboardErrorCode } from '../../node-core/api/server/dashboard-service.ts'
import { CLOSE_TOKEN_REFUSED } from '../../node-core/api/server/origin-check.ts'
import type { Clock } from '../../node-core/base/clock.ts'
import { NodeError } from '../../node-core/base/errors.ts'
import { Emitter } from '../../node-core/base/events.ts'
import type { Logger } from '../../node-core/base/logger.ts'

export type RemoteErrorCode =
  /** There is no connection now. */
  | 'REMOTE_LOST'
  | 'REMOTE_TOKEN_REFUSED'
  /** Nothing there answers like a dashboard. */
  | 'REMOTE_NO_ANSWER'

export interface RemoteDeps {
  readonly clock: Clock
  readonly logger: Logger
}

const HANDSHAKE_LIMIT_MS = 10_000
const KEEP_ALIVE = { enabled: true, intervalMs: 10_000, pongTimeoutMs: 5_000 }

const identity = { serialize: (value: unknown): unknown => value, deserialize: (value: unknown): unknown => value }

/** Milliseconds before the next attempt: at once, then slower, never slower than every five seconds. */
function retryDelay(attempt: number): number {
  return attempt === 0 ? 0 : Math.min(5_000, 250 * 2 ** attempt)
}

export class RemoteConnection implements ProcedureCaller {
  /** `changed`: the state, after it became another. */
  readonly events = new Emitter<{ changed: RemoteState }>()
  readonly #deps: RemoteDeps
  readonly #address: string
  readonly #socket: ReturnType<typeof createWSClient>
  readonly #client: TRPCUntypedClient<AppRouter>
  #state: RemoteState = { kind: 'connecting' }
  /** The socket in use, to hang up on what does not speak the protocol. */
  #current: WebSocket | undefined
  /** Characters of the message that is being delivered. */
  #delivered = 0

  constructor({ address, token }: RemoteTarget, deps: RemoteDeps) {
    this.#deps = deps
    this.#address = address
    this.#socket = createWSClient({
      url: `ws://${address}/trpc`,
      WebSocket: this.#socketClass() as unknown as typeof globalThis.WebSocket,
      connectionParams: { token },
      retryDelayMs: retryDelay,
      keepAlive: KEEP_ALIVE,
      experimental_encoder: { encode: (message) => JSON.stringify(message), decode: (message) => this.#decode(message) },
      onClose: (cause) => {
        if (cause?.code === CLOSE_TOKEN_REFUSED) {
          this.#become({ kind: 'refused' })
          this.close()
        } else this.#lose()
      },
      onError: () => this.#lose(),
    })
    this.#client = createTRPCUntypedClient<AppRouter>({ links: [wsLink({ client: this.#socket, transformer: identity })] })
    // An open socket proves nothing before the token was accepted: the first answer does.
    this.#socket.connectionState.subscribe({
      next: ({ state }) => {
        if (state === 'pending') this.#client.query('app.info').then(() => this.#become({ kind: 'open' }), () => undefined)
      },
    })
  }

  get state(): RemoteState {
    return this.#state
  }

  async call(type: CallType, path: string, input: unknown, signal: AbortSignal | undefined): Promise<unknown> {
    if (this.#state.kind === 'refused') throw refused(this.#address)
    if (type === 'subscription') return eventsOf((sink) => this.#subscribe(path, input, sink), signal)
    if (this.#state.kind === 'lost') throw lost(this.#address)
    try {
      return await this.#client[type](path, input, signal === undefined ? {} : { signal })
    } catch (error) {
      throw this.#told(error)
    }
  }

  /** Resolves with the first state that is known for sure, or with `connecting` where none is within `limitMs`. */
  settled(limitMs: number): Promise<RemoteState> {
    if (this.#state.kind !== 'connecting') return Promise.resolve(this.#state)
    return new Promise((resolve) => {
      const done = (): void => {
        off()
        cancel()
        resolve(this.#state)
      }
      const off = this.events.on('changed', done)
      const cancel = this.#deps.clock.schedule(limitMs, done)
    })
  }

  /** For good. What waits for an answer fails, subscriptions end. */
  close(): void {
    this.#current?.terminate()
    void this.#socket.close().catch(() => undefined)
  }

  #subscribe(path: string, input: unknown, sink: Parameters<Parameters<typeof eventsOf>[0]>[0]): { unsubscribe(): void } {
    return this.#client.subscription(path, input, {
      onData: (event) => sink.data(event, this.#delivered),
      onError: (error) => {
        // Why it ends, the window's sentence says, and not each of its parts.
        if (isRefusal(error)) sink.end()
        else sink.error(this.#told(error))
      },
      onComplete: () => sink.end(),
    })
  }

  #socketClass(): new (url: string) => WebSocket {
    const take = (socket: WebSocket): void => {
      this.#current = socket
    }
    return class extends WebSocket {
      constructor(url: string) {
        super(url, { maxPayload: MAX_ANSWER_BYTES, handshakeTimeout: HANDSHAKE_LIMIT_MS, perMessageDeflate: false })
        take(this)
      }
    }
  }

  /** Gives the client nothing that it does not expect: it throws where nobody would catch it. */
  #decode(message: unknown): unknown {
    const answer = parseAnswer(message)
    if (answer !== undefined) {
      this.#delivered = (message as string).length
      return answer
    }
    this.#deps.logger.warn('the other node sent what no dashboard sends', { address: this.#address })
    this.#current?.terminate()
    return { id: null, method: 'ignored' }
  }

  #lose(): void {
    this.#become({ kind: 'lost', since: this.#deps.clock.now() })
  }

  #become(next: RemoteState): void {
    // The first loss counts: later failed attempts do not make it younger. A refusal is final.
    const { kind } = this.#state
    if (kind === 'refused' || (kind === 'lost' && next.kind === 'lost')) return
    this.#state = next
    this.events.emit('changed', next)
  }

  /** What went wrong as the window reads it: the other node's own words, or that there is no connection. */
  #told(error: unknown): Error {
    const shape = answeredShape(error)
    if (shape !== undefined) return new AnsweredError(shape)
    return this.#state.kind === 'refused' ? refused(this.#address) : lost(this.#address)
  }
}

/** A subscription that was sent again is refused before the connection is closed. */
function isRefusal(error: unknown): boolean {
  const problem = answeredShape(error)?.data['problem']
  return typeof problem === 'object' && problem !== null && 'code' in problem && problem.code === ('DASHBOARD_TOKEN_REFUSED' satisfies DashboardErrorCode)
}

function lost(address: string): NodeError<RemoteErrorCode> {
  return new NodeError('REMOTE_LOST', `There is no connection to ${address}.`, { hint: 'It is tried again by itself. See that the node runs and that the tunnel to it is open.' })
}

export function refused(address: string): NodeError<RemoteErrorCode> {
  return new NodeError('REMOTE_TOKEN_REFUSED', `The node at ${address} does not accept the token.`, {
    hint: 'It was started again with another one: enter the address that it printed last. With --dashboard-token-file it stays the same.',
  })
}

export function noAnswer(address: string): NodeError<RemoteErrorCode> {
  return new NodeError('REMOTE_NO_ANSWER', `No dashboard answers at ${address}.`, {
    hint: 'See that the node was started with --dashboard, and that the tunnel to it is open.',
  })
}
