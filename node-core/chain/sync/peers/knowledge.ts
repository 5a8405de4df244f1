/**
 * What consensus and the network know that helps the syncer, and that no peer can tell it. Each part may be missing: the syncer
 * then goes by what it sees itself.
 */
import type { BlockRef } from '../../scale/block.ts'

export interface SyncKnowledge {
  /**
   * Blocks that are here, are not final, and change the authorities when they become so, the one on the best chain first. Nothing
   * above such a block can be made final on its fork before a justification of exactly this block has come.
   */
  setChanges(): readonly BlockRef[]
  /** The highest that any chain on top of the finalized block can be by now; undefined where nobody can tell. */
  ceiling(now: number): number | undefined
  /** Peers of one group may well be one person: in a public network, those of one block of addresses. */
  groupOf(peer: string): string
}

export const NO_KNOWLEDGE: SyncKnowledge = { setChanges: () => [], ceiling: () => undefined, groupOf: (peer) => peer }
