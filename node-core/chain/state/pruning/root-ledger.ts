/** Changes of several root entries (state-roots.ts) in one batch, of which two may meet at one entry. */
import type { Hash } from '../../../base/bytes.ts'
import { hashKey } from '../buckets.ts'
import type { Batch, Database } from '../database.ts'
import { encodeRoots, type RootEntry } from '../state-roots.ts'
import { readRoots } from '../state-store.ts'

export class RootLedger {
  readonly #database: Database
  readonly #entries = new Map<Hash, readonly RootEntry[]>()

  constructor(database: Database) {
    this.#database = database
  }

  /** Roots that were changed. */
  get roots(): readonly Hash[] {
    return [...this.#entries.keys()]
  }

  /** One block less stands on a record. */
  release(root: Hash, id: number): void {
    const entries = this.#entries.get(root) ?? readRoots(this.#database, root)
    this.#entries.set(root, entries.flatMap((entry) => (entry.id !== id ? [entry] : entry.blocks > 1 ? [{ id, blocks: entry.blocks - 1 }] : [])))
  }

  write(batch: Batch): void {
    for (const [root, entries] of this.#entries) {
      if (entries.length === 0) batch.del(hashKey('stateRoot', root))
      else batch.put(hashKey('stateRoot', root), encodeRoots(entries))
    }
  }
}
