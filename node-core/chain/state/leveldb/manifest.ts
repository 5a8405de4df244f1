/** What LevelDB's MANIFEST says: the tables that make up the database, with their sizes, and the log that goes on from them. */

export interface Manifest {
  /** Logs of at least this number are read at the next opening. */
  readonly logNumber: number
  /** Bytes of each live table, by its number. */
  readonly tables: ReadonlyMap<number, number>
}

/** Tags of a version edit (LevelDB's db/version_edit.cc). */
const TAG = { comparator: 1, logNumber: 2, nextFile: 3, lastSequence: 4, compactPointer: 5, deletedFile: 6, newFile: 7, prevLogNumber: 9 } as const

/** Undefined where the records are no version edits. */
export function readManifest(records: readonly Uint8Array[]): Manifest | undefined {
  const tables = new Map<number, number>()
  let logNumber = 0
  try {
    for (const record of records) {
      const edit = new EditReader(record)
      while (!edit.done) {
        switch (edit.number()) {
          case TAG.comparator:
            edit.skipBytes()
            break
          case TAG.logNumber:
            logNumber = edit.number()
            break
          case TAG.nextFile:
          case TAG.lastSequence:
          case TAG.prevLogNumber:
            edit.number()
            break
          case TAG.compactPointer:
            edit.number()
            edit.skipBytes()
            break
          case TAG.deletedFile:
            edit.number()
            tables.delete(edit.number())
            break
          case TAG.newFile: {
            edit.number()
            const file = edit.number()
            tables.set(file, edit.number())
            edit.skipBytes()
            edit.skipBytes()
            break
          }
          default:
            return undefined
        }
      }
    }
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
  return { logNumber, tables }
}

class EditReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length
  }

  /** A varint: seven bits a byte, the lowest first. */
  number(): number {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) throw new RangeError('the edit is cut off')
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
  }

  skipBytes(): void {
    const length = this.number()
    this.#at += length
    if (this.#at > this.#bytes.length) throw new RangeError('the edit is cut off')
  }
}
