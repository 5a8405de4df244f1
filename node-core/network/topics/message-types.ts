/** What one message on a topic says, for people: plain data, decoded by the protocol's own decoder. */
import type { Hash } from '../../base/bytes.ts'
import type { BlockRef } from '../../chain/state/types.ts'

interface InRound {
  readonly round: number
  readonly setId: number
}

export type MessageContent =
  | { readonly kind: 'block'; readonly block: BlockRef; readonly parentHash: Hash; readonly isBest: boolean }
  | (InRound & { readonly kind: 'vote'; readonly vote: 'prevote' | 'precommit' | 'propose'; readonly target: BlockRef; readonly authority: Hash })
  | (InRound & { readonly kind: 'commit'; readonly target: BlockRef; readonly precommits: number })
  | (InRound & { readonly kind: 'neighbor'; readonly finalized: number })
  | (InRound & { readonly kind: 'catch-up-request' })
  | (InRound & { readonly kind: 'catch-up'; readonly base: BlockRef; readonly prevotes: number; readonly precommits: number })
  /** `hashes` are the first few. */
  | { readonly kind: 'transactions'; readonly count: number; readonly hashes: readonly Hash[] }
  /** Bytes that are no message of this topic, and why. */
  | { readonly kind: 'unreadable'; readonly reason: string }
  /** Not looked at: it came above the rate, or is too long for that. */
  | { readonly kind: 'unread' }

export type MessageKind = MessageContent['kind']

/** What became of it. `sent` was handed to the peer's stream. */
export type MessageFate = 'accepted' | 'duplicate' | 'ignored' | 'rejected' | 'limited' | 'sent'

/** One message as the inspector of a topic tells it. */
export interface InspectedMessage {
  /** Milliseconds since the Unix epoch: when its fate was known. */
  readonly at: number
  readonly direction: 'in' | 'out'
  readonly peer: string
  /** Bytes, without the length in front. */
  readonly size: number
  readonly fate: MessageFate
  /** Why it was ignored or rejected: bounded. */
  readonly reason: string | undefined
  readonly content: MessageContent
  /** The first {@link HEX_BYTES} bytes of it. */
  readonly hex: string
}

export interface MessageListener {
  onMessage(message: InspectedMessage): void
  /** Messages that came too fast to be looked at. */
  onSkipped(count: number): void
}
