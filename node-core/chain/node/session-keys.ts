/**
 * Session keys as the runtime sees them: which there are, making new ones, taking a list of them apart, and which of them the chain
 * uses now. It needs a running node.
 *
 * New keys are made where the runtime asks for them, in the executor's thread, in a keystore that exists for that one call. Their secrets
 * are handed back (the buffers change hands, so that no copy stays there) and stored here, encrypted, before anybody is told of them.
 */
import { EMPTY, toHex, type Hash, type Hex } from '../../base/bytes.ts'
import { errorMessage } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import { devAccount, devAccountNamed } from '../../crypto/keys/dev-accounts.ts'
import { keyPairOf } from '../../crypto/keys/keypairs.ts'
import type { MemoryKeystore } from '../../crypto/keys/keystore.ts'
import { discoveryAuthorities } from '../runtime/api/authorities.ts'
import { decodeSessionKeys, type SessionKey } from '../runtime/api/session-keys.ts'
import type { AuthorityList } from '../core/engines/engine.ts'
import type { RuntimeExecutor, SessionKeyMaker } from '../runtime/types.ts'
import type { BlockStateReader } from '../state/types.ts'
import { WELL_KNOWN_ACCOUNTS, type WellKnownAccount } from './options.ts'
import { locked, noPassphrase } from '../../keystore/errors.ts'
import { USUAL_SESSION_KEYS, type KeyKind, type NetworkKeys } from '../../keystore/network-keys.ts'

export interface SessionKeysDependencies {
  readonly keys: NetworkKeys
  readonly runtime: RuntimeExecutor & SessionKeyMaker
  readonly blocks: Pick<BlockStateReader, 'best' | 'header'>
  readonly logger: Logger
  /** Keys of development accounts, which no file holds. */
  readonly development: Pick<MemoryKeystore, 'entries'>
  /** Of which types the chain's engine says who uses them. */
  readonly lists: () => readonly AuthorityList[]
}

/** Whose address an authority has published: known of no engine, and to be told apart from others all the same. */
const DISCOVERY_KEY = 'audi'
/** By these an authority makes blocks; a development account's is its sr25519 key. */
const AUTHORING_KEYS = ['babe', 'aura']

export interface OwnedKeys {
  readonly keys: Hex
  /** Undefined where the runtime proves nothing (version 1 of its API). */
  readonly proof: Hex | undefined
}

export interface KeysInUse {
  /** `babe:0x…`. */
  readonly keys: ReadonlySet<string>
  /** The types of which it is known. */
  readonly types: ReadonlySet<string>
}

export class SessionKeys {
  readonly #dependencies: SessionKeysDependencies
  #inUse: KeysInUse = { keys: new Set(), types: new Set() }
  #seenAt: Hash | undefined
  #kinds: readonly KeyKind[] | undefined

  constructor(dependencies: SessionKeysDependencies) {
    this.#dependencies = dependencies
  }

  /** New random keys, stored; the form in which they are set on the chain. Throws as {@link rotateFor} does. */
  async rotate(): Promise<Hex> {
    return (await this.rotateFor(EMPTY)).keys
  }

  /**
   * New random keys for `owner`, stored: what is registered on the chain, and the proof that goes with it where the runtime makes one.
   * Throws KEYSTORE_LOCKED or KEYSTORE_NO_PASSPHRASE, and RUNTIME_NO_SUCH_API where the chain has no session keys.
   */
  async rotateFor(owner: Uint8Array): Promise<OwnedKeys> {
    const { keys, runtime } = this.#dependencies
    await keys.open()
    const { lockState } = keys.keystore
    if (lockState !== 'unlocked') throw lockState === 'new' ? noPassphrase() : locked()
    const { encoded, proof, made } = await runtime.makeSessionKeys(this.#stateRoot(), owner)
    for (const { keyType, scheme, secret } of made) await keys.keystore.add(keyType, keyPairOf(scheme, secret))
    return { keys: toHex(encoded), proof: proof === undefined ? undefined : toHex(proof) }
  }

  /** What the runtime calls session keys, taken apart; undefined where these are none. */
  decode(encoded: Uint8Array): Promise<SessionKey[] | undefined> {
    return decodeSessionKeys(this.#dependencies.runtime, this.#stateRoot(), encoded)
  }

  /** Keys of development accounts, of the types that the runtime uses as soon as that is known. */
  development(): readonly (KeyKind & { readonly publicKey: Hex })[] {
    const kinds = this.#kinds && new Set(this.#kinds.map(({ keyType }) => keyType))
    const entries = this.#dependencies.development.entries().filter(({ keyType }) => kinds?.has(keyType) ?? true)
    return entries.map((key) => ({ ...key, publicKey: toHex(key.publicKey) }))
  }

  /** Which keys a validator of this chain has. */
  async kinds(): Promise<readonly KeyKind[]> {
    if (this.#kinds !== undefined) return this.#kinds
    const { runtime, logger } = this.#dependencies
    try {
      const { made } = await runtime.makeSessionKeys(this.#stateRoot())
      for (const { secret } of made) secret.fill(0)
      this.#kinds = made.map(({ keyType, scheme }) => ({ keyType, scheme }))
    } catch (error) {
      logger.debug('the runtime does not say which session keys it has', { reason: errorMessage(error) })
      this.#kinds = USUAL_SESSION_KEYS
    }
    return this.#kinds
  }

  /** As it was known last; looks anew, in the background, where the chain has moved. */
  inUse(): KeysInUse {
    const { blocks, logger } = this.#dependencies
    const { hash } = blocks.best()
    if (hash !== this.#seenAt) {
      this.#seenAt = hash
      this.refresh().catch((error: unknown) => logger.debug('who signs could not be read', { reason: errorMessage(error) }))
    }
    return this.#inUse
  }

  async refresh(): Promise<KeysInUse> {
    const root = this.#stateRoot()
    await this.kinds()
    const found = await Promise.all([...this.#dependencies.lists(), this.#discovery].map((list) => readList(list, root)))
    const known = found.filter((list) => list !== undefined)
    this.#inUse = { keys: new Set(known.flatMap(({ keys }) => keys)), types: new Set(known.map(({ keyType }) => keyType)) }
    return this.#inUse
  }

  /** The development accounts that may make blocks of this chain now. */
  async developmentAuthors(): Promise<readonly WellKnownAccount[]> {
    const { keys } = await this.refresh()
    return WELL_KNOWN_ACCOUNTS.filter((account) => {
      const key = toHex(devAccount(`//${devAccountNamed(account)}`).sr25519.publicKey)
      return AUTHORING_KEYS.some((type) => keys.has(`${type}:${key}`))
    })
  }

  get #discovery(): AuthorityList {
    return { keyType: DISCOVERY_KEY, at: (root) => discoveryAuthorities(this.#dependencies.runtime, root) }
  }

  #stateRoot(): Hash {
    const { blocks } = this.#dependencies
    const header = blocks.header(blocks.best().hash)
    if (header === undefined) throw new RangeError('the best block has no header')
    return header.stateRoot
  }
}

/** Undefined where the runtime has no such list. */
async function readList({ keyType, at }: AuthorityList, root: Hash): Promise<{ keyType: string; keys: string[] } | undefined> {
  try {
    return { keyType, keys: (await at(root)).map((key) => `${keyType}:${key}`) }
  } catch {
    return undefined
  }
}
