/**
 * Since when an authority makes no blocks, and why (core/block-producer.ts says the reasons). No event tells it: whoever looks from time to
 * time hands on what the node says, and hears when it has changed.
 */
import type { AuthoringHold } from '../../chain/core/types.ts'
import type { TroubleFacts } from './troubles.ts'

export class HoldWatch {
  readonly #onChange: () => void
  #kind: AuthoringHold['kind'] | undefined
  #since = 0

  /** `onChange`: blocks are made no more, for another reason, or again. */
  constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  look(reason: AuthoringHold | undefined, now: number): TroubleFacts['hold'] {
    if (reason?.kind !== this.#kind) {
      this.#kind = reason?.kind
      this.#since = now
      this.#onChange()
    }
    return reason && { reason, forMs: now - this.#since }
  }
}
