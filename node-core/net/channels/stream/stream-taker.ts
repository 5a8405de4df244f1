/** Streams that the peer opens for its session: not too many in a minute, and each has to begin with a greeting soon. */
import type { Clock } from '../../../base/clock.ts'
import type { PeerFault } from '../../../network/contracts.ts'
import type { ChannelStream } from '../door.ts'
import { CHANNEL_FAULTS } from '../errors.ts'
import type { HelloFrame } from '../frames/frames.ts'
import { GreetedLink } from './greeted-link.ts'
import type { LinkEvents, StreamLink } from './stream-link.ts'
import { GREETING_MS } from './stream-opener.ts'

/** Streams that a peer may bring in a minute. */
const STREAMS_PER_MINUTE = 60

export interface StreamTakerDependencies {
  readonly clock: Clock
  readonly linkEvents: () => (link: () => StreamLink) => LinkEvents
  readonly onGreeted: (link: GreetedLink, hello: HelloFrame) => void
  readonly onFault: (fault: PeerFault) => void
}

export class StreamTaker {
  readonly #deps: StreamTakerDependencies
  /** When the peer brought streams, in the last minute. */
  #arrivals: number[] = []

  constructor(dependencies: StreamTakerDependencies) {
    this.#deps = dependencies
  }

  /** Never rejects. */
  async take(stream: ChannelStream): Promise<void> {
    const { clock, linkEvents, onGreeted, onFault } = this.#deps
    const now = clock.now()
    this.#arrivals = [...this.#arrivals.filter((at) => at > now - 60_000), now]
    if (this.#arrivals.length > STREAMS_PER_MINUTE) {
      onFault(CHANNEL_FAULTS.restless)
      return stream.stream.abort(new Error('no streams are taken'))
    }
    const abort = new AbortController()
    const timer = clock.schedule(GREETING_MS, () => {
      onFault(CHANNEL_FAULTS.silent)
      abort.abort(new Error('it did not greet'))
    })
    const link = new GreetedLink(linkEvents(), stream)
    try {
      onGreeted(link, await link.greeting(abort.signal))
    } catch (error) {
      link.link.abort(error as Error)
    } finally {
      timer()
    }
  }
}
