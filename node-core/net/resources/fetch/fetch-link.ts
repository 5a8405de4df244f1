/** A stream to one peer, as whoever fetches has it: questions go out, answers come in decoded. */
import type { PeerFault } from '../../../network/contracts.ts'
import { encodeFrame } from '../../../network/framing.ts'
import { FrameStream } from '../frames.ts'
import type { ResourceStream } from '../types.ts'
import { MAX_ANSWER_BYTES, decodeAnswer, encodeQuestion, type Answer, type Question } from '../wire.ts'

export interface LinkEvents {
  onAnswer(answer: Answer): void
  /** Once, where the other side ended it or broke the protocol. */
  onEnd(reason: string, fault?: PeerFault): void
}

export class FetchLink {
  readonly #frames: FrameStream

  constructor({ stream }: ResourceStream, events: LinkEvents) {
    this.#frames = new FrameStream(stream, MAX_ANSWER_BYTES, { onFrame: (frame) => events.onAnswer(decodeAnswer(frame)), onEnd: (reason, fault) => events.onEnd(reason, fault) })
  }

  start(): void {
    this.#frames.start()
  }

  /** Questions are few and small: nobody waits for the stream. */
  ask(question: Question): void {
    this.#frames.send(encodeFrame(encodeQuestion(question)))
  }

  end(): void {
    this.#frames.end(new Error('nothing more is asked for'))
  }
}
