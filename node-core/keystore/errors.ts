/** What can be wrong with the key files, in words for the person at the screen. */
import { NodeError } from '../base/errors.ts'

export type KeystoreFileErrorCode =
  /** Nobody chose a passphrase yet, so nothing can be encrypted. */
  | 'KEYSTORE_NO_PASSPHRASE'
  | 'KEYSTORE_LOCKED'
  | 'KEYSTORE_WRONG_PASSPHRASE'
  | 'KEYSTORE_WEAK_PASSPHRASE'
  /** A passphrase was chosen already. */
  | 'KEYSTORE_HAS_PASSPHRASE'
  /** A file does not hold what was written: its seal is broken. */
  | 'KEYSTORE_TAMPERED'
  /** A file is of a newer version, or is no file of ours. */
  | 'KEYSTORE_UNREADABLE'
  | 'KEYSTORE_KEY_MISMATCH'
  | 'KEYSTORE_BAD_KEY_TYPE'
  | 'KEYSTORE_DRAFT_GONE'
  | 'KEYSTORE_WRONG_WORDS'
  | 'KEYSTORE_NOT_CONFIRMED'
  /** The system's keyring cannot hold the passphrase. */
  | 'KEYSTORE_NO_VAULT'

export class KeystoreError extends NodeError<KeystoreFileErrorCode> {}

export const locked = (): KeystoreError => new KeystoreError('KEYSTORE_LOCKED', 'The keys are locked.', { hint: 'Unlock them with their passphrase.' })

export const noPassphrase = (): KeystoreError =>
  new KeystoreError('KEYSTORE_NO_PASSPHRASE', 'No passphrase has been set to encrypt the keys.', {
    hint: 'Set one on the Keys screen, or start with --keystore-passphrase-file <path>.',
  })

export const wrongPassphrase = (): KeystoreError =>
  new KeystoreError('KEYSTORE_WRONG_PASSPHRASE', 'This is not the passphrase of these keys.', { hint: 'Check upper and lower case and the keyboard layout.' })

export const tampered = (file: string): KeystoreError =>
  new KeystoreError('KEYSTORE_TAMPERED', `The key file ${file} was modified or is damaged.`, { hint: 'Remove the key and import it from its phrase, or restore the file from a backup.' })

export const unreadable = (file: string, why: string): KeystoreError =>
  new KeystoreError('KEYSTORE_UNREADABLE', `The key file ${file} is unusable: ${why}.`, { hint: 'Restore it from a backup, or move it out of the keystore.' })
