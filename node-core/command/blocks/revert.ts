/** What `revert` does: the newest blocks that are not final are taken back, so that the chain goes on from an earlier one. */
import type { OfflineChain } from '../../chain/node/offline.ts'
import { readMarker, writeMarker } from '../../manager/folders/seen-data.ts'
import { CommandError } from '../definition/errors.ts'
import type { Terminal } from '../terminal/terminal.ts'

export interface RevertResult {
  /** Blocks of the best chain that were taken back. */
  readonly reverted: number
  /** And of forks above the same height. */
  readonly forks: number
  readonly best: { readonly number: number; readonly hash: string }
  readonly finalized: { readonly number: number; readonly hash: string }
}

const LIMITS = {
  finalized: 'Blocks below are final and stay.',
  authorities: 'Below, a change of the authorities took effect that cannot be undone.',
} as const

/** Throws DECLINED where the answer is no, or nobody can be asked. */
export async function revert(chain: OfflineChain, count: number, { yes, network }: { readonly yes: boolean; readonly network: string }, terminal: Terminal): Promise<RevertResult> {
  const { blocks, dataPath } = chain
  const best = blocks.best()
  const { height, limit } = chain.revertTarget(count)
  const isNothing = height >= best.number && blocks.leaves().every((leaf) => leaf.number <= height)
  if (!isNothing) {
    const target = blocks.hashByNumber(height)
    const question = `Take ${best.number - height} blocks of ${network} back, from ${best.number} to ${height} (${target})?`
    terminal.note(`Blocks ${height + 1} to ${best.number} are removed, with their states.`)
    if (limit !== 'none') terminal.note(LIMITS[limit])
    if (!yes && !(await terminal.confirm(question))) throw new CommandError('DECLINED', 'Nothing was taken back.')
    // How far the data had come: a node would refuse to begin again below it. First, so that it is never above what is there.
    const marker = await readMarker(dataPath)
    if (marker?.newest !== undefined && target !== undefined && marker.newest.number > height) await writeMarker(dataPath, { ...marker, newest: { number: height, hash: target } })
  }
  const removed = isNothing ? [] : await chain.revert(height)
  const reverted = Math.max(0, best.number - height)
  return { reverted, forks: removed.length - reverted, best: blocks.best(), finalized: blocks.finalized() }
}
