/** The log screen. */
import { formatCount, formatNumber } from '../../text/format.ts'

export const logs = {
  level: 'Level',
  levels: { trace: 'Everything', debug: 'Debug and above', info: 'Info and above', warn: 'Warnings and errors', error: 'Errors' },
  filter: 'Filter the log',
  filterHint: 'Filter ( / )',
  shown: (shown: number, total: number) => `${formatNumber(shown)} of ${formatCount(total, 'line')}`,
  missed: (count: number) => `${formatNumber(count)} missed because they came too fast`,
  log: 'Log',
  empty: 'What the node reports appears here once it runs.',
  noMatch: 'Nothing matches. Lower the level or clear the filter.',
  newest: 'Newest',
  module: 'Module',
  allModules: 'All modules',
  export: 'Export…',
  chosen: 'Chosen line',
  close: 'Close',
}
