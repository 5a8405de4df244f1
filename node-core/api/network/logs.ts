/** The log: `logs.*`. */
import { z } from 'zod'
import { procedure, router } from '../trpc.ts'
import { watch } from '../watch.ts'
import { RingBuffer } from '../../base/ring-buffer.ts'
import { fieldText } from '../../base/log-fields.ts'
import type { LogLevel, LogRecord } from '../../base/logger.ts'

/** How many records a client may ask for, and how many wait for one that is slow. */
export const MAX_LOG_RECORDS = 2000

/** A record with its fields as text: whatever a module put in, it can cross to the client. */
export interface LogLine {
  /** Milliseconds since the Unix epoch. */
  readonly time: number
  readonly level: LogLevel
  readonly module: string
  readonly message: string
  readonly fields: readonly (readonly [name: string, value: string])[]
  /** The identifier of the network whose node it is; undefined for the app's own. */
  readonly network: string | undefined
}

export interface LogsBatch {
  /** Forget what came before: this batch holds the newest records (first batch of a subscription). */
  readonly reset: boolean
  /** Oldest first. */
  readonly lines: readonly LogLine[]
  /** Records that were pushed out of the queue before the client took them, since the last batch. */
  readonly dropped: number
}

const count = z.int().min(1).max(MAX_LOG_RECORDS)

export const logsRouter = router({
  /** Oldest first. */
  recent: procedure.input(z.strictObject({ count })).query(({ ctx, input }) => ctx.manager.recentLogs(input.count).map(toLogLine)),

  watch: procedure.input(z.strictObject({ tail: count })).subscription(({ ctx, input, signal }) => {
    const queue = new RingBuffer<LogRecord>(MAX_LOG_RECORDS)
    let reported = 0
    let reset = true
    return watch<LogsBatch>({
      clock: ctx.clock,
      signal,
      open: (wake) =>
        ctx.manager.events.on('log', (record) => {
          queue.push(record)
          wake()
        }),
      take: () => {
        const records = reset ? ctx.manager.recentLogs(input.tail) : queue.toArray()
        const batch: LogsBatch = { reset, lines: records.map(toLogLine), dropped: queue.dropped - reported }
        queue.clear()
        reported = queue.dropped
        reset = false
        return batch
      },
    })
  }),
})

export function toLogLine({ time, level, module, message, fields, network }: LogRecord): LogLine {
  const entries = Object.entries(fields ?? {}).map(([name, value]) => [name, fieldText(value)] as const)
  return { time, level, module, message, fields: entries, network }
}
