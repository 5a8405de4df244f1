/**
 * A database of version 1 becomes one of this version.
 *
 * There, trie nodes lay by hash and belonged to all states. The states that are to be kept are written again as records, the oldest one as
 * a whole, and of each block on it what it changed, found by walking both of its states side by side. Everything else stays where it is.
 *
 * Nothing old is touched before the new is whole: the version mark changes last, and only then the old nodes go. A block is carried over
 * in one batch; where the program dies, the next start goes on behind the last one.
 */
import { fromHex, toHex, type Hash } from '../../../base/bytes.ts'
import type { Clock } from '../../../base/clock.ts'
import type { Logger } from '../../../base/logger.ts'
import type { Header } from '../../scale/header.ts'
import { CHILD_PREFIX, isChildKey, openChildTrie, putChildRoot } from '../../trie/child.ts'
import { copyState } from '../../trie/copy.ts'
import { packIds } from '../../trie/nodes/id-list.ts'
import { NodeStore } from '../../trie/nodes/node-store.ts'
import { RecordPacker, forEachPackedRecord } from '../../trie/nodes/packed-records.ts'
import { EMPTY_ROOT, Trie } from '../../trie/trie.ts'
import type { NodeSource, TrieRoot } from '../../trie/types.ts'
import { META, nodeKey } from '../buckets.ts'
import { Chain } from '../chain.ts'
import type { Database } from '../database.ts'
import { StateError, corrupt } from '../errors.ts'
import { putOldestState, putPruning } from '../pruning/marks.ts'
import { keptStates, type StatePruning } from '../pruning/mode.ts'
import { dropLeftovers } from '../record-numbers.ts'
import { putState, readJournal, readNextNode } from '../state-store.ts'
import { recordSource } from '../trie-source.ts'
import type { NodeChanges } from '../types.ts'
import { DATABASE_VERSION, encodeVersion } from '../version.ts'
import { oldNodes } from './old-nodes.ts'

export interface CarryProgress {
  /** Blocks whose state is carried over, and how many there are. */
  readonly blocks: number
  readonly total: number
  /** Records written. */
  readonly records: number
}

export interface CarryOptions {
  readonly pruning: StatePruning
  /** Where it would take longer than so many milliseconds it ends with STATE_DB_VERSION; undefined: it takes what it takes. */
  readonly limitMs: number | undefined
  readonly onProgress: (progress: CarryProgress) => void
  readonly clock: Clock
  readonly logger: Logger
}

const CACHE_BYTES = 16 * 1024 * 1024

/** Records of a whole state that are written at once. */
const BATCH_BYTES = 4 * 1024 * 1024

/** Milliseconds before what is left is estimated, and between two reports. */
const FIRST_ESTIMATE_MS = 5_000
const REPORT_MS = 5_000

/** Goes on where an earlier run ended. Throws STATE_DB_VERSION where it would take too long, and what reading a damaged database throws. */
export async function carryOver(database: Database, options: CarryOptions): Promise<void> {
  await dropLeftovers(database)
  const chain = Chain.load(database)
  await new CarryOver(database, chain, options).run()
}

class CarryOver {
  readonly #database: Database
  readonly #chain: Chain
  readonly #options: CarryOptions
  readonly #source: NodeSource
  readonly #old: NodeStore
  readonly #new: NodeStore
  readonly #counter: { next: number }
  readonly #since: number
  #blocks = 0
  #skipped = 0
  #total = 0
  #records = 0
  #reported: number

  constructor(database: Database, chain: Chain, options: CarryOptions) {
    this.#database = database
    this.#chain = chain
    this.#options = options
    this.#source = oldNodes(database.level)
    this.#old = new NodeStore(this.#source, CACHE_BYTES)
    this.#new = new NodeStore(recordSource(database.level), CACHE_BYTES)
    this.#counter = { next: readNextNode(database) }
    this.#since = this.#reported = options.clock.now()
  }

  async run(): Promise<void> {
    const { tree } = this.#chain
    const { pruning, logger } = this.#options
    const oldest = Math.max(0, tree.finalized.number - Math.min(keptStates(pruning), tree.finalized.number + 1) + 1)
    const open = this.#openBlocks()
    this.#total = tree.finalized.number - oldest + 1 + open.length
    logger.info('the states of an earlier version are carried over', { blocks: this.#total })
    for (let number = oldest; number <= tree.finalized.number; number++) {
      const hash = this.#chain.finalizedHash(number)
      if (hash === undefined) throw corrupt(`finalized block ${number} is missing`)
      await this.#block(hash)
    }
    for (const hash of open) await this.#block(hash)
    await this.#database.write(
      (batch) => {
        batch.put(META.version, encodeVersion(DATABASE_VERSION))
        putPruning(batch, pruning)
        if (oldest > 0) putOldestState(batch, oldest)
      },
      { sync: true },
    )
    this.#report()
    logger.info('the states of an earlier version are carried over: done', { blocks: this.#blocks, records: this.#records })
  }

  /** Those that are not final, parents first. */
  #openBlocks(): Hash[] {
    const { tree } = this.#chain
    const found: Hash[] = []
    for (const left = [tree.finalized.hash]; left.length > 0; ) {
      for (const { hash } of tree.children(left.shift() as Hash)) {
        found.push(hash)
        left.push(hash)
      }
    }
    return found
  }

  async #block(hash: Hash): Promise<void> {
    this.#blocks++
    if (readJournal(this.#database, hash) !== undefined) {
      this.#skipped++
      return
    }
    const header = this.#chain.header(hash)
    if (header === undefined) throw corrupt(`block ${hash} is missing`)
    const root = fromHex(header.stateRoot)
    // A node that began with a later block does not have the state of genesis.
    if (header.number === 0 && this.#source.get(root) === undefined && header.stateRoot !== toHex(EMPTY_ROOT)) return
    const parent = readJournal(this.#database, header.parentHash)
    const nodes = parent === undefined ? await this.#whole(root) : this.#changes({ hash: fromHex(parent.stateRoot), id: parent.root }, root)
    await this.#database.write((batch) => putState(batch, this.#database, hash, header.stateRoot, nodes), { sync: false })
    this.#records += nodes.next - nodes.first
    this.#checkTime(header)
  }

  /** All of a state; the last part of its records is not written yet. */
  async #whole(root: Uint8Array): Promise<NodeChanges> {
    const first = this.#counter.next
    let packer = new RecordPacker(this.#counter)
    const sink = {
      node: (hash: Uint8Array, encoding: Uint8Array, references: readonly number[]) => packer.node(hash, encoding, references),
      value: (hash: Uint8Array, value: Uint8Array) => packer.value(hash, value),
    }
    const steps = copyState(this.#source, root, sink)
    for (;;) {
      const { done, value } = steps.next()
      if (done === true) {
        await this.#write(packer)
        return { records: new Uint8Array(0), first, next: this.#counter.next, root: value.id, ended: new Uint8Array(0) }
      }
      if (packer.size < BATCH_BYTES) continue
      await this.#write(packer)
      packer = new RecordPacker(this.#counter)
      if (this.#elapsed() > (this.#options.limitMs ?? Infinity)) throw this.#tooLong(undefined)
      this.#report()
    }
  }

  /** They are behind the mark of the next number: they belong to a block only with its batch. */
  async #write(packer: RecordPacker): Promise<void> {
    const key = nodeKey(0)
    await this.#database.write((batch) => forEachPackedRecord(packer.finish(), packer.first, (id, record) => batch.put(nodeKey(id, key), record)), { sync: false })
  }

  #changes(parent: TrieRoot, root: Uint8Array): NodeChanges {
    const [before, after] = [new Trie(this.#old, parent.hash), new Trie(this.#old, root)]
    const trie = new Trie(this.#new, parent)
    const packer = new RecordPacker(this.#counter)
    const ended: number[] = []
    for (const { key, after: value, isHashed } of before.exactDifferences(after)) {
      if (isChildKey(key)) {
        const childKey = key.subarray(CHILD_PREFIX.length)
        const child = openChildTrie(this.#new, trie, childKey)
        apply(child, openChildTrie(this.#old, before, childKey), openChildTrie(this.#old, after, childKey))
        child.store(packer)
        ended.push(...child.takeEnded())
        putChildRoot(trie, childKey, child, 1)
      } else if (value === undefined) {
        trie.delete(key)
      } else {
        trie.put(key, value, isHashed ? 1 : 0)
      }
    }
    trie.store(packer)
    ended.push(...trie.takeEnded())
    if (toHex(trie.root()) !== toHex(root)) throw corrupt(`the state ${toHex(root)} does not come out of its parent's`)
    return { records: packer.finish(), first: packer.first, next: packer.next, root: trie.rootId, ended: packIds(ended) }
  }

  #elapsed(): number {
    return this.#options.clock.now() - this.#since
  }

  #checkTime({ number }: Header): void {
    const { limitMs } = this.#options
    const elapsed = this.#elapsed()
    if (this.#options.clock.now() - this.#reported >= REPORT_MS) this.#report()
    // The first block is a whole state; what one of the others takes is known after some of them.
    const done = this.#blocks - this.#skipped
    if (limitMs === undefined || elapsed < FIRST_ESTIMATE_MS || done < 2) return
    const left = (elapsed / done) * (this.#total - this.#blocks)
    if (left > limitMs) throw this.#tooLong({ number, left })
  }

  #report(): void {
    const progress: CarryProgress = { blocks: this.#blocks, total: this.#total, records: this.#counter.next }
    this.#reported = this.#options.clock.now()
    this.#options.onProgress(progress)
    this.#options.logger.info('carrying states over', { ...progress })
  }

  #tooLong(at: { readonly number: number; readonly left: number } | undefined): StateError {
    const minutes = at === undefined ? undefined : Math.ceil(at.left / 60_000)
    const much = minutes === undefined ? 'longer than syncing anew' : `about ${minutes} minutes more, at block ${at?.number}`
    return new StateError('STATE_DB_VERSION', `the database has version 1, and to carry it over to version ${DATABASE_VERSION} would take ${much}.`, {
      data: { found: 1, expected: DATABASE_VERSION, ...(minutes === undefined ? {} : { minutes }) },
      hint: 'Put the database aside (Overview, or move its folder db away) and start again: the node then syncs from the network, which is faster. Nothing of it was changed.',
    })
  }
}

/** Makes of `trie`, which is as `before`, what `after` is. */
function apply(trie: Trie, before: Trie, after: Trie): void {
  for (const { key, after: value, isHashed } of before.exactDifferences(after)) {
    if (value === undefined) trie.delete(key)
    else trie.put(key, value, isHashed ? 1 : 0)
  }
}
