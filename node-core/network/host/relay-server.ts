/**
 * Relaying for peers who cannot reach each other (libp2p spec, circuit relay v2): what this node gives, and what is used of it.
 *
 * A peer reserves a place; whoever wants it connects through here. The budget of a connection is that of the peer with the place: enough for strangers to
 * agree on a direct connection, and enough to work with for a peer that the operator trusts, which is a reserved one: the relay cannot read what it
 * passes on, so what trust costs is bandwidth. Whether a peer is trusted is asked whenever it reserves, which it does again within the hour.
 */
import { circuitRelayServer, type CircuitRelayServerInit } from '@libp2p/circuit-relay-v2'
import type { PeerId } from '@libp2p/interface'
import type { RelayBudget, RelayState } from '../types.ts'

const RESERVATIONS = 32
const RESERVATION_MS = 60 * 60_000
export const RELAY_STREAMS = 64
/** To how many, for how long, and how much. */
export const RELAY_BUDGET: RelayBudget = { connectionMs: 2 * 60_000, connectionBytes: 128 * 1024 }
export const TRUSTED_RELAY_BUDGET: RelayBudget = { connectionMs: 2 * 60 * 60_000, connectionBytes: 64 * 1024 * 1024 }

type Limit = NonNullable<NonNullable<CircuitRelayServerInit['reservations']>['defaultDataLimit']>

/** As much of the published relay as is used here besides its interface: it takes the limit of a place, and nobody hands it one. */
interface ReservationStore {
  reserve(peer: PeerId, address: unknown, limit?: { readonly data: Limit; readonly duration: number }): unknown
}

/** The service of a relay, as far as it is looked at. */
export interface RelayService {
  readonly reservations: { [Symbol.iterator](): IterableIterator<[PeerId, { readonly expiry: Date }]> }
}

export function relayServer(isTrusted: (peer: string) => boolean): ReturnType<typeof circuitRelayServer> {
  const make = circuitRelayServer({
    maxInboundHopStreams: RELAY_STREAMS,
    maxOutboundStopStreams: RELAY_STREAMS,
    reservations: { maxReservations: RESERVATIONS, reservationTtl: RESERVATION_MS, defaultDurationLimit: RELAY_BUDGET.connectionMs, defaultDataLimit: BigInt(RELAY_BUDGET.connectionBytes) },
  })
  return (components) => {
    const server = make(components)
    const { reservationStore: store } = server as unknown as { readonly reservationStore?: ReservationStore }
    if (store === undefined) throw new TypeError('a relay has not the parts by which it is used')
    const reserve = store.reserve.bind(store)
    store.reserve = (peer, address) => reserve(peer, address, isTrusted(peer.toString()) ? { data: BigInt(TRUSTED_RELAY_BUDGET.connectionBytes), duration: TRUSTED_RELAY_BUDGET.connectionMs } : undefined)
    return server
  }
}

/** Undefined where this node is no relay. `relayedBytes`: what went through, both ways. */
export function relayState(relay: RelayService | undefined, isTrusted: (peer: string) => boolean, relayedBytes: number): RelayState | undefined {
  if (relay === undefined) return undefined
  const reservations = [...relay.reservations].map(([id, { expiry }]) => ({ peer: id.toString(), trusted: isTrusted(id.toString()), until: expiry.getTime() }))
  return { reservations, maxReservations: RESERVATIONS, budget: RELAY_BUDGET, trustedBudget: TRUSTED_RELAY_BUDGET, relayedBytes }
}
