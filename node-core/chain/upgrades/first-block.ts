/**
 * Finds the block at which a state began to be as it is, by halving: some twenty states are looked at, however long the chain is, so that
 * nothing has to be remembered over a restart.
 */
import type { Hash } from '../../base/bytes.ts'
import type { UpgradeBlocks, UpgradeStorage } from './chain.ts'

export interface FirstBlockDependencies {
  readonly blocks: Pick<UpgradeBlocks, 'hashByNumber' | 'header'>
  readonly storage: Pick<UpgradeStorage, 'has'>
}

/**
 * The first block of `(from, to]` on the best chain whose state `holds`, given that it does not at `from` (-1: before genesis), that it
 * does at `to`, and that once it does it goes on to. Undefined where it cannot be told, because the states around it are not kept here.
 */
export function firstBlock({ blocks, storage }: FirstBlockDependencies, from: number, to: number, holds: (stateRoot: Hash) => boolean): number | undefined {
  const rootAt = (number: number): Hash | undefined => {
    const hash = blocks.hashByNumber(number)
    const root = hash === undefined ? undefined : blocks.header(hash)?.stateRoot
    return root !== undefined && storage.has(root) ? root : undefined
  }
  let before = from
  let after = to
  let isKnownBefore = true
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    const root = rootAt(middle)
    if (root !== undefined && holds(root)) after = middle
    else {
      // States that are not kept are old ones.
      before = middle
      isKnownBefore = root !== undefined
    }
  }
  return isKnownBefore ? after : undefined
}
