/**
 * Requests and responses on streams (Polkadot Host spec, 4.8.3 "Request-response messages").
 *
 * One stream, one question, one answer: each is one frame, and each side closes its half behind it. A stream that ends
 * without an answer is a refusal. Sizes and rates are checked before a handler sees anything, and every exchange has an end in time.
 */
import type { Connection, Stream, StreamMessageEvent } from '@libp2p/interface'
import { concatBytes } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import { errorMessage, NodeError } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import { ScaleError } from '../scale/reader.ts'
import type { PeerJudge, RequestAnswer, RequestHandler, RequestSpec } from './contracts.ts'
import { FAULTS } from './faults.ts'
import { encodeFrame, encodeFrameLength, FrameError, FrameReader } from './framing.ts'
import { TokenBucket } from './token-bucket.ts'
import { until } from './until.ts'

export type RequestErrorCode = 'NETWORK_TIMEOUT' | 'NETWORK_DISCONNECTED' | 'NETWORK_REFUSED' | 'NETWORK_TOO_LARGE' | 'NETWORK_ABORTED' | 'NETWORK_REPEATED'

export class RequestError extends NodeError<RequestErrorCode> {}

/** Requests of one peer on one protocol that are being answered at the same time. */
export const MAX_INBOUND_REQUESTS = 8

/** What is given to a stream at a time; see sendFrame. */
const PORTION_BYTES = 4 * (65_535 - 16) - 12

interface Dependencies {
  readonly clock: Clock
  readonly logger: Logger
  readonly judge: PeerJudge
}

export class RequestStreams {
  readonly #deps: Dependencies
  /** By protocol, then peer. */
  readonly #buckets = new Map<string, Map<string, TokenBucket>>()
  readonly #stopping = new AbortController()

  constructor(dependencies: Dependencies) {
    this.#deps = dependencies
  }

  /** Ends everything that is under way. */
  stop(): void {
    this.#stopping.abort(new RequestError('NETWORK_ABORTED', 'The network service stops.'))
  }

  forget(peer: string): void {
    for (const buckets of this.#buckets.values()) buckets.delete(peer)
  }

  /** Asks, under the first of the names that the peer knows. Rejects with a {@link RequestError}. */
  async request(connection: Connection, names: readonly string[], spec: RequestSpec, request: Uint8Array, signal?: AbortSignal): Promise<Uint8Array> {
    const peer = connection.remotePeer.toString()
    const end = new Ending(this.#deps.clock, spec.timeoutMs, [this.#stopping.signal, signal])
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

  /** Answers one stream. Never rejects. */
  async serve(handler: RequestHandler, stream: Stream, connection: Connection): Promise<void> {
    const { spec } = handler
    const peer = connection.remotePeer.toString()
    if (!this.#bucket(spec, peer).take()) {
      stream.abort(new Error('too many requests'))
      this.#deps.judge.report(peer, FAULTS.rate)
      return
    }
    const end = new Ending(this.#deps.clock, spec.timeoutMs, [this.#stopping.signal])
    const onClose = (): void => end.abort(new RequestError('NETWORK_DISCONNECTED', 'The peer went away.'))
    stream.addEventListener('close', onClose)
    try {
      const request = await readOne(stream, spec.maxRequestBytes, end.signal)
      if (request === undefined) return stream.abort(new Error('no request'))
      const answer = await until(end.signal, handler.onRequest(peer, request, end.signal))
      // From here on the stream closes because both sides are done: that is no disconnect.
      stream.removeEventListener('close', onClose)
      await this.#answer(stream, peer, answer, spec, end.signal)
    } catch (error) {
      stream.abort(error instanceof Error ? error : new Error(errorMessage(error)))
      const fault = error instanceof FrameError ? FAULTS.frame : error instanceof ScaleError ? FAULTS.malformed : undefined
      if (fault !== undefined) this.#deps.judge.report(peer, fault)
      else if (!end.signal.aborted) this.#deps.logger.warn(`a request on ${spec.protocol} failed`, { peer, reason: errorMessage(error) })
    } finally {
      stream.removeEventListener('close', onClose)
      end.dispose()
    }
  }

  async #answer(stream: Stream, peer: string, answer: RequestAnswer, spec: RequestSpec, signal: AbortSignal): Promise<void> {
    if (answer.kind === 'refuse') {
      stream.abort(new Error('refused'))
      if (answer.fault !== undefined) this.#deps.judge.report(peer, answer.fault)
      return
    }
    if (answer.bytes.length > spec.maxResponseBytes) throw new RangeError(`a response of ${answer.bytes.length} bytes where ${spec.maxResponseBytes} are allowed`)
    await sendFrame(stream, answer.bytes, signal)
    await stream.close({ signal })
    // The other half is the peer's to close; a peer that does not, holds the stream until its time is over.
    if (stream.remoteWriteStatus !== 'closed') await remoteEnd(stream, signal)
  }

  #bucket({ protocol, perMinute }: RequestSpec, peer: string): TokenBucket {
    let buckets = this.#buckets.get(protocol)
    if (buckets === undefined) this.#buckets.set(protocol, (buckets = new Map<string, TokenBucket>()))
    let bucket = buckets.get(peer)
    if (bucket === undefined) buckets.set(peer, (bucket = new TokenBucket(this.#deps.clock, { perSecond: perMinute / 60, burst: perMinute })))
    return bucket
  }
}

/** When an exchange ends at the latest: by time, or because somebody says so. */
class Ending {
  readonly #controller = new AbortController()
  readonly #dispose: () => void
  timedOut = false

  constructor(clock: Clock, timeoutMs: number, signals: readonly (AbortSignal | undefined)[]) {
    const cancel = clock.schedule(timeoutMs, () => {
      this.timedOut = true
      this.#controller.abort(new RequestError('NETWORK_TIMEOUT', `No answer within ${timeoutMs} ms.`))
    })
    const given = signals.filter((signal) => signal !== undefined)
    const onAbort = (): void => this.abort(new RequestError('NETWORK_ABORTED', 'The request was given up.'))
    for (const signal of given) {
      if (signal.aborted) onAbort()
      signal.addEventListener('abort', onAbort)
    }
    this.#dispose = () => {
      cancel()
      for (const signal of given) signal.removeEventListener('abort', onAbort)
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  abort(reason: RequestError): void {
    this.#controller.abort(reason)
  }

  dispose(): void {
    this.#dispose()
  }
}

/** The stream's only frame; undefined where the stream ends without one. Rejects on abort and with a {@link FrameError}. */
async function readOne(stream: Stream, maxBytes: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
  const frames = new FrameReader()
  let detach = (): void => undefined
  const frame = new Promise<Uint8Array | undefined>((resolve, reject) => {
    const onData = (event: StreamMessageEvent): void => {
      // Piece by piece: as one array they would be copied for it.
      if (event.data instanceof Uint8Array) frames.push(event.data)
      else for (const piece of event.data) frames.push(piece)
      try {
        const next = frames.next(maxBytes)
        if (next !== undefined) resolve(next)
      } catch (error) {
        reject(error instanceof Error ? error : new Error(errorMessage(error)))
      }
    }
    // A frame that carries both the last bytes and the end of the stream announces the end first: the bytes get their turn.
    const onEnd = (): void => void setImmediate(() => resolve(undefined))
    stream.addEventListener('message', onData)
    stream.addEventListener('end', onEnd)
    stream.addEventListener('close', onEnd)
    detach = () => {
      stream.removeEventListener('message', onData)
      stream.removeEventListener('end', onEnd)
      stream.removeEventListener('close', onEnd)
    }
    if (stream.readableEnded || (stream.status !== 'open' && stream.readBufferLength === 0)) onEnd()
  })
  try {
    return await until(signal, frame)
  } finally {
    detach()
  }
}

/**
 * Sends a message of any length in portions, the next one when there is room for it: so no more than a portion is encrypted
 * and waits in front of the socket. A portion with the head of its Yamux frame fills four messages of Noise (Noise framework,
 * section 3: 65,535 bytes, tag included), and with that the window of 256 KiB with which a stream begins; smaller ones cost
 * more time in frames and window updates.
 */
async function sendFrame(stream: Stream, message: Uint8Array, signal: AbortSignal): Promise<void> {
  const length = encodeFrameLength(message.length)
  let sent = Math.min(message.length, PORTION_BYTES - length.length)
  let hasRoom = stream.send(concatBytes(length, message.subarray(0, sent)))
  while (sent < message.length) {
    if (!hasRoom) await stream.onDrain({ signal })
    hasRoom = stream.send(message.subarray(sent, sent + PORTION_BYTES))
    sent += PORTION_BYTES
  }
}

/** Resolves when the other side closed its half. */
async function remoteEnd(stream: Stream, signal: AbortSignal): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    stream.addEventListener('remoteCloseWrite', () => resolve(), { once: true })
    stream.addEventListener('close', () => resolve(), { once: true })
  })
  await until(signal, ended)
}

function requestError(error: unknown, end: { readonly signal: AbortSignal }, connection: Connection, spec: RequestSpec): RequestError {
  if (end.signal.aborted && end.signal.reason instanceof RequestError) return end.signal.reason
  if (error instanceof FrameError) {
    return new RequestError('NETWORK_TOO_LARGE', `The answer on ${spec.protocol} is no frame of at most ${spec.maxResponseBytes} bytes.`, { cause: error })
  }
  if (connection.status !== 'open') return new RequestError('NETWORK_DISCONNECTED', 'The connection to the peer is gone.', { cause: error })
  if (error instanceof RequestError) return error
  return new RequestError('NETWORK_REFUSED', `The peer refused ${spec.protocol}: ${errorMessage(error)}.`, { cause: error })
}
