/**
 * The way of packets to one peer: a stream that is opened for the first of them, and again when it broke. Packets do not wait for each other's programs: what finds
 * no room is dropped, as on any full line, and the programs' own protocols see to it.
 *
 * A stream carries packets in one direction: the peer opens another one for its own. So nobody has to agree on which of two streams it is when both sides begin
 * at once, and each side decides for itself whom it listens to.
 */
import type { Stream } from '@libp2p/interface'
import type { Clock } from '../../../base/clock.ts'
import type { Disposer } from '../../../base/disposers.ts'
import { onRoom } from '../../../network/stream-room.ts'
import { LinkError, type LinkErrorCode } from '../errors.ts'
import type { Opener } from '../opener.ts'
import { IP_LINK } from '../wire.ts'

/** Of packets that wait for the stream, or for room in it: less than a tenth of a second of a slow line. */
const MAX_WAITING_BYTES = 256 * 1024
/** How long a peer is not asked again that could not be reached or refused, in milliseconds. */
const AGAIN_MS = 5_000

export interface LaneFigures {
  readonly state: 'idle' | 'opening' | 'open' | 'refused'
  /** Why the peer was not reached, or what it answered. */
  readonly refusal: LinkErrorCode | undefined
  readonly packets: number
  readonly bytes: number
  /** Packets for which there was no way, or no room. */
  readonly dropped: number
}

export interface LaneDependencies {
  readonly opener: Pick<Opener, 'open'>
  readonly clock: Clock
}

export class Lane {
  readonly #deps: LaneDependencies
  readonly #peer: string
  readonly #relayed: boolean
  readonly #end = new AbortController()
  #stream: Stream | undefined
  #stopListening: Disposer = () => undefined
  #isOpening = false
  #askAgainAt = 0
  #refusal: LinkErrorCode | undefined
  #waiting: { readonly bytes: Uint8Array; readonly packets: number }[] = []
  #waitingBytes = 0
  #packets = 0
  #bytes = 0
  #dropped = 0

  constructor(dependencies: LaneDependencies, peer: string, { relayed }: { readonly relayed: boolean }) {
    this.#deps = dependencies
    this.#peer = peer
    this.#relayed = relayed
  }

  get figures(): LaneFigures {
    const state = this.#stream !== undefined ? 'open' : this.#isOpening ? 'opening' : this.#refusal !== undefined ? 'refused' : 'idle'
    return { state, refusal: this.#refusal, packets: this.#packets, bytes: this.#bytes, dropped: this.#dropped }
  }

  /** So many packets, each behind its length. The bytes may wait in the stream: nobody writes on them afterwards. */
  send(bytes: Uint8Array, packets: number): void {
    if (this.#stream === undefined && !this.#isOpening) this.#open()
    if (this.#stream !== undefined && !this.#stream.writableNeedsDrain) return this.#write(this.#stream, bytes, packets)
    if ((this.#stream === undefined && !this.#isOpening) || this.#waitingBytes + bytes.length > MAX_WAITING_BYTES) {
      this.#dropped += packets
      return
    }
    this.#waiting.push({ bytes: bytes.slice(), packets })
    this.#waitingBytes += bytes.length
  }

  /** Idempotent. */
  close(): void {
    this.#end.abort(new LinkError('NET_LINK_CLOSED', 'The IP link was closed.'))
    this.#stream?.abort(new Error('the IP link was closed'))
    this.#lose()
  }

  #open(): void {
    const { clock, opener } = this.#deps
    if (clock.now() < this.#askAgainAt || this.#end.signal.aborted) return
    this.#isOpening = true
    opener
      .open(this.#peer, IP_LINK, { relayed: this.#relayed, signal: this.#end.signal })
      .then(
        ({ stream }) => this.#opened(stream),
        (error: unknown) => {
          this.#refusal = error instanceof LinkError ? error.code : 'NET_LINK_NO_ANSWER'
          this.#askAgainAt = clock.now() + AGAIN_MS
          this.#dropWaiting()
        },
      )
      .finally(() => (this.#isOpening = false))
  }

  #opened(stream: Stream): void {
    if (this.#end.signal.aborted) return stream.abort(new Error('the IP link was closed'))
    this.#stream = stream
    this.#refusal = undefined
    const stopRoom = onRoom(stream, () => this.#flush())
    const onClose = (): void => {
      if (this.#stream === stream) this.#lose()
    }
    // The peer says nothing on it; whatever it says all the same is not kept.
    stream.addEventListener('message', ignore)
    stream.addEventListener('close', onClose)
    stream.addEventListener('end', onClose)
    this.#stopListening = () => {
      stopRoom()
      stream.removeEventListener('message', ignore)
      stream.removeEventListener('close', onClose)
      stream.removeEventListener('end', onClose)
      stream.abort(new Error('the IP link goes on over another stream'))
    }
    if (stream.status === 'open') this.#flush()
    else this.#lose()
  }

  #flush(): void {
    while (this.#stream !== undefined && !this.#stream.writableNeedsDrain) {
      const next = this.#waiting.shift()
      if (next === undefined) return
      this.#waitingBytes -= next.bytes.length
      this.#write(this.#stream, next.bytes, next.packets)
    }
  }

  #write(stream: Stream, bytes: Uint8Array, packets: number): void {
    try {
      stream.send(bytes)
      this.#packets += packets
      this.#bytes += bytes.length
    } catch {
      // Only a stream that is closed takes nothing.
      this.#dropped += packets
      this.#lose()
    }
  }

  /** The stream is gone; the next packet opens another. */
  #lose(): void {
    this.#stream = undefined
    this.#stopListening()
    this.#stopListening = () => undefined
    this.#dropWaiting()
  }

  #dropWaiting(): void {
    for (const { packets } of this.#waiting) this.#dropped += packets
    this.#waiting = []
    this.#waitingBytes = 0
  }
}

function ignore(): void {
  // Nothing.
}
