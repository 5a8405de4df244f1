/**
 * A file that is being fetched, as it is served to others meanwhile: the leaves that are verified and written, in groups that can be proven.
 *
 * Whoever gets false bytes or a false proof leaves for good, and tells on us. The files of a fetch lie in a folder of the user, so each leaf is hashed before it is sent, and
 * each proof checked against the root. What a peer is told that there is stays the same until it asks again; it does so every few seconds.
 */
import { constants } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { equalBytes } from '../../../base/bytes.ts'
import type { Clock } from '../../../base/clock.ts'
import { LeafSet } from '../leaf-set.ts'
import { openPlain } from '../real-file.ts'
import { readFull } from '../hash-file.ts'
import { GROUP_LEAVES, LEAF_BYTES, hashAt, hashLeaf, verifyRun } from '../tree.ts'
import { ServeError, type OpenResource } from '../types.ts'
import { MAX_RANGES, type LeafRange } from '../wire.ts'
import type { Board } from './board.ts'
import { KnownTree } from './known-tree.ts'
import { partPath, statePath } from './part-file.ts'
import { Sidecar } from './sidecar.ts'

/** Which groups can be proven is looked at as often at most. */
const LOOK_MS = 1_000
const BITS = GROUP_LEAVES / 8

/** Of one fetch. */
export class PartOffers {
  readonly #path: string
  readonly #root: Uint8Array
  readonly #clock: Clock
  #tree: KnownTree | undefined
  #seen: { readonly at: number; readonly ranges: readonly LeafRange[] } | undefined

  constructor({ path, root }: { readonly path: string; readonly root: Uint8Array }, clock: Clock) {
    this.#path = path
    this.#root = root
    this.#clock = clock
  }

  /** The hashes of a group are proven, and in the file. `leaves`: of the whole file. */
  learn(leaves: number, group: number, hashes: Uint8Array, uncles: Uint8Array): void {
    this.#tree ??= new KnownTree(leaves)
    this.#tree.add(group, hashes, uncles)
  }

  /** What an earlier run had: groups of which something is written. Rejects with the system's error. */
  async learnEarlier(had: LeafSet): Promise<void> {
    const sidecar = await Sidecar.open(statePath(this.#path), this.#root)
    try {
      for (let group = 0; sidecar !== undefined && group * GROUP_LEAVES < had.size; group++) {
        if (had.bits.subarray(group * BITS, (group + 1) * BITS).every((byte) => byte === 0)) continue
        this.#tree ??= new KnownTree(had.size)
        this.#tree.add(group, await sidecar.group(group))
      }
    } finally {
      await sidecar?.close()
    }
  }

  /** Rejects with a ServeError: `busy` where there is nothing to be served yet. */
  async open(board: Board | undefined): Promise<OpenResource> {
    const tree = this.#tree
    if (board === undefined || tree === undefined) throw nothingYet()
    const data = await openPlain(partPath(this.#path), constants.O_RDONLY).catch(() => {
      throw nothingYet()
    })
    const sidecar = await Sidecar.open(statePath(this.#path), this.#root).catch(() => undefined)
    if (sidecar !== undefined) return new PartOffer(this.#root, { data, sidecar, tree }, { length: board.length, leaves: board.leaves, ranges: this.#rangesOf(board, tree) })
    await data.close()
    throw nothingYet()
  }

  #rangesOf({ had }: Board, tree: KnownTree): readonly LeafRange[] {
    const at = this.#clock.now()
    if (this.#seen !== undefined && at - this.#seen.at < LOOK_MS) return this.#seen.ranges
    const bits = had.bits.slice()
    for (let group = 0; group * BITS < bits.length; group++) if (!tree.canProve(group)) bits.fill(0, group * BITS, (group + 1) * BITS)
    const ranges = new LeafSet(had.size, bits).ranges(MAX_RANGES)
    this.#seen = { at, ranges }
    return ranges
  }
}

class PartOffer implements OpenResource {
  readonly length: number
  readonly ranges: readonly LeafRange[]
  readonly #root: Uint8Array
  readonly #leaves: number
  readonly #data: FileHandle
  readonly #sidecar: Sidecar
  readonly #tree: KnownTree
  /** Hashes of the group that was read last. */
  #last: { readonly group: number; readonly hashes: Uint8Array } | undefined

  constructor(root: Uint8Array, { data, sidecar, tree }: { readonly data: FileHandle; readonly sidecar: Sidecar; readonly tree: KnownTree }, of: { readonly length: number; readonly leaves: number; readonly ranges: readonly LeafRange[] }) {
    this.#root = root
    this.#data = data
    this.#sidecar = sidecar
    this.#tree = tree
    this.length = of.length
    this.#leaves = of.leaves
    this.ranges = of.ranges
  }

  async proof(group: number): Promise<{ readonly hashes: Uint8Array; readonly uncles: Uint8Array }> {
    const uncles = this.#tree.uncles(group)
    if (uncles === undefined) throw new ServeError('outside', `Group ${group} is not here.`)
    const hashes = await this.#hashesOf(group)
    if (!verifyRun(this.#root, this.#leaves, { index: group * GROUP_LEAVES, size: GROUP_LEAVES, hashes, uncles })) throw damaged()
    return { hashes, uncles }
  }

  async read(index: number, into: readonly Uint8Array[]): Promise<void> {
    let leaf = index
    for (const buffer of into) {
      if ((await readFull(this.#data, buffer, leaf * LEAF_BYTES)) !== buffer.length) throw damaged()
      for (let at = 0; at < buffer.length; at += LEAF_BYTES, leaf++) {
        const hashes = await this.#hashesOf(Math.floor(leaf / GROUP_LEAVES))
        if (!equalBytes(hashLeaf(buffer.subarray(at, at + LEAF_BYTES)), hashAt(hashes, leaf % GROUP_LEAVES))) throw damaged()
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#data.close(), this.#sidecar.close()])
  }

  async #hashesOf(group: number): Promise<Uint8Array> {
    if (this.#last?.group === group) return this.#last.hashes
    const hashes = await this.#sidecar.group(group)
    if (!this.#tree.isTrue(group, hashes)) throw damaged()
    this.#last = { group, hashes }
    return hashes
  }
}

function nothingYet(): ServeError {
  return new ServeError('busy', 'Nothing of the file is here yet.')
}

function damaged(): ServeError {
  return new ServeError('changed', 'What was fetched has been changed on the disk.')
}
