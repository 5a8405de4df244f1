/** The course of a sync as points in time, for its charts. Pure. */
import type { SyncStatus } from '../../node-core/chain/sync/types.ts'

export interface SyncCourse {
  /** Seconds since the Unix epoch, ascending; the others have one value for each. A gap is null. */
  readonly times: readonly number[]
  readonly best: readonly (number | null)[]
  readonly highest: readonly (number | null)[]
  readonly blocksPerSecond: readonly (number | null)[]
}

export const EMPTY_COURSE: SyncCourse = { times: [], best: [], highest: [], blocksPerSecond: [] }

/** Above so many points every second one goes. */
export const MOST_POINTS = 1200
/** Nothing is told while nothing changes: what was so before still was until shortly before the next point. */
const STEP_SECONDS = 1

/** `status` as it is from `now` (milliseconds since the Unix epoch) on; undefined while the node does not run. */
export function addPoint(course: SyncCourse, now: number, status: SyncStatus | undefined): SyncCourse {
  const at = now / 1000
  const last = course.times.length - 1
  const before = course.times[last]
  if (before === undefined && status === undefined) return course
  const known = before !== undefined && at - before > 2 * STEP_SECONDS ? append(course, at - STEP_SECONDS, valuesAt(course, last)) : course
  const next = append(known, at, [status?.currentBlock ?? null, status?.highestBlock ?? null, status?.blocksPerSecond ?? null])
  return next.times.length > MOST_POINTS ? thinned(next) : next
}

/** The same with its last values again at `now`: a line that reaches the right edge. */
export function upTo(course: SyncCourse, now: number): SyncCourse {
  const last = course.times.length - 1
  const before = course.times[last]
  return before === undefined || now / 1000 <= before ? course : append(course, now / 1000, valuesAt(course, last))
}

type Values = readonly [best: number | null, highest: number | null, blocksPerSecond: number | null]

function valuesAt({ best, highest, blocksPerSecond }: SyncCourse, index: number): Values {
  return [best[index] ?? null, highest[index] ?? null, blocksPerSecond[index] ?? null]
}

function append({ times, best, highest, blocksPerSecond }: SyncCourse, at: number, [b, h, speed]: Values): SyncCourse {
  return { times: [...times, at], best: [...best, b], highest: [...highest, h], blocksPerSecond: [...blocksPerSecond, speed] }
}

function thinned({ times, best, highest, blocksPerSecond }: SyncCourse): SyncCourse {
  const half = <T>(list: readonly T[]): T[] => list.filter((_, i) => (list.length - 1 - i) % 2 === 0)
  return { times: half(times), best: half(best), highest: half(highest), blocksPerSecond: half(blocksPerSecond) }
}
