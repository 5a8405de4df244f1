/**
 * The numbers of this node's own messages: one row for each recipient, which never goes back.
 *
 * A recipient takes a number once (replay-window.ts), so one that is given twice is a message lost. A number is used when the disk says that
 * those up to it may have been: they are reserved in small blocks, and what a crash leaves of a block is skipped. A row begins at the time
 * in milliseconds. Nobody sends a thousand messages a second for long, so a row that was forgotten, or was lost with its file, begins again above where
 * it ended; rows that are forgotten here also leave a floor, in case the clock was set back.
 */

/** Reserved at once. A gap is as long at most, and the recipient's window (4,096) does not mind it. */
const BLOCK = 64

export interface CounterState {
  /** No row begins at it or below. */
  readonly floor: number
  /** By recipient: below it, numbers may have been used. The one used longest ago is the first. */
  readonly rows: readonly { readonly recipient: string; readonly next: number }[]
}

export interface CounterDependencies {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Resolves when it is on the disk. */
  readonly save: (state: CounterState) => Promise<void>
}

interface Row {
  next: number
  /** Numbers below it were reserved, or will be with the next writing. */
  reserved: number
  /** Numbers below it are reserved on the disk. */
  written: number
}

export class Counters {
  readonly #deps: CounterDependencies
  readonly #maxRecipients: number
  readonly #rows = new Map<string, Row>()
  #floor = 0
  #saving: Promise<void> = Promise.resolve()
  /** The writing that has not begun: it takes along what is reserved until it does. */
  #next: Promise<void> | undefined

  constructor(dependencies: CounterDependencies, options: { readonly maxRecipients: number }) {
    this.#deps = dependencies
    this.#maxRecipients = options.maxRecipients
  }

  restore({ floor, rows }: CounterState): void {
    this.#floor = Math.max(this.#floor, floor)
    for (const { recipient, next } of rows) this.#rows.set(recipient, { next, reserved: next, written: next })
    this.#forget()
  }

  /** Rejects where it cannot be written; the number is then skipped. */
  async next(recipient: string): Promise<number> {
    const row = this.#rowOf(recipient)
    const number = row.next++
    if (number >= row.reserved) row.reserved = number + BLOCK
    if (number >= row.written) await this.#save()
    return number
  }

  /** Gives back what was reserved and not used. Nothing may be asked for afterwards. */
  async close(): Promise<void> {
    for (const row of this.#rows.values()) row.reserved = row.next
    await this.#save()
  }

  #rowOf(recipient: string): Row {
    const known = this.#rows.get(recipient)
    const start = Math.max(this.#deps.now(), this.#floor + 1)
    const row = known ?? { next: start, reserved: start, written: start }
    this.#rows.delete(recipient)
    this.#rows.set(recipient, row)
    this.#forget()
    return row
  }

  #forget(): void {
    for (const [recipient, { reserved }] of this.#rows) {
      if (this.#rows.size <= this.#maxRecipients) return
      this.#rows.delete(recipient)
      this.#floor = Math.max(this.#floor, reserved)
    }
  }

  #save(): Promise<void> {
    this.#next ??= this.#saving.then(async () => {
      this.#next = undefined
      const rows = [...this.#rows].map(([recipient, row]) => ({ recipient, row, next: row.reserved }))
      await this.#deps.save({ floor: this.#floor, rows: rows.map(({ recipient, next }) => ({ recipient, next })) })
      for (const { row, next } of rows) row.written = Math.max(row.written, next)
    })
    const saving = this.#next
    // One that failed holds up none of the next.
    this.#saving = saving.catch(() => undefined)
    return saving
  }
}
