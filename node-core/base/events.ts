/**
 * Typed events. They announce facts; they never ask for work. A listener that throws does not keep the others from
 * hearing: its error goes to the emitter's `onListenerError`.
 */
import type { Disposer } from './disposers.ts'

export type Listener<T> = (payload: T) => void

export interface EventSource<Events extends object> {
  /** Subscribes; the disposer it returns unsubscribes. */
  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): Disposer
}

export class Emitter<Events extends object> implements EventSource<Events> {
  readonly #listeners = new Map<keyof Events, Set<Listener<never>>>()
  readonly #onListenerError: (error: unknown) => void

  constructor(onListenerError: (error: unknown) => void = reportAsUncaught) {
    this.#onListenerError = onListenerError
  }

  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): Disposer {
    let set = this.#listeners.get(name)
    if (set === undefined) this.#listeners.set(name, (set = new Set()))
    // A wrapper of its own per subscription: the same function subscribed twice is two subscriptions.
    const own: Listener<Events[Name]> = (payload) => listener(payload)
    set.add(own)
    return () => set.delete(own)
  }

  emit<Name extends keyof Events>(name: Name, payload: Events[Name]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      try {
        ;(listener as Listener<Events[Name]>)(payload)
      } catch (error) {
        this.#onListenerError(error)
      }
    }
  }

  /** How many subscriptions exist, for leak checks. */
  listenerCount(name: keyof Events): number {
    return this.#listeners.get(name)?.size ?? 0
  }
}

function reportAsUncaught(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}
