/** Why an extrinsic could not be made, or what became of it. */
import { NodeError } from '../../base/errors.ts'

export type ExtrinsicErrorCode =
  /** The runtime has no such pallet, or the pallet no such call. */
  | 'EXTRINSIC_UNKNOWN_CALL'
  | 'EXTRINSIC_BAD_ARGUMENT'
  /** The runtime wants something in each signed transaction that this node does not know how to fill; `data.extension`. */
  | 'EXTRINSIC_UNKNOWN_EXTENSION'
  /** The runtime's accounts or signatures are of another kind, or its metadata does not say what is signed. */
  | 'EXTRINSIC_UNSUPPORTED_RUNTIME'
  /** It is in a final block, and its dispatch failed: `data.pallet` and `data.name` of the runtime's error. */
  | 'EXTRINSIC_FAILED'
  /** The pool lost it before a block took it: `data.status`. */
  | 'EXTRINSIC_LOST'
  /** It is in a block that is not finalized for a long time. */
  | 'EXTRINSIC_NOT_FINALIZED'
  /** The node stopped, or the caller, before its end was known. */
  | 'EXTRINSIC_UNWATCHED'

export class ExtrinsicError extends NodeError<ExtrinsicErrorCode> {}
