/**
 * Takes the packets of one peer from its stream to the device. A peer may speak only for the addresses that the user gave it, and only to those of this computer:
 * nothing that comes over an IP link goes on to other networks, or pretends to come from another peer.
 */
import type { Stream, StreamMessageEvent } from '@libp2p/interface'
import { EMPTY } from '../../../base/bytes.ts'
import { eachPacket, packetEnds, type AddressKey } from './packets.ts'

export interface InletFigures {
  readonly packets: number
  readonly bytes: number
  /** Packets from addresses that are not the peer's, or to such as are not this computer's. */
  readonly foreign: number
  /** Packets that the device did not take. */
  readonly dropped: number
}

export interface InletDependencies {
  /** The peer's. */
  readonly sources: ReadonlySet<AddressKey>
  /** This computer's, as they are now. */
  readonly destinations: () => ReadonlySet<AddressKey>
  /** False where the device takes nothing. */
  readonly write: (packet: Buffer) => boolean
  /** What came was no IP packet. The stream is aborted behind it. */
  readonly onMalformed: () => void
}

/** Of one peer, over all its streams one after the other. */
export class Inlet {
  readonly #deps: InletDependencies
  #stream: Stream | undefined
  #packets = 0
  #bytes = 0
  #foreign = 0
  #dropped = 0

  constructor(dependencies: InletDependencies) {
    this.#deps = dependencies
  }

  get figures(): InletFigures & { readonly isOpen: boolean } {
    return { isOpen: this.#stream !== undefined, packets: this.#packets, bytes: this.#bytes, foreign: this.#foreign, dropped: this.#dropped }
  }

  /** The stream takes the place of the one before. Resolves when it has ended; never rejects. */
  take(stream: Stream): Promise<void> {
    this.#stream?.abort(new Error('the peer opened another stream'))
    this.#stream = stream
    const { promise, resolve } = Promise.withResolvers<void>()
    let rest: Buffer = Buffer.from(EMPTY)
    const onMessage = ({ data }: StreamMessageEvent): void => {
      const piece = data.subarray()
      const bytes = rest.length === 0 ? Buffer.from(piece.buffer, piece.byteOffset, piece.length) : Buffer.concat([rest, piece])
      const taken = eachPacket(bytes, (packet) => {
        if (this.#stream === stream) this.#pass(packet, stream)
      })
      // What is kept is part of one packet, and not the piece that it came in.
      rest = taken === bytes.length ? Buffer.from(EMPTY) : Buffer.from(bytes.subarray(taken))
    }
    const onOver = (): void => {
      stream.removeEventListener('message', onMessage)
      if (this.#stream === stream) this.#stream = undefined
      if (stream.status === 'open') stream.abort(new Error('the peer ended it'))
      resolve()
    }
    stream.addEventListener('message', onMessage)
    stream.addEventListener('close', onOver)
    stream.addEventListener('end', () => queueMicrotask(onOver))
    if (stream.status !== 'open') onOver()
    return promise
  }

  close(): void {
    this.#stream?.abort(new Error('the IP link was closed'))
    this.#stream = undefined
  }

  #pass(packet: Buffer, stream: Stream): void {
    const { sources, destinations, write, onMalformed } = this.#deps
    const ends = packetEnds(packet)
    if (ends === undefined) {
      onMalformed()
      this.#stream = undefined
      stream.abort(new Error('what came was no IP packet'))
      return
    }
    if (!sources.has(ends.source) || !destinations().has(ends.destination)) this.#foreign++
    else if (!write(packet)) this.#dropped++
    else {
      this.#packets++
      this.#bytes += packet.length
    }
  }
}
