/**
 * The first frame of a notification substream, which is a handshake (Polkadot Host spec, 4.8.4 "Notification messages").
 *
 * A stranger may open a stream and say nothing, or say a length and no more. So whoever waits says for how long, by the
 * signal, and a frame that is longer than a handshake may be is refused before a byte of it is kept.
 */
import type { Stream, StreamMessageEvent } from '@libp2p/interface'
import { errorMessage } from '../../base/errors.ts'
import type { FrameReader } from '../framing.ts'

/**
 * Resolves with the handshake; with undefined where the stream ended without one, or `signal` aborted. Rejects with a
 * FrameError. What came behind the handshake stays in `frames`.
 */
export function readHandshake(stream: Stream, frames: FrameReader, maxBytes: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
  return new Promise((resolve, reject) => {
    const detach = (): void => {
      stream.removeEventListener('message', onData)
      stream.removeEventListener('end', onEnd)
      stream.removeEventListener('close', onEnd)
      signal.removeEventListener('abort', onAbort)
    }
    const settle = (value: Uint8Array | undefined): void => {
      detach()
      resolve(value)
    }
    const onData = (event: StreamMessageEvent): void => {
      frames.push(event.data.subarray())
      try {
        const frame = frames.next(maxBytes)
        if (frame !== undefined) settle(frame)
      } catch (error) {
        detach()
        reject(error instanceof Error ? error : new Error(errorMessage(error)))
      }
    }
    // Data that comes with the end of the stream is announced behind it.
    const onEnd = (): void => queueMicrotask(() => settle(undefined))
    const onAbort = (): void => settle(undefined)
    stream.addEventListener('message', onData)
    stream.addEventListener('end', onEnd)
    stream.addEventListener('close', onEnd)
    signal.addEventListener('abort', onAbort)
    if (signal.aborted) onAbort()
    else if (stream.status !== 'open' && stream.readBufferLength === 0) onEnd()
  })
}
