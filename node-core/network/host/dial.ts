/**
 * Why a peer was not reached, as people read it: libp2p's errors carry other names on each transport and at each stage of
 * a dial, and some carry none. Pure.
 *
 * A dial finds the way (names, routes), then somebody who listens, then learns who that is (noise), and then asks whether
 * there is anything to talk about (the gate topic's protocol and handshake, see topics.ts). Each can fail by itself.
 */
import { errorMessage, NodeError } from '../../base/errors.ts'
import type { GateOutcome } from '../topics/topics.ts'

/** What one address gets until somebody who proves the peer id answers there. */
export const ADDRESS_DIAL_MS = 6_000
/** One address, with the look for where it leads. */
const DIAL_MS = 10_000
/** All addresses of a peer. */
const LONGEST_DIAL_MS = 30_000

/**
 * How long a dial may take, in milliseconds. Addresses are tried one after the other: behind a firewall that swallows packets each takes its whole time, and
 * the one that leads through (often the last, over TLS on port 443) must still have its turn.
 */
export function dialTimeoutMs(addresses: number): number {
  return Math.min(LONGEST_DIAL_MS, DIAL_MS + Math.max(0, addresses - 1) * ADDRESS_DIAL_MS)
}

export type DialErrorCode =
  | 'NETWORK_DIAL_SELF'
  | 'NETWORK_DIAL_BANNED'
  | 'NETWORK_DIAL_NO_WAY'
  | 'NETWORK_DIAL_NAME'
  | 'NETWORK_DIAL_UNREACHABLE'
  | 'NETWORK_DIAL_REFUSED'
  | 'NETWORK_DIAL_NO_WEBSOCKET'
  | 'NETWORK_DIAL_TIMEOUT'
  | 'NETWORK_DIAL_SILENT'
  | 'NETWORK_DIAL_OTHER_PEER'
  | 'NETWORK_DIAL_HUNG_UP'
  | 'NETWORK_DIAL_RELAY_ONLY'
  | 'NETWORK_DIAL_OTHER_NETWORK'
  | 'NETWORK_DIAL_DECLINED'
  | 'NETWORK_DIAL_CANCELLED'
  | 'NETWORK_DIAL_FAILED'

/** `data.found` is the id of who answered, for NETWORK_DIAL_OTHER_PEER. */
export class DialError extends NodeError<DialErrorCode> {}

const MESSAGES: Readonly<Record<DialErrorCode, string>> = {
  NETWORK_DIAL_SELF: 'This is the address of this node itself.',
  NETWORK_DIAL_BANNED: 'The peer is banned here.',
  NETWORK_DIAL_NO_WAY: 'The address names no transport that this node has: TCP or WebSocket.',
  NETWORK_DIAL_NAME: 'The name in the address is not known.',
  NETWORK_DIAL_UNREACHABLE: 'No route leads to the address.',
  NETWORK_DIAL_REFUSED: 'Nobody listens at the address.',
  NETWORK_DIAL_NO_WEBSOCKET: 'There is no WebSocket at the address.',
  NETWORK_DIAL_TIMEOUT: 'Nobody answered at the address in time.',
  NETWORK_DIAL_SILENT: 'Somebody listens at the address and says nothing.',
  NETWORK_DIAL_OTHER_PEER: 'Another peer answered at the address.',
  NETWORK_DIAL_HUNG_UP: 'Whoever listens at the address ended the connection before it said who it is.',
  NETWORK_DIAL_RELAY_ONLY: 'The peer can be reached over a relay only.',
  NETWORK_DIAL_OTHER_NETWORK: 'The peer answered, and does not speak for this network.',
  NETWORK_DIAL_DECLINED: 'The peer answered, and did not open its topics.',
  NETWORK_DIAL_CANCELLED: 'The call was given up.',
  NETWORK_DIAL_FAILED: 'The peer could not be reached.',
}

export function dialError(code: DialErrorCode, cause?: unknown, data: Record<string, unknown> = {}): DialError {
  return new DialError(code, MESSAGES[code], { data, cause })
}

const BY_SYSTEM_CODE: Readonly<Record<string, DialErrorCode>> = {
  ECONNREFUSED: 'NETWORK_DIAL_REFUSED',
  EHOSTUNREACH: 'NETWORK_DIAL_UNREACHABLE',
  ENETUNREACH: 'NETWORK_DIAL_UNREACHABLE',
  EHOSTDOWN: 'NETWORK_DIAL_UNREACHABLE',
  ENETDOWN: 'NETWORK_DIAL_UNREACHABLE',
  EADDRNOTAVAIL: 'NETWORK_DIAL_UNREACHABLE',
  EACCES: 'NETWORK_DIAL_UNREACHABLE',
  EPERM: 'NETWORK_DIAL_UNREACHABLE',
  ENOTFOUND: 'NETWORK_DIAL_NAME',
  EAI_AGAIN: 'NETWORK_DIAL_NAME',
  ETIMEDOUT: 'NETWORK_DIAL_TIMEOUT',
  ECONNRESET: 'NETWORK_DIAL_HUNG_UP',
  EPIPE: 'NETWORK_DIAL_HUNG_UP',
}

const BY_NAME: Readonly<Record<string, DialErrorCode>> = {
  NoValidAddressesError: 'NETWORK_DIAL_NO_WAY',
  DialDeniedError: 'NETWORK_DIAL_BANNED',
  DNSQueryFailedError: 'NETWORK_DIAL_NAME',
  TimeoutError: 'NETWORK_DIAL_TIMEOUT',
  // Nobody but the clock ends the dial of one address; a person's giving up is told apart before.
  AbortError: 'NETWORK_DIAL_TIMEOUT',
  ConnectionFailedError: 'NETWORK_DIAL_TIMEOUT',
  EncryptionFailedError: 'NETWORK_DIAL_HUNG_UP',
  MuxerUnavailableError: 'NETWORK_DIAL_HUNG_UP',
  InvalidPeerIdError: 'NETWORK_DIAL_SELF',
}

/** What came nearest to a peer says most, where several addresses were tried. */
const TELLING: readonly DialErrorCode[] = [
  'NETWORK_DIAL_OTHER_PEER',
  'NETWORK_DIAL_HUNG_UP',
  'NETWORK_DIAL_SILENT',
  'NETWORK_DIAL_REFUSED',
  'NETWORK_DIAL_TIMEOUT',
  'NETWORK_DIAL_NO_WEBSOCKET',
  'NETWORK_DIAL_UNREACHABLE',
  'NETWORK_DIAL_NAME',
]

/** Any failure of libp2p's dial. `stage` is the last thing that the dial told of its progress. */
export function whyNotReached(error: unknown, stage: string): DialError {
  if (error instanceof DialError) return error
  if (error instanceof AggregateError && error.name === 'AggregateError') {
    const each = error.errors.map((one) => whyNotReached(one, stage))
    return TELLING.map((code) => each.find((one) => one.code === code)).find((one) => one !== undefined) ?? each[0] ?? dialError('NETWORK_DIAL_FAILED', error)
  }
  const message = errorMessage(error)
  // Noise: the key that it saw, then the key that the address promised. libp2p keeps no more than the text of it.
  const found = /identity key (\w+) does not match/.exec(message)?.[1]
  if (found !== undefined) return dialError('NETWORK_DIAL_OTHER_PEER', error, { found })
  const { code = '', name = '' } = error as { readonly code?: string; readonly name?: string }
  const known = BY_SYSTEM_CODE[code] ?? BY_NAME[name]
  const isTimeout = known === 'NETWORK_DIAL_TIMEOUT' || /aborted due to timeout|was aborted/.test(message)
  if (isTimeout) return dialError(stage.startsWith('upgrader:') ? 'NETWORK_DIAL_SILENT' : 'NETWORK_DIAL_TIMEOUT', error)
  if (known !== undefined) return dialError(known, error)
  return dialError(stage.startsWith('websockets:') ? 'NETWORK_DIAL_NO_WEBSOCKET' : 'NETWORK_DIAL_FAILED', error)
}

/** Why the gate did not open on a connection that is there; undefined where it did. */
export function whyNotOpen(outcome: GateOutcome): DialError | undefined {
  switch (outcome) {
    case 'open':
      return undefined
    case 'unsupported':
    case 'mismatch':
      return dialError('NETWORK_DIAL_OTHER_NETWORK')
    case 'silent':
      return dialError('NETWORK_DIAL_SILENT')
    case 'ended':
      return dialError('NETWORK_DIAL_DECLINED')
    case 'no-slot':
    case 'no-topics':
      return dialError('NETWORK_DIAL_FAILED', new Error(outcome))
  }
}
