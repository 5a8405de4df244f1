/**
 * Messages that a service has been handed and has not acknowledged: a program, which may die with them. One counts as taken when it is acknowledged, and not before; where
 * it never is, it comes again.
 *
 * Whoever brought it is answered in time: while a service is later than that with one message, nobody waits for it with another. What is acknowledged late is taken all the
 * same, so that whoever brings it again hears that it came.
 */
import type { Clock } from '../../base/clock.ts'
import type { Stamp } from './replay-window.ts'

/** Less than whoever brings a message waits for an answer (post.ts). */
export const ACKNOWLEDGED_MS = 20_000
const MAX_IN_HAND = 64

export class InHand {
  readonly #clock: Clock
  readonly #messages = new Set<string>()
  #late = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Why the service is handed no further message, or not this one again; undefined where it is. */
  refusal(stamp: Stamp): string | undefined {
    if (this.#messages.has(nameOf(stamp))) return 'it has this message in hand'
    if (this.#late > 0) return 'it is late with another message'
    return this.#messages.size < MAX_IN_HAND ? undefined : 'it has too many messages in hand'
  }

  /** `handle` rejects where the message was not acknowledged, `taken` is called where it was. Resolves with what is known in time. */
  async hand(stamp: Stamp, handle: () => Promise<void>, taken: () => Promise<void>): Promise<'taken' | 'lost' | 'late'> {
    const name = nameOf(stamp)
    this.#messages.add(name)
    let isLate = false
    const handled = handle()
      .then(taken)
      .then(() => 'taken' as const, () => 'lost' as const)
      .finally(() => {
        this.#messages.delete(name)
        if (isLate) this.#late--
      })
    const { promise: late, resolve } = Promise.withResolvers<'late'>()
    const cancel = this.#clock.schedule(ACKNOWLEDGED_MS, () => {
      isLate = true
      this.#late++
      resolve('late')
    })
    void handled.finally(cancel)
    return Promise.race([handled, late])
  }
}

function nameOf({ sender, counter }: Stamp): string {
  return `${sender} ${counter}`
}
