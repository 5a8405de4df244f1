/**
 * The replay window on disk: `seen.json`, as it was a while ago, and `seen.log`, what was taken since, 48 bytes each (sender, counter, time). A message
 * is in the log, synced, before its service sees it. So a crash may lose one that was on its way to a service, and never lets one in twice.
 *
 * The log is folded into the snapshot at the start and every two thousand messages: first the snapshot, then a new log. What is then in both
 * changes nothing. A last record that was cut off by a crash belongs to a message that no service has seen.
 */
import { open, readFile, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { concatBytes } from '../../base/bytes.ts'
import { writeWhole } from '../../base/whole-file.ts'
import { peerIdOf, publicKeyOf } from '../../crypto/keys/peer-id.ts'
import type { ReplayWindow, Stamp } from './replay-window.ts'
import { SealedError } from './errors.ts'

const SNAPSHOT = 'seen.json'
const LOG = 'seen.log'
const RECORD_BYTES = 48
const MAX_RECORDS = 2048

const whole = z.number().int().min(0)
const schema = z.object({
  version: z.literal(1),
  floor: whole,
  senders: z.array(z.object({ sender: z.string().max(64), highest: whole, latest: whole, floor: whole, taken: z.array(whole).max(128) })).max(65_536),
})

export class SeenFile {
  readonly #folder: string
  readonly #window: ReplayWindow
  #log: FileHandle | undefined
  #records = 0
  #closed = false

  /** `folder` is there. */
  constructor(window: ReplayWindow, folder: string) {
    this.#window = window
    this.#folder = folder
  }

  /** Reads both into the window. Rejects with a SealedError NET_SEALED_STORAGE where they are there and cannot be read: nothing may be taken then. */
  async load(): Promise<void> {
    try {
      const text = await readFile(join(this.#folder, SNAPSHOT), 'utf8').catch(ifThere)
      if (text !== undefined) this.#window.restore(schema.parse(JSON.parse(text)))
      const log = await readFile(join(this.#folder, LOG)).catch(ifThere)
      for (let at = 0; log !== undefined && at + RECORD_BYTES <= log.length; at += RECORD_BYTES) this.#window.take(decodeStamp(log.subarray(at, at + RECORD_BYTES)))
      await this.#fold()
    } catch (cause) {
      throw storage(`The record of the sealed messages that came, ${join(this.#folder, SNAPSHOT)}, cannot be read or written: ${(cause as Error).message}`, cause)
    }
  }

  /** Resolves when it is on the disk. Rejects with a SealedError NET_SEALED_STORAGE; the message was not taken then. One at a time. */
  async append(stamp: Stamp): Promise<void> {
    try {
      if (this.#closed) throw new Error('it is closed')
      if (this.#log === undefined || this.#records >= MAX_RECORDS) await this.#fold()
      const log = this.#log
      if (log === undefined) throw new Error('it is not open')
      // At its own place: what a failed writing left there is overwritten.
      await log.write(encodeStamp(stamp), 0, RECORD_BYTES, this.#records * RECORD_BYTES)
      await log.datasync()
      this.#records++
    } catch (cause) {
      throw storage(`A sealed message was not taken, because the record of those that came cannot be written: ${(cause as Error).message}`, cause)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#closeLog()
  }

  async #fold(): Promise<void> {
    await writeWhole(this.#folder, SNAPSHOT, JSON.stringify({ version: 1, ...this.#window.snapshot() }))
    await this.#closeLog()
    this.#log = await open(join(this.#folder, LOG), 'w', 0o600)
    this.#records = 0
  }

  async #closeLog(): Promise<void> {
    const log = this.#log
    this.#log = undefined
    await log?.close()
  }
}

function encodeStamp({ sender, counter, time }: Stamp): Uint8Array {
  const numbers = new Uint8Array(16)
  const view = new DataView(numbers.buffer)
  view.setBigUint64(0, BigInt(counter))
  view.setBigUint64(8, BigInt(time))
  return concatBytes(publicKeyOf(sender) ?? new Uint8Array(32), numbers)
}

function decodeStamp(record: Uint8Array): Stamp {
  const view = new DataView(record.buffer, record.byteOffset, RECORD_BYTES)
  return { sender: peerIdOf(record.subarray(0, 32)), counter: Number(view.getBigUint64(32)), time: Number(view.getBigUint64(40)) }
}

function ifThere(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

function storage(message: string, cause: unknown): SealedError {
  return new SealedError('NET_SEALED_STORAGE', `${message}.`, { cause, hint: 'See that the data folder can be written and the disk has room; restore the file, or remove it: messages of the last days may then be taken again.' })
}
