/** What can be wrong with a sealed message, or with sending one. */
import { NodeError } from '../../base/errors.ts'

export type SealedErrorCode =
  /** A public key, or a peer id, to which nothing can be encrypted. */
  | 'NET_SEALED_KEY'
  /** A service's name that is none. */
  | 'NET_SEALED_SERVICE'
  /** More bytes than a message may have. */
  | 'NET_SEALED_TOO_LONG'
  /** No envelope, or not of a version that is known. */
  | 'NET_SEALED_MALFORMED'
  /** For somebody else. */
  | 'NET_SEALED_RECIPIENT'
  /** The sender that it names has not signed it. */
  | 'NET_SEALED_SIGNATURE'
  /** Cannot be decrypted. */
  | 'NET_SEALED_UNREADABLE'
  /** What is within names another sender or recipient than the envelope. */
  | 'NET_SEALED_MISMATCH'
  /** It was opened before. */
  | 'NET_SEALED_REPLAYED'
  /** Too old to tell whether it was opened before, or from the future. */
  | 'NET_SEALED_TIME'
  /** From somebody new, while so many others send that it cannot be told whether it was opened before. */
  | 'NET_SEALED_CROWDED'
  /** No service of this name takes messages here. */
  | 'NET_SEALED_NO_SERVICE'
  /** No room to keep it. */
  | 'NET_SEALED_FULL'
  /** The folder of the sealed messages cannot be read or written. */
  | 'NET_SEALED_STORAGE'
  /** The node is stopping, or was not started. */
  | 'NET_SEALED_CLOSED'

export class SealedError extends NodeError<SealedErrorCode> {}
