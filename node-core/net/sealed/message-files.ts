/** Envelopes on disk, one a file: eight bytes of when it was put there, and the envelope. Whole or absent, for their owner only. */
import { createHash } from 'node:crypto'
import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { concatBytes } from '../../base/bytes.ts'
import { ownSubfolder, writeWhole } from '../../base/whole-file.ts'
import { MAX_ENVELOPE_BYTES, readEnvelope } from './envelope.ts'
import { SealedError } from './errors.ts'
import type { ShelfEntry } from './shelf.ts'

const TIME_BYTES = 8
const NAME = /^[0-9a-f]{32}$/

/** Half of the SHA-256 of the envelope, in hexadecimal digits: its name here and on a relay. */
export function envelopeId(envelope: Uint8Array): string {
  return createHash('sha256').update(envelope).digest('hex').slice(0, 32)
}

/** What a shelf is to know of an envelope. Throws a SealedError NET_SEALED_MALFORMED. */
export function entryOf(envelope: Uint8Array, since: number): ShelfEntry {
  return { id: envelopeId(envelope), ...readEnvelope(envelope), length: envelope.length, since }
}

export class MessageFiles {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** What is there, the oldest first. What is no envelope of that name is removed: it is half of a writing, or damaged, and nobody would take it. */
  async load(): Promise<readonly ShelfEntry[]> {
    await ownSubfolder(this.#folder)
    const entries: ShelfEntry[] = []
    for (const name of await readdir(this.#folder)) {
      const entry = await this.#entry(name)
      if (entry === undefined) await rm(join(this.#folder, name), { force: true, recursive: true })
      else entries.push(entry)
    }
    return entries.sort((a, b) => a.since - b.since)
  }

  /** Rejects with a SealedError NET_SEALED_STORAGE. */
  async write({ id, since }: ShelfEntry, envelope: Uint8Array): Promise<void> {
    const time = new Uint8Array(TIME_BYTES)
    new DataView(time.buffer).setBigUint64(0, BigInt(since))
    await writeWhole(this.#folder, id, concatBytes(time, envelope)).catch((cause: unknown) => {
      throw new SealedError('NET_SEALED_STORAGE', `A sealed message cannot be kept in ${this.#folder}: ${(cause as Error).message}.`, { cause, hint: 'See that the data folder can be written and the disk has room.' })
    })
  }

  /** Undefined where it is gone. */
  async read(id: string): Promise<Uint8Array | undefined> {
    const bytes = await readFile(join(this.#folder, id)).catch(() => undefined)
    return bytes === undefined ? undefined : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length).subarray(TIME_BYTES)
  }

  async remove(id: string): Promise<void> {
    await rm(join(this.#folder, id), { force: true })
  }

  async #entry(name: string): Promise<ShelfEntry | undefined> {
    const path = join(this.#folder, name)
    if (!NAME.test(name) || (await stat(path)).size > TIME_BYTES + MAX_ENVELOPE_BYTES) return undefined
    const bytes = await readFile(path)
    if (bytes.length < TIME_BYTES) return undefined
    try {
      const entry = entryOf(bytes.subarray(TIME_BYTES), Number(bytes.readBigUInt64BE(0)))
      return entry.id === name ? entry : undefined
    } catch {
      return undefined
    }
  }
}
