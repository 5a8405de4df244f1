/** The node's peers, and what a person may do to them: `peers.*`. */
import { z } from 'zod'
import { requireRunning, runningNode, sample } from './running.ts'
import { networkId, procedure, router } from './trpc.ts'
import { isNodeError, NodeError } from '../base/errors.ts'
import type { Ban } from '../network/peers/reputation.ts'
import type { PeerDetails } from '../network/types.ts'

export type PeersErrorCode = 'API_PEER_UNKNOWN'

export interface PeerEntry extends PeerDetails {
  /** A person gave it a slot for good. */
  readonly reserved: boolean
}

export interface PeersBatch {
  /** Forget the peers of before: the first batch, or another node. */
  readonly reset: boolean
  /** New ones, and those of whom anything changed. */
  readonly changed: readonly PeerEntry[]
  /** Peer ids of those who left. */
  readonly left: readonly string[]
}

/** The base58 of a public key, or of its hash. */
const peerId = z.string().regex(/^[1-9A-HJ-NP-Za-km-z]{40,64}$/, 'not a peer id')
const networkInput = z.strictObject({ network: networkId })
const peerInput = z.strictObject({ network: networkId, peer: peerId })
const MINUTES_OF_A_YEAR = 365 * 24 * 60

function entries(node: ReturnType<typeof runningNode>): readonly PeerEntry[] {
  if (node === undefined) return []
  const reserved = new Set(node.network.reservedPeers())
  return node.network.peerDetails().map((peer) => ({ ...peer, reserved: reserved.has(peer.peerId) }))
}

export const peersRouter = router({
  list: procedure.input(networkInput).query(({ ctx, input }) => entries(runningNode(ctx, input.network))),

  /** Once a second: whatever changed of whom. */
  watch: procedure.input(networkInput).subscription(({ ctx, input, signal }) => {
    let known = new Map<string, string>()
    let node = runningNode(ctx, input.network)
    let reset = true
    return sample<PeersBatch>(ctx, signal, () => {
      const present = runningNode(ctx, input.network)
      reset ||= present !== node
      node = present
      const before = reset ? new Map<string, string>() : known
      const all = entries(node).map((peer) => ({ peer, text: JSON.stringify(peer) }))
      known = new Map(all.map(({ peer, text }) => [peer.peerId, text]))
      const changed = all.filter(({ peer, text }) => before.get(peer.peerId) !== text).map(({ peer }) => peer)
      const left = [...before.keys()].filter((id) => !known.has(id))
      if (!reset && changed.length === 0 && left.length === 0) return undefined
      const batch = { reset, changed, left }
      reset = false
      return batch
    })
  }),

  /** Those who may not come back yet. */
  bans: procedure.input(networkInput).query(({ ctx, input }): readonly Ban[] => runningNode(ctx, input.network)?.network.bans() ?? []),

  ban: procedure
    .input(peerInput.extend({ minutes: z.int('the time must be whole minutes').min(1, 'a ban lasts a minute at least').max(MINUTES_OF_A_YEAR, 'a ban lasts a year at the longest') }))
    .mutation(({ ctx, input }) => requireRunning(ctx, input.network).peerActions.ban(input.peer, input.minutes * 60_000)),

  pardon: procedure.input(peerInput).mutation(({ ctx, input }) => requireRunning(ctx, input.network).peerActions.pardon(input.peer)),

  disconnect: procedure.input(peerInput).mutation(({ ctx, input }) => {
    const node = requireRunning(ctx, input.network)
    if (!node.network.peerDetails().some((peer) => peer.peerId === input.peer)) {
      throw new NodeError<PeersErrorCode>('API_PEER_UNKNOWN', 'This peer is not connected any more.')
    }
    node.peerActions.disconnect(input.peer, 'disconnected by hand')
  }),

  /** Connects to the peer and keeps a slot for it. */
  addReserved: procedure
    .input(z.strictObject({ network: networkId, address: z.string().trim().min(1, 'the address is empty').max(512, 'the address is too long') }))
    .mutation(({ ctx, input }) => {
      const node = requireRunning(ctx, input.network)
      try {
        node.peerActions.addReserved(input.address)
      } catch (error) {
        if (!isNodeError(error) || error.code !== 'NETWORK_ADDRESS_INVALID') throw error
        // The service speaks of flags; here it was typed into a field.
        throw new NodeError(error.code, error.message, { hint: 'An address looks like /ip4/192.0.2.1/tcp/30333/p2p/12D3Koo…', cause: error })
      }
    }),

  removeReserved: procedure.input(peerInput).mutation(({ ctx, input }) => requireRunning(ctx, input.network).peerActions.removeReserved(input.peer)),
})
