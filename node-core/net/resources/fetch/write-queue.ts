/**
 * Verified data on their way to the file. What comes in one turn of the event loop, and while something is being written, is put together where it follows on each
 * other, so that a fast line makes few and large writes. It is bounded by the plan, which asks for nothing more while much is unwritten.
 */
import { LEAF_BYTES } from '../tree.ts'

/** Writes at the same time, and bytes of one. */
const MAX_WRITING = 2
const MAX_WRITE_BYTES = 4 * 1024 * 1024
const MAX_PIECES = 256

export interface WriteQueueEvents {
  /** Writes pieces that follow on each other, from a leaf on. */
  write(index: number, pieces: readonly Uint8Array[]): Promise<void>
  onWritten(index: number, leaves: number, bytes: number): void
  onFailure(error: unknown): void
}

export class WriteQueue {
  readonly #events: WriteQueueEvents
  #waiting: { readonly index: number; readonly bytes: Uint8Array }[] = []
  readonly #writing = new Set<Promise<void>>()
  #isDue = false
  #failed = false

  constructor(events: WriteQueueEvents) {
    this.#events = events
  }

  /** Whole leaves, or the last one. */
  push(index: number, bytes: Uint8Array): void {
    this.#waiting.push({ index, bytes })
    if (this.#isDue) return
    this.#isDue = true
    setImmediate(() => {
      this.#isDue = false
      this.#pump()
    })
  }

  /** Resolves when nothing is being written and nothing waits. Never rejects. */
  async idle(): Promise<void> {
    this.#pump()
    while (this.#writing.size > 0) await Promise.all(this.#writing)
  }

  #pump(): void {
    while (!this.#failed && this.#waiting.length > 0 && this.#writing.size < MAX_WRITING) {
      const writing = this.#next().then(
        () => {
          this.#writing.delete(writing)
          this.#pump()
        },
        (error: unknown) => {
          this.#writing.delete(writing)
          this.#failed = true
          this.#waiting = []
          this.#events.onFailure(error)
        },
      )
      this.#writing.add(writing)
    }
  }

  async #next(): Promise<void> {
    // Several peers send at once: what belongs together may lie apart.
    this.#waiting.sort((a, b) => a.index - b.index)
    const [first] = this.#waiting
    if (first === undefined) return
    const pieces: Uint8Array[] = []
    let [count, bytes] = [0, 0]
    for (const piece of this.#waiting) {
      const isNext = piece.index * LEAF_BYTES === first.index * LEAF_BYTES + bytes
      if (!isNext || bytes >= MAX_WRITE_BYTES || pieces.length >= MAX_PIECES) break
      pieces.push(piece.bytes)
      bytes += piece.bytes.length
      count++
    }
    this.#waiting.splice(0, count)
    await this.#events.write(first.index, pieces)
    this.#events.onWritten(first.index, Math.ceil(bytes / LEAF_BYTES), bytes)
  }
}
