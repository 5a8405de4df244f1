/** What the system opens with the app, for the window to show: the path of a network file, or the link of an invitation. The newest one counts. */
import { Emitter } from '../../base/events.ts'

export class NetworkOffers {
  readonly events = new Emitter<{ changed: undefined }>()
  #pending: string | undefined

  get pending(): string | undefined {
    return this.#pending
  }

  offer(source: string): void {
    this.#pending = source
    this.events.emit('changed', undefined)
  }

  take(): void {
    this.#pending = undefined
  }
}
