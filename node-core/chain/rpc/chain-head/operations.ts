/**
 * The operations (body, call, storage) that one follow subscription has under way. They are bounded twice: by what the
 * specification promises the client, and, since a stopped runtime call cannot be taken back from the executor, by what
 * really runs.
 */
import { CODE, RpcError } from '../errors.ts'
import type { Subscription } from '../subscription.ts'

/** One operation, as the code that carries it out sees it. */
export interface Operation {
  readonly id: string
  /** The client has lost interest, or is gone. */
  readonly stopped: boolean
  /** Sends an event of this operation; does nothing once it is stopped. */
  notify(event: string, fields?: Readonly<Record<string, unknown>>): void
  /** Tells the client to ask for more and waits until it does (or stops the operation). */
  waitForContinue(): Promise<void>
}

interface Entry {
  readonly weight: number
  stopped: boolean
  resume: (() => void) | undefined
}

export class Operations {
  readonly #subscription: Subscription
  readonly #limit: number
  readonly #entries = new Map<string, Entry>()
  #used = 0
  #running = 0
  #nextId = 0

  /** `limit` counts items: a body or a call is one, a storage query as many as it asks for. */
  constructor(subscription: Subscription, limit: number) {
    this.#subscription = subscription
    this.#limit = limit
    subscription.onEnd(() => {
      for (const id of [...this.#entries.keys()]) this.stop(id)
    })
  }

  /** How many items may be started now. */
  get available(): number {
    return this.#running >= this.#limit * 2 ? 0 : this.#limit - this.#used
  }

  /** Reserves an operation; `begin` carries it out. Whoever runs `work` handles its errors. */
  reserve(weight: number, work: (operation: Operation) => Promise<void>): { readonly id: string; readonly begin: () => void } {
    const id = String(this.#nextId++)
    const entry: Entry = { weight, stopped: false, resume: undefined }
    this.#entries.set(id, entry)
    this.#used += weight
    const operation: Operation = {
      id,
      get stopped() {
        return entry.stopped
      },
      notify: (event, fields = {}) => {
        if (!entry.stopped) this.#subscription.notify({ event, operationId: id, ...fields })
      },
      waitForContinue: () => this.#waitForContinue(id, entry),
    }
    const begin = async (): Promise<void> => {
      this.#running++
      try {
        await work(operation)
      } finally {
        this.#running--
        this.#release(id)
      }
    }
    return { id, begin: () => void begin() }
  }

  /** Throws an RpcError where the operation is not waiting; unknown ones are ignored. */
  resume(id: string): void {
    const entry = this.#entries.get(id)
    if (entry === undefined) return
    if (entry.resume === undefined) throw new RpcError(CODE.operationNotWaiting, 'The operation is not waiting to be continued')
    const { resume } = entry
    entry.resume = undefined
    resume()
  }

  stop(id: string): void {
    const entry = this.#entries.get(id)
    if (entry === undefined) return
    entry.stopped = true
    entry.resume?.()
    this.#release(id)
  }

  #waitForContinue(id: string, entry: Entry): Promise<void> {
    if (entry.stopped) return Promise.resolve()
    return new Promise((resolve) => {
      entry.resume = resolve
      this.#subscription.notify({ event: 'operationWaitingForContinue', operationId: id })
    })
  }

  #release(id: string): void {
    const entry = this.#entries.get(id)
    if (entry === undefined) return
    this.#entries.delete(id)
    this.#used -= entry.weight
  }
}
