/** Which log lines are shown. */
import type { LogLine } from '../../node-core/api/logs.ts'
import type { LogLevel } from '../../node-core/base/logger.ts'

/** From the most talkative to the gravest, with the words of the filter. */
export const LEVELS: readonly { readonly level: LogLevel; readonly label: string }[] = [
  { level: 'trace', label: 'Everything' },
  { level: 'debug', label: 'Debug and above' },
  { level: 'info', label: 'Info and above' },
  { level: 'warn', label: 'Warnings and errors' },
  { level: 'error', label: 'Errors' },
]

const rank = new Map(LEVELS.map(({ level }, index) => [level, index]))

/** True for lines of this level or a graver one that hold the text (in any case) in module, message or fields. */
export function matches(line: LogLine, minimum: LogLevel, text: string): boolean {
  if ((rank.get(line.level) ?? 0) < (rank.get(minimum) ?? 0)) return false
  const wanted = text.trim().toLowerCase()
  if (wanted === '') return true
  const fields = line.fields.map(([name, value]) => `${name}=${value}`).join(' ')
  return `${line.module} ${line.message} ${fields}`.toLowerCase().includes(wanted)
}
