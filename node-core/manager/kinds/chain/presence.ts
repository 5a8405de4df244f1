/** Who of a network's members is online, before this computer has a node in it: what a person sees who opens an invitation. */
import type { Hash } from '../../../base/bytes.ts'
import { chainNamespace } from '../../../chain/protocols/names.ts'

/** What a network file says of itself. */
export interface PresenceQuestion {
  readonly genesisHash: Hash
  readonly forkId?: string | undefined
  /** Multiaddresses with peer ids. */
  readonly addresses: readonly string[]
  /** Of the members' nodes. */
  readonly peerIds: readonly string[]
}

/** Whoever is not told of could not be reached, which says nothing of whether it runs. */
export type OnFound = (peerId: string) => void

/** Tells of each peer that answers, and resolves when nobody more is asked: within five seconds, or as soon as the signal aborts. Never rejects for a peer. */
export async function whoIsOnline({ genesisHash, forkId, addresses, peerIds }: PresenceQuestion, signal: AbortSignal, onFound: OnFound): Promise<void> {
  // libp2p is read when it is needed, not before the window stands.
  const { probe } = await import('../../../network/host/probe.ts')
  await probe({ namespace: chainNamespace(genesisHash, { forkId }), addresses, peers: peerIds }, { signal, onFound })
}
