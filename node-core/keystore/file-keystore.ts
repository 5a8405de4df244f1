/**
 * The keystore on disk. Locked, it lists the public keys; unlocked, it signs. A key that is added while the node runs is used from
 * then on, because whoever signs asks anew each time.
 *
 * Secrets are in memory only while it is unlocked, and are overwritten when it is locked or a key removed. Passphrases and phrases are
 * JavaScript strings, which nothing can overwrite: they are kept nowhere, and go with the next garbage collection.
 */
import { toHex, type Hex } from '../base/bytes.ts'
import { errorMessage } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import { keyPairOf, type KeyPair, type KeyScheme } from '../crypto/keys/keypairs.ts'
import { MemoryKeystore, type Keystore } from '../crypto/keys/keystore.ts'
import type { SecretKey } from '../crypto/keys/secret-key.ts'
import { SerialQueue } from '../base/serial-queue.ts'
import { KeystoreError, locked, noPassphrase, tampered, wrongPassphrase } from './errors.ts'
import { KEY_TYPE_FORM, KeyFiles, type KeyFile, type KeyRecord } from './key-files.ts'
import { DEFAULT_COST, newDataKey, unwrapKey, wrapKey, type ScryptCost, type WrappedKey } from './seal.ts'

/** `new`: nobody chose a passphrase yet. */
export type LockState = 'new' | 'locked' | 'unlocked'

export interface KeyEntry extends KeyRecord {
  /** Its secret is at hand. */
  readonly usable: boolean
  /** The file was changed since it was written, so the key cannot be used. */
  readonly damaged: boolean
}

const MIN_PASSPHRASE = 8

export class FileKeystore implements Keystore {
  readonly #files: KeyFiles
  readonly #logger: Logger
  readonly #cost: ScryptCost
  readonly #work = new SerialQueue(64)
  readonly #open = new MemoryKeystore()
  #wrapped: WrappedKey | undefined
  #dataKey: Uint8Array | undefined
  #known = new Map<string, KeyFile>()
  #damaged = new Set<string>()
  #isRead = false

  constructor({ files, logger }: { readonly files: KeyFiles; readonly logger: Logger }, options: { readonly cost?: ScryptCost } = {}) {
    this.#files = files
    this.#logger = logger
    this.#cost = options.cost ?? DEFAULT_COST
  }

  get lockState(): LockState {
    if (this.#dataKey !== undefined) return 'unlocked'
    return this.#wrapped === undefined ? 'new' : 'locked'
  }

  /** Every key there is a file of. */
  entries(): readonly KeyEntry[] {
    return [...this.#known].map(([name, { scheme, keyType, publicKey, label }]) => {
      const damaged = this.#damaged.has(name)
      return { scheme, keyType, publicKey, label, damaged, usable: this.#dataKey !== undefined && !damaged }
    })
  }

  has(keyType: string, publicKey: Hex): boolean {
    return this.entries().some((entry) => entry.keyType === keyType && entry.publicKey === publicKey)
  }

  /** Reads what is in the folder, once. Throws KEYSTORE_UNREADABLE. */
  load(): Promise<void> {
    return this.#work.run(async () => {
      if (this.#isRead) return
      this.#wrapped = await this.#files.readWrappedKey()
      const files = await this.#files.readKeys((error) => this.#logger.warn('a key file was skipped', { reason: errorMessage(error) }))
      this.#known = new Map(files.map((file) => [KeyFiles.nameOf(file), file]))
      this.#isRead = true
    })
  }

  /** The first passphrase; unlocked afterwards. Throws KEYSTORE_HAS_PASSPHRASE or KEYSTORE_WEAK_PASSPHRASE. */
  setUp(passphrase: string): Promise<void> {
    return this.#work.run(async () => {
      if (this.#wrapped !== undefined) throw new KeystoreError('KEYSTORE_HAS_PASSPHRASE', 'These keys already have a passphrase.', { hint: 'Unlock them with it; then it can be changed.' })
      assertStrong(passphrase)
      const dataKey = newDataKey()
      const wrapped = await wrapKey(dataKey, passphrase, this.#cost)
      await this.#files.writeWrappedKey(wrapped)
      this.#wrapped = wrapped
      this.#dataKey = dataKey
    })
  }

  /** Throws KEYSTORE_WRONG_PASSPHRASE, KEYSTORE_TAMPERED (the passphrase's own file) or KEYSTORE_NO_PASSPHRASE. */
  unlock(passphrase: string): Promise<void> {
    return this.#work.run(async () => {
      const dataKey = await this.#unwrap(passphrase)
      if (this.#dataKey !== undefined) {
        dataKey.fill(0)
        return
      }
      this.#dataKey = dataKey
      this.#damaged = new Set()
      for (const [name, file] of this.#known) this.#openFile(name, file, dataKey)
      this.#logger.info('the keys are unlocked', { keys: this.#known.size - this.#damaged.size, damaged: this.#damaged.size })
    })
  }

  /** Forgets every secret, and resolves when they are overwritten. */
  lock(): Promise<void> {
    return this.#work.run(async () => {
      const pairs = this.#open.clear()
      this.#dataKey?.fill(0)
      if (this.#dataKey !== undefined) this.#logger.info('the keys are locked')
      this.#dataKey = undefined
      await eraseLater(pairs)
    })
  }

  changePassphrase(passphrase: string, next: string): Promise<void> {
    return this.#work.run(async () => {
      assertStrong(next)
      const dataKey = await this.#unwrap(passphrase)
      try {
        const wrapped = await wrapKey(dataKey, next, this.#cost)
        await this.#files.writeWrappedKey(wrapped)
        this.#wrapped = wrapped
      } finally {
        dataKey.fill(0)
      }
    })
  }

  /** Writes the key and uses it from now on; the pair is the keystore's afterwards. Throws KEYSTORE_LOCKED or KEYSTORE_NO_PASSPHRASE. */
  add(keyType: string, pair: KeyPair, label = ''): Promise<KeyRecord> {
    return this.#work.run(async () => {
      if (!KEY_TYPE_FORM.test(keyType)) throw new KeystoreError('KEYSTORE_BAD_KEY_TYPE', 'A key type has four lowercase letters or digits, such as babe.')
      if (this.#dataKey === undefined) throw this.#wrapped === undefined ? noPassphrase() : locked()
      const record: KeyRecord = { scheme: pair.scheme, keyType, publicKey: toHex(pair.publicKey), label }
      const name = KeyFiles.nameOf(record)
      const file = KeyFiles.seal(record, pair.secret.reveal(), this.#dataKey)
      await this.#files.writeKey(file)
      this.#known.set(name, file)
      this.#damaged.delete(name)
      const before = this.#open.remove(keyType, pair.publicKey)
      this.#open.add(keyType, pair)
      if (before !== undefined) await eraseLater([before])
      this.#logger.info('a key was added', { type: keyType, scheme: pair.scheme, key: record.publicKey })
      return record
    })
  }

  /** Removes the file for good. Works while locked: nothing secret is needed for it. */
  remove(keyType: string, publicKey: Hex): Promise<void> {
    return this.#work.run(async () => {
      for (const [name, file] of this.#known) {
        if (file.keyType !== keyType || file.publicKey !== publicKey) continue
        await this.#files.removeKey(file)
        this.#known.delete(name)
        const pair = this.#open.remove(keyType, Buffer.from(publicKey.slice(2), 'hex'))
        if (pair !== undefined) await eraseLater([pair])
        this.#logger.info('a key was removed', { type: keyType, key: publicKey })
      }
    })
  }

  publicKeys(keyType: string, scheme?: KeyScheme): Uint8Array[] {
    return this.#open.publicKeys(keyType, scheme)
  }

  sign(keyType: string, publicKey: Uint8Array, message: Uint8Array): Uint8Array {
    return this.#open.sign(keyType, publicKey, message)
  }

  secret(keyType: string, publicKey: Uint8Array): SecretKey | undefined {
    return this.#open.secret(keyType, publicKey)
  }

  async #unwrap(passphrase: string): Promise<Uint8Array> {
    if (this.#wrapped === undefined) throw noPassphrase()
    const result = await unwrapKey(this.#wrapped, passphrase)
    if (result === 'wrong') throw wrongPassphrase()
    if (result === 'broken') throw tampered('passphrase.json')
    return result
  }

  /** A file whose seal is broken, or whose secret is not that of its public key, is marked; the others are used. */
  #openFile(name: string, file: KeyFile, dataKey: Uint8Array): void {
    try {
      const pair = keyPairOf(file.scheme, KeyFiles.unseal(file, dataKey))
      if (toHex(pair.publicKey) !== file.publicKey) throw tampered(name)
      this.#open.add(file.keyType, pair)
    } catch (error) {
      this.#damaged.add(name)
      this.#logger.error('a key cannot be used', { reason: errorMessage(error) })
    }
  }
}

function assertStrong(passphrase: string): void {
  if ([...passphrase].length >= MIN_PASSPHRASE) return
  throw new KeystoreError('KEYSTORE_WEAK_PASSPHRASE', `The passphrase is too short: it needs at least ${MIN_PASSPHRASE} characters.`, { hint: 'Four unrelated words are easy to remember.' })
}

/** After the present turn: what was handed a secret in this turn (a task for the crypto worker) must not send zeros. */
function eraseLater(pairs: readonly KeyPair[]): Promise<void> {
  return new Promise((resolve) =>
    setImmediate(() => {
      for (const { secret } of pairs) secret.erase()
      resolve()
    }),
  )
}
