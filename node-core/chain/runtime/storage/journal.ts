/**
 * Nested storage transactions (Polkadot Host spec, section B.2 "Storage": `ext_storage_start_transaction` and the two
 * that end it).
 *
 * The overlays always hold the present; the journal holds what a write replaced, once per transaction and key. Rolling
 * back puts the replaced entries back in reverse; committing hands them to the transaction around. So reads do not care
 * how deep the nesting is. One journal serves the main storage and all child storages.
 */
import { HostFunctionError, RuntimeError } from '../errors.ts'
import type { Entry } from './entry.ts'

/** An overlay as the journal sees it. */
export interface Undoable {
  restore(key: string, entry: Entry | undefined): void
}

interface Replaced {
  readonly owner: Undoable
  readonly key: string
  readonly entry: Entry | undefined
}

interface Transaction {
  readonly id: number
  readonly replaced: Replaced[]
}

/** What one call may write in total, in bytes: far above a real block, below what would exhaust the machine. */
export const MAX_BYTES_WRITTEN = 1024 ** 3

/** What storing one key costs beyond its bytes, roughly. */
const ENTRY_COST = 128

export class Journal {
  readonly #open: Transaction[] = []
  /** Transactions that the host opened: the runtime cannot close them. */
  #floor = 0
  #nextId = 1
  #bytesWritten = 0
  /** Identifies the innermost open transaction; 0 outside of any. Never used twice. */
  current = 0
  /** Goes up with every change: whoever caches something derived compares it. */
  revision = 0

  get depth(): number {
    return this.#open.length
  }

  start(): void {
    const id = this.#nextId++
    this.#open.push({ id, replaced: [] })
    this.current = id
  }

  commit(): void {
    const closed = this.#close('commit')
    const around = this.#open.at(-1)
    if (around === undefined) return
    for (const replaced of closed.replaced) around.replaced.push(replaced)
  }

  rollback(): void {
    const closed = this.#close('roll back')
    for (let i = closed.replaced.length - 1; i >= 0; i--) {
      const { owner, key, entry } = closed.replaced[i] as Replaced
      owner.restore(key, entry)
    }
    this.revision++
  }

  /** Rolls back what is open above `depth`: a call that failed may leave transactions behind. */
  rollbackTo(depth: number): void {
    while (this.#open.length > depth) this.rollback()
  }

  /** A call into the runtime: it cannot close what is open when it begins, and what it leaves open is rolled back. */
  enclose<T>(call: () => T): T {
    const floor = this.#floor
    this.#floor = this.depth
    try {
      return call()
    } finally {
      this.rollbackTo(this.#floor)
      this.#floor = floor
    }
  }

  /** Remembers what a write in the open transaction replaces. */
  record(owner: Undoable, key: string, entry: Entry | undefined): void {
    this.#open.at(-1)?.replaced.push({ owner, key, entry })
  }

  /** Counts a write against the limit of this call. */
  count(bytes: number): void {
    this.revision++
    this.#bytesWritten += bytes + ENTRY_COST
    if (this.#bytesWritten > MAX_BYTES_WRITTEN) {
      throw new RuntimeError('RUNTIME_OUT_OF_MEMORY', `the runtime wrote more than ${MAX_BYTES_WRITTEN} bytes of storage`)
    }
  }

  #close(what: string): Transaction {
    const closed = this.depth > this.#floor ? this.#open.pop() : undefined
    if (closed === undefined) throw new HostFunctionError(`there is no storage transaction to ${what}`)
    this.current = this.#open.at(-1)?.id ?? 0
    return closed
  }
}
