/** The node's peers, and what a person may do to them: `peers.*`. */
import { z } from 'zod'
import { PeerChanges, peerEntry, peersOf, type PeerEntry, type PeersBatch } from './peer-changes.ts'
import { countries, loadCountries, placeOf } from './places.ts'
import { changes, requireRunning, runningNode, sample } from '../running.ts'
import { networkId, procedure, router } from '../trpc.ts'
import { isNodeError, NodeError } from '../../base/errors.ts'
import { DialError, type DialErrorCode } from '../../network/host/dial.ts'
import type { Ban } from '../../network/peers/reputation.ts'
import type { TopologyView } from '../../network/topology/fixed-topology.ts'
import type { PeerDetails } from '../../network/types.ts'
import type { NodeView } from '../../manager/kinds/kind.ts'

export interface MembersBatch {
  readonly topology: TopologyView | undefined
}

export type PeersErrorCode = 'API_PEER_UNKNOWN'

/** What came of a call: topics are open with the peer, or were before; or why not. */
export type CallOutcome =
  | { readonly kind: 'connected' | 'already' }
  | {
      readonly kind: 'failed'
      readonly code: DialErrorCode
      /** Who answered, for NETWORK_DIAL_OTHER_PEER. */
      readonly found: string | undefined
      /** Whether the place is reserved: then the peer is called again. */
      readonly reserved: boolean
    }

/** The base58 of a public key, or of its hash. */
const peerId = z.string().regex(/^[1-9A-HJ-NP-Za-km-z]{40,64}$/, 'not a peer id')
const networkInput = z.strictObject({ network: networkId })
const peerInput = z.strictObject({ network: networkId, peer: peerId })
const addressInput = z.strictObject({ network: networkId, address: z.string().trim().min(1, 'the address is empty').max(512, 'the address is too long') })
const MINUTES_OF_A_YEAR = 365 * 24 * 60

function connectedPeer(node: NodeView, peerId: string): PeerDetails {
  const peer = node.network.peerDetails().find((candidate) => candidate.peerId === peerId)
  if (peer === undefined) throw new NodeError<PeersErrorCode>('API_PEER_UNKNOWN', 'This peer is no longer connected.')
  return peer
}

async function callOutcome(node: NodeView, address: string, signal: AbortSignal | undefined): Promise<CallOutcome> {
  try {
    return { kind: await node.peerActions.call(address, signal) }
  } catch (error) {
    if (error instanceof DialError) {
      const { found } = error.data
      const reserved = node.network.reservedPeers().some((peer) => address.endsWith(peer))
      return { kind: 'failed', code: error.code, found: typeof found === 'string' ? found : undefined, reserved }
    }
    if (!isNodeError(error) || error.code !== 'NETWORK_ADDRESS_INVALID') throw error
    // The service speaks of flags; here it was typed into a field.
    throw new NodeError(error.code, error.message, { hint: 'An address looks like /ip4/192.0.2.1/tcp/30333/p2p/12D3Koo…', cause: error })
  }
}

export const peersRouter = router({
  list: procedure.input(networkInput).query(async ({ ctx, input }): Promise<readonly PeerEntry[]> => {
    const node = runningNode(ctx, input.network)
    if (node === undefined) return []
    await loadCountries()
    const reserved = new Set(node.network.reservedPeers())
    return peersOf(node).map((peer) =>
      peerEntry(peer, { reserved: reserved.has(peer.peerId), place: placeOf(peer.address, countries()), perSecond: { bytesIn: 0, bytesOut: 0 } }),
    )
  }),

  /** Once a second: whatever changed of whom. Many new peers come in several batches, shortly after each other. */
  watch: procedure.input(networkInput).subscription(({ ctx, input, signal }) => {
    const changes = new PeerChanges(ctx.clock)
    let node = runningNode(ctx, input.network)
    let reset = true
    return sample<PeersBatch>(ctx, signal, (again) => {
      // Countries come a little later than the first peers, as a change of them.
      void loadCountries()
      const present = runningNode(ctx, input.network)
      if (present !== node) {
        changes.reset()
        reset = true
      }
      node = present
      const { batch, isEmpty, more } = changes.take(node)
      if (more) again()
      if (isEmpty && !reset) return undefined
      const said = { reset, ...batch }
      reset = false
      return said
    })
  }),

  /** The network's members and how they are, where a file says who they are; undefined where none does. Looked at once a second. */
  members: procedure.input(networkInput).subscription(({ ctx, input, signal }) => {
    const changed = changes<MembersBatch>()
    return sample<MembersBatch>(ctx, signal, () => changed({ topology: runningNode(ctx, input.network)?.network.topology() }))
  }),

  /** Those who may not come back yet. */
  bans: procedure.input(networkInput).query(({ ctx, input }): readonly Ban[] => runningNode(ctx, input.network)?.network.bans() ?? []),

  ban: procedure
    .input(peerInput.extend({ minutes: z.int('the time must be whole minutes').min(1, 'a ban lasts a minute at least').max(MINUTES_OF_A_YEAR, 'a ban lasts a year at the longest') }))
    .mutation(({ ctx, input }) => requireRunning(ctx, input.network).peerActions.ban(input.peer, input.minutes * 60_000)),

  pardon: procedure.input(peerInput).mutation(({ ctx, input }) => requireRunning(ctx, input.network).peerActions.pardon(input.peer)),

  disconnect: procedure.input(peerInput).mutation(({ ctx, input }) => {
    const node = requireRunning(ctx, input.network)
    node.peerActions.disconnect(connectedPeer(node, input.peer).peerId, 'disconnected by hand')
  }),

  /** The newest ban of a peer, in force or over, while it is remembered. */
  lastBan: procedure
    .input(peerInput)
    .query(({ ctx, input }): Ban | null => runningNode(ctx, input.network)?.network.lastBan(input.peer) ?? null),

  /** Keeps a slot for a connected peer. Where one came from is no address to reach it at: then it is looked for by its id. */
  reserve: procedure.input(peerInput).mutation(({ ctx, input }) => {
    const node = requireRunning(ctx, input.network)
    const { peerId, address, direction } = connectedPeer(node, input.peer)
    const suffix = `/p2p/${peerId}`
    node.peerActions.addReserved(direction === 'inbound' ? suffix : address.endsWith(suffix) ? address : `${address}${suffix}`)
  }),

  /** Calls the peer at an address, keeps a slot for it, and says once what came of it. To end the subscription is to give the call up. */
  connect: procedure.input(addressInput).subscription(async function* ({ ctx, input, signal }): AsyncGenerator<CallOutcome, void, undefined> {
    const node = requireRunning(ctx, input.network)
    yield await callOutcome(node, input.address, signal)
  }),

  removeReserved: procedure.input(peerInput).mutation(({ ctx, input }) => requireRunning(ctx, input.network).peerActions.removeReserved(input.peer)),
})
