/** How far and how fast the syncer goes. */
export interface SyncOptions {
  /** How far the download may be ahead of the import. */
  readonly windowBlocks: number
  readonly windowBytes: number
  /** Blocks per request. */
  readonly batch: number
  /** Blocks that are handed to the importer at once. */
  readonly maxImporting: number
  /** Requests that one peer answers at once. */
  readonly perPeer: number
  readonly requestTimeoutMs: number
  /** The range that all wait for is asked for a second time after so long. */
  readonly secondAskMs: number
  readonly stallMs: number
}

export const DEFAULT_SYNC_OPTIONS: SyncOptions = {
  windowBlocks: 2048,
  windowBytes: 64 * 1024 * 1024,
  batch: 128,
  maxImporting: 128,
  perPeer: 2,
  requestTimeoutMs: 15_000,
  secondAskMs: 2000,
  stallMs: 30_000,
}

/** Closer than this, blocks are fetched one by one, backwards from the announced one. */
export const BULK_DISTANCE = 64
/** Further behind than this counts as major sync, as elsewhere in this family of networks. */
export const MAJOR_DISTANCE = 5
/** How long nothing is asked after blocks did not import for no fault of theirs. */
export const PAUSE_MS = 5000
/** How long the word of a peer does not count, by what it did. Who sends broken answers is asked again soon: a few more end in a ban. */
export const DISBELIEVE_MS = { empty: 60_000, broken: 20_000, foreign: 600_000, invalid: 600_000, unlinked: 30_000 } as const
