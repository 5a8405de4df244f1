/** What can go wrong when a block is described; none of it keeps the rest of the block from being shown. */
import { NodeError } from '../../base/errors.ts'

export type ExplorerErrorCode =
  /** `data.version`: the runtime's metadata has no types. */
  | 'EXPLORER_OLD_METADATA'
  /** The metadata or what it describes does not decode. */
  | 'EXPLORER_UNDECODABLE'
  | 'EXPLORER_STOPPED'
  | 'EXPLORER_BUSY'
  | 'EXPLORER_FAILED'

export class ExplorerError extends NodeError<ExplorerErrorCode> {}
