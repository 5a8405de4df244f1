/**
 * The keys of one network's data folder, whether its node runs or not: the keystore, the passphrase that may be remembered, and phrases
 * that are being written down.
 */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import { errorMessage } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import type { KeyScheme } from '../crypto/keys/keypairs.ts'
import { keyPairFromUri } from '../crypto/keys/secret-uri.ts'
import { PhraseDrafts } from './drafts.ts'
import { KeystoreError } from './errors.ts'
import { FileKeystore } from './file-keystore.ts'
import { KeyFiles, type KeyRecord } from './key-files.ts'
import type { ScryptCost } from './seal.ts'
import { NO_VAULT, type PassphraseVault, type VaultRefusal } from './vault.ts'

export { ACCOUNT_KEY_TYPE } from '../crypto/keys/keystore.ts'

export interface KeyKind {
  readonly keyType: string
  readonly scheme: KeyScheme
}

/** What relay chains' validators sign with; a running node asks its runtime instead. */
export const USUAL_SESSION_KEYS: readonly KeyKind[] = [
  { keyType: 'gran', scheme: 'ed25519' },
  ...['babe', 'imon', 'para', 'asgn', 'audi'].map((keyType) => ({ keyType, scheme: 'sr25519' }) as const),
]

export interface NetworkKeysDependencies {
  readonly dataPath: string
  readonly logger: Logger
  readonly clock: Clock
  readonly vault?: PassphraseVault | undefined
}

export interface NetworkKeysOptions {
  /** Its first line is the passphrase: chosen by it where there is none, unlocked with it where there is. */
  readonly passphraseFile?: string | undefined
  readonly cost?: ScryptCost
}

export class NetworkKeys {
  readonly keystore: FileKeystore
  readonly drafts: PhraseDrafts
  /** SS58 prefix of the network's addresses; 42, any network's, until its node has been built. */
  addressPrefix = 42
  readonly dataPath: string
  readonly #files: KeyFiles
  readonly #logger: Logger
  readonly #vault: PassphraseVault
  readonly #passphraseFile: string | undefined
  #remembered = false
  #opening: Promise<void> | undefined

  constructor({ dataPath, logger, clock, vault = NO_VAULT }: NetworkKeysDependencies, options: NetworkKeysOptions = {}) {
    this.dataPath = dataPath
    this.#files = new KeyFiles(join(dataPath, 'keystore'))
    this.#logger = logger.child('keys')
    this.#vault = vault
    this.#passphraseFile = options.passphraseFile
    this.keystore = new FileKeystore({ files: this.#files, logger: this.#logger }, options.cost === undefined ? {} : { cost: options.cost })
    this.drafts = new PhraseDrafts(clock)
  }

  /** Whether the keyring holds the passphrase of these keys. */
  get remembered(): boolean {
    return this.#remembered
  }

  get vaultRefusal(): VaultRefusal | undefined {
    return this.#vault.refusal()
  }

  /** Reads the folder and unlocks with what was told or remembered. Once; a failure is tried again by the next caller. */
  open(): Promise<void> {
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = undefined
      throw error
    })
    return this.#opening
  }

  async setUp(passphrase: string, remember: boolean): Promise<void> {
    await this.open()
    if (remember) this.#requireVault()
    await this.keystore.setUp(passphrase)
    await this.#remember(passphrase, remember)
  }

  /** `remember` false forgets what the keyring held. */
  async unlock(passphrase: string, remember: boolean): Promise<void> {
    await this.open()
    if (remember) this.#requireVault()
    await this.keystore.unlock(passphrase)
    await this.#remember(passphrase, remember)
  }

  /** What is remembered stays: the next start unlocks again. */
  async unlockRemembered(): Promise<void> {
    await this.open()
    const sealed = await this.#files.readRemembered()
    const passphrase = sealed === undefined || this.#vault.refusal() !== undefined ? undefined : this.#vault.open(sealed)
    if (passphrase === undefined) {
      throw new KeystoreError('KEYSTORE_NO_VAULT', 'The system keyring did not return the passphrase.', { hint: 'Enter the passphrase, and have it remembered again.' })
    }
    await this.keystore.unlock(passphrase)
  }

  async changePassphrase(passphrase: string, next: string): Promise<void> {
    await this.open()
    await this.keystore.changePassphrase(passphrase, next)
    await this.#remember(next, this.#remembered && this.#vault.refusal() === undefined)
  }

  /** One key of `uri`. Throws as {@link keyPairFromUri} does. */
  async import(kind: KeyKind, uri: string, label = ''): Promise<KeyRecord> {
    await this.open()
    return this.keystore.add(kind.keyType, keyPairFromUri(kind.scheme, uri), label)
  }

  /**
   * The session keys below a phrase, each at the path of its type (`<phrase>//babe`), so that the same phrase always gives the same keys
   * and no two of them are alike. A password (`///…`) stays at the end.
   */
  async importSession(kinds: readonly KeyKind[], uri: string): Promise<readonly KeyRecord[]> {
    const [, front = '', password = ''] = /^(.*?)(\/\/\/.*)?$/s.exec(uri.trim()) ?? []
    // All of them can be derived, or none is written.
    const pairs = kinds.map(({ keyType, scheme }) => ({ keyType, pair: keyPairFromUri(scheme, `${front}//${keyType}${password}`) }))
    await this.open()
    const records: KeyRecord[] = []
    for (const { keyType, pair } of pairs) records.push(await this.keystore.add(keyType, pair))
    return records
  }

  async #open(): Promise<void> {
    await this.keystore.load()
    this.#remembered = (await this.#files.readRemembered()) !== undefined
    if (this.#passphraseFile !== undefined) await this.#unlockFromFile(this.#passphraseFile)
    else if (this.#remembered && this.keystore.lockState === 'locked') await this.#tryRemembered()
  }

  async #unlockFromFile(path: string): Promise<void> {
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      throw new KeystoreError('KEYSTORE_UNREADABLE', `The passphrase file cannot be read: ${errorMessage(error)}.`, { hint: 'Correct --keystore-passphrase-file, or remove it.' })
    })
    const passphrase = text.split(/\r?\n/)[0] ?? ''
    if (process.platform !== 'win32' && ((await stat(path)).mode & 0o077) !== 0) {
      this.#logger.warn('other users can read the passphrase file: run chmod 600 on it', { path })
    }
    if (this.keystore.lockState === 'new') await this.keystore.setUp(passphrase)
    else await this.keystore.unlock(passphrase)
  }

  /** Not being able to is no reason not to start: the person is asked. */
  async #tryRemembered(): Promise<void> {
    const sealed = await this.#files.readRemembered()
    try {
      const passphrase = sealed === undefined || this.#vault.refusal() !== undefined ? undefined : this.#vault.open(sealed)
      if (passphrase === undefined) this.#logger.warn('the system keyring did not return the passphrase: the keys stay locked')
      else await this.keystore.unlock(passphrase)
    } catch (error) {
      this.#logger.warn('the keys stay locked', { reason: errorMessage(error) })
    }
  }

  async #remember(passphrase: string, remember: boolean): Promise<void> {
    if (remember) await this.#files.writeRemembered(this.#vault.seal(passphrase))
    else await this.#files.removeRemembered()
    this.#remembered = remember
  }

  #requireVault(): void {
    const refusal = this.#vault.refusal()
    if (refusal === undefined) return
    throw new KeystoreError('KEYSTORE_NO_VAULT', VAULT_REFUSALS[refusal], { hint: 'Go on without: you type the passphrase after each start.' })
  }
}

const VAULT_REFUSALS: Record<VaultRefusal, string> = {
  none: 'There is no keyring here to remember the passphrase.',
  unavailable: "The system's keyring is not there or not open.",
  'plain-text': 'The system has no keyring: what it offers instead is a password that everybody knows, which would protect nothing.',
}

/** The keys of every network of this computer, by data folder: the same object for the node and for the screen. */
export class Keyrings {
  readonly #dependencies: Omit<NetworkKeysDependencies, 'dataPath'>
  readonly #options: NetworkKeysOptions
  readonly #byPath = new Map<string, NetworkKeys>()

  constructor(dependencies: Omit<NetworkKeysDependencies, 'dataPath'>, options: NetworkKeysOptions = {}) {
    this.#dependencies = dependencies
    this.#options = options
  }

  at(dataPath: string): NetworkKeys {
    let keys = this.#byPath.get(dataPath)
    if (keys === undefined) this.#byPath.set(dataPath, (keys = new NetworkKeys({ ...this.#dependencies, dataPath }, this.#options)))
    return keys
  }

  /** Forgets a folder that was moved or deleted, and every secret of it. */
  async drop(dataPath: string): Promise<void> {
    const keys = this.#byPath.get(dataPath)
    this.#byPath.delete(dataPath)
    await keys?.keystore.lock()
  }

  /** For the end of the program. */
  async lockAll(): Promise<void> {
    await Promise.all([...this.#byPath.values()].map((keys) => keys.keystore.lock()))
  }
}
