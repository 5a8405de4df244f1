/**
 * One dial: from a peer's id and addresses to a connection that bytes may take, with a limit of time. What libp2p throws on the way is turned
 * into a reason by dial.ts.
 */
import type { Connection } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import type { Clock } from '../../base/clock.ts'
import { dialError, dialTimeoutMs } from './dial.ts'
import type { Host } from './host.ts'
import { withPeerId } from '../peers/address.ts'

/** How long the two ends of a relayed connection may take to reach each other: two attempts of theirs (punching/hole-punching.ts), and a little more. */
const DIRECT_TIMEOUT_MS = 30_000

export interface Dial {
  readonly peerId: string
  /** None: those that the host knows, or finds. */
  readonly addresses: readonly string[]
  readonly signal: AbortSignal | undefined
  /** The last thing that the dial told of its progress. */
  readonly onStage: (stage: string) => void
}

/** A connection with the peer, perhaps a relayed one. */
export function dialPeer(host: Host, { peerId, addresses, signal, onStage }: Dial): Promise<Connection> {
  const targets = addresses.map((address) => withPeerId(multiaddr(address), peerId))
  const timeout = AbortSignal.timeout(dialTimeoutMs(targets.length))
  return host.dial(targets.length > 0 ? targets : peerIdFromString(peerId), {
    signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    onProgress: ({ type }) => onStage(type),
  })
}

/** The connection itself, or the direct one that takes the place of a relayed one. Rejects where none does. */
export async function directInstead(host: Host, connection: Connection, clock: Clock): Promise<Connection> {
  if (connection.limits === undefined) return connection
  const peer = connection.remotePeer
  const { promise, resolve, reject } = Promise.withResolvers<Connection>()
  const look = (): void => {
    const direct = host.getConnections(peer).find(({ limits, status }) => limits === undefined && status === 'open')
    if (direct !== undefined) resolve(direct)
  }
  const stopped = (): void => reject(new Error('this node stops'))
  const cancel = clock.schedule(DIRECT_TIMEOUT_MS, () => reject(dialError('NETWORK_DIAL_RELAY_ONLY')))
  host.addEventListener('connection:open', look)
  host.addEventListener('stop', stopped)
  try {
    look()
    return await promise
  } finally {
    cancel()
    host.removeEventListener('connection:open', look)
    host.removeEventListener('stop', stopped)
  }
}
