/** What a subscription said last, for a screen that shows no more than that. */
import { whileVisible } from './visibility.ts'

interface Handlers<Batch> {
  readonly onData: (batch: Batch) => void
  readonly onError: (error: unknown) => void
}

export class Watched<Batch> {
  #now = $state.raw<Batch | undefined>()

  /** Undefined before the first word. */
  get now(): Batch | undefined {
    return this.#now
  }

  /** Listens while the window is visible; the returned function ends that. */
  follow(open: (handlers: Handlers<Batch>) => { unsubscribe(): void }, onError: (error: unknown) => void): () => void {
    this.#now = undefined
    const onData = (batch: Batch): void => {
      this.#now = batch
    }
    return whileVisible(() => open({ onData, onError }))
  }
}
