/**
 * Takes back what was written for an anchor on which the chain will not stand: its node syncs from genesis after all.
 *
 * Three things may be there (joining/): pieces of a state, in a bucket of their own; whole states that were adopted for blocks on which the
 * chain does not stand yet; and proven blocks of the way, written just before the last batch of an anchor (anchor.ts). The last are not harmless: they are marked final at
 * heights that the chain has yet to reach, and would be taken for known when they come.
 *
 * Everything may be done twice, and what says that there is something to do goes last: a start that is cut off does it again.
 */
import { fromHex, toHex, type Hash } from '../../base/bytes.ts'
import type { BlockRef } from '../scale/block.ts'
import * as store from './block-store.ts'
import { BUCKET, hashKey, nodeKey } from './buckets.ts'
import type { Chain } from './chain.ts'
import type { Database } from './database.ts'
import { decodeRoots, encodeRoots } from './state-roots.ts'
import { readJournal } from './state-store.ts'
import type { AbandonedAnchor } from './types.ts'

const PIECES = { gte: Uint8Array.of(BUCKET.joining), lt: Uint8Array.of(BUCKET.joining + 1) }
const JOURNALS = { gte: Uint8Array.of(BUCKET.journal), lt: Uint8Array.of(BUCKET.journal + 1) }

export async function hasPieces({ level }: Database): Promise<boolean> {
  return (await level.keys({ ...PIECES, limit: 1 }).all()).length > 0
}

export async function abandon(chain: Chain, { steps, aux }: AbandonedAnchor): Promise<void> {
  const { database } = chain
  await database.level.clear(PIECES)
  await dropAdopted(chain, undefined)
  await dropSteps(chain, steps)
  await database.write((batch) => store.putAuxEntries(batch, aux), { sync: true })
}

/** Removes every state that was adopted, but for that of `target`. A chain that has left its genesis block stands on what it has. */
export async function dropAdopted({ database, tree, genesisHash }: Chain, target: Hash | undefined): Promise<void> {
  if (tree.best.number > 0) return
  for (const key of await database.level.keys(JOURNALS).all()) {
    const block = toHex(key.subarray(1))
    if (block !== genesisHash && block !== target) await dropState(database, block)
  }
}

/** First readers find the state no more, then its records go, then the journal that says which they are. */
async function dropState(database: Database, block: Hash): Promise<void> {
  const journal = readJournal(database, block)
  if (journal === undefined) return
  const { stateRoot, root, first, next } = journal
  const key = hashKey('stateRoot', fromHex(stateRoot))
  const stored = database.get(key)
  if (stored !== undefined) {
    const left = decodeRoots(stored).filter(({ id }) => id !== root)
    await database.write((batch) => (left.length === 0 ? batch.del(key) : batch.put(key, encodeRoots(left))), { sync: false })
  }
  await database.level.clear({ gte: nodeKey(first), lt: nodeKey(next) })
  await database.write((batch) => batch.del(hashKey('journal', block)), { sync: false })
}

/** Blocks that the chain has come to since are its own. */
async function dropSteps({ database, tree }: Chain, steps: readonly BlockRef[]): Promise<void> {
  const ahead = steps.filter(({ hash, number }) => number > tree.finalized.number && store.readFinalizedHash(database, number) === hash)
  await database.write(
    (batch) => {
      for (const { hash, number } of ahead) {
        store.deleteFinalizedHash(batch, number)
        if (!tree.has(hash)) store.deleteBlock(batch, hash)
      }
    },
    { sync: false },
  )
}
