/**
 * Which states are kept, and how one way turns into another.
 *
 * `archive`: all, those of forks that died included. `archive-canonical`: those of the finalized chain, and of everything that is not final.
 * A number: those of so many of the newest finalized blocks, and of everything that is not final. The database remembers its way, because what
 * is given up does not come back: from fewer states to more than there are only a new synchronization leads.
 */
import { fromUtf8, utf8 } from '../../../base/bytes.ts'
import { StateError, corrupt } from '../errors.ts'

export type StatePruning = 'archive' | 'archive-canonical' | number

export function encodePruning(pruning: StatePruning): Uint8Array {
  return utf8(String(pruning))
}

export function decodePruning(bytes: Uint8Array): StatePruning {
  const text = fromUtf8(bytes)
  if (text === 'archive' || text === 'archive-canonical') return text
  if (/^\d{1,10}$/.test(text)) return Number(text)
  throw corrupt('it does not say which states are kept')
}

/** How many finalized blocks keep their state. The newest one always does: others are built on it. */
export function keptStates(pruning: StatePruning): number {
  return typeof pruning === 'number' ? Math.max(1, pruning) : Infinity
}

/** Throws STATE_PRUNING_REFUSED where all states are wanted and those below `oldest` are given up. */
export function checkSwitch(stored: StatePruning | undefined, wanted: StatePruning, oldest: number): void {
  if (typeof stored !== 'number' || typeof wanted === 'number' || oldest === 0) return
  throw new StateError(
    'STATE_PRUNING_REFUSED',
    `all states are to be kept (${wanted}), but those of the blocks before #${oldest} are given up already: this database keeps ${stored}.`,
    {
      data: { stored, wanted, oldest },
      hint: `Go on with --state-pruning ${stored} (or a larger number), or put the database aside and synchronize anew with ${wanted}.`,
    },
  )
}
