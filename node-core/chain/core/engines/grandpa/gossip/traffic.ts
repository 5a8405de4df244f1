/** What the grandpa topic knows of the messages that pass through it, of the voter behind it, and of its codec. */
import type { EventSource } from '../../../../../base/events.ts'
import type { BlockRef } from '../../../../scale/block.ts'
import type { FinalityContent } from '../../../../protocols/message-content.ts'

export interface At {
  readonly round: number
  readonly setId: number
}

/** Where a node is: its round, its authority set, and the height of its finalized block. */
export interface NeighborPacket extends At {
  readonly type: 'neighbor'
  readonly finalized: number
}

export interface CommitTraffic extends At {
  readonly type: 'commit'
  readonly target: BlockRef
}

/** As much of a message as must be known to send it to the right peers. */
export type GrandpaTraffic = (At & { readonly type: 'vote' | 'catchUpRequest' | 'catchUp' }) | CommitTraffic | NeighborPacket

export interface GrandpaGossipEvents<Message> {
  /** To one peer, or to everybody where `peer` is undefined. */
  message: { readonly message: Message; readonly peer: string | undefined }
  /** A vote of another that is good, and came from `peer`; the message is the one that was received. */
  accepted: { readonly message: Message; readonly peer: string }
  misbehaviour: { readonly peer: string; readonly reason: string }
}

/** The voter's door. */
export interface GrandpaPort<Message> {
  readonly gossip: EventSource<GrandpaGossipEvents<Message>>
  readonly position: At
  /** How many voters there are: what traffic is to be expected. */
  readonly voters: number
  /** A promise resolves when the message was dealt with. */
  receive(message: Message, peer: string): void | Promise<void>
}

export interface GrandpaCodec<Message> {
  encode(message: Message | NeighborPacket): Uint8Array
  /** Throws a NodeError where the bytes are no message. */
  decode(bytes: Uint8Array): Message
  describe(message: Message): FinalityContent
}
