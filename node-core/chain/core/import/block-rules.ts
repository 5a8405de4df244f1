/**
 * What the chain specification says of single blocks: some are bad, and at some heights only one is right.
 *
 * People write such rules after an accident: a chain went on from a block that most of its nodes agreed to leave behind, or it
 * split in two. The blocks concerned are valid by every other rule, so nothing but their hash tells them apart. They are asked
 * for first of all, before any signature is checked or anything executed.
 */
import type { Hash } from '../../../base/bytes.ts'
import { NodeError } from '../../../base/errors.ts'

export interface BlockRuleOptions {
  readonly badBlocks: readonly Hash[]
  /** The only block that is right at its height. */
  readonly forkBlocks?: readonly (readonly [number: number, hash: Hash])[]
}

export class BlockRules {
  readonly #bad: ReadonlySet<Hash>
  readonly #forks: ReadonlyMap<number, Hash>

  constructor({ badBlocks, forkBlocks = [] }: BlockRuleOptions) {
    this.#bad = new Set(badBlocks)
    this.#forks = new Map(forkBlocks)
  }

  /** Throws a NodeError IMPORT_BAD_BLOCK or IMPORT_OTHER_FORK. */
  assertAllowed(number: number, hash: Hash): void {
    const right = this.#forks.get(number)
    if (right !== undefined && right !== hash) {
      throw new NodeError('IMPORT_OTHER_FORK', `The chain specification requires ${right} as block ${number}: this block belongs to another fork.`)
    }
    if (this.#bad.has(hash)) throw new NodeError('IMPORT_BAD_BLOCK', 'The chain specification lists this block as bad.')
  }
}
