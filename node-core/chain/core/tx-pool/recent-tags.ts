/**
 * Tags that the newest blocks provide. What the runtime said of a transaction a moment ago may still ask for one of them:
 * it must not be sent to wait for what has happened already.
 */
import type { Hash } from '../../../base/bytes.ts'

/** More than the blocks that come while one transaction is validated. */
const REMEMBERED_BLOCKS = 8

export class RecentTags {
  readonly #byBlock = new Map<Hash, ReadonlySet<string>>()

  has(tag: string): boolean {
    for (const tags of this.#byBlock.values()) if (tags.has(tag)) return true
    return false
  }

  add(block: Hash, tags: Iterable<string>): void {
    this.#byBlock.set(block, new Set(tags))
    if (this.#byBlock.size > REMEMBERED_BLOCKS) this.#byBlock.delete(this.#byBlock.keys().next().value as Hash)
  }

  /** The block is not on the best chain any more. */
  retract(block: Hash): void {
    this.#byBlock.delete(block)
  }
}
