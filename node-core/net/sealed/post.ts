/** Handing envelopes over: the side of `/nodestead/sealed/1` that opens the stream. */
import type { Clock } from '../../base/clock.ts'
import type { StreamDoor } from '../../network/streams.ts'
import { within } from '../within.ts'
import { FrameStream } from './frame-stream.ts'
import { decodeAnswer, encodeRequest, MAX_ANSWER_BYTES, SEALED_PROTOCOL, type Outcome, type SealedRequest } from './wire.ts'

/** For a stream, and for each answer. */
const ANSWER_MS = 30_000

export interface PostDependencies {
  readonly door: Pick<StreamDoor, 'open'>
  readonly clock: Clock
}

/** A stream to one peer on which envelopes are handed over one by one. */
export class Post {
  readonly #frames: FrameStream
  readonly #deps: PostDependencies
  readonly #signal: AbortSignal

  /** On a connection that is there. Rejects as {@link StreamDoor.open} does. */
  static async open(dependencies: PostDependencies, peer: string, signal: AbortSignal): Promise<Post> {
    const { stream } = await within(dependencies.clock, ANSWER_MS, signal, (own) => dependencies.door.open(peer, [SEALED_PROTOCOL], { signal: own, relayed: true }))
    return new Post(dependencies, new FrameStream(stream, MAX_ANSWER_BYTES), signal)
  }

  private constructor(dependencies: PostDependencies, frames: FrameStream, signal: AbortSignal) {
    this.#deps = dependencies
    this.#frames = frames
    this.#signal = signal
  }

  /** Rejects where no answer comes: the message may have been taken, and may not. */
  async hand(request: SealedRequest): Promise<Outcome> {
    return within(this.#deps.clock, ANSWER_MS, this.#signal, async (signal) => {
      await this.#frames.send(encodeRequest(request), signal)
      const answer = await this.#frames.next(signal)
      if (answer === undefined) throw new Error('the peer ended the stream')
      return decodeAnswer(answer)
    })
  }

  async close(): Promise<void> {
    await this.#frames.close()
  }

  abort(error: Error): void {
    this.#frames.abort(error)
  }
}
