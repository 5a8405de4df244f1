/** A time limit as a signal, by a clock that a test can turn. */
import type { Clock } from '../../base/clock.ts'
import type { Disposer } from '../../base/disposers.ts'
import { IpcError } from './errors.ts'

export interface Deadline {
  /** Aborts when the time is over (its reason is NET_TIMEOUT), or with `signal`. */
  readonly signal: AbortSignal
  readonly cancel: Disposer
}

export function deadline(clock: Clock, ms: number, signal: AbortSignal): Deadline {
  const timeout = new AbortController()
  const cancel = clock.schedule(ms, () => timeout.abort(new IpcError('NET_TIMEOUT', `There was no answer within ${Math.round(ms / 1000)} s.`, { data: { seconds: ms / 1000 } })))
  return { signal: AbortSignal.any([signal, timeout.signal]), cancel }
}
