/** A shelf and its files: what is on the one is in the other, also behind a restart. Changes are made one at a time. */
import { SerialQueue } from '../../base/serial-queue.ts'
import { SealedError } from './errors.ts'
import { entryOf, MessageFiles } from './message-files.ts'
import { Shelf, type ShelfEntry, type ShelfLimits } from './shelf.ts'

/** Messages that wait to be written. */
const MAX_WAITING = 256

export class Store {
  readonly #shelf: Shelf
  readonly #files: MessageFiles
  readonly #queue = new SerialQueue(MAX_WAITING)
  #dropped = 0

  /** The folder is made where it is not there; the one around it is. */
  constructor(folder: string, limits: ShelfLimits) {
    this.#shelf = new Shelf(limits)
    this.#files = new MessageFiles(folder)
  }

  /** Messages that others took the room of, since the start. */
  get dropped(): number {
    return this.#dropped
  }

  get use(): Shelf['use'] {
    return this.#shelf.use
  }

  has(id: string): boolean {
    return this.#shelf.has(id)
  }

  entries(): readonly ShelfEntry[] {
    return this.#shelf.entries()
  }

  /** The oldest first. */
  of(recipient: string): readonly ShelfEntry[] {
    return this.#shelf.of(recipient)
  }

  async load(): Promise<void> {
    for (const entry of await this.#files.load()) {
      const placing = this.#shelf.place(entry)
      for (const { id } of placing.placed ? placing.dropped : [entry]) await this.#files.remove(id)
    }
  }

  /** Resolves when it is on the disk. Rejects with a SealedError NET_SEALED_{MALFORMED,FULL,STORAGE}; there is then nothing of it. */
  async put(envelope: Uint8Array, now: number): Promise<ShelfEntry> {
    const entry = entryOf(envelope, now)
    if (this.#queue.refusal !== undefined) throw full('too many wait to be written')
    await this.#queue.run(async () => {
      // Whether there is room is asked before anything is written, and it is on the shelf when it can be read.
      this.#require(this.#shelf.plan(entry))
      if (this.#shelf.has(entry.id)) return
      await this.#files.write(entry, envelope)
      const placing = this.#shelf.place(entry)
      const gone = placing.placed ? placing.dropped : [entry]
      for (const { id } of gone) await this.#files.remove(id)
      this.#require(placing)
      this.#dropped += gone.length
    })
    return entry
  }

  /** Undefined where it is gone, also from the disk: then it is forgotten. */
  async read(id: string): Promise<Uint8Array | undefined> {
    const envelope = this.#shelf.has(id) ? await this.#files.read(id) : undefined
    if (envelope === undefined) this.#shelf.remove(id)
    return envelope
  }

  async remove(id: string): Promise<void> {
    this.#shelf.remove(id)
    await this.#files.remove(id)
  }

  /** Removes what is too old, and says what it was. */
  async expire(now: number): Promise<readonly ShelfEntry[]> {
    const old = this.#shelf.expire(now)
    for (const { id } of old) await this.#files.remove(id)
    return old
  }

  async close(): Promise<void> {
    await this.#queue.close()
  }

  #require(placing: ReturnType<Shelf['plan']>): void {
    if (!placing.placed) throw full(placing.why === 'sender' ? 'its sender has as many here as he may' : 'all the room is taken')
  }
}

function full(why: string): SealedError {
  return new SealedError('NET_SEALED_FULL', `The sealed message is not kept: ${why}.`, { hint: 'Send it again when those that wait were delivered.' })
}
