/** What channels need of the network: streams of one protocol, and connections over which they run. */
import type { PeerConnection, PeerStream, StreamDoor } from '../../network/streams.ts'

/** A stream and who is behind it. */
export type ChannelStream = Pick<PeerStream, 'stream' | 'peer' | 'path'>

export interface ChannelDoor extends Pick<StreamDoor, 'peerId' | 'serve' | 'open' | 'reach'> {
  connections(peer: string): readonly Pick<PeerConnection, 'path'>[]
  /** `path`: the best connection to a peer became another. */
  readonly events: Pick<StreamDoor['events'], 'on'>
}
