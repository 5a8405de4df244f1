/** Newer versions of the app. */
import type { UpdateState } from '../../node-core/api/app/update-types.ts'

export class Updates {
  #state = $state.raw<UpdateState | null | undefined>()

  /** Null where the program does not update itself; undefined before the first answer. */
  get state(): UpdateState | null | undefined {
    return this.#state
  }

  apply(state: UpdateState | null): void {
    this.#state = state
  }
}
