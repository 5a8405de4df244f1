/** What goes into the plan of a fetch and comes out of it. */
import type { PeerFault } from '../../../network/contracts.ts'
import type { Question } from '../wire.ts'
import type { FetchPeerState } from './fetch-peer.ts'

/** Bytes of the file from `from` up to and without `to`. */
export interface ByteRange {
  readonly from: number
  readonly to: number
}

export interface PlanTimes {
  /** A peer that owes something and sends nothing for so long is passed over. */
  readonly silenceMs: number
  /** How long to wait for somebody who has what is missing. */
  readonly patienceMs: number
}

export interface PlanOptions {
  /** 32 bytes. */
  readonly root: Uint8Array
  /** Of the whole file in bytes, where it is known. */
  readonly length?: number | undefined
  /** The part that is wanted; the whole where nothing is said. */
  readonly range?: ByteRange | undefined
  readonly times?: Partial<PlanTimes> | undefined
}

export type PlanAction =
  | { readonly kind: 'send'; readonly peer: string; readonly question: Question }
  /** Its stream is to be closed. With `fault`, it is to be told on. */
  | { readonly kind: 'leave'; readonly peer: string; readonly reason: string; readonly fault?: PeerFault }

/** What the root proves, directly or over a leaf hash. */
export type Verified =
  | { readonly kind: 'hashes'; readonly group: number; readonly hashes: Uint8Array; readonly uncles: Uint8Array }
  /** Whole leaves in one row. */
  | { readonly kind: 'data'; readonly index: number; readonly bytes: Uint8Array }

export interface FetchProgress {
  /** Of the whole file in bytes; undefined until it is proven. */
  readonly length: number | undefined
  /** Of whole leaves, so a part may count a little more than was asked for. */
  readonly wantedBytes: number | undefined
  /** Verified and written. */
  readonly hadBytes: number
  /** Came and was not needed any more. */
  readonly wastedBytes: number
  readonly bytesPerSecond: number
  readonly secondsLeft: number | undefined
  readonly peers: readonly { readonly peer: string; readonly state: FetchPeerState; readonly bytes: number; readonly bytesPerSecond: number; readonly hasAll: boolean }[]
  /** Peers that are no longer asked, and what they gave. */
  readonly left: readonly { readonly peer: string; readonly bytes: number }[]
}
