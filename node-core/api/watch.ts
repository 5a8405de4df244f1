/**
 * Subscriptions: an async generator that says how things are, then what changes, for as long as the client listens.
 *
 * Events arrive at the node's pace, the client takes them at its own. Between the two stands whatever the watcher
 * keeps (the newest status of each network, a ring of log records): bounded, with a rule for what goes when it is
 * full. After each batch the generator waits a little, so that a burst becomes one message and not a thousand.
 */
import type { Clock } from '../base/clock.ts'
import type { Disposer } from '../base/disposers.ts'

/** Milliseconds between two batches of one subscription. */
export const BATCH_INTERVAL_MS = 100

export interface Watch<T> {
  /** Attaches the listeners; they call `wake` when there is something to take. The disposer detaches them. */
  readonly open: (wake: () => void) => Disposer
  /** What has gathered since the last call; the first call is the snapshot. Undefined where there is nothing to say. */
  readonly take: () => T | undefined
  readonly clock: Clock
  /** Ends the subscription. */
  readonly signal: AbortSignal | undefined
  readonly intervalMs?: number
}

/** Listens first and takes the snapshot second, so that nothing falls between the two. */
export async function* watch<T>({ open, take, clock, signal, intervalMs = BATCH_INTERVAL_MS }: Watch<T>): AsyncGenerator<T, void, undefined> {
  let pending = true
  let wakeUp: (() => void) | undefined
  const wake = (): void => {
    pending = true
    wakeUp?.()
  }
  const close = open(wake)
  signal?.addEventListener('abort', wake)
  const ended = (): boolean => signal?.aborted === true
  const sleep = (): Promise<void> =>
    new Promise((resolve) => {
      wakeUp = resolve
    })
  try {
    while (!ended()) {
      if (!pending) await sleep()
      wakeUp = undefined
      if (ended()) return
      pending = false
      const batch = take()
      if (batch === undefined) continue
      yield batch
      await pause(clock, intervalMs, signal)
    }
  } finally {
    signal?.removeEventListener('abort', wake)
    close()
  }
}

/** Resolves after `ms` milliseconds of the given clock, or at once when the signal aborts. */
export function pause(clock: Clock, ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted === true) return Promise.resolve()
  return new Promise((resolve) => {
    const done = (): void => {
      cancel()
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const cancel = clock.schedule(ms, done)
    signal?.addEventListener('abort', done)
  })
}
