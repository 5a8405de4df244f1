/**
 * The file of a network's history: a header that says of what form it is, then the archives, each at its fixed place.
 * Its size never changes. A sample overwrites three records in place; a write that is torn by a power cut costs the
 * record, which its checksum gives away. The file is opened for each write and closed again, so that the folder can be
 * moved and deleted while the app runs.
 */
import { open, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { RECORD_BYTES, type Archive } from './history-archive.ts'
import { SERIES } from './history-series.ts'

export const HISTORY_FILE = 'metrics-history.bin'

const MAGIC = 'NSTDHIST'
/** Rises with any change of the form: a file of another version is begun anew. */
const VERSION = 1
const HEADER_BYTES = 64

export interface Piece {
  readonly offset: number
  readonly bytes: Uint8Array
}

/** Where the bytes lie. */
export interface HistoryStore {
  /** Undefined where there are none yet. */
  load(): Promise<Buffer | undefined>
  /** Writes all of it. */
  save(image: Uint8Array): Promise<void>
  /** Overwrites pieces of what is there; false where nothing is. */
  patch(pieces: readonly Piece[]): Promise<boolean>
}

/** The history in a folder; it makes the file, never the folder. */
export function fileStore(folder: string): HistoryStore {
  const path = join(folder, HISTORY_FILE)
  return {
    load: () => absentAs(undefined, () => readFile(path)),
    save: (image) => writeFile(path, image),
    patch: (pieces) =>
      absentAs(false, async () => {
        const file = await open(path, 'r+')
        try {
          for (const { offset, bytes } of pieces) await file.write(bytes, 0, bytes.length, offset)
        } finally {
          await file.close()
        }
        return true
      }),
  }
}

async function absentAs<T, Absent>(absent: Absent, work: () => Promise<T>): Promise<T | Absent> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return absent
    throw error
  }
}

/** The archives as one file. */
export class HistoryImage {
  readonly #archives: readonly Archive[]
  readonly #header: Buffer

  constructor(archives: readonly Archive[]) {
    this.#archives = archives
    this.#header = Buffer.alloc(HEADER_BYTES)
    this.#header.write(MAGIC, 'latin1')
    let at = MAGIC.length
    const numbers = [VERSION, SERIES.length, RECORD_BYTES, ...archives.flatMap(({ span }) => [span.stepSeconds, span.slots])]
    for (const number of numbers) at = this.#header.writeUInt32LE(number, at)
  }

  encode(): Buffer {
    return Buffer.concat([this.#header, ...this.#archives.map((archive) => archive.encodeAll())])
  }

  /** One slot of one archive. */
  piece(archive: Archive, start: number): Piece {
    return { offset: this.#offsetOf(archive) + archive.offsetOf(start), bytes: archive.encode(start) }
  }

  /** Fills the archives. Undefined where the header is not of this form; otherwise how many records were damaged. */
  decode(bytes: Buffer): number | undefined {
    if (!bytes.subarray(0, HEADER_BYTES).equals(this.#header)) return undefined
    let damaged = 0
    for (const archive of this.#archives) {
      const offset = this.#offsetOf(archive)
      damaged += archive.decode(bytes.subarray(offset, offset + archive.byteLength))
    }
    return damaged
  }

  #offsetOf(archive: Archive): number {
    return this.#archives.slice(0, this.#archives.indexOf(archive)).reduce((sum, { byteLength }) => sum + byteLength, HEADER_BYTES)
  }
}
