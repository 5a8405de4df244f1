/**
 * Direct sending: the whole message to each peer. The frame is the nonce (8 bytes), then the content; who hands it over is its source,
 * which the secure channel vouches for, and whatever is wrong with it is that peer's doing.
 */
import { concatBytes } from '../../base/bytes.ts'
import type { Disposer } from '../../base/disposers.ts'
import { MalformedError } from '../../base/errors.ts'
import type { Verdict } from '../contracts.ts'
import { assertSpreadable, stoppedError } from './errors.ts'
import { NONCE_SIZE, messageId, sha256 } from './message-id.ts'
import type { Links, OutgoingMessage, Sink, SpreadReport, Spreader } from './spread.ts'

export class DirectSpreader implements Spreader {
  readonly way = 'direct'
  readonly selective = true
  readonly maxContentBytes: number
  readonly #links: Links
  readonly #sink: Sink
  #stopListening: Disposer | undefined

  constructor(dependencies: { readonly links: Links; readonly sink: Sink }) {
    this.#links = dependencies.links
    this.#sink = dependencies.sink
    this.maxContentBytes = dependencies.links.maxFrameBytes - NONCE_SIZE
  }

  start(): void {
    this.#stopListening ??= this.#links.listen({ onFrame: (peer, frame) => this.#onFrame(peer, frame), onOpen: () => {}, onClosed: () => {} })
  }

  spread({ nonce, content }: OutgoingMessage, to: readonly string[]): SpreadReport {
    if (this.#stopListening === undefined) throw stoppedError()
    assertSpreadable(content.length, this.maxContentBytes)
    const sent = this.#links.send(to, concatBytes(nonce, content))
    return { sent, unsent: to.filter((peer) => !sent.includes(peer)) }
  }

  stop(): void {
    this.#stopListening?.()
    this.#stopListening = undefined
  }

  #onFrame(peer: string, frame: Uint8Array): Verdict | Promise<Verdict> {
    if (frame.length < NONCE_SIZE) throw new MalformedError('SPREAD_FRAME_SHORT', `A frame has a nonce of ${NONCE_SIZE} bytes; this one has ${frame.length} bytes.`)
    const content = frame.subarray(NONCE_SIZE)
    const id = messageId(this.#links.topic, peer, frame.subarray(0, NONCE_SIZE), sha256(content))
    return this.#sink.deliver({ id, content, source: peer, from: peer, way: 'direct' })
  }
}
