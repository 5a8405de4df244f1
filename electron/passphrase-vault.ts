/**
 * The system's keyring as the holder of keystore passphrases: Keychain, DPAPI, or a Secret Service on Linux, by Electron's safeStorage.
 *
 * Where Linux has no keyring, safeStorage goes on all the same with a password that is part of Chromium's source (`basic_text`). That
 * protects nothing, so it is refused.
 */
import type { SafeStorage } from 'electron'
import type { PassphraseVault, VaultRefusal } from '../node-core/keystore/vault.ts'

export type KeyringAccess = Pick<SafeStorage, 'isEncryptionAvailable' | 'encryptString' | 'decryptString'> & {
  /** On Linux alone. */
  readonly getSelectedStorageBackend?: () => string
}

export class SystemVault implements PassphraseVault {
  readonly #keyring: KeyringAccess
  readonly #platform: NodeJS.Platform

  constructor(keyring: KeyringAccess, platform: NodeJS.Platform = process.platform) {
    this.#keyring = keyring
    this.#platform = platform
  }

  /** Asked each time: a keyring may be opened while the app runs. Before the app is ready nothing is known, which counts as no keyring. */
  refusal(): VaultRefusal | undefined {
    if (this.#platform === 'linux') {
      const backend = this.#keyring.getSelectedStorageBackend?.() ?? 'unknown'
      if (backend === 'basic_text') return 'plain-text'
      if (backend === 'unknown') return 'unavailable'
    }
    return this.#keyring.isEncryptionAvailable() ? undefined : 'unavailable'
  }

  seal(passphrase: string): Uint8Array {
    return Uint8Array.from(this.#keyring.encryptString(passphrase))
  }

  open(sealed: Uint8Array): string | undefined {
    try {
      return this.#keyring.decryptString(Buffer.from(sealed))
    } catch {
      return undefined
    }
  }
}
