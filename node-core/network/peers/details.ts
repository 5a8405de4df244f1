/** Everything that is known of one connected peer, put together from the parts that know it. */
import type { PeerDetails } from '../types.ts'
import type { PeerRecord } from './registry.ts'

export interface PeerFacts {
  /** Open streams over all of the peer's connections. */
  readonly streams: number
  readonly reputation: number
  readonly topics: readonly string[]
}

export function peerDetails<Status>({ ip: _, ...rest }: PeerRecord<Status>, facts: PeerFacts): PeerDetails<Status> {
  return { ...rest, ...facts }
}
