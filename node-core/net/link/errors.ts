/** What can go wrong with a private link: what the other side answered, what the user asked for, what the files say. */
import { NodeError } from '../../base/errors.ts'

export type LinkErrorCode =
  /** The peer has not opened that port for this node; who may not know what is open hears the same. */
  | 'NET_LINK_NOT_OPENED'
  /** The peer opened it, and nobody listens at its target. */
  | 'NET_LINK_TARGET_REFUSED'
  /** The peer opened it, and its target does not answer. */
  | 'NET_LINK_TARGET_UNREACHABLE'
  /** The peer takes no more connections at the moment. */
  | 'NET_LINK_BUSY'
  /** The peer takes none over a relay. */
  | 'NET_LINK_RELAYED'
  /** No way leads to the peer. */
  | 'NET_LINK_PEER_UNREACHABLE'
  /** The peer's software knows no private links, or has them switched off. */
  | 'NET_LINK_NOT_SPOKEN'
  /** The peer did not answer in time, or broke off. */
  | 'NET_LINK_NO_ANSWER'
  /** What the other side said is no message of this protocol. */
  | 'NET_LINK_MALFORMED'
  /** An opening, a forward or a name cannot be as it was given. */
  | 'NET_LINK_INVALID'
  /** There is one of that port or name already. */
  | 'NET_LINK_TAKEN'
  | 'NET_LINK_UNKNOWN'
  /** As many as there may be. */
  | 'NET_LINK_FULL'
  /** Another program has the local port. */
  | 'NET_LINK_PORT_TAKEN'
  | 'NET_LINK_PORT_FAILED'
  | 'NET_LINK_FILE_INVALID'
  /** Other users can read or change the file. */
  | 'NET_LINK_FILE_OPEN'
  /** This installation, or this system, cannot use a TUN device. */
  | 'NET_LINK_TUN_UNSUPPORTED'
  /** There is no device of that name. */
  | 'NET_LINK_TUN_MISSING'
  /** The device belongs to another user, or none may be opened. */
  | 'NET_LINK_TUN_DENIED'
  /** Another program uses the device. */
  | 'NET_LINK_TUN_BUSY'
  | 'NET_LINK_TUN_FAILED'
  /** The node is stopping, or was not started. */
  | 'NET_LINK_CLOSED'

export class LinkError extends NodeError<LinkErrorCode> {}
