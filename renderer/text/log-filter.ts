/** Which log lines are shown, and a line as text. */
import type { LogLine } from '../../node-core/api/network/logs.ts'
import type { LogLevel } from '../../node-core/base/logger.ts'

/** From the most talkative to the gravest. */
export const LEVELS: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error']

/**
 * True for lines of this level or a graver one, of this module and network where one is named, that hold the text (in any case) in
 * module, message or fields.
 */
export function matcher(minimum: LogLevel, module: string, text: string, network = ''): (line: LogLine) => boolean {
  const levels = new Set(LEVELS.slice(LEVELS.indexOf(minimum)))
  const wanted = text.trim().toLowerCase()
  return (line) => {
    // What the app itself says is of every network.
    if (network !== '' && line.network !== undefined && line.network !== network) return false
    if (!levels.has(line.level) || (module !== '' && line.module !== module)) return false
    return wanted === '' || `${line.module} ${line.message}${fieldsText(line)}`.toLowerCase().includes(wanted)
  }
}

/** ` name=value` for each field. */
export function fieldsText({ fields }: LogLine): string {
  let text = ''
  for (const [name, value] of fields) text += ` ${name}=${value}`
  return text
}

/** The line as log files have it, its time in UTC: `2026-11-21 07:15:54.120 INFO  core     imported a block number=7`. */
export function lineText(line: LogLine): string {
  const stamp = new Date(line.time).toISOString().replace('T', ' ').slice(0, 23)
  return `${stamp} ${line.level.toUpperCase().padEnd(5)} ${line.module.padEnd(8)} ${line.network === undefined ? '' : `[${line.network}] `}${line.message}${fieldsText(line)}`
}
