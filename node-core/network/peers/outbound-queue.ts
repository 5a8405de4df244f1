/**
 * Messages that wait for one slow peer: bounded by number and by bytes. A newer message of a kind replaces the one that
 * still waits; where there is no room the oldest goes first. Nothing here ever makes the sender wait.
 */
interface Waiting {
  readonly frame: Uint8Array
}

export class OutboundQueue {
  readonly #maxItems: number
  readonly #maxBytes: number
  /** A Map keeps the order of insertion: its first entry is the oldest. */
  readonly #waiting = new Map<string | number, Waiting>()
  #bytes = 0
  #nextId = 0
  #dropped = 0
  #replaced = 0

  constructor(maxItems: number, maxBytes: number) {
    if (!Number.isInteger(maxItems) || maxItems < 1) throw new RangeError(`a queue needs room for at least one message, not ${maxItems}`)
    this.#maxItems = maxItems
    this.#maxBytes = maxBytes
  }

  get length(): number {
    return this.#waiting.size
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Pushed out for want of room. */
  get dropped(): number {
    return this.#dropped
  }

  /** Made pointless by a newer one of their kind. */
  get replaced(): number {
    return this.#replaced
  }

  /** Returns how many messages had to go for want of room (the new one itself, where it alone is too large). */
  push(frame: Uint8Array, kind?: string): number {
    const key = kind === undefined ? this.#nextId++ : kind
    if (this.#remove(key)) this.#replaced++
    this.#waiting.set(key, { frame })
    this.#bytes += frame.length
    let gone = 0
    while (this.#waiting.size > this.#maxItems || this.#bytes > this.#maxBytes) {
      this.#remove(this.#waiting.keys().next().value as string | number)
      gone++
    }
    this.#dropped += gone
    return gone
  }

  /** Takes the oldest. */
  shift(): Uint8Array | undefined {
    const entry = this.#waiting.entries().next().value
    if (entry === undefined) return undefined
    this.#remove(entry[0])
    return entry[1].frame
  }

  clear(): void {
    this.#waiting.clear()
    this.#bytes = 0
  }

  #remove(key: string | number): boolean {
    const old = this.#waiting.get(key)
    if (old === undefined) return false
    this.#waiting.delete(key)
    this.#bytes -= old.frame.length
    return true
  }
}
