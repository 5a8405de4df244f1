/** A secret that cannot be printed by accident: logs, JSON and the inspector see a placeholder. */
import { inspect } from 'node:util'

const HIDDEN = '[secret]'

export class SecretKey {
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** The secret itself. The caller must neither keep nor log it. */
  reveal(): Uint8Array {
    return this.#bytes
  }

  /** Overwrites the bytes with zeros: afterwards this is no key any more. Copies that others made are theirs to erase. */
  erase(): void {
    this.#bytes.fill(0)
  }

  toString(): string {
    return HIDDEN
  }

  toJSON(): string {
    return HIDDEN
  }

  [inspect.custom](): string {
    return HIDDEN
  }
}
