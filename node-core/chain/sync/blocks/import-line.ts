/**
 * The line of blocks before the importer: in order, a bounded number handed over at a time.
 *
 * Most come back imported or refused for good. Some come back for a reason that passes (the importer's queue is full, the parent
 * was put back itself): they take their old place in the line instead of being downloaded once more.
 */
import type { Hash } from '../../../base/bytes.ts'
import type { SyncOrigin } from '../chain.ts'
import type { RangePlan } from './range-plan.ts'
import type { FetchedBlock } from '../types.ts'

export interface InLine {
  readonly block: FetchedBlock
  readonly origin: SyncOrigin
  /** The plan that it was downloaded by. */
  readonly plan: RangePlan | undefined
  /** How often it was handed over already. */
  readonly tries: number
}

/** Who has come back as often is dropped. */
const MAX_TRIES = 20

export class ImportLine {
  readonly #maxImporting: number
  #waiting: InLine[] = []
  readonly #importing = new Map<number, InLine>()
  readonly #hashes = new Map<Hash, number>()
  #bytes = 0
  #nextTicket = 1

  constructor(maxImporting: number) {
    this.#maxImporting = maxImporting
  }

  get blocks(): number {
    return this.#waiting.length + this.#importing.size
  }

  get bytes(): number {
    return this.#bytes
  }

  get importing(): number {
    return this.#importing.size
  }

  has(hash: Hash): boolean {
    return this.#hashes.has(hash)
  }

  add(blocks: readonly FetchedBlock[], origin: SyncOrigin, plan?: RangePlan): void {
    for (const block of blocks) this.#enter({ block, origin, plan, tries: 0 }, this.#waiting.length)
  }

  /** Back to its place, before whatever is higher. False where that happened too often. */
  putBack(entry: InLine): boolean {
    if (entry.tries >= MAX_TRIES) return false
    const { number } = entry.block.ref
    const place = this.#waiting.findIndex(({ block }) => block.ref.number > number)
    this.#enter({ ...entry, tries: entry.tries + 1 }, place === -1 ? this.#waiting.length : place)
    return true
  }

  /** Takes those that may go to the importer now. */
  *take(): Generator<readonly [ticket: number, entry: InLine]> {
    let taken = 0
    while (this.#importing.size < this.#maxImporting) {
      const entry = this.#waiting[taken]
      if (entry === undefined) break
      taken++
      const ticket = this.#nextTicket++
      this.#importing.set(ticket, entry)
      yield [ticket, entry]
    }
    this.#waiting.splice(0, taken)
  }

  done(ticket: number): InLine | undefined {
    const entry = this.#importing.get(ticket)
    if (entry === undefined) return undefined
    this.#importing.delete(ticket)
    this.#leave(entry)
    return entry
  }

  /** Drops what waits and was downloaded by `plan`. */
  drop(plan: RangePlan): void {
    for (const entry of this.#waiting) if (entry.plan === plan) this.#leave(entry)
    this.#waiting = this.#waiting.filter((entry) => entry.plan !== plan)
  }

  #enter(entry: InLine, place: number): void {
    const { ref, bytes } = entry.block
    this.#waiting.splice(place, 0, entry)
    this.#hashes.set(ref.hash, (this.#hashes.get(ref.hash) ?? 0) + 1)
    this.#bytes += bytes
  }

  #leave({ block }: InLine): void {
    this.#bytes -= block.bytes
    const count = (this.#hashes.get(block.ref.hash) ?? 1) - 1
    if (count === 0) this.#hashes.delete(block.ref.hash)
    else this.#hashes.set(block.ref.hash, count)
  }
}
