/** The system's keyring: used where it is one, refused where it is a fixed password. */
import { describe, expect, it } from 'vitest'
import { SystemVault, type KeyringAccess } from '../../../electron/passphrase-vault.ts'

function keyring(backend: string, available = true): KeyringAccess {
  return {
    getSelectedStorageBackend: () => backend,
    isEncryptionAvailable: () => available,
    encryptString: (text) => Buffer.from(`sealed ${text}`),
    decryptString: (bytes) => {
      if (!bytes.toString().startsWith('sealed ')) throw new Error('not ours')
      return bytes.toString().slice(7)
    },
  }
}

describe('the keyring', () => {
  it('is refused where Linux has none, although it says that it can encrypt', () => {
    expect(new SystemVault(keyring('basic_text'), 'linux').refusal()).toBe('plain-text')
    expect(new SystemVault(keyring('unknown'), 'linux').refusal()).toBe('unavailable')
    expect(new SystemVault(keyring('gnome_libsecret'), 'linux').refusal()).toBeUndefined()
    expect(new SystemVault(keyring('gnome_libsecret', false), 'linux').refusal()).toBe('unavailable')
  })

  it('has no such choice elsewhere', () => {
    const { getSelectedStorageBackend, ...mac } = keyring('')
    expect(getSelectedStorageBackend).toBeDefined()
    expect(new SystemVault(mac, 'darwin').refusal()).toBeUndefined()
    expect(new SystemVault({ ...mac, isEncryptionAvailable: () => false }, 'win32').refusal()).toBe('unavailable')
  })

  it('gives back what it sealed, and nothing of what it did not', () => {
    const vault = new SystemVault(keyring('kwallet6'), 'linux')
    expect(vault.open(vault.seal('a passphrase'))).toBe('a passphrase')
    expect(vault.open(Uint8Array.of(1, 2, 3))).toBeUndefined()
  })
})
