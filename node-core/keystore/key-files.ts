/**
 * The folder of keys: `passphrase.json` with the wrapped data key, and a file per key named by scheme, type and public key. The folder
 * is its owner's alone (0700), and so is every file (0600). A file is written whole beside its place, then put there.
 */
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { fromHex, type Hex } from '../base/bytes.ts'
import { KEY_SCHEMES, type KeyScheme } from '../crypto/keys/keypairs.ts'
import { tampered, unreadable } from './errors.ts'
import { seal, sealedSchema, unseal, wrappedKeySchema, type WrappedKey } from './seal.ts'
import { ownFolder, writeWhole } from '../base/whole-file.ts'

/** Four lower-case letters or digits: also part of a file's name. */
export const KEY_TYPE_FORM = /^[a-z0-9_]{4}$/

/** What a file says openly. */
export interface KeyRecord {
  readonly scheme: KeyScheme
  readonly keyType: string
  readonly publicKey: Hex
  /** What a person calls it; may be empty. */
  readonly label: string
}

export const keyScheme = z.enum(KEY_SCHEMES)

const keyFileSchema = z.strictObject({
  version: z.literal(1),
  scheme: keyScheme,
  keyType: z.string().regex(KEY_TYPE_FORM),
  publicKey: z.string().regex(/^0x([0-9a-f]{64}|[0-9a-f]{66})$/),
  label: z.string().max(64),
  secret: sealedSchema,
})
export type KeyFile = z.infer<typeof keyFileSchema> & KeyRecord

const PASSPHRASE_FILE = 'passphrase.json'
const REMEMBERED_FILE = 'passphrase.keyring'
const KEY_FILE = /^(sr25519|ed25519|ecdsa)-[a-z0-9_]{4}-[0-9a-f]{64,66}\.json$/
const MAX_FILE = 16 * 1024

export class KeyFiles {
  readonly folder: string

  constructor(folder: string) {
    this.folder = folder
  }

  static nameOf({ scheme, keyType, publicKey }: KeyRecord): string {
    return `${scheme}-${keyType}-${publicKey.slice(2)}.json`
  }

  static seal(record: KeyRecord, secret: Uint8Array, dataKey: Uint8Array): KeyFile {
    const { scheme, keyType, publicKey, label } = record
    return { version: 1, scheme, keyType, publicKey, label, secret: seal(dataKey, secret, contextOf(record)) }
  }

  /** Throws KEYSTORE_TAMPERED where anything in the file is not as it was written. */
  static unseal(file: KeyFile, dataKey: Uint8Array): Uint8Array {
    const secret = unseal(dataKey, file.secret, contextOf(file))
    if (secret === undefined) throw tampered(KeyFiles.nameOf(file))
    return secret
  }

  /** Undefined where no passphrase was chosen yet. Throws KEYSTORE_UNREADABLE. */
  async readWrappedKey(): Promise<WrappedKey | undefined> {
    const text = await this.#read(PASSPHRASE_FILE)
    if (text === undefined) return undefined
    const parsed = wrappedKeySchema.safeParse(parseJson(text))
    if (!parsed.success) throw unreadable(PASSPHRASE_FILE, 'it is damaged or of a newer version')
    return parsed.data
  }

  async writeWrappedKey(wrapped: WrappedKey): Promise<void> {
    await this.#write(PASSPHRASE_FILE, JSON.stringify(wrapped, null, 2))
  }

  /** In the order of their names. Files of ours that cannot be read are named to `onProblem`. */
  async readKeys(onProblem: (error: Error) => void): Promise<KeyFile[]> {
    const names = await readdir(this.folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    })
    const files: KeyFile[] = []
    for (const name of names.filter((candidate) => KEY_FILE.test(candidate)).sort()) {
      const parsed = keyFileSchema.safeParse(parseJson((await this.#read(name)) ?? ''))
      if (!parsed.success) onProblem(unreadable(name, 'it is damaged or of a newer version'))
      else if (KeyFiles.nameOf(parsed.data as KeyFile) !== name) onProblem(tampered(name))
      else files.push(parsed.data as KeyFile)
    }
    return files
  }

  async writeKey(file: KeyFile): Promise<void> {
    await this.#write(KeyFiles.nameOf(file), JSON.stringify(file, null, 2))
  }

  async removeKey(record: KeyRecord): Promise<void> {
    await rm(join(this.folder, KeyFiles.nameOf(record)), { force: true })
  }

  /** What the system's keyring made of the passphrase; only it can read that. */
  async readRemembered(): Promise<Uint8Array | undefined> {
    const text = await this.#read(REMEMBERED_FILE)
    return text === undefined ? undefined : fromHexSafely(text.trim())
  }

  async writeRemembered(sealed: Uint8Array): Promise<void> {
    await this.#write(REMEMBERED_FILE, Buffer.from(sealed).toString('hex'))
  }

  async removeRemembered(): Promise<void> {
    await rm(join(this.folder, REMEMBERED_FILE), { force: true })
  }

  async #write(name: string, text: string): Promise<void> {
    await ownFolder(this.folder)
    await writeWhole(this.folder, name, text)
  }

  async #read(name: string): Promise<string | undefined> {
    const path = join(this.folder, name)
    const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw unreadable(name, error.message)
    })
    if (bytes === undefined) return undefined
    if (bytes.length > MAX_FILE) throw unreadable(name, 'it is too large')
    return bytes.toString('utf8')
  }
}

/** Everything that is public, so that no part of it can be exchanged. */
function contextOf({ scheme, keyType, publicKey, label }: KeyRecord): string {
  return `nodestead key 1 ${JSON.stringify([scheme, keyType, publicKey, label])}`
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function fromHexSafely(text: string): Uint8Array | undefined {
  return /^([0-9a-f]{2})*$/.test(text) ? fromHex(`0x${text}`) : undefined
}
