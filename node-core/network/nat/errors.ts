/**
 * What can go wrong between this node and the router, in plain words.
 *
 * Each code says which of the two sides has to change something; the hint says what.
 */
import { NodeError } from '../../base/errors.ts'

export type NatErrorCode =
  /** Nothing on the local network answered as a router. */
  | 'NAT_ROUTER_ABSENT'
  /** It answered the search, and then nothing more. */
  | 'NAT_ROUTER_SILENT'
  /** What it sent is not what UPnP says: not XML, too long, or pointing elsewhere. */
  | 'NAT_ROUTER_MALFORMED'
  | 'NAT_ROUTER_REFUSED'
  /** Somebody else has the port. Only seen by the mapper, which tries another. */
  | 'NAT_PORT_TAKEN'
  /** The router has no address on its other side. */
  | 'NAT_ROUTER_OFFLINE'
  /** The address on its other side is not one of the internet. */
  | 'NAT_DOUBLE'
  /** The node listens at no address that a router could pass connections on to. */
  | 'NAT_NO_PORTS'
  | 'NAT_STOPPED'

const BY_HAND = 'Or forward the peer ports manually in the router.'

const HINTS: Readonly<Record<NatErrorCode, string>> = {
  NAT_ROUTER_ABSENT: `Switch on UPnP in the router's settings. ${BY_HAND} The node also runs without: it can connect to peers, but they cannot connect to it.`,
  NAT_ROUTER_SILENT: `Restart the router if this persists. ${BY_HAND}`,
  NAT_ROUTER_MALFORMED: `Check for a firmware update of the router. ${BY_HAND}`,
  NAT_ROUTER_REFUSED: `Allow UPnP to open ports for this computer in the router's settings. ${BY_HAND}`,
  NAT_PORT_TAKEN: 'Choose another port with --port.',
  NAT_ROUTER_OFFLINE: "Check the router's connection to the internet.",
  NAT_DOUBLE: 'Forward the ports in the outer router too, switch the inner one to bridge mode, or ask the provider for a public address.',
  NAT_NO_PORTS: 'Remove --listen-addr, or listen on the local network address of this computer.',
  NAT_STOPPED: 'Start the node.',
}

export class NatError extends NodeError<NatErrorCode> {
  constructor(code: NatErrorCode, message: string, cause?: unknown) {
    super(code, message, { hint: HINTS[code], cause })
  }
}

/** What an unknown error becomes: whoever threw it, the router did not do its part. */
export function toNatError(error: unknown): NatError {
  return error instanceof NatError ? error : new NatError('NAT_ROUTER_SILENT', 'The router does not answer.', error)
}
