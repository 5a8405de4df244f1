/** What the other services know of the network. */
import type { BlockRef } from '../state/types.ts'

export interface PeerInfo {
  readonly peerId: string
  readonly roles: 'FULL' | 'LIGHT' | 'AUTHORITY'
  readonly best: BlockRef
}

export interface NetworkReader {
  /** Our own peer id, base58. */
  readonly localPeerId: string
  peers(): readonly PeerInfo[]
  /** Multiaddresses at which we listen. */
  listenAddresses(): readonly string[]
  isMajorSyncing(): boolean
}
