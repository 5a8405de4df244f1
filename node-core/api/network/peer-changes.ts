/**
 * What changed of whom since the last look: peers as the dashboard gets them, batch by batch.
 *
 * With thousands of peers something of each changes every second. So a batch is bounded: first those who are new, then
 * those whose news have waited longest; the rest comes with the next batch, as it is by then.
 */
import { countries, placeOf, type CountryTable, type Place } from './places.ts'
import type { Clock } from '../../base/clock.ts'
import type { ChainPeerStatus } from '../../manager/kinds/chain/types.ts'
import type { NodeView } from '../../manager/kinds/kind.ts'
import { isOfKind } from '../../manager/kinds/table.ts'
import type { Ban } from '../../network/peers/reputation.ts'
import type { Bandwidth, PeerDetails } from '../../network/types.ts'

export interface PeerEntry extends Omit<PeerDetails, 'status'> {
  /** What a peer of a chain said of itself; undefined while no topics are open with it, and for other kinds of node. */
  readonly roles: ChainPeerStatus['roles'] | undefined
  readonly best: ChainPeerStatus['best'] | undefined
  /** A person gave it a slot for good. */
  readonly reserved: boolean
  readonly place: Place | undefined
  /** Bytes per second, over the last few seconds. */
  readonly perSecond: Bandwidth
}

export interface PeersBatch {
  /** Forget the peers of before: the first batch, or another node. */
  readonly reset: boolean
  /** New ones, and those of whom anything changed. */
  readonly changed: readonly PeerEntry[]
  /** Peer ids of those who left. */
  readonly left: readonly string[]
  /** Bans in force, where they changed. */
  readonly bans?: readonly Ban[]
  /** Ids of reserved peers, connected or not, where they changed. */
  readonly reserved?: readonly string[]
}

/** Entries of one batch; a thousand are about half a megabyte. */
export const MAX_CHANGED = 1000

const SILENT: Bandwidth = { bytesIn: 0, bytesOut: 0 }
/** Bytes are counted this often, and rates go over so many counts. */
const COUNT_EVERY_MS = 900
const COUNTS = 6

interface Known {
  place: Place | undefined
  placed: CountryTable | undefined
  /** Instant, bytes in and bytes out of each count, oldest first. */
  counts: number[]
  perSecond: Bandwidth
  sent: PeerEntry | undefined
  sentAt: number | undefined
}

export class PeerChanges {
  readonly #clock: Clock
  #known = new Map<string, Known>()
  #batch = 0
  #bans = ''
  #reserved = ''

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Forgets whom it knows: the next batch tells everything. */
  reset(): void {
    this.#known = new Map()
    this.#bans = ''
    this.#reserved = ''
  }

  /** The next batch, and whether new peers had to wait for another one. */
  take(node: Pick<NodeView, 'kind' | 'network'> | undefined): { readonly batch: Omit<PeersBatch, 'reset'>; readonly isEmpty: boolean; readonly more: boolean } {
    this.#batch++
    const bans = node?.network.bans() ?? []
    const reserved = node?.network.reservedPeers() ?? []
    const news = { ...this.#ifChanged('bans', bans), ...this.#ifChanged('reserved', reserved) }
    const entries = this.#look(node === undefined ? [] : peersOf(node), new Set(reserved))
    const left = this.#drop(entries)
    const waiting = entries.filter((entry) => this.#isNews(entry))
    const fresh = waiting.filter((entry) => this.#sentAt(entry) === undefined)
    const changed = waiting.length <= MAX_CHANGED ? waiting : waiting.sort((a, b) => (this.#sentAt(a) ?? 0) - (this.#sentAt(b) ?? 0)).slice(0, MAX_CHANGED)
    for (const entry of changed) {
      const known = this.#known.get(entry.peerId)
      if (known !== undefined) Object.assign(known, { sent: entry, sentAt: this.#batch })
    }
    return {
      batch: { changed, left, ...news },
      isEmpty: changed.length === 0 && left.length === 0 && Object.keys(news).length === 0,
      more: fresh.length > MAX_CHANGED,
    }
  }

  #look(details: readonly PeerDetails<ChainPeerStatus>[], reserved: ReadonlySet<string>): PeerEntry[] {
    const now = this.#clock.now()
    const table = countries()
    return details.map((peer) => {
      let known = this.#known.get(peer.peerId)
      if (known === undefined || known.sent?.address !== peer.address || known.placed !== table) {
        const place = placeOf(peer.address, table)
        known = { counts: [], perSecond: SILENT, sent: undefined, sentAt: undefined, ...known, place, placed: table }
        this.#known.set(peer.peerId, known)
      }
      count(known, peer, now)
      return peerEntry(peer, { reserved: reserved.has(peer.peerId), place: known.place, perSecond: known.perSecond })
    })
  }

  /** Forgets who is not among the entries; returns those whom the client knew. */
  #drop(entries: readonly PeerEntry[]): string[] {
    if (entries.length === this.#known.size) return []
    const present = new Set(entries.map(({ peerId }) => peerId))
    const gone = [...this.#known].filter(([peerId]) => !present.has(peerId))
    for (const [peerId] of gone) this.#known.delete(peerId)
    return gone.filter(([, { sent }]) => sent !== undefined).map(([peerId]) => peerId)
  }

  #isNews(entry: PeerEntry): boolean {
    const sent = this.#known.get(entry.peerId)?.sent
    return sent === undefined || !isSame(sent, entry)
  }

  /** The number of the batch that told of the peer last. */
  #sentAt({ peerId }: PeerEntry): number | undefined {
    return this.#known.get(peerId)?.sentAt
  }

  #ifChanged<Name extends 'bans' | 'reserved', T>(name: Name, value: T): Partial<Record<Name, T>> {
    const text = JSON.stringify(value)
    const before = name === 'bans' ? this.#bans : this.#reserved
    if (text === before) return {}
    if (name === 'bans') this.#bans = text
    else this.#reserved = text
    return { [name]: value } as Record<Name, T>
  }
}

/** With what a chain knows of its peers; the status that another kind of node keeps is its own matter. */
export function peersOf(node: Pick<NodeView, 'kind' | 'network'>): readonly PeerDetails<ChainPeerStatus>[] {
  return isOfKind(node, 'chain') ? node.network.peerDetails() : node.network.peerDetails().map((peer) => ({ ...peer, status: undefined }))
}

export function peerEntry(
  { status, ...details }: PeerDetails<ChainPeerStatus>, more: Pick<PeerEntry, 'reserved' | 'place' | 'perSecond'>,
): PeerEntry {
  return { ...details, roles: status?.roles, best: status?.best, ...more }
}

/** Adds a count and makes the rates of it. A counter that fell is another connection's: it begins anew. */
function count(known: Known, { bytesIn, bytesOut }: PeerDetails, now: number): void {
  const { counts } = known
  const [lastAt, lastIn = 0, lastOut = 0] = counts.slice(-3)
  if (lastAt !== undefined && now - lastAt < COUNT_EVERY_MS) return
  if (bytesIn < lastIn || bytesOut < lastOut) counts.length = 0
  counts.push(now, bytesIn, bytesOut)
  if (counts.length > 3 * COUNTS) counts.splice(0, 3)
  const [at = now, firstIn = bytesIn, firstOut = bytesOut] = counts
  if (now === at) return
  const perSecond = { bytesIn: Math.round(((bytesIn - firstIn) * 1000) / (now - at)), bytesOut: Math.round(((bytesOut - firstOut) * 1000) / (now - at)) }
  known.perSecond = perSecond.bytesIn === 0 && perSecond.bytesOut === 0 ? SILENT : perSecond
}

/** Cheaper than comparing their JSON: this is asked of every peer every second. */
function isSame(a: PeerEntry, b: PeerEntry): boolean {
  return (
    a.bytesIn === b.bytesIn &&
    a.bytesOut === b.bytesOut &&
    a.perSecond.bytesIn === b.perSecond.bytesIn &&
    a.perSecond.bytesOut === b.perSecond.bytesOut &&
    a.best?.hash === b.best?.hash &&
    a.best?.number === b.best?.number &&
    a.latencyMs === b.latencyMs &&
    a.reputation === b.reputation &&
    a.streams === b.streams &&
    a.address === b.address &&
    a.direction === b.direction &&
    a.slot === b.slot &&
    a.agent === b.agent &&
    a.roles === b.roles &&
    a.reserved === b.reserved &&
    a.place === b.place &&
    a.connectedSince === b.connectedSince &&
    a.topics.length === b.topics.length &&
    a.topics.every((topic, i) => topic === b.topics[i])
  )
}
