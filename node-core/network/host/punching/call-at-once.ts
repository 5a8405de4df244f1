/**
 * Calls to all addresses at which a peer may be seen, at the same time, from one local port; the first that leads to the peer counts.
 *
 * Both ends do this at once. Where the packets cross, TCP makes one connection of the two calls (RFC 9293, 3.5), and both ends believe that they made it: so
 * one of them has to be told that it is the one who answers. Where a router refuses the packet that came too early instead of dropping it, the
 * call is made again until the time is over.
 */
import type { AbortOptions, Connection } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Clock } from '../../../base/clock.ts'
import { withPeerId } from '../../peers/address.ts'

const AGAIN_MS = 200

export interface Caller {
  dial(address: Multiaddr, options: AbortOptions): Promise<Connection>
}

export interface CallOptions {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Undefined: any. */
  readonly localPort?: number
  /** False for the end that answers although it calls. */
  readonly initiator: boolean
}

/** Rejects with an AggregateError, or with the signal's reason. */
export async function callAtOnce(caller: Caller, peer: string, addresses: readonly Multiaddr[], { clock, signal, localPort, initiator }: CallOptions): Promise<Connection> {
  const over = new AbortController()
  try {
    return await Promise.any(addresses.map((address) => call(caller, withPeerId(address, peer), { clock, initiator, localPort, signal: AbortSignal.any([signal, over.signal]) })))
  } catch (error) {
    signal.throwIfAborted()
    throw error
  } finally {
    // Who answers lets go of nothing: which of several connections counts, the other end decides.
    if (initiator) over.abort(new Error('another call was answered'))
  }
}

async function call(caller: Caller, address: Multiaddr, { clock, initiator, localPort, signal }: Omit<CallOptions, 'localPort'> & { readonly localPort: number | undefined }): Promise<Connection> {
  // A socket ends with the signal that it was opened with, even when it is a connection long since.
  const own = new AbortController()
  const giveUp = (): void => own.abort(signal.reason)
  signal.addEventListener('abort', giveUp)
  try {
    for (;;) {
      signal.throwIfAborted()
      try {
        return await caller.dial(address, { signal: own.signal, initiator, ...(localPort === undefined ? {} : { localPort }) } as AbortOptions)
      } catch (error) {
        if (!isRefusal(error)) throw error
        await new Promise<void>((resolve) => clock.schedule(AGAIN_MS, resolve))
      }
    }
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}

function isRefusal(error: unknown): boolean {
  const { code } = error as { readonly code?: string }
  return code === 'ECONNREFUSED' || code === 'EHOSTUNREACH'
}
