/**
 * When a stream takes more. Its event comes when the *connection* has room, and clears the stream's flag before the stream itself, in a microtask, has looked at
 * its own window: it may be full again at once. Its promise of room stays resolved after the first time. So whoever writes on is told here.
 */
import type { Stream } from '@libp2p/interface'
import type { Disposer } from '../base/disposers.ts'
import { until } from './host/until.ts'

/** Calls `tell` behind each drain that leaves room in the stream. */
export function onRoom(stream: Stream, tell: () => void): Disposer {
  let isOver = false
  // What a drain lets go, the stream sends in a microtask that was queued before this one.
  const onDrain = (): void =>
    queueMicrotask(() => {
      if (!isOver && !stream.writableNeedsDrain) tell()
    })
  stream.addEventListener('drain', onDrain)
  return () => {
    isOver = true
    stream.removeEventListener('drain', onDrain)
  }
}

/** Resolves when there is room. Rejects where the stream ends before, and with the signal's reason. */
export async function roomIn(stream: Stream, signal: AbortSignal): Promise<void> {
  if (!stream.writableNeedsDrain) return
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const onClose = (): void => reject(new Error('the stream ended'))
  const stop = onRoom(stream, resolve)
  stream.addEventListener('close', onClose)
  try {
    await until(signal, promise)
  } finally {
    stop()
    stream.removeEventListener('close', onClose)
  }
}
