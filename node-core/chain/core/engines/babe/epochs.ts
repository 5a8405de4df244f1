/**
 * Which epoch a block belongs to, fork by fork, and how much weight its chain has.
 *
 * Every block leaves a short record in the aux store: its slot, the primary blocks on its chain so far, and where the descriptors of its
 * epoch and of the next one are kept (one descriptor per announcing block). So a fork needs nothing but its last block's record, and a
 * restart goes on from what is stored. On finalization the records behind the finalized block and on dead forks are given up.
 *
 * Skipped epochs. After a time without blocks (the only author slept for hours) the first block enters the epoch of its slot, on the data
 * announced last; headers tell that much. What they do not tell is where the *runtime* stands afterwards. Since 2023 runtimes move to
 * the epoch of the slot as well. Older ones move one epoch per block: each of the next blocks ends an epoch and announces another, until
 * they have caught up. A host that takes one for the other refuses every block that follows. So where epochs were skipped, the next block
 * is placed only after the runtime has been asked, at the parent, which epoch it is in (`BabeApi_current_epoch_start`). A runtime that is
 * behind makes the block the first of an epoch, again with index and start of its slot's epoch, on the data that the parent announced.
 * The doubt is part of the record, so no other block costs a call. Records without it are those of earlier versions: in doubt.
 *
 *   babe/block/<hash>           slot, weight, key of its epoch, key of the next one, whether its children are in doubt
 *   babe/epoch/<hash>/<index>   epoch announced by block <hash>; block 1 also keeps epoch 0, which nobody announced, and a block that the chain
 *                               begins with here (anchor.ts) the one that it is in
 */
import { fromUtf8, utf8, type Hash } from '../../../../base/bytes.ts'
import { Lru } from '../../../../base/lru.ts'
import type { BabeConfiguration } from './runtime-api.ts'
import { ScaleReader } from '../../../../scale/reader.ts'
import type { BlockRef } from '../../../scale/block.ts'
import type { Header } from '../../../scale/header.ts'
import { ScaleWriter } from '../../../../scale/writer.ts'
import type { AuxEntry, AuxStore, BlockStateReader } from '../../../state/types.ts'
import type { Announcements } from './digest.ts'
import { assertConfiguration, decodeEpoch, encodeEpoch, endSlot, epochAtSlot, followingEpoch, genesisEpoch, type Epoch } from './epoch.ts'
import { BabeError } from './errors.ts'

interface BlockRecord {
  readonly slot: number
  /** Primary blocks on the way from genesis, this one included. */
  readonly weight: number
  readonly epochKey: string
  readonly nextKey: string
  /** The runtime may be behind after this block. */
  readonly inDoubt: boolean
}

/** Where a child would stand. */
export interface EpochForChild {
  readonly epoch: Epoch
  /** True for the first block of the epoch on this chain: it must announce the next one. */
  readonly isFirst: boolean
  /** Epochs were skipped before this block, or are being caught up with by it: its own children are in doubt. */
  readonly inDoubt: boolean
}

/** What the runtime knows and headers do not tell. */
export interface RuntimeEpochs {
  /** The first slot of the epoch that the runtime is in after this block, which may be on its way still; undefined where it does not say. */
  currentStart(block: Header, hash: Hash): Promise<number | undefined>
}

/** What pruning needs of the block tree. */
export type PruningView = Pick<BlockStateReader, 'finalized' | 'leaves' | 'header' | 'isAncestor' | 'route'>

const CACHED_RECORDS = 4096
const CACHED_EPOCHS = 16

export class BabeEpochs {
  readonly #aux: AuxStore
  readonly #runtime: RuntimeEpochs
  readonly #configuration: BabeConfiguration
  readonly #records = new Lru<Hash, BlockRecord>(CACHED_RECORDS)
  readonly #epochs = new Lru<string, Epoch>(CACHED_EPOCHS)

  /** `configuration` is what the runtime says at the finalized block: genesis itself where block 1 is still to come. Throws BABE_BAD_CONFIGURATION. */
  constructor(dependencies: { readonly aux: AuxStore; readonly runtime: RuntimeEpochs }, configuration: BabeConfiguration) {
    assertConfiguration(configuration)
    this.#aux = dependencies.aux
    this.#runtime = dependencies.runtime
    this.#configuration = configuration
  }

  /** The place of a child of `parent` in `slot`. Throws BABE_UNKNOWN_EPOCH where nothing is remembered of the parent. */
  async forChild(parent: Header, parentHash: Hash, slot: number): Promise<EpochForChild> {
    if (parent.number === 0) return { epoch: genesisEpoch(this.#configuration, slot), isFirst: true, inDoubt: false }
    const record = this.#record(parentHash)
    const current = epochAtSlot(this.#epoch(record.epochKey), record.slot)
    const isBehind = record.inDoubt && (await this.#isBehind(parent, parentHash, record))
    if (slot < endSlot(current) && !isBehind) return { epoch: current, isFirst: false, inDoubt: false }
    const next = this.#epoch(record.nextKey)
    return { epoch: epochAtSlot(next, slot), isFirst: true, inDoubt: isBehind || slot >= endSlot(next) }
  }

  /** What to store with a block that passed: its record, and the epoch that it announces. */
  auxOf(
    hash: Hash, header: Header, slot: number, weight: number, { epoch, isFirst, inDoubt }: EpochForChild, announcements: Announcements,
  ): AuxEntry[] {
    const entries: AuxEntry[] = []
    let { epochKey, nextKey } = isFirst ? { epochKey: '', nextKey: '' } : this.#record(header.parentHash)
    if (isFirst) {
      epochKey = header.number === 1 ? keyOfEpoch(hash, 0) : this.#record(header.parentHash).nextKey
      if (header.number === 1) entries.push([epochKey, encodeEpoch(epoch)])
      const next = followingEpoch(epoch, announcements)
      nextKey = keyOfEpoch(hash, next.index)
      entries.push([nextKey, encodeEpoch(next)])
      // In memory at once, and the record below: the next header is checked while this block is still being executed.
      if (header.number === 1) this.#epochs.set(epochKey, epoch)
      this.#epochs.set(nextKey, next)
    }
    const total = (header.number === 1 ? 0 : this.#record(header.parentHash).weight) + weight
    const record = { slot, weight: total, epochKey, nextKey, inDoubt }
    entries.push([keyOfBlock(hash), encodeRecord(record)])
    this.#records.set(hash, record)
    return entries
  }

  /** A block that did not pass after all, and is not stored: only memory knew of it. */
  forget(hash: Hash): void {
    const record = this.#records.get(hash)
    if (record === undefined || this.#aux.getAux(keyOfBlock(hash)) !== undefined) return
    this.#records.delete(hash)
    for (const key of [record.epochKey, record.nextKey]) if (key.includes(hash)) this.#epochs.delete(key)
  }

  /** Primary blocks from genesis to `hash`: fork choice prefers the chain with more. 0 for genesis and for what was given up. */
  chainWeight(hash: Hash): number {
    return this.#find(hash)?.weight ?? 0
  }

  /**
   * Entries to delete when `head` is finalized, to go into the same batch. Call it *before* the state finalizes: it looks at
   * the forks that are about to die.
   */
  prunableAux(blocks: PruningView, head: Hash): AuxEntry[] {
    const settled = blocks.finalized()
    const gone = new Set<Hash>()
    if (settled.hash !== head) gone.add(settled.hash)
    for (const { hash } of blocks.route(settled.hash, head)) if (hash !== head) gone.add(hash)
    for (const leaf of blocks.leaves()) {
      for (let hash = leaf.hash; !blocks.isAncestor(head, hash) && !blocks.isAncestor(hash, head) && !gone.has(hash); ) {
        gone.add(hash)
        const header = blocks.header(hash)
        if (header === undefined) break
        hash = header.parentHash
      }
    }
    const kept = this.#find(head)
    const entries: AuxEntry[] = []
    const dropEpoch = (key: string): void => {
      if (key !== kept?.epochKey && key !== kept?.nextKey) entries.push([key, undefined])
    }
    for (const hash of gone) {
      const record = this.#find(hash)
      if (record === undefined) continue
      entries.push([keyOfBlock(hash), undefined])
      // Each key goes with the block that wrote it, or when the chain leaves it behind.
      dropEpoch(record.epochKey)
      if (record.nextKey.includes(hash)) dropEpoch(record.nextKey)
      this.#records.delete(hash)
    }
    return dropRepeated(entries)
  }

  /** True where the epoch that the runtime is in after `block` is over with that block's own slot. */
  async #isBehind(block: Header, hash: Hash, { slot }: BlockRecord): Promise<boolean> {
    const start = await this.#runtime.currentStart(block, hash)
    return start !== undefined && start + this.#configuration.epochLength <= slot
  }

  #record(hash: Hash): BlockRecord {
    const record = this.#find(hash)
    if (record === undefined) throw new BabeError('BABE_UNKNOWN_EPOCH', `The epoch of block ${hash} is unknown.`, { data: { hash } })
    return record
  }

  #find(hash: Hash): BlockRecord | undefined {
    let record = this.#records.get(hash)
    if (record !== undefined) return record
    const stored = this.#aux.getAux(keyOfBlock(hash))
    if (stored === undefined) return undefined
    record = decodeRecord(stored)
    this.#records.set(hash, record)
    return record
  }

  #epoch(key: string): Epoch {
    let epoch = this.#epochs.get(key)
    if (epoch !== undefined) return epoch
    const stored = this.#aux.getAux(key)
    if (stored === undefined) throw new BabeError('BABE_UNKNOWN_EPOCH', `Epoch ${key} is not stored.`)
    epoch = decodeEpoch(stored)
    this.#epochs.set(key, epoch)
    return epoch
  }
}

/**
 * The records of a block from which the chain goes on here, with the epoch that its runtime is in and the one announced. Where the runtime's
 * epoch is over with the block's own slot, it is catching up.
 */
export function epochEntries(hash: Hash, slot: number, current: Epoch, next: Epoch): AuxEntry[] {
  const [epochKey, nextKey] = [keyOfEpoch(hash, current.index), keyOfEpoch(hash, next.index)]
  return [
    [epochKey, encodeEpoch(current)],
    [nextKey, encodeEpoch(next)],
    [keyOfBlock(hash), encodeRecord({ slot, weight: 0, epochKey, nextKey, inDoubt: slot >= endSlot(current) })],
  ]
}

/** What there is of a block that is taken back: its record, and the epochs that it announced. */
export function revertedEpochs(aux: AuxStore, { hash }: BlockRef): AuxEntry[] {
  const stored = aux.getAux(keyOfBlock(hash))
  if (stored === undefined) return []
  const { epochKey, nextKey } = decodeRecord(stored)
  return [[keyOfBlock(hash), undefined], ...[epochKey, nextKey].filter((key) => key.includes(hash)).map((key): AuxEntry => [key, undefined])]
}

function keyOfBlock(hash: Hash): string {
  return `babe/block/${hash}`
}

function keyOfEpoch(hash: Hash, index: number): string {
  return `babe/epoch/${hash}/${index}`
}

function encodeRecord({ slot, weight, epochKey, nextKey, inDoubt }: BlockRecord): Uint8Array {
  return new ScaleWriter().u64(slot).u64(weight).bytes(utf8(epochKey)).bytes(utf8(nextKey)).bool(inDoubt).finish()
}

function decodeRecord(bytes: Uint8Array): BlockRecord {
  const reader = new ScaleReader(bytes)
  const [slot, weight] = [reader.u64Number(), reader.u64Number()]
  const [epochKey, nextKey] = [fromUtf8(reader.bytes()), fromUtf8(reader.bytes())]
  return { slot, weight, epochKey, nextKey, inDoubt: reader.remaining === 0 || reader.bool() }
}

function dropRepeated(entries: readonly AuxEntry[]): AuxEntry[] {
  return [...new Map(entries)]
}
