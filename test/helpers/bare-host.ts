/** A bare libp2p host with hand-made protocols, for tests of what a network service does with peers that are not like it. */
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { encodeFrame, FrameReader } from '../../node-core/network/framing.ts'
import { connectionEncrypter } from '../../node-core/network/host/encryption.ts'
import { calmMuxer } from '../../node-core/network/host/host.ts'
import { eventually } from './network.ts'

export class BareHost {
  readonly host: Libp2p
  /** Streams that were opened to it, by protocol, oldest first. */
  readonly inbound = new Map<string, Stream[]>()
  /** Frames that came on those streams, the handshake among them. */
  readonly frames = new Map<string, Uint8Array[]>()

  static async start({ listen = false } = {}): Promise<BareHost> {
    return new BareHost(
      await createLibp2p({
        addresses: { listen: listen ? ['/ip4/127.0.0.1/tcp/0'] : [] },
        transports: [tcp()],
        connectionEncrypters: [connectionEncrypter()],
        streamMuxers: [() => calmMuxer()],
        connectionMonitor: { enabled: false },
        services: { identify: identify() },
      }),
    )
  }

  private constructor(host: Libp2p) {
    this.host = host
  }

  get id(): string {
    return this.host.peerId.toString()
  }

  get address(): string {
    return this.host.getMultiaddrs()[0]?.toString() ?? ''
  }

  /** Takes streams of a protocol, and does with each what `answer` says. */
  async serve(protocol: string, answer: (stream: Stream) => void): Promise<void> {
    const [streams, frames]: [Stream[], Uint8Array[]] = [[], []]
    this.inbound.set(protocol, streams)
    this.frames.set(protocol, frames)
    await this.host.handle(protocol, (stream) => {
      streams.push(stream)
      const reader = new FrameReader()
      stream.addEventListener('message', ({ data }) => {
        reader.push(data.subarray())
        for (let frame = reader.next(1 << 24); frame !== undefined; frame = reader.next(1 << 24)) frames.push(frame)
      })
      answer(stream)
    })
  }

  /** Takes streams of a topic, and answers their handshake with `greeting`. */
  accept(protocol: string, greeting: Uint8Array): Promise<void> {
    return this.serve(protocol, (stream) => void stream.send(encodeFrame(greeting)))
  }

  dial(address: string): Promise<Connection> {
    return this.host.dial(multiaddr(address))
  }

  /** Opens a topic's stream and says a handshake; resolves when it was answered. */
  static async open(connection: Connection, protocol: string | string[], greeting: Uint8Array): Promise<Stream> {
    const stream = await connection.newStream(protocol)
    let answered = false
    stream.addEventListener('message', () => (answered = true))
    stream.send(encodeFrame(greeting))
    await eventually(() => answered, `an answer on ${stream.protocol}`)
    return stream
  }

  async stop(): Promise<void> {
    await this.host.stop()
  }
}
