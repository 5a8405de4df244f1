/**
 * Blocks below the one on which the chain began here: not executed, because they are final and their states are gone.
 *
 * What proves them is that each is the parent of the one above (state/fill-gap.ts checks the hashes), and that the body is the one that the
 * header names. The latter takes time for large blocks, so everything else in this thread has its turn in between. A justification proves
 * nothing here that is not proven already: it is kept for others, where it is known to be right, and left out where not.
 */
import { isNodeError } from '../../../base/errors.ts'
import type { BlockRef, Justification } from '../../scale/block.ts'
import type { GapBlock, GapWriter } from '../../state/types.ts'
import { isBodyOf } from './extrinsics-root.ts'

export type FillOutcome =
  | { readonly kind: 'filled' }
  /** The body of this block is not the one that its header names; nothing was stored. */
  | { readonly kind: 'wrong-body'; readonly block: BlockRef }
  /** The chain begins at another genesis than ours. */
  | { readonly kind: 'foreign'; readonly message: string }

/** Whether a justification proves an old block. Never rejects. */
export type ProvesOld = (block: BlockRef, justification: Justification) => Promise<boolean>

/** Bytes of bodies that are checked in one go: a few milliseconds. */
const SLICE_BYTES = 128 * 1024

export class GapFiller {
  readonly #writer: GapWriter
  readonly #proves: ProvesOld

  constructor(writer: GapWriter, proves: ProvesOld) {
    this.#writer = writer
    this.#proves = proves
  }

  /** `blocks` run downwards; their justifications need not be right. Rejects where they cannot be stored. */
  async fill(blocks: readonly GapBlock[]): Promise<FillOutcome> {
    let bytes = 0
    for (const { hash, header, body } of blocks) {
      if (body === undefined) continue
      if (!isBodyOf(header, body)) return { kind: 'wrong-body', block: { hash, number: header.number } }
      bytes += body.reduce((sum, { length }) => sum + length, 0)
      if (bytes < SLICE_BYTES) continue
      bytes = 0
      await new Promise((resolve) => setImmediate(resolve))
    }
    const proven: GapBlock[] = []
    for (const block of blocks) proven.push({ ...block, justifications: await this.#provenOf(block) })
    try {
      await this.#writer.fillGap(proven)
      return { kind: 'filled' }
    } catch (error) {
      if (isNodeError(error) && error.code === 'STATE_WRONG_GENESIS') return { kind: 'foreign', message: error.message }
      throw error
    }
  }

  async #provenOf({ hash, header, justifications = [] }: GapBlock): Promise<readonly Justification[] | undefined> {
    const proven: Justification[] = []
    for (const justification of justifications) if (await this.#proves({ hash, number: header.number }, justification)) proven.push(justification)
    return proven.length === 0 ? undefined : proven
  }
}
