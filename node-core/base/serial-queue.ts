/** Work that must not overlap: one task at a time, in order of arrival, bounded. */
import { NodeError } from './errors.ts'

export class SerialQueue {
  readonly #limit: number
  #length = 0
  #last: Promise<unknown> = Promise.resolve()
  #closed = false

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Tasks waiting or running. */
  get length(): number {
    return this.#length
  }

  /** Why no task is taken now: `QUEUE_FULL` or `QUEUE_CLOSED`. */
  get refusal(): NodeError | undefined {
    if (this.#closed) return new NodeError('QUEUE_CLOSED', 'The node is stopping.')
    return this.#length < this.#limit ? undefined : new NodeError('QUEUE_FULL', `The queue is full: ${this.#limit} tasks are waiting.`)
  }

  /** Rejects with {@link refusal} without running the task. */
  run<T>(task: () => Promise<T>): Promise<T> {
    const { refusal } = this
    if (refusal !== undefined) return Promise.reject(refusal)
    this.#length++
    const result = this.#last.then(task)
    this.#last = result
      .catch(() => undefined)
      .then(() => {
        this.#length--
      })
    return result
  }

  /** Takes no more tasks and waits for those it has. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#last
  }

  /** Resolves when everything queued so far is done. */
  async idle(): Promise<void> {
    await this.#last
  }
}
