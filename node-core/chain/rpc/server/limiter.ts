/** Lets at most so many tasks run at a time; the others wait in line. What bounds the line is whoever fills it. */
export class Limiter {
  readonly #limit: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get running(): number {
    return this.#running
  }

  get waiting(): number {
    return this.#waiting.length
  }

  /** Runs it at once where there is a place, and then returns (or throws) as the task does: what takes no time is not put off. */
  run<T>(task: () => T | Promise<T>): T | Promise<T> {
    if (this.#running >= this.#limit) return new Promise<void>((resolve) => this.#waiting.push(resolve)).then(() => this.#inPlace(task))
    this.#running++
    return this.#inPlace(task)
  }

  #inPlace<T>(task: () => T | Promise<T>): T | Promise<T> {
    let result: T | Promise<T>
    try {
      result = task()
    } catch (error) {
      this.#leave()
      throw error
    }
    if (result instanceof Promise) return result.finally(() => this.#leave())
    this.#leave()
    return result
  }

  /** The place goes straight to the next in line, so that nobody slips in between. */
  #leave(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#running--
    else next()
  }
}
