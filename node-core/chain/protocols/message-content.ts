/** What the messages on a chain's topics say, for people: plain data, as each topic's `describe` gives it. */
import type { Hash } from '../../base/bytes.ts'
import type { UndescribedContent } from '../../network/topics/message-types.ts'
import type { BlockRef } from '../scale/block.ts'

interface InRound {
  readonly round: number
  readonly setId: number
}

export type BlockContent = { readonly kind: 'block'; readonly block: BlockRef; readonly parentHash: Hash; readonly isBest: boolean }

/** `hashes` are the first few. */
export type TransactionsContent = { readonly kind: 'transactions'; readonly count: number; readonly hashes: readonly Hash[] }

export type FinalityContent =
  | (InRound & { readonly kind: 'vote'; readonly vote: 'prevote' | 'precommit' | 'propose'; readonly target: BlockRef; readonly authority: Hash })
  | (InRound & { readonly kind: 'commit'; readonly target: BlockRef; readonly precommits: number })
  | (InRound & { readonly kind: 'neighbor'; readonly finalized: number })
  | (InRound & { readonly kind: 'catch-up-request' })
  | (InRound & { readonly kind: 'catch-up'; readonly base: BlockRef; readonly prevotes: number; readonly precommits: number })

/** Whatever the inspector of a chain's topic may show. */
export type ChainContent = BlockContent | TransactionsContent | FinalityContent | UndescribedContent
