/**
 * One message on a topic, for people: what it says, and what became of it.
 *
 * What it says is its owner's to tell ({@link MessageContent}); the service adds the two cases in which nobody can, and who sent
 * it, how long it is, and its fate. All of it is plain data, so that it crosses to the window as it is.
 */

/** Decoded by the protocol's own decoder. `kind` tells the owner's messages apart; the fields beside it are known to those who know the owner. */
export interface MessageContent {
  readonly kind: string
}

/** What is said of a message that its owner did not describe. */
export type UndescribedContent =
  /** Bytes that are no message of this topic, and why. */
  | { readonly kind: 'unreadable'; readonly reason: string }
  /** Not looked at: it came above the rate, or is too long for that. */
  | { readonly kind: 'unread' }

/** What became of it. `sent` was handed to the peer's stream. */
export type MessageFate = 'accepted' | 'duplicate' | 'ignored' | 'rejected' | 'limited' | 'sent'

/** One message as the inspector of a topic tells it. */
export interface InspectedMessage<Content extends MessageContent = MessageContent> {
  /** Milliseconds since the Unix epoch: when its fate was known. */
  readonly at: number
  readonly direction: 'in' | 'out'
  readonly peer: string
  /** Bytes, without the length in front. */
  readonly size: number
  readonly fate: MessageFate
  /** Why it was ignored or rejected: bounded. */
  readonly reason: string | undefined
  readonly content: Content | UndescribedContent
  /** The first {@link HEX_BYTES} bytes of it. */
  readonly hex: string
}

export interface MessageListener {
  onMessage(message: InspectedMessage): void
  /** Messages that came too fast to be looked at. */
  onSkipped(count: number): void
}
