/** Where a process in the foreground logs: standard error. */
import type { LogSink } from '../../base/logger.ts'
import { terminalSink } from '../../manager/support/log-sinks.ts'

/** Lines for people, or JSON for programs. */
export function logSink(json: boolean): LogSink {
  const write = (text: string): void => void process.stderr.write(text)
  if (!json) return terminalSink(write)
  return ({ time, level, module, message, fields }) => write(`${JSON.stringify({ time: new Date(time).toISOString(), level, module, message, ...(fields === undefined ? {} : { fields }) })}\n`)
}
