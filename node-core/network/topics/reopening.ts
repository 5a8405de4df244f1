/**
 * When a topic that closed, or did not open, is opened again.
 *
 * The other side may still be starting, may have restarted a part of itself, or may have had enough of us. Who it is cannot be
 * told, and a topic that is never asked for again leaves two honest nodes silent for as long as they are connected. So the
 * wait doubles each time up to a few minutes and stays there: that costs one small exchange now and then.
 */
import type { Clock } from '../../base/clock.ts'
import type { Disposer } from '../../base/disposers.ts'
import type { TopicName } from '../contracts.ts'

const FIRST_MS = 5_000
/** Five seconds, doubled six times. */
const LONGEST_MS = 320_000
/** A topic that was open so long begins anew. */
const STABLE_MS = 10 * 60_000

interface State {
  attempts: number
  openedAt: number
  cancel: Disposer | undefined
}

export class Reopening {
  readonly #clock: Clock
  /** By peer. */
  readonly #states = new Map<string, Map<TopicName, State>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  onOpen(peer: string, topic: TopicName): void {
    const state = this.#state(peer, topic)
    state.cancel?.()
    state.cancel = undefined
    state.openedAt = this.#clock.now()
  }

  /** It closed, or did not open. Calls `open` when it is time to try again. */
  onClosed(peer: string, topic: TopicName, open: () => void): void {
    const state = this.#state(peer, topic)
    if (state.cancel !== undefined) return
    if (this.#clock.now() - state.openedAt >= STABLE_MS) state.attempts = 0
    const wait = Math.min(FIRST_MS * 2 ** state.attempts++, LONGEST_MS)
    // A wait is no time in which it was open.
    state.openedAt = Infinity
    state.cancel = this.#clock.schedule(wait, () => {
      state.cancel = undefined
      open()
    })
  }

  /** The peer is gone, or one topic is: what comes back is new. */
  forget(peer: string, topic?: TopicName): void {
    const states = this.#states.get(peer)
    for (const name of topic === undefined ? [...(states?.keys() ?? [])] : [topic]) {
      states?.get(name)?.cancel?.()
      states?.delete(name)
    }
    if (states?.size === 0) this.#states.delete(peer)
  }

  #state(peer: string, topic: TopicName): State {
    let states = this.#states.get(peer)
    if (states === undefined) this.#states.set(peer, (states = new Map<TopicName, State>()))
    let state = states.get(topic)
    if (state === undefined) states.set(topic, (state = { attempts: 0, openedAt: Infinity, cancel: undefined }))
    return state
  }
}
