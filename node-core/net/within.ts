/** Work that ends in time, by the injected clock. */
import type { Clock } from '../base/clock.ts'

/** Runs a task with a signal that ends it in time, or where another signal says so. */
export async function within<T>(clock: Clock, ms: number, signal: AbortSignal | undefined, task: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const onAbort = (): void => controller.abort(signal?.reason)
  if (signal?.aborted === true) onAbort()
  signal?.addEventListener('abort', onAbort)
  const cancel = clock.schedule(ms, () => controller.abort(new Error(`nothing came within ${ms / 1000} s`)))
  try {
    return await task(controller.signal)
  } finally {
    cancel()
    signal?.removeEventListener('abort', onAbort)
  }
}
