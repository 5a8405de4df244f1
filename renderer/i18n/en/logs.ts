/** The log screen. */
import { formatCount, formatNumber } from '../../text/format.ts'

export const logs = {
  level: 'Level',
  levels: { trace: 'All levels', debug: 'Debug and above', info: 'Info and above', warn: 'Warnings and errors', error: 'Errors only' },
  filter: 'Filter the log',
  filterHint: 'Filter ( / )',
  shown: (shown: number, total: number) => `${formatNumber(shown)} of ${formatCount(total, 'line')}`,
  missed: (count: number) => `${formatCount(count, 'line')} skipped: too many at once`,
  log: 'Log',
  empty: 'Log lines appear here once the node is running.',
  noMatch: 'No matching lines. Lower the level or clear the filter.',
  newest: 'Jump to newest',
  module: 'Module',
  allModules: 'All modules',
  export: 'Export…',
  chosen: 'Selected line',
  close: 'Close',
}
