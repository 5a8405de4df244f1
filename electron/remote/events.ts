/**
 * A subscription at the other node as events that the window takes at its own pace. Between the two lies a bounded store: where
 * the window does not keep up, what waits is dropped and the subscription begun anew. Nothing is lost by that, for each one begins
 * with how things are (node-core/api/watch.ts).
 */
export interface EventSink {
  /** `size` in characters of the message that brought it. */
  data(event: unknown, size: number): void
  error(error: unknown): void
  end(): void
}

export type Subscribe = (sink: EventSink) => { unsubscribe(): void }

export const MAX_WAITING_EVENTS = 64
export const MAX_WAITING_CHARACTERS = 8 * 1024 * 1024

interface Waiting {
  readonly event: unknown
  readonly size: number
}

/** Ends when the other node ends it, or with `signal`; throws what the other node answers in its place. */
export async function* eventsOf(subscribe: Subscribe, signal: AbortSignal | undefined): AsyncGenerator<unknown, void, undefined> {
  let waiting: Waiting[] = []
  let characters = 0
  let end: { readonly error?: unknown } | undefined
  let isStale = false
  let wakeUp = (): void => undefined
  let current: { unsubscribe(): void } | undefined

  const begin = (): void => {
    isStale = false
    current = subscribe({
      data: (event, size) => {
        if (isStale) return
        waiting.push({ event, size })
        characters += size
        if (waiting.length > MAX_WAITING_EVENTS || characters > MAX_WAITING_CHARACTERS) drop()
        wakeUp()
      },
      error: (error) => {
        end = { error }
        wakeUp()
      },
      end: () => {
        // What was ended here, to be begun anew, says so too.
        if (!isStale) end = {}
        wakeUp()
      },
    })
  }
  const drop = (): void => {
    isStale = true
    waiting = []
    characters = 0
    current?.unsubscribe()
  }
  const onAbort = (): void => wakeUp()
  signal?.addEventListener('abort', onAbort)
  begin()
  try {
    while (signal?.aborted !== true) {
      const next = waiting.shift()
      if (next !== undefined) {
        characters -= next.size
        yield next.event
      } else if (isStale) begin()
      else if (end !== undefined) {
        if ('error' in end) throw end.error
        return
      } else await new Promise<void>((resolve) => (wakeUp = resolve))
    }
  } finally {
    signal?.removeEventListener('abort', onAbort)
    isStale = true
    current?.unsubscribe()
  }
}
