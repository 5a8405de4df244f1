/** Since when an authority makes no blocks, and why (core/engines/slots/block-producer.ts says the reasons). No event tells it: it is looked at from time to time. */
import type { AuthoringHold } from './types.ts'

export interface LastingHold {
  readonly reason: AuthoringHold
  readonly forMs: number
}

export class HoldWatch {
  readonly #onChange: () => void
  #kind: AuthoringHold['kind'] | undefined
  /** The slot from which on it signs, while it listens. */
  #untilSlot: number | undefined
  #since = 0

  /** `onChange`: blocks are made no more, for another reason, or again. */
  constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  look(reason: AuthoringHold | undefined, now: number): LastingHold | undefined {
    const untilSlot = reason?.kind === 'listening' ? reason.untilSlot : undefined
    if (reason?.kind !== this.#kind) this.#since = now
    if (reason?.kind !== this.#kind || untilSlot !== this.#untilSlot) {
      this.#kind = reason?.kind
      this.#untilSlot = untilSlot
      this.#onChange()
    }
    return reason && { reason, forMs: now - this.#since }
  }
}
