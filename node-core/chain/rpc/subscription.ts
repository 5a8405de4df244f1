/**
 * One subscription of one connection: an id, a way to notify, and an end that everything belonging to it hears of.
 *
 * It ends once: when the client unsubscribes, when the stream is over, or when the connection closes. Disposers run at
 * the end (or at once, when it is over already), so a listener registered through it cannot outlive it.
 */
import { Disposers, type Disposer } from '../../base/disposers.ts'
import { notificationText } from '../../json-rpc/message.ts'

/** Where notifications go. */
export interface Outlet {
  send(text: string): void
  /** Resolves when the client has taken most of what was sent to it, or is gone. */
  room(): Promise<void>
}

export class Subscription {
  /** Opaque. */
  readonly id: string
  /** The method name in its notifications; also what tells subscriptions of different methods apart. */
  readonly kind: string
  readonly #outlet: Outlet
  readonly #abort = new AbortController()
  readonly #disposers = new Disposers()

  constructor(id: string, kind: string, outlet: Outlet) {
    this.id = id
    this.kind = kind
    this.#outlet = outlet
  }

  /** Aborts at the end. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  get ended(): boolean {
    return this.#abort.signal.aborted
  }

  /** Tells the client; does nothing after the end. */
  notify(result: unknown): void {
    if (!this.ended) this.#outlet.send(notificationText(this.kind, this.id, result))
  }

  /** For answers in many parts, which can wait for the client; see {@link Outlet.room}. */
  room(): Promise<void> {
    return this.ended ? Promise.resolve() : this.#outlet.room()
  }

  onEnd(disposer: Disposer): void {
    if (this.ended) disposer()
    else this.#disposers.add(disposer)
  }

  end(): void {
    if (this.ended) return
    this.#abort.abort()
    this.#disposers.dispose()
  }
}
