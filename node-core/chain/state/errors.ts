/** What can go wrong with the state. */
import { NodeError } from '../../base/errors.ts'

export type StateErrorCode =
  /** The service is not running: not started yet, or stopped. */
  | 'STATE_NOT_RUNNING'
  /** Another process (or another node in this one) has the database open; `data.pid`, `data.since` where they are known. */
  | 'STATE_DB_LOCKED'
  /** Written by another version of the software; `data.found`, `data.expected`. */
  | 'STATE_DB_VERSION'
  /** Damaged files, or contents that do not fit together. */
  | 'STATE_DB_CORRUPT'
  /** Damaged, and more is lost than can be done without. */
  | 'STATE_DB_BEYOND_REPAIR'
  /** This user may not read or write its files. */
  | 'STATE_DB_DENIED'
  /** Its disk is mounted read-only. */
  | 'STATE_DB_READ_ONLY'
  /** The folder cannot be read or written, the disk is full, and the like. */
  | 'STATE_DB_FAILED'
  /** The data is of another chain; `data.found`, `data.expected`. */
  | 'STATE_WRONG_GENESIS'
  /** The data were seen further on than they are: an old copy; `data.found`, `data.seen` (heights). */
  | 'STATE_OLDER_THAN_SEEN'
  | 'STATE_UNKNOWN_ROOT'
  /** The state is not kept any more, or was never here: this database does not keep all states. */
  | 'STATE_PRUNED'
  /** All states are to be kept, and some are given up already; `data.stored`, `data.wanted`, `data.oldest`. */
  | 'STATE_PRUNING_REFUSED'
  | 'STATE_UNKNOWN_BLOCK'
  /** The parent is not here, or older than the finalized block. */
  | 'STATE_UNKNOWN_PARENT'
  | 'STATE_KNOWN_BLOCK'
  /** Number or state root do not fit. */
  | 'STATE_INVALID_BLOCK'
  | 'STATE_NOT_AN_ANCESTOR'
  /** Finalized blocks that this node does not have (`BlockGap`); `data.from`, `data.to`. */
  | 'STATE_MISSING_BLOCKS'

export class StateError extends NodeError<StateErrorCode> {}

export function unknownBlock(hash: string): StateError {
  return new StateError('STATE_UNKNOWN_BLOCK', `block ${hash} is not known`, { data: { hash } })
}

export function missingBlocks({ from, to }: { readonly from: number; readonly to: number }): StateError {
  return new StateError('STATE_MISSING_BLOCKS', `blocks ${from} to ${to} are not here: this node began with a later one`, { data: { from, to } })
}

export function corrupt(reason: string, cause?: unknown): StateError {
  return new StateError('STATE_DB_CORRUPT', `the database is damaged: ${reason}.`, {
    ...(cause === undefined ? {} : { cause }),
    hint: 'Nothing was changed. Repair the database (Overview), or move the folder db away and start again: the node then syncs from the network. The keys are stored elsewhere.',
  })
}
