/**
 * What is kept until its recipient comes, and how much: a bound on messages and bytes, for all and for each sender, and on age.
 *
 * A sender's own bound is hard. Where the whole is full, whoever has more on the shelf than the sender of the new message would have with it makes
 * room, the oldest first; where nobody has, the new message is refused. So one who fills the shelf by many messages loses his own first,
 * and who has little there keeps it. A message is charged in blocks of 4 KiB, as a disk does, so that many small ones cost what they take.
 *
 * Pure: it says what is to be dropped, and whoever has the files drops it.
 */

const BLOCK_BYTES = 4096

export interface ShelfLimits {
  readonly maxMessages: number
  readonly maxBytes: number
  readonly senderMessages: number
  readonly senderBytes: number
  readonly maxAgeMs: number
}

export interface ShelfEntry {
  readonly id: string
  readonly sender: string
  readonly recipient: string
  /** Of the envelope, in bytes. */
  readonly length: number
  /** When it was put there, in milliseconds since the epoch. */
  readonly since: number
}

export type Placing = { readonly placed: true; readonly dropped: readonly ShelfEntry[] } | { readonly placed: false; readonly why: 'full' | 'sender' }

interface Use {
  readonly messages: number
  readonly bytes: number
}

export class Shelf {
  readonly #limits: ShelfLimits
  /** The oldest first. */
  readonly #entries = new Map<string, ShelfEntry>()

  constructor(limits: ShelfLimits) {
    this.#limits = limits
  }

  get use(): Use {
    return useOf([...this.#entries.values()])
  }

  has(id: string): boolean {
    return this.#entries.has(id)
  }

  entries(): readonly ShelfEntry[] {
    return [...this.#entries.values()]
  }

  /** The oldest first. */
  of(recipient: string): readonly ShelfEntry[] {
    return this.entries().filter((entry) => entry.recipient === recipient)
  }

  /** What {@link place} would say; changes nothing. */
  plan(entry: ShelfEntry): Placing {
    const { maxMessages, maxBytes, senderMessages, senderBytes } = this.#limits
    if (this.#entries.has(entry.id)) return { placed: true, dropped: [] }
    const own = useOf([...this.entries().filter(({ sender }) => sender === entry.sender), entry])
    if (own.messages > senderMessages || own.bytes > senderBytes) return { placed: false, why: 'sender' }
    const left = new Set(this.#entries.values())
    const dropped: ShelfEntry[] = []
    for (let use = useOf([...left, entry]); use.messages > maxMessages || use.bytes > maxBytes; use = useOf([...left, entry])) {
      const largest = largestOf(left, own.bytes)
      if (largest === undefined) return { placed: false, why: 'full' }
      left.delete(largest)
      dropped.push(largest)
    }
    return { placed: true, dropped }
  }

  place(entry: ShelfEntry): Placing {
    const plan = this.plan(entry)
    if (!plan.placed || this.#entries.has(entry.id)) return plan
    for (const { id } of plan.dropped) this.#entries.delete(id)
    this.#entries.set(entry.id, entry)
    return plan
  }

  remove(id: string): void {
    this.#entries.delete(id)
  }

  /** Takes off what is too old. */
  expire(now: number): readonly ShelfEntry[] {
    const old = this.entries().filter(({ since }) => since < now - this.#limits.maxAgeMs)
    for (const { id } of old) this.#entries.delete(id)
    return old
  }
}

/** The oldest message of whoever has the most bytes there, if these are more than `bytes`. */
function largestOf(entries: ReadonlySet<ShelfEntry>, bytes: number): ShelfEntry | undefined {
  const bySender = new Map<string, ShelfEntry[]>()
  for (const entry of entries) {
    const of = bySender.get(entry.sender)
    if (of === undefined) bySender.set(entry.sender, [entry])
    else of.push(entry)
  }
  let largest: { readonly bytes: number; readonly oldest: ShelfEntry | undefined } | undefined
  for (const of of bySender.values()) {
    const use = useOf(of)
    if (use.bytes > (largest?.bytes ?? bytes)) largest = { bytes: use.bytes, oldest: of[0] }
  }
  return largest?.oldest
}

function useOf(entries: readonly ShelfEntry[]): Use {
  return { messages: entries.length, bytes: entries.reduce((sum, { length }) => sum + Math.ceil(length / BLOCK_BYTES) * BLOCK_BYTES, 0) }
}
