/**
 * Which leaves are wanted, which have been verified and which are written, and the few groups that are being fetched now.
 *
 * Groups are begun in the order of the file. Only {@link MAX_GROUPS} are under way, so that what is kept in memory does not grow with the file; one
 * that no peer at hand can go on with makes room for another.
 */
import { LeafSet, covers } from '../leaf-set.ts'
import { GROUP_LEAVES, leafCount } from '../tree.ts'
import type { LeafRange } from '../wire.ts'
import { Group, type Run } from './group.ts'

const MAX_GROUPS = 16

export class Board {
  /** Bytes of the whole file. */
  readonly length: number
  readonly leaves: number
  readonly wanted: LeafSet
  /** Verified, written or not yet. */
  readonly got: LeafSet
  /** Verified and written. */
  readonly had: LeafSet
  /** Wanted leaves of each group that are missing. */
  readonly #left: Uint16Array
  readonly #active = new Map<number, Group>()
  /** Before it, no group has anything missing. */
  #cursor = 0

  /** `had`: what was written earlier, of which it keeps a copy; `wanted`: all where nothing is said. */
  constructor(length: number, { had, wanted }: { readonly had?: LeafSet | undefined; readonly wanted?: LeafRange | undefined } = {}) {
    this.length = length
    this.leaves = leafCount(length)
    this.wanted = LeafSet.of(this.leaves, wanted ?? { from: 0, to: this.leaves })
    this.had = new LeafSet(this.leaves, had?.bits)
    this.got = new LeafSet(this.leaves, had?.bits)
    this.#left = new Uint16Array(Math.ceil(this.leaves / GROUP_LEAVES))
    for (let leaf = 0; leaf < this.leaves; leaf++) if (this.#isMissing(leaf)) this.#left[leaf / GROUP_LEAVES | 0]!++
  }

  readonly #isMissing = (leaf: number): boolean => this.wanted.has(leaf) && !this.got.has(leaf)

  get active(): Iterable<Group> {
    return this.#active.values()
  }

  group(index: number): Group | undefined {
    return this.#active.get(index)
  }

  groupOf(leaf: number): Group | undefined {
    return this.#active.get(Math.floor(leaf / GROUP_LEAVES))
  }

  /** Wanted leaves that are missing. */
  get missing(): number {
    return this.#left.reduce((sum, left) => sum + left, 0)
  }

  /** Wanted leaves that are written. */
  get written(): number {
    let count = 0
    for (let leaf = 0; leaf < this.leaves; leaf++) if (this.had.has(leaf) && this.wanted.has(leaf)) count++
    return count
  }

  /** A peer that has these leaves has something that is missing. */
  helps(has: 'all' | readonly LeafRange[], group?: number): boolean {
    if (group !== undefined) return (this.#left[group] ?? 0) > 0 && (has === 'all' || this.#anyMissing(has, group * GROUP_LEAVES, (group + 1) * GROUP_LEAVES))
    return has === 'all' ? this.#left.some((left) => left > 0) : this.#anyMissing(has, 0, this.leaves)
  }

  #anyMissing(has: readonly LeafRange[], from: number, to: number): boolean {
    for (const range of has) {
      for (let leaf = Math.max(from, range.from); leaf < Math.min(to, range.to); leaf++) {
        if ((this.#left[Math.floor(leaf / GROUP_LEAVES)] ?? 0) === 0) leaf += GROUP_LEAVES - 1 - (leaf % GROUP_LEAVES)
        else if (this.#isMissing(leaf)) return true
      }
    }
    return false
  }

  /** Free leaves in groups whose hashes are known, or on their way. */
  get prepared(): number {
    let free = 0
    for (const group of this.#active.values()) if (group.hashes !== undefined || group.hashesAsked > 0) free += group.free
    return free
  }

  /** Leaves to ask a peer for, that nobody is asked for. */
  free(max: number, has: 'all' | readonly LeafRange[]): { readonly group: Group; readonly run: Run } | undefined {
    for (const group of this.#active.values()) {
      if (group.free === 0 || group.hashes === undefined) continue
      const run = group.firstFree(max, (leaf) => covers(has, leaf))
      if (run !== undefined) return { group, run }
    }
    return undefined
  }

  /** Begins the next group for which a peer is of help; undefined where there is none, or no room. */
  begin(has: 'all' | readonly LeafRange[]): Group | undefined {
    while (this.#cursor < this.#left.length && this.#left[this.#cursor] === 0) this.#cursor++
    const index = has === 'all' ? this.#nextIndex(this.#cursor, this.#left.length) : this.#nextOf(has)
    return index === undefined || !this.#makeRoom(has) ? undefined : this.open(index)
  }

  /** Puts a group among those that are being fetched. */
  open(index: number): Group {
    const group = new Group(index, this.leaves, this.#isMissing)
    this.#active.set(index, group)
    return group
  }

  #nextIndex(from: number, to: number): number | undefined {
    for (let index = from; index < to; index++) if ((this.#left[index] as number) > 0 && !this.#active.has(index)) return index
    return undefined
  }

  #nextOf(has: readonly LeafRange[]): number | undefined {
    for (const { from, to } of has) {
      for (let index = Math.floor(from / GROUP_LEAVES); index * GROUP_LEAVES < to; index++) {
        if (!this.#active.has(index) && this.helps(has, index)) return index
      }
    }
    return undefined
  }

  #makeRoom(has: 'all' | readonly LeafRange[]): boolean {
    if (this.#active.size < MAX_GROUPS) return true
    for (const group of this.#active.values()) {
      if (!group.isIdle || this.helps(has, group.index)) continue
      this.#active.delete(group.index)
      return true
    }
    return false
  }

  /** A leaf was verified. Whether it was missing. */
  arrived(leaf: number): boolean {
    const group = this.groupOf(leaf)
    if (group?.arrived(leaf) !== true) return false
    this.got.add(leaf)
    this.#left[group.index]!--
    if (group.missing === 0) this.#active.delete(group.index)
    return true
  }

  release(run: Run): void {
    // A question stays within one group.
    this.groupOf(run.index)?.release(run)
  }
}
