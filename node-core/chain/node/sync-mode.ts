/**
 * How a node catches up, and which blocks and states it keeps, where nobody said: by the chain.
 *
 * A live network is years old and its state small beside its history, so a node of it begins at a late state (warp sync) and keeps, as
 * other nodes of these networks do, the blocks of the finalized chain and the states of the newest ones. A network for development or of a few people is young, may
 * be alone, and is there to be looked at: every block is executed and everything is kept.
 */
import type { ChainSpec } from '../spec/schema.ts'
import { hasState, withState } from '../spec/with-state.ts'
import type { NodeOptions, Pruning } from './options.ts'

export type SyncMode = NonNullable<NodeOptions['sync']>

/** Throws CHAIN_SPEC_NO_STATE where every block is to be executed and the specification has no state to begin with. */
export function syncModeOf({ sync, validator = false }: { readonly sync?: NodeOptions['sync']; readonly validator?: boolean }, spec: ChainSpec): SyncMode {
  if (sync === 'full') withState(spec)
  // An authority may be the first who is there: it waits for nobody where it can begin by itself.
  return sync ?? ((isLive(spec) && !validator) || !hasState(spec) ? 'warp' : 'full')
}

export function blocksPruningOf({ blocksPruning }: Pick<NodeOptions, 'blocksPruning'>, spec: ChainSpec): Pruning {
  return blocksPruning ?? (isLive(spec) ? 'archive-canonical' : 'archive')
}

/** Finalized blocks of which the bodies are kept; undefined: all. */
export function keptBlocksOf(options: Pick<NodeOptions, 'blocksPruning'>, spec: ChainSpec): number | undefined {
  const pruning = blocksPruningOf(options, spec)
  return typeof pruning === 'number' ? pruning : undefined
}

/** States that a node of a live network keeps: enough for applications that look back half an hour. */
const LIVE_STATES = 256

/** For data that do not say it themselves. */
export function statePruningOf(spec: ChainSpec): Pruning {
  return isLive(spec) ? LIVE_STATES : 'archive'
}

/** What it may take to carry data of an earlier version over: a node of a live network joins anew in less. */
const LIVE_CARRY_MS = 15 * 60_000

export function carryLimitMsOf(spec: ChainSpec): number | undefined {
  return isLive(spec) ? LIVE_CARRY_MS : undefined
}

function isLive({ chainType }: ChainSpec): boolean {
  return chainType === 'Live'
}
