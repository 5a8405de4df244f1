/**
 * What both sides of a request protocol need (Polkadot Host spec, 4.8.3 "Request-response messages"): one frame each way on a
 * stream of its own, each side closes its half behind it, and all of it ends in time.
 */
import type { Stream, StreamMessageEvent } from '@libp2p/interface'
import type { Clock } from '../../base/clock.ts'
import { errorMessage, NodeError } from '../../base/errors.ts'
import { FrameReader } from '../framing.ts'
import { until } from '../host/until.ts'

export type RequestErrorCode = 'NETWORK_TIMEOUT' | 'NETWORK_DISCONNECTED' | 'NETWORK_REFUSED' | 'NETWORK_TOO_LARGE' | 'NETWORK_ABORTED' | 'NETWORK_REPEATED'

export class RequestError extends NodeError<RequestErrorCode> {}

/** When an exchange ends at the latest: by time, or because somebody says so. */
export class Ending {
  readonly #controller = new AbortController()
  readonly #dispose: () => void

  constructor(clock: Clock, timeoutMs: number, signals: readonly (AbortSignal | undefined)[]) {
    const cancel = clock.schedule(timeoutMs, () => this.abort(new RequestError('NETWORK_TIMEOUT', `The peer did not answer within ${timeoutMs} ms.`)))
    const given = signals.filter((signal) => signal !== undefined)
    const onAbort = (): void => this.abort(new RequestError('NETWORK_ABORTED', 'The request was cancelled.'))
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

/**
 * The stream's only frame; undefined where the stream ends without one. Rejects on abort and with a FrameError. `mayKeep` is
 * asked once for the length of a frame of which only a part has come: where it says no, the exchange ends.
 */
export async function readOne(stream: Stream, maxBytes: number, signal: AbortSignal, mayKeep: (length: number) => boolean = () => true): Promise<Uint8Array | undefined> {
  const frames = new FrameReader()
  let isKept = false
  let detach = (): void => undefined
  const frame = new Promise<Uint8Array | undefined>((resolve, reject) => {
    const onData = (event: StreamMessageEvent): void => {
      // Piece by piece: as one array they would be copied for it.
      if (event.data instanceof Uint8Array) frames.push(event.data)
      else for (const piece of event.data) frames.push(piece)
      try {
        const next = frames.next(maxBytes)
        if (next !== undefined) return resolve(next)
        if (isKept || frames.awaited === undefined) return
        isKept = mayKeep(frames.awaited)
        if (!isKept) reject(new RequestError('NETWORK_REFUSED', 'The node has no capacity for the request.'))
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

/** Resolves when the other side closed its half. */
export async function remoteEnd(stream: Stream, signal: AbortSignal): Promise<void> {
  if (stream.remoteWriteStatus === 'closed') return
  const ended = new Promise<void>((resolve) => {
    stream.addEventListener('remoteCloseWrite', () => resolve(), { once: true })
    stream.addEventListener('close', () => resolve(), { once: true })
  })
  await until(signal, ended)
}
