/** What gap sync is told, what it asks for, and what others may know of it. */
import type { Hash } from '../../../base/bytes.ts'
import type { PeerFault } from '../../../network/contracts.ts'
import type { BlockRef, Extrinsic, Justification } from '../../scale/block.ts'
import type { Header } from '../../scale/header.ts'
import type { BlockRequest, FetchedBlock } from '../types.ts'

/** The chain that is here, with what is missing below. */
export interface GapBlocks {
  /** Heights of missing finalized blocks, both included. */
  gap(): { readonly from: number; readonly to: number } | undefined
  finalized(): BlockRef
  hashByNumber(number: number): Hash | undefined
  header(hash: Hash): Header | undefined
}

export interface GapOptions {
  /** Of so many of the newest finalized blocks the bodies are kept; undefined: of all. */
  readonly keep: number | undefined
  /** Blocks per request. */
  readonly batch: number
  readonly timeoutMs: number
  /** What is fetched at the most. */
  readonly blocksPerSecond: number
  readonly bytesPerSecond: number
  /** Of justifications, beside: some ten signatures to each kilobyte, all of which are checked. */
  readonly proofBytesPerSecond: number
}

export const DEFAULT_GAP_OPTIONS: Omit<GapOptions, 'keep'> = {
  batch: 64,
  timeoutMs: 20_000,
  blocksPerSecond: 500,
  bytesPerSecond: 4 * 1024 * 1024,
  proofBytesPerSecond: 256 * 1024,
}

export interface FilledBlock {
  readonly hash: Hash
  readonly header: Header
  readonly body: readonly Extrinsic[]
  readonly justifications: readonly Justification[]
}

/** Where the blocks go. */
export interface GapFiller {
  /** `blocks` run downwards. Nothing is stored unless all of it is, except justifications that are not known to be right. */
  fill(blocks: readonly FilledBlock[]): Promise<Exclude<GapResult, { kind: 'failed' }>>
}

export type GapResult =
  | { readonly kind: 'filled' }
  /** A body is not the one that its header names. */
  | { readonly kind: 'wrong-body'; readonly block: BlockRef }
  /** The chain on which this node began has another genesis. */
  | { readonly kind: 'foreign'; readonly message: string }
  /** Not the blocks' fault. */
  | { readonly kind: 'failed' }

/** What is to be done, in this order. */
export type GapAction =
  | { readonly kind: 'request'; readonly id: number; readonly peer: string; readonly request: BlockRequest }
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'fill'; readonly blocks: readonly FetchedBlock[] }
  | { readonly kind: 'report'; readonly peer: string; readonly fault: PeerFault }
