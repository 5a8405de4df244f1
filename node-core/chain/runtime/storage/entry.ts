/** What an overlay knows of one key. */
import type { AppendBuffer } from './append-buffer.ts'

/** The value of one key, as one transaction wrote it. */
export class Entry {
  /** Undefined for a tombstone, and for a value that lives in `buffer`. */
  value: Uint8Array | undefined
  buffer: AppendBuffer | undefined
  /** How many bytes and items of `buffer` are this entry's. */
  length = 0
  count = 0
  /** The transaction that wrote it. */
  readonly transaction: number

  constructor(value: Uint8Array | undefined, transaction: number) {
    this.value = value
    this.buffer = undefined
    this.transaction = transaction
  }

  get live(): boolean {
    return this.value !== undefined || this.buffer !== undefined
  }

  /** A view: valid until the next append. */
  read(): Uint8Array | undefined {
    return this.buffer === undefined ? this.value : this.buffer.view(this.length, this.count)
  }
}
