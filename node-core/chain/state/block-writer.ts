/**
 * Writing blocks: core's alone.
 *
 * Each operation is one atomic batch; memory follows and the events go out only when the batch has been written, so
 * whoever hears of a block finds it. Operations run one after another in the order of the calls.
 *
 * Durability: an imported block is handed to the operating system and not waited for on the disk itself. A power failure
 * may take the newest blocks, never a part of one, and they can be had again from the network. Finalization is synced:
 * the node has told others that these blocks stay, and must not forget that it did. (LevelDB's log is sequential, so
 * the sync covers every import before it as well.)
 */
import { EMPTY, type Hash } from '../../base/bytes.ts'
import type { Emitter } from '../../base/events.ts'
import { abandon, dropAdopted, hasPieces } from './abandon.ts'
import { writeAnchor } from './anchor.ts'
import { writeGapBlocks } from './fill-gap.ts'
import { deleteOldBlocks, type OldBlocks } from './old-blocks.ts'
import { auxKey, hashKey } from './buckets.ts'
import type { Reorganization } from './block-tree.ts'
import * as store from './block-store.ts'
import { Chain, type ChainHolder } from './chain.ts'
import { StateError, unknownBlock } from './errors.ts'
import type { Pins } from './pins.ts'
import type { Pruner } from './pruning/pruner.ts'
import { revertBlocks, type Reverted } from './revert.ts'
import { putState, readJournal } from './state-store.ts'
import type { BlockRef, Justification } from '../scale/block.ts'
import type { AbandonedAnchor, AdoptedState, Anchor, AnchorWriter, AuxEntry, BlockStateEvents, GapBlock, GapWriter, ImportedBlock, ProvenHeader, StateWriter } from './types.ts'

export class BlockWriter implements StateWriter, AnchorWriter, GapWriter {
  readonly #holder: ChainHolder
  readonly #emitter: Emitter<BlockStateEvents>
  readonly #oldBlocks: OldBlocks
  readonly #pins: Pick<Pins, 'lowest' | 'keepBodies' | 'died'>
  #pruner: Pick<Pruner, 'start' | 'died' | 'wake'> | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(holder: ChainHolder, emitter: Emitter<BlockStateEvents>, oldBlocks: OldBlocks, pins: Pick<Pins, 'lowest' | 'keepBodies' | 'died'>) {
    this.#holder = holder
    this.#emitter = emitter
    this.#oldBlocks = oldBlocks
    this.#pins = pins
  }

  /** Who hears of what becomes final. */
  set pruner(pruner: Pick<Pruner, 'start' | 'died' | 'wake'> | undefined) {
    this.#pruner = pruner
  }

  getAux(key: string): Uint8Array | undefined {
    return this.#holder.chain.database.get(auxKey(key))
  }

  /** Synced: a voter that forgets its vote after a power failure could vote twice. */
  putAux(entries: readonly AuxEntry[]): Promise<void> {
    return this.#next((chain) => chain.database.write((batch) => store.putAuxEntries(batch, entries), { sync: true }))
  }

  /** Throws STATE_KNOWN_BLOCK, STATE_UNKNOWN_PARENT or STATE_INVALID_BLOCK, and then nothing has changed. */
  importBlock(block: ImportedBlock): Promise<void> {
    return this.#next((chain) => this.#import(chain, block))
  }

  hasAdopted(block: Hash): boolean {
    return readJournal(this.#holder.chain.database, block) !== undefined
  }

  adopt({ hash, header }: Pick<ProvenHeader, 'hash' | 'header'>, state: AdoptedState): Promise<void> {
    return this.#next(async (chain) => {
      const { database } = chain
      await dropAdopted(chain, hash)
      await database.write((batch) => putState(batch, database, hash, header.stateRoot, { ...state, records: EMPTY, ended: EMPTY }), { sync: true })
    })
  }

  /** Throws STATE_KNOWN_BLOCK where blocks have been imported. */
  anchor(anchor: Anchor): Promise<void> {
    return this.#next(async (chain) => {
      const anchored = await writeAnchor(chain, anchor)
      this.#holder.set(anchored)
      await this.#pruner?.start(anchored)
      const block = { hash: anchor.hash, number: anchor.header.number }
      this.#emitter.emit('bestChanged', { best: block, retracted: [], enacted: [block] })
      this.#emitter.emit('finalized', { head: block, finalized: [block], pruned: [] })
    })
  }

  hasPieces(): Promise<boolean> {
    return hasPieces(this.#holder.chain.database)
  }

  abandon(anchor: AbandonedAnchor): Promise<void> {
    return this.#next((chain) => abandon(chain, anchor))
  }

  /** Throws STATE_UNKNOWN_BLOCK or STATE_NOT_AN_ANCESTOR where the block cannot be finalized any more. */
  finalize(hash: Hash, justification?: Justification, aux?: readonly AuxEntry[]): Promise<void> {
    return this.#next((chain) => this.#finalize(chain, hash, justification, aux))
  }

  /** Throws STATE_INVALID_BLOCK or STATE_WRONG_GENESIS, and then nothing has changed. */
  fillGap(blocks: readonly GapBlock[]): Promise<void> {
    return this.#next((chain) => writeGapBlocks(chain, blocks))
  }

  /** Throws STATE_NOT_AN_ANCESTOR below the finalized block. */
  revert(height: number, entries: (block: BlockRef) => readonly AuxEntry[]): Promise<Reverted> {
    return this.#next(async (chain) => {
      const { finalized } = chain.tree
      if (height < finalized.number) throw new StateError('STATE_NOT_AN_ANCESTOR', `block ${finalized.number} is final: nothing below it is taken back`, { data: { height } })
      try {
        return await revertBlocks(chain, height, entries)
      } finally {
        this.#holder.set(Chain.load(chain.database))
      }
    })
  }

  /** Other work on the chain that must not run beside these operations. */
  exclusive<T>(operation: (chain: Chain) => Promise<T>): Promise<T> {
    return this.#next(operation)
  }

  /** Resolves when everything called so far is done. */
  async idle(): Promise<void> {
    await this.#last
  }

  async #import(chain: Chain, block: ImportedBlock): Promise<void> {
    const { hash, header, body, changes, isBest, isOwn = false } = block
    const { tree } = chain
    checkImport(chain, block)
    await chain.database.write(
      (batch) => {
        store.putBlock(batch, hash, header, body)
        putState(batch, chain.database, hash, header.stateRoot, changes.nodes)
        store.putOffchain(batch, changes.offchain)
        if (block.justifications !== undefined) store.putJustifications(batch, hash, block.justifications)
        store.putAuxEntries(batch, block.aux)
        store.putLeaves(batch, tree.leavesWith(hash, header.parentHash))
        if (isBest) store.putMetaHash(batch, 'best', hash)
      },
      { sync: false },
    )
    tree.add(hash, header)
    const change = isBest ? tree.setBest(hash) : undefined
    this.#emitter.emit('imported', { block: { hash, number: header.number }, header, isBest, ...(isOwn ? { isOwn } : {}) })
    if (change !== undefined) this.#announceBest(chain, change)
  }

  async #finalize(chain: Chain, hash: Hash, justification?: Justification, aux?: readonly AuxEntry[]): Promise<void> {
    const { tree, database } = chain
    if (!tree.has(hash)) throw finalizedOrUnknown(chain, hash)
    const plan = tree.planFinalization(hash)
    const justifications = justification === undefined ? undefined : await withJustification(chain, hash, justification)
    await this.#pins.keepBodies(plan.dead, (dead) => store.readBody(database, dead))
    const deadLeaves = new Set(plan.deadLeaves)
    const leaves = tree.leaves().map((leaf) => leaf.hash).filter((leaf) => !deadLeaves.has(leaf))
    await database.write(
      (batch) => {
        for (const block of plan.finalized) store.putFinalizedHash(batch, block.number, block.hash)
        for (const block of plan.dead) {
          store.deleteBlock(batch, block.hash)
          batch.put(hashKey('deadState', block.hash), EMPTY)
        }
        if (justifications !== undefined) store.putJustifications(batch, hash, justifications)
        deleteOldBlocks(batch, chain, tree.header(hash)?.number ?? 0, this.#oldBlocks, this.#pins.lowest)
        store.putAuxEntries(batch, aux)
        store.putLeaves(batch, leaves)
        store.putMetaHash(batch, 'finalized', hash)
        store.putMetaHash(batch, 'best', plan.best.hash)
      },
      { sync: true },
    )
    this.#pins.died(plan.dead, (dead) => tree.header(dead))
    const change = tree.finalize(hash, plan)
    this.#pruner?.died(plan.dead.map((block) => block.hash))
    this.#pruner?.wake()
    this.#announceBest(chain, change)
    if (plan.finalized.length > 0) {
      this.#emitter.emit('finalized', { head: tree.finalized, finalized: plan.finalized, pruned: plan.deadLeaves })
    }
  }

  #announceBest(chain: Chain, change: Reorganization): void {
    if (change.enacted.length + change.retracted.length === 0) return
    this.#emitter.emit('bestChanged', { best: chain.tree.best, ...change })
  }

  #next<T>(operation: (chain: Chain) => Promise<T>): Promise<T> {
    const done = this.#last.then(() => operation(this.#holder.chain))
    this.#last = done.catch(() => undefined)
    return done
  }
}

function checkImport(chain: Chain, { hash, header, changes }: ImportedBlock): void {
  const parent = chain.tree.header(header.parentHash)
  const data = { hash, number: header.number }
  if (chain.header(hash) !== undefined) throw new StateError('STATE_KNOWN_BLOCK', `block ${hash} is already stored`, { data })
  if (parent === undefined) {
    throw new StateError('STATE_UNKNOWN_PARENT', `the parent of block ${hash} is unknown, or is below the finalized block`, { data })
  }
  if (header.number !== parent.number + 1) {
    const said = `block ${hash} says number ${header.number} on a parent of number ${parent.number}`
    throw new StateError('STATE_INVALID_BLOCK', said, { data })
  }
  if (header.stateRoot !== changes.stateRoot) {
    throw new StateError('STATE_INVALID_BLOCK', `block ${hash} has another state root than its changes`, { data })
  }
  const { base = 0 } = changes.nodes
  const known = base === 0 ? undefined : readJournal(chain.database, header.parentHash)
  if (known !== undefined && known.root !== base) {
    throw new StateError('STATE_INVALID_BLOCK', `the changes of block ${hash} were made on other records than those of its parent`, { data })
  }
}

/** One justification per engine: the newest. */
async function withJustification(chain: Chain, hash: Hash, justification: Justification): Promise<Justification[]> {
  const stored = (await store.readJustifications(chain.database, hash)) ?? []
  return [...stored.filter(({ engine }) => engine !== justification.engine), justification]
}

function finalizedOrUnknown(chain: Chain, hash: Hash): StateError {
  if (chain.settledNumber(hash) === undefined) return unknownBlock(hash)
  return new StateError('STATE_NOT_AN_ANCESTOR', `block ${hash} is older than the finalized block`, { data: { hash } })
}
