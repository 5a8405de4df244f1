/** What can be wrong with a chain specification; each says which file, why, and what to do. */
import { NodeError } from '../../base/errors.ts'

export type ChainSpecErrorCode =
  | 'CHAIN_SPEC_NOT_FOUND'
  | 'CHAIN_SPEC_TOO_LARGE'
  | 'CHAIN_SPEC_EMPTY'
  | 'CHAIN_SPEC_NOT_JSON'
  /** JSON of something else. */
  | 'CHAIN_SPEC_OTHER_FILE'
  /** Of a newer version of this app. */
  | 'CHAIN_SPEC_NEWER'
  /** Its signature is not that of what it says. */
  | 'CHAIN_SPEC_BAD_SIGNATURE'
  | 'CHAIN_SPEC_INVALID'
  | 'CHAIN_SPEC_NO_GENESIS'
  /** It has the root of its genesis state alone, where the state is wanted. */
  | 'CHAIN_SPEC_NO_STATE'
  | 'CHAIN_SPEC_NO_CODE'
  /** Its runtime does not make a state of what the file says. */
  | 'CHAIN_SPEC_BAD_GENESIS'
  | 'CHAIN_SPEC_BAD_SUBSTITUTE'

export class ChainSpecError extends NodeError<ChainSpecErrorCode> {}
