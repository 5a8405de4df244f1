/** What others may take of this node's answers over time; protocols that name the same budget share it. */
import type { AnswerBudget } from '../../../network/contracts.ts'

const MIB = 1024 * 1024

/** Blocks: more than a node imports. */
export const BLOCKS_BUDGET: AnswerBudget = { bytesPerSecond: 32 * MIB, burstBytes: 256 * MIB, shares: { subscriber: 2, site: 4 } }

/**
 * Proofs and states, which cost more to make: a whole state comes at this pace, and a light client that starts takes the runtime's
 * code at once.
 */
export const PROOFS_BUDGET: AnswerBudget = { bytesPerSecond: 4 * MIB, burstBytes: 32 * MIB, shares: { subscriber: 4, site: 8 } }
