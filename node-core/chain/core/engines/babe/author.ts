/** Claiming slots and sealing blocks (Polkadot Host spec, sections 5.4 "Block Production" and 5.5 "Slot Claiming"). */
import { fromHex, toHex, type Hash } from '../../../../base/bytes.ts'
import { blake2b256 } from '../../../../crypto/hashes/hashing.ts'
import type { Keystore } from '../../../../crypto/keys/keystore.ts'
import type { SecretKey } from '../../../../crypto/keys/secret-key.ts'
import type { SlotCrypto } from '../../../../crypto/worker/slot-crypto.ts'
import type { BabeConfiguration } from './runtime-api.ts'
import { encodeHeader, type Header } from '../../../scale/header.ts'
import type { Author, SlotClaim } from '../slots/author.ts'
import { SlotError } from '../slots/errors.ts'
import { BABE_ENGINE, babeSlotInherent, preDigestItem, slotOf, type Authority, type PreDigest } from './digest.ts'
import type { Epoch } from './epoch.ts'
import type { BabeEpochs } from './epochs.ts'
import { primaryThreshold, secondaryAuthor } from './lottery.ts'
import type { SlotClaims } from '../slots/slot-claims.ts'

export interface BabeAuthorDependencies {
  readonly epochs: BabeEpochs
  readonly keystore: Keystore
  readonly claims: SlotClaims
  readonly crypto: Pick<SlotCrypto, 'draw' | 'seal'>
}

export const KEY_TYPE = 'babe'

export class BabeAuthor implements Author {
  readonly slotDuration: number
  readonly #dependencies: BabeAuthorDependencies

  constructor(dependencies: BabeAuthorDependencies, configuration: Pick<BabeConfiguration, 'slotDuration'>) {
    this.#dependencies = dependencies
    this.slotDuration = configuration.slotDuration
  }

  get lastClaimed(): number | undefined {
    return this.#dependencies.claims.last
  }

  async authorityCount(parent: Header, parentHash: Hash, slot: number): Promise<number> {
    return (await this.#dependencies.epochs.forChild(parent, parentHash, slot)).epoch.authorities.length
  }

  async claimSlot(parent: Header, parentHash: Hash, slot: number): Promise<SlotClaim | undefined> {
    const { keystore, claims, epochs } = this.#dependencies
    if (parent.number > 0 && slot <= slotOf(parent)) return undefined
    const local = new Set(keystore.publicKeys(KEY_TYPE, 'sr25519').map(toHex))
    if (local.size === 0) return undefined
    const { epoch } = await epochs.forChild(parent, parentHash, slot)
    const indices = epoch.authorities.flatMap(({ key }, index) => (local.has(key) && claims.isFree(key, slot) ? [index] : []))
    for (const index of indices) {
      const primary = await this.#primaryClaim(epoch, slot, index)
      if (primary !== undefined) return claim(epoch, primary)
    }
    const secondary = await this.#secondaryClaim(epoch, slot, indices)
    return secondary === undefined ? undefined : claim(epoch, secondary)
  }

  /** The local key that won the lottery of a slot above `parent`, whether or not it claimed the slot; undefined where none did. */
  async drawnBy(parent: Header, parentHash: Hash, slot: number): Promise<Hash | undefined> {
    const { keystore, epochs } = this.#dependencies
    const local = new Set(keystore.publicKeys(KEY_TYPE, 'sr25519').map(toHex))
    if (local.size === 0) return undefined
    const { epoch } = await epochs.forChild(parent, parentHash, slot)
    for (const [index, { key }] of epoch.authorities.entries()) {
      if (local.has(key) && (await this.#primaryClaim(epoch, slot, index)) !== undefined) return key
    }
    return undefined
  }

  async seal(header: Header, { slot, authority }: SlotClaim): Promise<Header> {
    const { keystore, claims, crypto } = this.#dependencies
    await claims.claim(authority, slot)
    // Fetched last: a key store that is locked meanwhile overwrites its secrets.
    const secret = keystore.secret(KEY_TYPE, fromHex(authority))
    if (secret === undefined) throw new SlotError('SLOT_NO_KEY', 'The key that claimed this slot is no longer in the keystore.')
    const data = await crypto.seal(secret, blake2b256(encodeHeader(header)))
    return { ...header, digest: [...header.digest, { type: 'seal', engine: BABE_ENGINE, data }] }
  }

  async #primaryClaim(epoch: Epoch, slot: number, authorityIndex: number): Promise<PreDigest | undefined> {
    const secret = this.#secretOf(epoch, authorityIndex)
    if (secret === undefined) return undefined
    const won = await this.#dependencies.crypto.draw(secret, slotInput(epoch, slot), primaryThreshold(epoch, authorityIndex))
    return won === undefined ? undefined : { kind: 'primary', authorityIndex, slot, vrf: won.vrf }
  }

  async #secondaryClaim(epoch: Epoch, slot: number, local: readonly number[]): Promise<PreDigest | undefined> {
    const { secondarySlots } = epoch.configuration
    if (secondarySlots === 'none') return undefined
    const authorityIndex = secondaryAuthor(slot, epoch.authorities.length, epoch.randomness)
    if (!local.includes(authorityIndex)) return undefined
    if (secondarySlots === 'plain') return { kind: 'secondaryPlain', authorityIndex, slot }
    const secret = this.#secretOf(epoch, authorityIndex)
    if (secret === undefined) return undefined
    const drawn = await this.#dependencies.crypto.draw(secret, slotInput(epoch, slot))
    return drawn === undefined ? undefined : { kind: 'secondaryVrf', authorityIndex, slot, vrf: drawn.vrf }
  }

  #secretOf(epoch: Epoch, authorityIndex: number): SecretKey | undefined {
    const authority = epoch.authorities[authorityIndex]
    return authority === undefined ? undefined : this.#dependencies.keystore.secret(KEY_TYPE, fromHex(authority.key))
  }
}

function slotInput(epoch: Epoch, slot: number): { slot: number; epochIndex: number; randomness: Uint8Array } {
  return { slot, epochIndex: epoch.index, randomness: fromHex(epoch.randomness) }
}

function claim({ authorities }: Epoch, preDigest: PreDigest): SlotClaim {
  return {
    slot: preDigest.slot,
    authority: (authorities[preDigest.authorityIndex] as Authority).key,
    preDigest: preDigestItem(preDigest),
    inherents: [babeSlotInherent(preDigest.slot)],
    weight: preDigest.kind === 'primary' ? 1 : 0,
  }
}
