/** Why an upgrade does not go on. */
import { NodeError } from '../../base/errors.ts'

export type UpgradeErrorCode =
  /** Nothing to do here now: no newer runtime, another version than the person agreed to, one under way already, no key of root. */
  | 'UPGRADE_NOT_POSSIBLE'
  /** The key of root is here, and locked. */
  | 'UPGRADE_KEYS_LOCKED'
  /** The files of the carried runtime are missing, or are not what they say. */
  | 'UPGRADE_FILES_DAMAGED'
  /** The chain took the code and refused to run it; `data.name` of the runtime's error. */
  | 'UPGRADE_REJECTED'

export class UpgradeError extends NodeError<UpgradeErrorCode> {}
