/**
 * Asks others (Polkadot Host spec, 4.8.3 "Request-response messages"): one stream, one question, one answer. A stream that ends
 * without an answer is a refusal. serving/request-server.ts is the other side.
 *
 * The answer is a stranger's too: it is bounded by the protocol's length and time, and one that is no frame of that length costs
 * the peer. Whether it answers the question is for the caller to check, who knows what was asked.
 */
import type { Connection, Stream } from '@libp2p/interface'
import type { Clock } from '../../base/clock.ts'
import { errorMessage } from '../../base/errors.ts'
import type { PeerJudge, RequestSpec } from '../contracts.ts'
import { Ending, RequestError, readOne } from './exchange.ts'
import { FAULTS } from '../faults.ts'
import { encodeFrame, FrameError } from '../framing.ts'

export { RequestError, type RequestErrorCode } from './exchange.ts'

interface Dependencies {
  readonly clock: Clock
  readonly judge: PeerJudge
  /** How much longer an answer of so many bytes takes on a line that is limited. */
  readonly patienceMs: (answerBytes: number) => number
}

export class RequestStreams {
  readonly #deps: Dependencies
  readonly #stopping = new AbortController()

  constructor(dependencies: Dependencies) {
    this.#deps = dependencies
  }

  /** Ends everything that is under way. */
  stop(): void {
    this.#stopping.abort(new RequestError('NETWORK_ABORTED', 'The network service is stopping.'))
  }

  /** Asks, under the first of the names that the peer knows. Rejects with a {@link RequestError}. */
  async request(connection: Connection, names: readonly string[], spec: RequestSpec, request: Uint8Array, signal?: AbortSignal): Promise<Uint8Array> {
    const peer = connection.remotePeer.toString()
    const end = new Ending(this.#deps.clock, spec.timeoutMs + this.#deps.patienceMs(spec.maxResponseBytes), [this.#stopping.signal, signal])
    let stream: Stream | undefined
    try {
      end.signal.throwIfAborted()
      stream = await connection.newStream([...names], { signal: end.signal })
      const frame = encodeFrame(request)
      stream.send(frame)
      const answer = readOne(stream, spec.maxResponseBytes, end.signal)
      // Where the stream breaks, reading says why.
      stream.close({ signal: end.signal }).catch(() => undefined)
      const response = await answer
      if (response === undefined) throw new RequestError('NETWORK_REFUSED', `The peer did not answer on ${spec.protocol}.`)
      return response
    } catch (error) {
      const reason = requestError(error, end, connection, spec)
      stream?.abort(reason)
      if (reason.code === 'NETWORK_TOO_LARGE') this.#deps.judge.report(peer, FAULTS.frame)
      throw reason
    } finally {
      end.dispose()
    }
  }
}

function requestError(error: unknown, end: { readonly signal: AbortSignal }, connection: Connection, spec: RequestSpec): RequestError {
  if (end.signal.aborted && end.signal.reason instanceof RequestError) return end.signal.reason
  if (error instanceof FrameError) {
    return new RequestError('NETWORK_TOO_LARGE', `The answer on ${spec.protocol} exceeds ${spec.maxResponseBytes} bytes or is malformed.`, { cause: error })
  }
  if (connection.status !== 'open') return new RequestError('NETWORK_DISCONNECTED', 'The connection to the peer was lost.', { cause: error })
  if (error instanceof RequestError) return error
  return new RequestError('NETWORK_REFUSED', `The peer refused ${spec.protocol}: ${errorMessage(error)}.`, { cause: error })
}
