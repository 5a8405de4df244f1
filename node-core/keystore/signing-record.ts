/**
 * What each key of this node signed last, beside the keys: never a slot or a round twice, whatever becomes of the database.
 *
 *   signing-record/<16 digits of the genesis hash>-<key type>-<public key>.json          and the same ending in .copy.json
 *
 * It stands against the ways in which a node forgets: a database that is damaged and set aside, a power cut, a clock that is set back, a
 * second start on older data. It goes where the data folder goes, and is deleted with the network alone. It does not stand against two
 * computers that use the same keys, nor against a folder that is restored from an old copy: nothing on one computer can.
 *
 * A file is written whole and synced before `write` resolves; its copy follows. So a tear hits one of the two, and the other has it all.
 * Where neither can be read, nothing is signed with that key until a person has looked at it: a guess could cost the stake.
 */
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { fromHex, toHex, utf8, type Hash } from '../base/bytes.ts'
import { errorMessage, NodeError } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import type { KeyMemory } from '../crypto/keys/key-memory.ts'
import { SerialQueue } from '../base/serial-queue.ts'
import { blake2Hash } from '../crypto/hashes/hashing.ts'
import { KEY_TYPE_FORM } from './key-files.ts'
import { ownSubfolder, writeWhole } from '../base/whole-file.ts'

export type SigningRecordErrorCode =
  /** The files of a key are there, and neither can be read. */
  | 'SIGNING_RECORD_UNREADABLE'
  /** The disk does not take what is to be signed next. */
  | 'SIGNING_RECORD_UNWRITABLE'

const hex = z.string().regex(/^0x([0-9a-f]{2})*$/)
const fileSchema = z.strictObject({
  version: z.literal(1),
  genesisHash: hex,
  keyType: z.string().regex(KEY_TYPE_FORM),
  publicKey: hex.max(68),
  /** Grows with each writing: the newer of two files counts. */
  count: z.number().int().nonnegative(),
  /** SCALE; the engine's. */
  signed: hex.max(16 * 1024),
  /** blake2b-256 of the rest. */
  checksum: hex,
})
type RecordFile = z.infer<typeof fileSchema>

const FILE = /^(?<stem>[0-9a-f]{16}-[a-z0-9_]{4}-[0-9a-f]{64,66})(\.copy)?\.json$/
const LEFTOVER = /^\.[0-9a-f]{12}\.new$/
/** Writings of one key that may wait. */
const QUEUE_LIMIT = 256

interface Entry {
  readonly keyType: string
  readonly publicKey: Hash
  readonly work: SerialQueue
  count: number
  value: Uint8Array | undefined
  damaged: boolean
}

export class SigningRecord implements KeyMemory {
  readonly #folder: string
  readonly #logger: Logger
  readonly #entries = new Map<string, Entry>()
  #genesisHash: Hash | undefined
  /** Why the last writing failed, until one succeeds. */
  #failure: NodeError<SigningRecordErrorCode> | undefined
  #folderMade: Promise<void> | undefined

  constructor({ logger }: { readonly logger: Logger }, options: { readonly folder: string }) {
    this.#logger = logger
    this.#folder = options.folder
  }

  /** Reads what there is of this network's keys. Makes nothing: who never signs has no folder. */
  async open(genesisHash: Hash): Promise<void> {
    this.#genesisHash = genesisHash
    this.#entries.clear()
    const names = await readdir(this.#folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    })
    for (const name of names.filter((candidate) => LEFTOVER.test(candidate))) await rm(join(this.#folder, name), { force: true })
    const stems = new Set(names.flatMap((name) => FILE.exec(name)?.groups?.['stem'] ?? []))
    for (const stem of stems) if (stem.startsWith(`${genesisHash.slice(2, 18)}-`)) await this.#read(stem, names)
  }

  /** Why nothing is signed with one of the keys, for people; undefined where nothing is wrong. */
  get problem(): NodeError<SigningRecordErrorCode> | undefined {
    const damaged = [...this.#entries.values()].find((entry) => entry.damaged)
    return damaged === undefined ? this.#failure : this.#unreadable(damaged)
  }

  /** Waits for what is being written. */
  async close(): Promise<void> {
    await Promise.all([...this.#entries.values()].map(({ work }) => work.idle()))
  }

  last(keyType: string, publicKey: Hash): Uint8Array | undefined {
    const entry = this.#entries.get(this.#stemOf(keyType, publicKey))
    if (entry?.damaged === true) throw this.#unreadable(entry)
    return entry?.value
  }

  keys(keyType: string): readonly Hash[] {
    return [...this.#entries.values()].filter((entry) => entry.keyType === keyType && !entry.damaged).map(({ publicKey }) => publicKey)
  }

  async write(keyType: string, publicKey: Hash, value: Uint8Array): Promise<void> {
    const stem = this.#stemOf(keyType, publicKey)
    let entry = this.#entries.get(stem)
    if (entry === undefined) this.#entries.set(stem, (entry = newEntry(keyType, publicKey)))
    if (entry.damaged) throw this.#unreadable(entry)
    entry.value = value
    entry.count++
    const text = this.#textOf(entry)
    try {
      await entry.work.run(() => this.#put(`${stem}.json`, text))
      this.#failure = undefined
    } catch (error) {
      this.#failure = this.#unwritable(publicKey, error)
      throw this.#failure
    }
    entry.work.run(() => this.#put(`${stem}.copy.json`, text)).catch((error: unknown) => {
      this.#logger.warn('the copy of a signing record could not be written', { key: publicKey, reason: errorMessage(error) })
    })
  }

  async #put(name: string, text: string): Promise<void> {
    try {
      this.#folderMade ??= ownSubfolder(this.#folder)
      await this.#folderMade
      await writeWhole(this.#folder, name, text)
    } catch (error) {
      // Somebody may have taken the folder away: it is made again the next time.
      this.#folderMade = undefined
      throw error
    }
  }

  async #read(stem: string, names: readonly string[]): Promise<void> {
    const [, keyType = '', key = ''] = stem.split('-')
    const publicKey: Hash = `0x${key}`
    const entry = newEntry(keyType, publicKey)
    this.#entries.set(stem, entry)
    for (const name of [`${stem}.json`, `${stem}.copy.json`].filter((candidate) => names.includes(candidate))) {
      const file = await this.#parse(name, entry)
      if (file === undefined || (entry.value !== undefined && file.count <= entry.count)) continue
      entry.count = file.count
      entry.value = fromHex(file.signed)
    }
    entry.damaged = entry.value === undefined
    if (entry.damaged) this.#logger.error('a key does not sign: the record of its last signature cannot be read', { key: publicKey, type: keyType, path: join(this.#folder, `${stem}.json`) })
  }

  /** Undefined where the file is not what was written. */
  async #parse(name: string, { keyType, publicKey }: Entry): Promise<RecordFile | undefined> {
    const path = join(this.#folder, name)
    try {
      const file = fileSchema.parse(JSON.parse(await readFile(path, 'utf8')))
      const isRight = file.keyType === keyType && file.publicKey === publicKey && file.genesisHash === this.#genesisHash
      if (!isRight || file.checksum !== checksumOf(file)) throw new Error('its content was changed')
      return file
    } catch (error) {
      this.#logger.warn('a file of the signing record cannot be read', { path, reason: errorMessage(error) })
      return undefined
    }
  }

  #textOf({ keyType, publicKey, count, value }: Entry): string {
    const content = { version: 1 as const, genesisHash: this.#network(), keyType, publicKey, count, signed: toHex(value ?? new Uint8Array(0)) }
    return JSON.stringify({ ...content, checksum: checksumOf(content) }, null, 2)
  }

  #stemOf(keyType: string, publicKey: Hash): string {
    return `${this.#network().slice(2, 18)}-${keyType}-${publicKey.slice(2)}`
  }

  #network(): Hash {
    if (this.#genesisHash === undefined) throw new Error('the signing record is not open')
    return this.#genesisHash
  }

  #unreadable({ keyType, publicKey }: Entry): NodeError<SigningRecordErrorCode> {
    const path = join(this.#folder, this.#stemOf(keyType, publicKey))
    return new NodeError('SIGNING_RECORD_UNREADABLE', `The ${keyType} key ${publicKey} does not sign: the record of its last signature, ${path}.json, cannot be read.`, {
      data: { keyType, publicKey, path: `${path}.json` },
      hint: 'Restore that file or its .copy.json from a backup. Without one, make sure that no other node uses this key, wait an hour, delete both files and restart the node.',
    })
  }

  #unwritable(publicKey: Hash, cause: unknown): NodeError<SigningRecordErrorCode> {
    return new NodeError('SIGNING_RECORD_UNWRITABLE', `The key ${publicKey} does not sign: the record of its signatures cannot be written to ${this.#folder} (${errorMessage(cause)}).`, {
      cause,
      data: { publicKey, path: this.#folder },
      hint: 'Check that the disk is not full and that the folder is writable. The node retries automatically.',
    })
  }
}

function newEntry(keyType: string, publicKey: Hash): Entry {
  return { keyType, publicKey, work: new SerialQueue(QUEUE_LIMIT), count: 0, value: undefined, damaged: false }
}

function checksumOf({ version, genesisHash, keyType, publicKey, count, signed }: Omit<RecordFile, 'checksum'>): Hash {
  return blake2Hash(utf8(JSON.stringify([version, genesisHash, keyType, publicKey, count, signed])))
}
