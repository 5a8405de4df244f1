/** How far the node has come, in the words that every kind of node has for it. */
import type { BlockRef } from '../scale/block.ts'
import type { BlockStateReader } from '../state/types.ts'
import type { JoiningStatus } from '../joining/types.ts'
import type { SyncReader } from '../sync/types.ts'

export interface ChainProgress {
  readonly newest: BlockRef
  readonly settled: BlockRef
  /** While it is far behind: the others' height, and the milliseconds that it will take at this pace, where that can be told. */
  readonly catchingUp: { readonly highest: number; readonly msLeft: number | undefined } | undefined
  /** It authors with local keys: never before the chain is joined. */
  readonly producing: boolean
  readonly intervalMs: number
}

export interface ProgressSources {
  readonly blocks: Pick<BlockStateReader, 'best' | 'finalized'>
  readonly sync: SyncReader
  readonly joining: { status(): JoiningStatus | undefined }
  readonly authoring: boolean
  readonly slotDurationMs: number
}

export function progressOf({ blocks, sync, joining, authoring, slotDurationMs }: ProgressSources): ChainProgress {
  const joined = joining.status()
  const behind = joined === undefined ? catchingUp(sync) : whileJoining(joined)
  return { newest: blocks.best(), settled: blocks.finalized(), catchingUp: behind, producing: authoring && joined === undefined, intervalMs: slotDurationMs }
}

function whileJoining({ target, proofs, state }: JoiningStatus): ChainProgress['catchingUp'] {
  return { highest: (target ?? proofs?.block)?.number ?? 0, msLeft: state?.secondsLeft === undefined ? undefined : Math.round(state.secondsLeft * 1000) }
}

function catchingUp(sync: SyncReader): ChainProgress['catchingUp'] {
  const status = sync.status()
  if (status?.state !== 'major-sync') return undefined
  return { highest: status.highestBlock, msLeft: status.secondsLeft === undefined ? undefined : Math.round(status.secondsLeft * 1000) }
}
