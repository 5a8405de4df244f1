/**
 * When a topic that was open and closed is opened again. The other side may have restarted a part of itself, or have had
 * enough of us: so the wait doubles each time, and after a few times there is peace until the peer comes back as a whole.
 */
import type { Clock } from '../base/clock.ts'
import type { Disposer } from '../base/disposers.ts'
import type { TopicName } from './contracts.ts'

const FIRST_MS = 5_000
/** The waits add up to ten minutes and a half. */
const MAX_ATTEMPTS = 7
/** A topic that was open so long begins anew. */
const STABLE_MS = 10 * 60_000

interface State {
  attempts: number
  openedAt: number
  cancel: Disposer | undefined
}

export class Reopening {
  readonly #clock: Clock
  /** By peer, for topics that were open at some time. */
  readonly #states = new Map<string, Map<TopicName, State>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  onOpen(peer: string, topic: TopicName): void {
    let states = this.#states.get(peer)
    if (states === undefined) this.#states.set(peer, (states = new Map<TopicName, State>()))
    const state = states.get(topic)
    state?.cancel?.()
    states.set(topic, { attempts: state?.attempts ?? 0, openedAt: this.#clock.now(), cancel: undefined })
  }

  /** It closed, or did not open. Calls `open` when it is time to try again. */
  onClosed(peer: string, topic: TopicName, open: () => void): void {
    const state = this.#states.get(peer)?.get(topic)
    if (state === undefined || state.cancel !== undefined) return
    if (this.#clock.now() - state.openedAt >= STABLE_MS) state.attempts = 0
    if (state.attempts >= MAX_ATTEMPTS) return
    const wait = FIRST_MS * 2 ** state.attempts++
    // A wait is no time in which it was open.
    state.openedAt = Infinity
    state.cancel = this.#clock.schedule(wait, () => {
      state.cancel = undefined
      open()
    })
  }

  /** The peer is gone: what it comes back with is new. */
  forget(peer: string): void {
    for (const { cancel } of this.#states.get(peer)?.values() ?? []) cancel?.()
    this.#states.delete(peer)
  }
}
