/**
 * Who may remember a passphrase for its owner: the system's keyring. The desktop app has one (electron/passphrase-vault.ts); the command
 * line has none, and reads a file instead.
 */

/** Why the keyring cannot be used; bounded, so that the window can say it in its own language. */
export type VaultRefusal =
  /** This program has no access to a keyring: the command line. */
  | 'none'
  /** The system has no keyring, or it is not open. */
  | 'unavailable'
  /** What the system offers is a fixed password that everybody knows, which protects nothing. */
  | 'plain-text'

export interface PassphraseVault {
  /** Undefined where it can be used. */
  refusal(): VaultRefusal | undefined
  /** Only {@link open} on this computer and for this user can read what it gives. */
  seal(passphrase: string): Uint8Array
  /** Undefined where it cannot be read any more: another computer, another user, a keyring that was reset. */
  open(sealed: Uint8Array): string | undefined
}

export const NO_VAULT: PassphraseVault = {
  refusal: () => 'none',
  seal: () => {
    throw new RangeError('there is no keyring')
  },
  open: () => undefined,
}
