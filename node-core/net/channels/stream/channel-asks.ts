/** Channels that were asked for in a session, and who waits for the other side to take them. */
import type { Clock } from '../../../base/clock.ts'
import type { SessionChannel } from '../channel/channel.ts'
import { ChannelError } from '../errors.ts'
import type { Session } from '../session/session.ts'
import type { OpenOptions } from '../session/types.ts'

/** How long the other side has to answer. */
const ANSWER_MS = 10_000

export class ChannelAsks {
  readonly #clock: Clock
  readonly #accepted = new Map<SessionChannel, () => void>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The other side took it. */
  onAccepted(channel: SessionChannel): void {
    this.#accepted.get(channel)?.()
  }

  /** Resolves when the other side took the channel. Rejects with a {@link ChannelError}, or the signal's reason. */
  async ask(session: Session, options: OpenOptions, signal: AbortSignal | undefined): Promise<SessionChannel> {
    const channel = session.open(options)
    const onAbort = (): void => channel.reset()
    let isLate = false
    const timer = this.#clock.schedule(ANSWER_MS, () => {
      isLate = true
      channel.reset()
    })
    signal?.addEventListener('abort', onAbort)
    try {
      await new Promise<void>((resolve, reject) => {
        this.#accepted.set(channel, resolve)
        void channel.closed.then((error) => reject(error ?? new ChannelError('CHANNEL_CLOSED', 'The channel was closed before it was taken.')))
      })
      return channel
    } catch (error) {
      signal?.throwIfAborted()
      throw isLate ? new ChannelError('CHANNEL_UNREACHABLE', 'The peer did not answer in time.', { cause: error }) : error
    } finally {
      timer()
      signal?.removeEventListener('abort', onAbort)
      this.#accepted.delete(channel)
    }
  }
}
