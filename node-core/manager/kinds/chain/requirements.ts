/**
 * What each network asks of a computer, of this node as the desktop sets it up: on public networks it begins with the state of a late block
 * (warp sync), and keeps the states and blocks from there on that its settings say.
 *
 * Where the figures come from:
 * - download: chain/spec/state-sizes.ts, where each says how it is known;
 * - disk: three times the download, and 1 GB: a state takes more on disk than on the way (hashes, an index), the newest 256 states
 *   differ, and the database needs room to rewrite itself;
 * - time: the download at between 8 and 0.8 MB/s, with one to five minutes to find peers and check the proofs;
 * - memory: what the process of this node takes with one network, with room for the database's cache.
 *
 * Whoever has every block executed (`--sync full`) needs weeks and, with all states kept, terabytes; nobody is led there.
 */
import { KNOWN_NETWORKS } from '../../../chain/spec/networks.ts'
import { STATE_SIZES } from '../../../chain/spec/state-sizes.ts'

export interface NetworkRequirements {
  /** Of `KNOWN_NETWORKS`. */
  readonly chain: string
  readonly name: string
  readonly kind: 'development' | 'private' | 'public'
  readonly diskBytes: number
  readonly memoryBytes: number
  /** To begin with; undefined where there is nothing to catch up. */
  readonly download: { readonly bytes: number; readonly minutes: readonly [quickest: number, slowest: number] } | undefined
  /** The figures are estimates and not measurements. */
  readonly estimated: boolean
}

const GB = 1e9
const MB = 1e6
const OWN = { diskBytes: 1 * GB, memoryBytes: 0.5 * GB, download: undefined, estimated: false } as const
const PUBLIC_MEMORY = 1.5 * GB
const DISK_FACTOR = 3
const SPARE_DISK = 1 * GB
/** Bytes per second. */
const SPEEDS = [8 * MB, 0.8 * MB] as const
const AROUND_MINUTES = [1, 5] as const

export function requirements(): readonly NetworkRequirements[] {
  return KNOWN_NETWORKS.flatMap(({ id: chain, displayName: name }): NetworkRequirements[] => {
    if (chain === 'dev') return [{ chain, name, kind: 'development', ...OWN }]
    if (chain === 'local') return [{ chain, name, kind: 'private', ...OWN }]
    const size = STATE_SIZES.find(({ network }) => network === chain)
    if (size === undefined) return []
    const minutes = [minutesFor(size.bytes, SPEEDS[0], AROUND_MINUTES[0]), minutesFor(size.bytes, SPEEDS[1], AROUND_MINUTES[1])] as const
    return [{ chain, name, kind: 'public', diskBytes: DISK_FACTOR * size.bytes + SPARE_DISK, memoryBytes: PUBLIC_MEMORY, download: { bytes: size.bytes, minutes }, estimated: true }]
  })
}

function minutesFor(bytes: number, bytesPerSecond: number, around: number): number {
  return Math.ceil(bytes / bytesPerSecond / 60) + around
}
