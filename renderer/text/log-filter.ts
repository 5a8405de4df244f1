/** Which log lines are shown. */
import type { LogLine } from '../../node-core/api/logs.ts'
import type { LogLevel } from '../../node-core/base/logger.ts'

/** From the most talkative to the gravest. */
export const LEVELS: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error']

/** True for lines of this level or a graver one that hold the text (in any case) in module, message or fields. */
export function matches(line: LogLine, minimum: LogLevel, text: string): boolean {
  if (LEVELS.indexOf(line.level) < LEVELS.indexOf(minimum)) return false
  const wanted = text.trim().toLowerCase()
  if (wanted === '') return true
  const fields = line.fields.map(([name, value]) => `${name}=${value}`).join(' ')
  return `${line.module} ${line.message} ${fields}`.toLowerCase().includes(wanted)
}
