/** The line of blocks before the importer: in order, a bounded number handed over at a time. */
import type { Hash } from '../base/bytes.ts'
import type { BlockOrigin } from '../core/types.ts'
import type { RangePlan } from './range-plan.ts'
import type { FetchedBlock } from './types.ts'

export interface InLine {
  readonly block: FetchedBlock
  readonly origin: BlockOrigin
  /** The plan that it was downloaded by. */
  readonly plan: RangePlan | undefined
}

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

  add(blocks: readonly FetchedBlock[], origin: BlockOrigin, plan?: RangePlan): void {
    for (const block of blocks) {
      this.#waiting.push({ block, origin, plan })
      this.#hashes.set(block.ref.hash, (this.#hashes.get(block.ref.hash) ?? 0) + 1)
      this.#bytes += block.bytes
    }
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

  #leave({ block }: InLine): void {
    this.#bytes -= block.bytes
    const count = (this.#hashes.get(block.ref.hash) ?? 1) - 1
    if (count === 0) this.#hashes.delete(block.ref.hash)
    else this.#hashes.set(block.ref.hash, count)
  }
}
