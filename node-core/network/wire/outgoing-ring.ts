/**
 * What waits for a slow peer of a plain link: a ring of frames. Putting and taking cost the same however many there are. A frame whose content waits
 * already is not put a second time, and counted; where the ring is full the oldest is overwritten, and counted.
 */
import { RingBuffer } from '../../base/ring-buffer.ts'

export interface RingLimits {
  readonly frames: number
  /** Of all frames. The newest stays, however long it is. */
  readonly bytes: number
}

interface Entry {
  readonly bytes: Uint8Array
  readonly name: string
}

export class OutgoingRing {
  readonly #ring: RingBuffer<Entry>
  readonly #maxBytes: number
  readonly #names = new Set<string>()
  #bytes = 0
  #overwritten = 0
  #duplicates = 0

  constructor({ frames, bytes }: RingLimits) {
    this.#ring = new RingBuffer(frames)
    this.#maxBytes = bytes
  }

  get length(): number {
    return this.#ring.length
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Frames that newer ones pushed out. */
  get overwritten(): number {
    return this.#overwritten
  }

  /** Frames that waited already when they came. */
  get duplicates(): number {
    return this.#duplicates
  }

  /** `name` names the frame's content. False where it waits already. */
  put(bytes: Uint8Array, name: string): boolean {
    if (this.#names.has(name)) {
      this.#duplicates++
      return false
    }
    this.#overwrite(this.#ring.push({ bytes, name }))
    this.#names.add(name)
    this.#bytes += bytes.length
    while (this.#bytes > this.#maxBytes && this.#ring.length > 1) this.#overwrite(this.#ring.shift())
    return true
  }

  /** The oldest. */
  take(): Uint8Array | undefined {
    const entry = this.#ring.shift()
    if (entry !== undefined) this.#forget(entry)
    return entry?.bytes
  }

  clear(): void {
    this.#ring.clear()
    this.#names.clear()
    this.#bytes = 0
  }

  #overwrite(entry: Entry | undefined): void {
    if (entry === undefined) return
    this.#overwritten++
    this.#forget(entry)
  }

  #forget({ bytes, name }: Entry): void {
    this.#names.delete(name)
    this.#bytes -= bytes.length
  }
}
