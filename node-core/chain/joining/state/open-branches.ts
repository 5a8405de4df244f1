/** The branches that a walk through a proof is in, from the root down: numbers side by side, since a walk is in another branch all the time. */
import { malformed } from './errors.ts'
import type { FrontierLevel } from './gap.ts'

/** Nodes below each other: enough for keys of a kilobyte that branch at every nibble. */
const MAX_LEVELS = 2048

export class OpenBranches {
  level = 0
  /** Nibbles from the root to the end of the partial key. */
  readonly depths = new Int32Array(MAX_LEVELS)
  /** Children right of the way: bit n is nibble n. */
  readonly rights = new Int32Array(MAX_LEVELS)
  /** All children, the next one, where its reference stands, and where the item ends. */
  readonly bitmaps = new Int32Array(MAX_LEVELS)
  readonly nibbles = new Int32Array(MAX_LEVELS)
  readonly cursors = new Int32Array(MAX_LEVELS)
  readonly ends = new Int32Array(MAX_LEVELS)
  /** Where the encoding under way begins. */
  readonly bases = new Int32Array(MAX_LEVELS)
  /** Where it lies to the start of the walk. */
  readonly sides = new Int32Array(MAX_LEVELS)

  /** Goes one level down; returns the level. Throws a PieceError where that is too deep. */
  enter(): number {
    if (this.level === MAX_LEVELS) throw malformed(`more than ${MAX_LEVELS} nodes below each other`)
    return this.level++
  }

  frontier(): FrontierLevel[] {
    return Array.from({ length: this.level }, (_, i) => ({ depth: this.depths[i] as number, right: this.rights[i] as number }))
  }
}
