/**
 * Blocks below the one on which the chain began here: not executed, because they are final and their states are gone.
 *
 * What proves them is that each is the parent of the one above (state/fill-gap.ts checks the hashes), and that the body is the one that the
 * header names. The latter takes time for large blocks, so everything else in this thread has its turn in between.
 */
import { isNodeError } from '../../../base/errors.ts'
import type { BlockRef } from '../../scale/block.ts'
import type { GapBlock, GapWriter } from '../../state/types.ts'
import { isBodyOf } from './extrinsics-root.ts'

export type FillOutcome =
  | { readonly kind: 'filled' }
  /** The body of this block is not the one that its header names; nothing was stored. */
  | { readonly kind: 'wrong-body'; readonly block: BlockRef }
  /** The chain begins at another genesis than ours. */
  | { readonly kind: 'foreign'; readonly message: string }

/** Bytes of bodies that are checked in one go: a few milliseconds. */
const SLICE_BYTES = 128 * 1024

export class GapFiller {
  readonly #writer: GapWriter

  constructor(writer: GapWriter) {
    this.#writer = writer
  }

  /** `blocks` run downwards. Rejects where they cannot be stored. */
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
    try {
      await this.#writer.fillGap(blocks)
      return { kind: 'filled' }
    } catch (error) {
      if (isNodeError(error) && error.code === 'STATE_WRONG_GENESIS') return { kind: 'foreign', message: error.message }
      throw error
    }
  }
}
