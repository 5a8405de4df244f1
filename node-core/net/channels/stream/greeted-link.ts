/** The beginning of a stream: the other side's greeting, and then frames for the session. */
import type { ChannelStream } from '../door.ts'
import type { Frame, HelloFrame } from '../frames/frames.ts'
import { StreamLink, type LinkEvents } from './stream-link.ts'
import { unlessAborted } from '../unless-aborted.ts'

/** A link of which the first frame is a greeting, and that hands on what follows once that is dealt with. */
export class GreetedLink {
  readonly link: StreamLink
  #first: { readonly resolve: (hello: HelloFrame) => void; readonly reject: (error: Error) => void } | undefined
  readonly #greeting: Promise<HelloFrame>
  readonly #early: Frame[] = []
  #begun = false
  readonly #onFrame: (frame: Frame) => void

  constructor(events: (link: () => StreamLink) => LinkEvents, stream: ChannelStream) {
    const own = events(() => this.link)
    this.#onFrame = (frame) => own.onFrame(frame)
    this.#greeting = new Promise((resolve, reject) => (this.#first = { resolve, reject }))
    this.#greeting.catch(() => undefined)
    this.link = new StreamLink(stream, {
      onFrame: (frame) => this.#take(frame),
      onWritable: () => own.onWritable(),
      onEnd: (reason, fault) => {
        this.#first?.reject(new Error(reason))
        own.onEnd(reason, fault)
      },
    })
  }

  greeting(signal: AbortSignal): Promise<HelloFrame> {
    return unlessAborted(this.#greeting, signal)
  }

  /** From here on frames go to the session, those that came early first. */
  begin(): void {
    this.#begun = true
    this.link.guard(() => {
      for (const frame of this.#early.splice(0)) this.#onFrame(frame)
    })
  }

  #take(frame: Frame): void {
    const first = this.#first
    if (first !== undefined) {
      this.#first = undefined
      if (frame.kind === 'hello') first.resolve({ ...frame, nonce: frame.nonce.slice(), peerNonce: frame.peerNonce.slice() })
      else first.reject(new Error('it did not greet first'))
    } else if (this.#begun) {
      this.#onFrame(frame)
    } else {
      this.#early.push(frame)
    }
  }
}
