/** The one frame with which each side of a stream begins, before the stream carries other bytes. */
import type { Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface'
import { EMPTY } from '../../base/bytes.ts'
import { FrameReader } from '../../network/framing.ts'
import { until } from '../../network/host/until.ts'

export interface FirstFrame {
  readonly frame: Uint8Array
  /** What came behind it. */
  readonly rest: Uint8Array
}

/**
 * Nobody else may listen to the stream, and nobody does when it resolves: what comes then waits in the stream. Rejects with a FrameError, where the stream ends
 * first, and with the signal's reason.
 */
export async function firstFrame(stream: Stream, maxBytes: number, signal: AbortSignal): Promise<FirstFrame> {
  const reader = new FrameReader()
  const { promise, resolve, reject } = Promise.withResolvers<FirstFrame>()
  const detach = (): void => {
    stream.removeEventListener('message', onMessage)
    stream.removeEventListener('end', onEnd)
    stream.removeEventListener('close', onClose)
  }
  const onMessage = ({ data }: StreamMessageEvent): void => {
    try {
      reader.push(data.subarray())
      const frame = reader.next(maxBytes)
      if (frame === undefined) return
      detach()
      resolve({ frame, rest: reader.buffered === 0 ? EMPTY : reader.takeRest() })
    } catch (error) {
      detach()
      reject(error)
    }
  }
  // A frame with both the last bytes and the end announces the end first: the bytes get their turn.
  const onEnd = (): void => void setImmediate(() => reject(new EndedEarly()))
  const onClose = ({ error }: StreamCloseEvent): void => void setImmediate(() => reject(error ?? new EndedEarly()))
  stream.addEventListener('message', onMessage)
  stream.addEventListener('end', onEnd)
  stream.addEventListener('close', onClose)
  if (stream.readableEnded || (stream.status !== 'open' && stream.readBufferLength === 0)) onEnd()
  try {
    return await until(signal, promise)
  } finally {
    detach()
    // Whichever of the two came second is of no interest.
    promise.catch(() => undefined)
  }
}

/** The other side ended the stream in front of a whole frame. */
export class EndedEarly extends Error {
  constructor() {
    super('the stream ended before it began')
  }
}
