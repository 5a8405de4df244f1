/** What a session with a peer is given, and what it tells. */
import type { Budget } from '../budget.ts'
import type { SessionChannel } from '../channel/channel.ts'
import type { ChannelClass, Path } from '../types.ts'
import type { ChannelTableOptions } from './channel-table.ts'
import type { SenderLink } from './sender.ts'

export interface SessionLink extends SenderLink {
  readonly path: Path
}

/** What the other side wants when it opens a channel. */
export interface OpenRequest {
  readonly peer: string
  readonly service: string
  readonly class: ChannelClass
  readonly metadata: Uint8Array
}

export interface SessionEvents {
  /** {@link Session.pump} is wanted soon: once for all that happens until then. */
  onWork(): void
  /** The other side opens a channel: {@link Session.accept} or {@link Session.refuse} answers, now or later. */
  onRequest(channel: number, request: OpenRequest): void
  /** A channel of ours was taken. */
  onAccepted(channel: SessionChannel): void
  /** A channel has ended. */
  onEnded(channel: SessionChannel): void
  /** A channel came or went, or the last frame was acknowledged: it may be idle, or no longer. */
  onChange(): void
}

export interface SessionDependencies {
  readonly events: SessionEvents
  readonly budget: Budget
  /** 16 bytes, new in each session. */
  readonly nonce: Uint8Array
}

export interface SessionOptions extends ChannelTableOptions {
  readonly peer: string
}

export interface OpenOptions {
  readonly service: string
  readonly class: ChannelClass
  readonly metadata: Uint8Array
  readonly maxMessageBytes: number
  readonly found: string
}
