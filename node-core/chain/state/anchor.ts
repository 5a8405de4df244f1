/**
 * The chain begins in the middle: a finalized block with its state takes the place of genesis as the block on which everything stands.
 *
 * The proven blocks below it are written first, some at a time: before the last batch nobody can see them, and a start that is cut off
 * writes them again. The last batch makes the block final and best, and says which heights are missing.
 */
import { BlockTree } from './block-tree.ts'
import * as store from './block-store.ts'
import { Chain } from './chain.ts'
import { StateError } from './errors.ts'
import { putOldestState } from './pruning/marks.ts'
import type { Anchor, ProvenHeader } from './types.ts'

const STEPS_PER_BATCH = 64

/** Gives the chain as it is then. Throws STATE_KNOWN_BLOCK where blocks have been imported. */
export async function writeAnchor(chain: Chain, { hash, header, justification, body, steps, aux }: Anchor): Promise<Chain> {
  const { database, tree, genesisHash } = chain
  if (tree.best.number > 0) throw new StateError('STATE_KNOWN_BLOCK', `the chain is at block ${tree.best.number} already`, { data: { number: tree.best.number } })
  let waiting: ProvenHeader[] = []
  for (const step of steps) {
    waiting.push(step)
    if (waiting.length < STEPS_PER_BATCH) continue
    await writeSteps(chain, waiting)
    waiting = []
  }
  await writeSteps(chain, waiting)
  const gap = header.number > 1 ? { from: 1, to: header.number - 1 } : undefined
  await database.write(
    (batch) => {
      store.putHeader(batch, hash, header)
      if (body !== undefined) store.putBody(batch, hash, body)
      if (justification !== undefined) store.putJustifications(batch, hash, [justification])
      store.putFinalizedHash(batch, header.number, hash)
      store.putGap(batch, gap)
      putOldestState(batch, header.number)
      store.putAuxEntries(batch, aux)
      store.putLeaves(batch, [hash])
      for (const name of ['best', 'finalized'] as const) store.putMetaHash(batch, name, hash)
    },
    { sync: true },
  )
  return new Chain(database, new BlockTree(hash, header), genesisHash, gap)
}

async function writeSteps({ database }: Chain, steps: readonly ProvenHeader[]): Promise<void> {
  if (steps.length === 0) return
  await database.write(
    (batch) => {
      for (const { hash, header, justification } of steps) {
        store.putHeader(batch, hash, header)
        store.putJustifications(batch, hash, [justification])
        store.putFinalizedHash(batch, header.number, hash)
      }
    },
    { sync: false },
  )
}
