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

  /** Rejects with `QUEUE_FULL` or `QUEUE_CLOSED` without running the task. */
  run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new NodeError('QUEUE_CLOSED', 'The node is stopping.'))
    if (this.#length >= this.#limit) return Promise.reject(new NodeError('QUEUE_FULL', `The queue is full: ${this.#limit} tasks are waiting.`))
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
