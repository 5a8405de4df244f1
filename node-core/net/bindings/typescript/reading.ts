/** Messages that come over a call, for whoever reads them: a handler or an iteration, one at a time, and what nobody takes waits. */
import { ChannelError } from '../../channels/errors.ts'

export class Reading<T> {
  readonly #what: string
  /** It never rejects. */
  #handler: ((item: T) => Promise<void>) | undefined
  #hasReader = false
  #slot: { readonly item: T; readonly taken: () => void } | undefined
  #over: { readonly error: Error | undefined } | undefined
  #wake: () => void = () => undefined
  #isHandling = false

  /** `what` is named in errors. */
  constructor(what: string) {
    this.#what = what
  }

  /** Resolves when it was taken; one at a time. */
  put(item: T): Promise<void> {
    return new Promise((taken) => {
      this.#slot = { item, taken }
      this.#serve()
    })
  }

  end(error: Error | undefined): void {
    this.#over ??= { error }
    this.#wake()
  }

  /** `onFailure` hears that the handler rejected. Returns what detaches it. Throws CHANNEL_INVALID where there is a reader. */
  handle(handler: (item: T) => void | Promise<void>, onFailure: () => void): () => void {
    this.#claim()
    const own = async (item: T): Promise<void> => {
      try {
        await handler(item)
      } catch {
        onFailure()
      }
    }
    this.#handler = own
    this.#serve()
    return () => {
      if (this.#handler !== own) return
      this.#handler = undefined
      this.#hasReader = false
    }
  }

  async *items(): AsyncGenerator<T, void, undefined> {
    this.#claim()
    try {
      for (;;) {
        const slot = this.#slot
        if (slot !== undefined) {
          this.#slot = undefined
          slot.taken()
          yield slot.item
        } else if (this.#over !== undefined) {
          if (this.#over.error !== undefined) throw this.#over.error
          return
        } else {
          await new Promise<void>((resolve) => (this.#wake = resolve))
        }
      }
    } finally {
      this.#hasReader = false
    }
  }

  #serve(): void {
    this.#wake()
    const handler = this.#handler
    const slot = this.#slot
    if (handler === undefined || slot === undefined || this.#isHandling) return
    this.#slot = undefined
    this.#isHandling = true
    void handler(slot.item).then(() => {
      this.#isHandling = false
      slot.taken()
      this.#serve()
    })
  }

  #claim(): void {
    if (this.#hasReader) throw new ChannelError('CHANNEL_INVALID', `The ${this.#what} has a reader already.`)
    this.#hasReader = true
  }
}
