/** How far a fetch is, for whoever watches it. */
import { LEAF_BYTES } from '../tree.ts'
import type { Board } from './board.ts'
import type { FetchPeer } from './fetch-peer.ts'
import type { SpeedMeter } from '../speed.ts'
import type { FetchProgress } from './types.ts'

/** `gone`: what peers gave on streams that have ended. */
export function progressOf(
  { peers, gone, board, speed }: { readonly peers: ReadonlyMap<string, FetchPeer>; readonly gone: ReadonlyMap<string, number>; readonly board: Board | undefined; readonly speed: SpeedMeter },
  leaves: { readonly wanted: number; readonly written: number; readonly wasted: number },
  now: number,
): FetchProgress {
  const bytesPerSecond = speed.perSecond(now)
  const wantedBytes = board === undefined ? undefined : Math.min(leaves.wanted * LEAF_BYTES, board.length)
  const hadBytes = Math.min(leaves.written * LEAF_BYTES, wantedBytes ?? 0)
  return {
    length: board?.length,
    wantedBytes,
    hadBytes,
    wastedBytes: leaves.wasted,
    bytesPerSecond,
    secondsLeft: wantedBytes === undefined || bytesPerSecond < 1 ? undefined : (wantedBytes - hadBytes) / bytesPerSecond,
    peers: [...peers.values()].map((peer) => ({
      peer: peer.id,
      state: peer.state,
      bytes: peer.gave + (gone.get(peer.id) ?? 0),
      bytesPerSecond: peer.speed.perSecond(now),
      hasAll: peer.has === 'all',
    })),
    left: [...gone].filter(([id]) => !peers.has(id)).map(([peer, bytes]) => ({ peer, bytes })),
  }
}
