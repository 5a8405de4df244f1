/**
 * The door of requests: protocols are registered here, and others are asked here.
 *
 * A question of ours goes
 *
 *   the peer's direct connection ──> not asked lately (repeat-guard.ts) ──> one stream (request-streams.ts)
 *
 * and a question of others comes in by host/connections.ts, which hands each stream of a registered protocol to
 * serving/request-server.ts.
 */
import type { Connection } from '@libp2p/interface'
import type { Clock } from '../../base/clock.ts'
import type { Disposer } from '../../base/disposers.ts'
import type { PeerJudge, RequestDoor, RequestHandler, RequestSpec } from '../contracts.ts'
import type { ProtocolNames } from '../protocol-names.ts'
import { RepeatGuard } from './repeat-guard.ts'
import { RequestError, RequestStreams } from './request-streams.ts'

export interface RequestsDependencies {
  readonly clock: Clock
  readonly judge: PeerJudge
  /** Those with one peer; some may be relayed, or just closing. */
  readonly connectionsWith: (peer: string) => readonly Connection[]
  /** See request-streams.ts. */
  readonly patienceMs: (answerBytes: number) => number
  /** A protocol was registered while the host runs. */
  readonly onLate: (handler: RequestHandler) => void
  /** A protocol was taken back while the host runs. */
  readonly onGone: (handler: RequestHandler) => void
}

export class Requests implements RequestDoor {
  readonly #connectionsWith: RequestsDependencies['connectionsWith']
  readonly #streams: RequestStreams
  readonly #repeats: RepeatGuard
  readonly #onLate: RequestsDependencies['onLate']
  readonly #onGone: RequestsDependencies['onGone']
  readonly #handlers = new Set<RequestHandler>()
  #names: ProtocolNames | undefined

  constructor({ clock, judge, connectionsWith, patienceMs, onLate, onGone }: RequestsDependencies) {
    this.#connectionsWith = connectionsWith
    this.#onLate = onLate
    this.#onGone = onGone
    this.#streams = new RequestStreams({ clock, judge, patienceMs })
    this.#repeats = new RepeatGuard(clock)
  }

  start(names: ProtocolNames): void {
    this.#names = names
  }

  /** Ends everything that is under way. */
  stop(): void {
    this.#streams.stop()
  }

  register(handler: RequestHandler): Disposer {
    const { protocol } = handler.spec
    if (this.handlers().some(({ spec }) => spec.protocol === protocol)) throw new Error(`the requests of ${protocol} have a handler already`)
    this.#handlers.add(handler)
    if (this.#names !== undefined) this.#onLate(handler)
    return () => {
      if (this.#handlers.delete(handler) && this.#names !== undefined) this.#onGone(handler)
    }
  }

  handlers(): readonly RequestHandler[] {
    return [...this.#handlers]
  }

  async request(peer: string, spec: RequestSpec, request: Uint8Array, signal?: AbortSignal): Promise<Uint8Array> {
    const connection = this.#connectionsWith(peer).find(({ limits, status }) => status === 'open' && limits === undefined)
    if (connection === undefined || this.#names === undefined) throw new RequestError('NETWORK_DISCONNECTED', `The peer ${peer} is not connected.`)
    if (!this.#repeats.pass(peer, spec, request)) throw new RequestError('NETWORK_REPEATED', `The same request on ${spec.protocol} was sent to the peer ${peer} within the last minute.`)
    return this.#streams.request(connection, this.#names.of(spec), spec, request, signal)
  }
}
