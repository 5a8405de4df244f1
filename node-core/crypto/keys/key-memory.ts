/**
 * What keys signed last, as the engines need it; keystore/signing-record.ts keeps it beside the keys.
 *
 * Two blocks by one key for one slot, or two votes for one round, are an equivocation, which costs a validator its stake. The database
 * cannot be the witness against it: it is set aside when it is damaged, and synced anew. So an engine that is about to sign asks here
 * first, and lets nothing out before its own word is on disk. What is kept of a key is the engine's matter: some bytes for each.
 */
import type { Hash } from '../../base/bytes.ts'

export interface KeyMemory {
  /** Undefined where the key has signed nothing yet. Throws SIGNING_RECORD_UNREADABLE where it cannot be told: nothing may be signed then. */
  last(keyType: string, publicKey: Hash): Uint8Array | undefined
  /** Every key of the type that ever signed here, whether its secret is at hand or not. */
  keys(keyType: string): readonly Hash[]
  /**
   * Counts at once, and resolves when it is on disk: what was signed may not leave before. Throws SIGNING_RECORD_UNREADABLE or
   * SIGNING_RECORD_UNWRITABLE.
   */
  write(keyType: string, publicKey: Hash, value: Uint8Array): Promise<void>
}

/** Of a node that signs nothing. */
export const NOTHING_SIGNED: KeyMemory = {
  last: () => undefined,
  keys: () => [],
  write: () => Promise.reject(new Error('this node signs nothing')),
}
