/** Clean-up, registered the moment it becomes necessary and run once, last registered first. */
export type Disposer = () => void

export class Disposers {
  #list: Disposer[] = []

  add(disposer: Disposer): void {
    this.#list.push(disposer)
  }

  /** Runs every disposer, even where one throws; rethrows the first error afterwards. */
  dispose(): void {
    const list = this.#list.reverse()
    this.#list = []
    const errors: unknown[] = []
    for (const disposer of list) {
      try {
        disposer()
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw errors[0]
  }
}
