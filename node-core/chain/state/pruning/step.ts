/**
 * One step of giving states up: one atomic batch, with the mark of how far it went.
 *
 * A block that died on a fork: what it wrote. A finalized block that is old enough: what its successor ended (journal.ts says why that is all).
 * With the records go the root's entry, so that nobody finds the state any more, and the journal. A block that changed very much
 * leaves its list behind as a remainder, which is worked off in further batches; to begin one again does no harm.
 */
import type { Hash } from '../../../base/bytes.ts'
import { unpackIds } from '../../trie/nodes/id-list.ts'
import { hashKey, META, nodeKey, remainderKey } from '../buckets.ts'
import { readFinalizedHash } from '../block-store.ts'
import type { Batch, Database } from '../database.ts'
import { encodeIdRange, encodeIdList } from './remainder.ts'
import { RootLedger } from './root-ledger.ts'
import { readJournal } from '../state-store.ts'
import { encodeHeight } from './marks.ts'

/** Records that one batch deletes, about: what takes a millisecond or two. */
export const RECORDS_PER_STEP = 2000

/** Blocks that one batch gives up: of quiet ones with few records. */
const BLOCKS_PER_STEP = 64

/** What a step does, and what is to be known of it when it is written. */
export interface PruningStep {
  readonly fill: (batch: Batch) => void
  /** Roots whose entries changed. */
  readonly roots: readonly Hash[]
  /** Blocks whose states it gives up. */
  readonly blocks: number
  readonly records: number
  /** Left for later, by key. */
  readonly remainders: readonly Uint8Array[]
}

/** A step under construction. */
class Step {
  readonly #ledger: RootLedger
  readonly #operations: ((batch: Batch) => void)[] = []
  readonly #remainders: Uint8Array[] = []
  blocks = 0
  records = 0

  constructor(database: Database) {
    this.#ledger = new RootLedger(database)
  }

  get isFull(): boolean {
    return this.records >= RECORDS_PER_STEP || this.blocks >= BLOCKS_PER_STEP
  }

  do(operation: (batch: Batch) => void): void {
    this.#operations.push(operation)
  }

  release(root: Hash, id: number): void {
    this.#ledger.release(root, id)
  }

  /** What remains of `block` is deleted by steps of its own. */
  remain(block: Hash, list: Uint8Array): void {
    const key = remainderKey(block)
    this.#remainders.push(key)
    this.do((batch) => batch.put(key, list))
  }

  finish(): PruningStep {
    return {
      fill: (batch) => {
        for (const operation of this.#operations) operation(batch)
        this.#ledger.write(batch)
      },
      roots: this.#ledger.roots,
      blocks: this.blocks,
      records: this.records,
      remainders: this.#remainders,
    }
  }
}

/** Gives up the states of dead blocks, from the end of the list; takes them off it. */
export function dropDead(database: Database, dead: Hash[]): PruningStep {
  const step = new Step(database)
  while (dead.length > 0 && !step.isFull) {
    const block = dead.pop() as Hash
    const journal = readJournal(database, block)
    step.do((batch) => batch.del(hashKey('deadState', block)))
    step.blocks++
    if (journal === undefined) continue
    const { stateRoot, root, first, next } = journal
    step.release(stateRoot, root)
    step.do((batch) => batch.del(hashKey('journal', block)))
    if (next - first > RECORDS_PER_STEP) {
      step.remain(block, encodeIdRange(first, next))
      continue
    }
    step.records += next - first
    step.do((batch) => {
      const key = nodeKey(0)
      for (let id = first; id < next; id++) batch.del(nodeKey(id, key))
    })
  }
  return step.finish()
}

/** Gives up finalized states from the height `oldest` on, those below `limit`. Both blocks of each height and the one above are final. */
export function giveUp(database: Database, oldest: number, limit: number): PruningStep & { readonly oldest: number } {
  const step = new Step(database)
  let height = oldest
  for (; height < limit && !step.isFull; height++) {
    step.blocks++
    const block = readFinalizedHash(database, height)
    const successor = readFinalizedHash(database, height + 1)
    const journal = block === undefined ? undefined : readJournal(database, block)
    // Not there: blocks that are missing below a recent first one, or what a repair could not bring back.
    if (block === undefined || successor === undefined || journal === undefined) continue
    step.release(journal.stateRoot, journal.root)
    step.do((batch) => batch.del(hashKey('journal', block)))
    const ended = unpackIds(readJournal(database, successor)?.ended ?? new Uint8Array(0))
    if (ended.length > RECORDS_PER_STEP) {
      step.remain(block, encodeIdList(ended))
      continue
    }
    step.records += ended.length
    step.do((batch) => {
      const key = nodeKey(0)
      for (const id of ended) batch.del(nodeKey(id, key))
    })
  }
  step.do((batch) => batch.put(META.oldestState, encodeHeight(height)))
  return { ...step.finish(), oldest: height }
}
