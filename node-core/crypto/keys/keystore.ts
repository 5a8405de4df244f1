/**
 * The keys that this node signs with.
 *
 * A key belongs to a key type of four letters: `babe` authors blocks, `gran` votes on finality, `aura`, `imon`, `para`, `audi` serve the
 * runtime, and `acco` is for accounts. Whoever signs holds a `Keystore` and a public key, never the secret; the one exception is BABE's VRF, which runs in a
 * worker thread and gets the secret in the wrapper that does not print.
 */
import { toBinaryString } from '../../base/bytes.ts'
import { NodeError } from '../../base/errors.ts'
import { devAccount, type DevAccountName } from './dev-accounts.ts'
import { signWith, type KeyPair, type KeyScheme } from './keypairs.ts'
import type { SecretKey } from './secret-key.ts'

/** The key type of accounts, as Substrate has it. The node signs nothing with them by itself. */
export const ACCOUNT_KEY_TYPE = 'acco'

export type KeystoreErrorCode = 'KEYSTORE_UNKNOWN_KEY'

export interface Keystore {
  /** In the order in which they were added. */
  publicKeys(keyType: string, scheme?: KeyScheme): Uint8Array[]
  /** Throws KEYSTORE_UNKNOWN_KEY. */
  sign(keyType: string, publicKey: Uint8Array, message: Uint8Array): Uint8Array
  /** For operations that signing does not cover (the VRF). Undefined where the key is not here. */
  secret(keyType: string, publicKey: Uint8Array): SecretKey | undefined
}

/** Several keystores as one; the first that has a key uses it. Asked anew each time, so a key that comes while the node runs is used. */
export class JoinedKeystore implements Keystore {
  readonly #parts: readonly Keystore[]

  constructor(parts: readonly Keystore[]) {
    this.#parts = parts
  }

  publicKeys(keyType: string, scheme?: KeyScheme): Uint8Array[] {
    const keys = this.#parts.flatMap((part) => part.publicKeys(keyType, scheme))
    return [...new Map(keys.map((key) => [toBinaryString(key), key])).values()]
  }

  sign(keyType: string, publicKey: Uint8Array, message: Uint8Array): Uint8Array {
    const part = this.#parts.find((candidate) => candidate.secret(keyType, publicKey) !== undefined)
    if (part === undefined) throw unknownKey(keyType)
    return part.sign(keyType, publicKey, message)
  }

  secret(keyType: string, publicKey: Uint8Array): SecretKey | undefined {
    for (const part of this.#parts) {
      const secret = part.secret(keyType, publicKey)
      if (secret !== undefined) return secret
    }
    return undefined
  }
}

export function unknownKey(keyType: string): NodeError<KeystoreErrorCode> {
  return new NodeError('KEYSTORE_UNKNOWN_KEY', `This node does not have this ${keyType} key.`)
}

/** Keys in memory: those of the development accounts, and what is unlocked from disk. */
export class MemoryKeystore implements Keystore {
  readonly #keys = new Map<string, Map<string, KeyPair>>()

  add(keyType: string, pair: KeyPair): this {
    let keys = this.#keys.get(keyType)
    if (keys === undefined) this.#keys.set(keyType, (keys = new Map<string, KeyPair>()))
    keys.set(toBinaryString(pair.publicKey), pair)
    return this
  }

  entries(): { readonly keyType: string; readonly scheme: KeyScheme; readonly publicKey: Uint8Array }[] {
    return [...this.#keys].flatMap(([keyType, keys]) => [...keys.values()].map(({ scheme, publicKey }) => ({ keyType, scheme, publicKey })))
  }

  /** Forgets the pair and hands it back. */
  remove(keyType: string, publicKey: Uint8Array): KeyPair | undefined {
    const pair = this.#find(keyType, publicKey)
    this.#keys.get(keyType)?.delete(toBinaryString(publicKey))
    return pair
  }

  /** Forgets every pair and hands them back. */
  clear(): KeyPair[] {
    const pairs = [...this.#keys.values()].flatMap((keys) => [...keys.values()])
    this.#keys.clear()
    return pairs
  }

  publicKeys(keyType: string, scheme?: KeyScheme): Uint8Array[] {
    const pairs = [...(this.#keys.get(keyType)?.values() ?? [])]
    return pairs.filter((pair) => scheme === undefined || pair.scheme === scheme).map((pair) => pair.publicKey)
  }

  sign(keyType: string, publicKey: Uint8Array, message: Uint8Array): Uint8Array {
    const pair = this.#find(keyType, publicKey)
    if (pair === undefined) throw unknownKey(keyType)
    return signWith(pair, message)
  }

  secret(keyType: string, publicKey: Uint8Array): SecretKey | undefined {
    return this.#find(keyType, publicKey)?.secret
  }

  #find(keyType: string, publicKey: Uint8Array): KeyPair | undefined {
    return this.#keys.get(keyType)?.get(toBinaryString(publicKey))
  }
}

/** What an authority signs with in one part of consensus. */
export interface ConsensusKey {
  readonly keyType: string
  readonly scheme: 'sr25519' | 'ed25519'
}

/** Types of keys that serve runtimes beside consensus; all of sr25519. */
const OTHER_KEY_TYPES = ['imon', 'para', 'asgn', 'audi']

/** The session keys of development validators (`--alice` …). */
export function developmentKeystore(names: readonly DevAccountName[], consensus: readonly ConsensusKey[]): MemoryKeystore {
  const keystore = new MemoryKeystore()
  for (const name of names) {
    const account = devAccount(`//${name}`)
    for (const { keyType, scheme } of consensus) keystore.add(keyType, account[scheme])
    for (const keyType of OTHER_KEY_TYPES) keystore.add(keyType, account.sr25519)
  }
  return keystore
}
