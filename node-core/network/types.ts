/** What the other services know of the network. */
import type { BlockRef } from '../state/types.ts'

export type PeerRoles = 'FULL' | 'LIGHT' | 'AUTHORITY'

export interface PeerInfo {
  readonly peerId: string
  readonly roles: PeerRoles
  readonly best: BlockRef
}

export interface NetworkReader {
  /** Our own peer id, base58. */
  readonly localPeerId: string
  /** Peers with whom topics are open. */
  peers(): readonly PeerInfo[]
  /** Multiaddresses at which we listen. */
  listenAddresses(): readonly string[]
  isMajorSyncing(): boolean
}

/** Everything that is known of one connected peer, for people and metrics. */
export interface PeerDetails {
  readonly peerId: string
  /** Multiaddress of its end of the connection. */
  readonly address: string
  readonly direction: 'inbound' | 'outbound'
  /** What its topics are open by; undefined for a bare connection. */
  readonly slot: 'inbound' | 'outbound' | 'reserved' | undefined
  readonly agent: string | undefined
  readonly roles: PeerRoles | undefined
  readonly best: BlockRef | undefined
  /** Round trip in milliseconds, as last measured. */
  readonly latencyMs: number | undefined
  /** Of topics and requests. */
  readonly bytesIn: number
  readonly bytesOut: number
  readonly streams: number
  /** -1000 to 1000. */
  readonly reputation: number
  /** Milliseconds since the Unix epoch. */
  readonly connectedSince: number
  readonly topics: readonly string[]
}
