/**
 * How much of one kind each program may have open. The rooms have bounds for all of this node; a program that has mistakes must not use them up for the others.
 */
import type { Disposer } from '../../../base/disposers.ts'
import { IPC_LIMITS } from '../limits.ts'
import { IpcError } from '../errors.ts'

/** Open at the same time, over all connections of a program. */
export const ALLOWED = { topics: 16, subscriptions: 64, services: 64, advertised: 64, channels: 512, groups: 32, searches: 4 } as const

/** The longest payload that a program can be given: the rest of a message is for what stands around it. */
export const MOST_PAYLOAD_BYTES = IPC_LIMITS.messageBytes - 4096

export class Allowance {
  readonly #kind: keyof typeof ALLOWED
  readonly #used = new Map<string, number>()

  constructor(kind: keyof typeof ALLOWED) {
    this.#kind = kind
  }

  hasRoom(program: string): boolean {
    return (this.#used.get(program) ?? 0) < ALLOWED[this.#kind]
  }

  /** Until the disposer runs. Throws NET_TOO_MANY_OPEN. */
  take(program: string): Disposer {
    if (!this.hasRoom(program)) {
      const limit = ALLOWED[this.#kind]
      throw new IpcError('NET_TOO_MANY_OPEN', `The program has ${limit} ${this.#kind} open already.`, { hint: 'Close some of them first.', data: { kind: this.#kind, limit } })
    }
    this.#used.set(program, (this.#used.get(program) ?? 0) + 1)
    let isTaken = true
    return () => {
      if (!isTaken) return
      isTaken = false
      const left = (this.#used.get(program) ?? 1) - 1
      if (left === 0) this.#used.delete(program)
      else this.#used.set(program, left)
    }
  }
}
