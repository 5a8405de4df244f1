/** Claiming slots and sealing blocks: a slot is the local key's whose turn it is. */
import { fromHex, toHex, type Hash } from '../../../../base/bytes.ts'
import { blake2b256 } from '../../../../crypto/hashes/hashing.ts'
import type { Keystore } from '../../../../crypto/keys/keystore.ts'
import type { SlotCrypto } from '../../../../crypto/worker/slot-crypto.ts'
import { encodeHeader, type Header } from '../../../scale/header.ts'
import type { Author, SlotClaim } from '../slots/author.ts'
import { SlotError } from '../slots/errors.ts'
import { BLOCK_WEIGHT } from '../slots/longest-chain.ts'
import type { SlotClaims } from '../slots/slot-claims.ts'
import type { AuraAuthorities } from './authorities.ts'
import { AURA_ENGINE, auraSlotInherent, preDigestItem, slotOf } from './digest.ts'
import { authorOf } from './verifier.ts'

export const KEY_TYPE = 'aura'

export interface AuraAuthorDependencies {
  readonly authorities: AuraAuthorities
  readonly keystore: Keystore
  readonly claims: SlotClaims
  readonly crypto: Pick<SlotCrypto, 'seal'>
}

export class AuraAuthor implements Author {
  readonly slotDuration: number
  readonly #dependencies: AuraAuthorDependencies

  constructor(dependencies: AuraAuthorDependencies, options: { readonly slotDuration: number }) {
    this.#dependencies = dependencies
    this.slotDuration = options.slotDuration
  }

  get lastClaimed(): number | undefined {
    return this.#dependencies.claims.last
  }

  /** The parent is stored, so its runtime can be asked: nobody knows better. */
  async authorityCount(parent: Header, parentHash: Hash): Promise<number> {
    return (await this.#dependencies.authorities.fromRuntime(parent, parentHash)).length
  }

  async claimSlot(parent: Header, parentHash: Hash, slot: number): Promise<SlotClaim | undefined> {
    const { authorities, claims } = this.#dependencies
    if (parent.number > 0 && slot <= slotOf(parent)) return undefined
    const local = this.#localKeys()
    if (local.size === 0) return undefined
    const authority = authorOf(slot, await authorities.fromRuntime(parent, parentHash))
    if (authority === undefined || !local.has(authority) || !claims.isFree(authority, slot)) return undefined
    return { slot, authority, preDigest: preDigestItem(slot), inherents: [auraSlotInherent(slot)], weight: BLOCK_WEIGHT }
  }

  async seal(header: Header, { slot, authority }: SlotClaim): Promise<Header> {
    await this.#dependencies.claims.claim(authority, slot)
    const data = await this.#sign(fromHex(authority), blake2b256(encodeHeader(header)))
    return { ...header, digest: [...header.digest, { type: 'seal', engine: AURA_ENGINE, data }] }
  }

  async #sign(publicKey: Uint8Array, sealedHash: Uint8Array): Promise<Uint8Array> {
    const { keystore, crypto } = this.#dependencies
    // Fetched last: a key store that is locked meanwhile overwrites its secrets.
    const secret = keystore.secret(KEY_TYPE, publicKey)
    if (secret === undefined) throw new SlotError('SLOT_NO_KEY', 'The key that claimed this slot is no longer in the keystore.')
    const isSr25519 = keystore.publicKeys(KEY_TYPE, 'sr25519').some((key) => Buffer.compare(key, publicKey) === 0)
    return isSr25519 ? crypto.seal(secret, sealedHash) : keystore.sign(KEY_TYPE, publicKey, sealedHash)
  }

  #localKeys(): ReadonlySet<Hash> {
    const { keystore } = this.#dependencies
    return new Set((['sr25519', 'ed25519'] as const).flatMap((scheme) => keystore.publicKeys(KEY_TYPE, scheme)).map(toHex))
  }
}
