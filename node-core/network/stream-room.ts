/**
 * Waiting until a stream takes more. The stream's own promise for it stays resolved after the first time, and its event comes when the *connection* has room,
 * in which the stream may be refused again at once: so it is looked at behind each of them.
 */
import type { Stream } from '@libp2p/interface'
import { until } from '../../host/until.ts'

/** Rejects where the stream ends before, and with the signal's reason. */
export async function roomIn(stream: Stream, signal: AbortSignal): Promise<void> {
  if (!stream.writableNeedsDrain) return
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  // What a drain lets go, the stream sends in a microtask that was queued before this one.
  const onDrain = (): void => queueMicrotask(() => stream.writableNeedsDrain || resolve())
  const onClose = (): void => reject(new Error('the stream ended'))
  stream.addEventListener('drain', onDrain)
  stream.addEventListener('close', onClose)
  try {
    await until(signal, promise)
  } finally {
    stream.removeEventListener('drain', onDrain)
    stream.removeEventListener('close', onClose)
  }
}
