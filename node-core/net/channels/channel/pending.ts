/** Promises that a channel gave and has yet to keep: what it drops breaks them, all at once. */
import { ChannelError } from '../errors.ts'
import type { Taken } from '../session/sent-log.ts'

export class Pending {
  /** Rejects those who wait for something that will not come. */
  readonly #waiting = new Set<(error: ChannelError) => void>()

  /** Resolves when what was registered is called without an error. Rejects where it is called with one, or by {@link reject}. */
  until(register: (settle: Taken) => unknown): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const fail = (error: ChannelError): void => {
        this.#waiting.delete(fail)
        reject(again(error))
      }
      this.#waiting.add(fail)
      register((error) => {
        if (error !== undefined) return fail(error)
        this.#waiting.delete(fail)
        resolve()
      })
    })
  }

  reject(error: ChannelError): void {
    for (const reject of [...this.#waiting]) reject(error)
  }
}

/** An error of its own for each who hears it. */
export function again(error: ChannelError): ChannelError {
  return new ChannelError(error.code, error.message, { data: error.data, ...(error.hint === undefined ? {} : { hint: error.hint }), cause: error })
}
