/** Checking a header (Polkadot Host spec, section 5.7 "Block Validation" and algorithm "Verify-Authorship-Right"). */
import { fromHex, type Hash } from '../../../../base/bytes.ts'
import { blake2b256, blake2Hash } from '../../../../crypto/hashes/hashing.ts'
import type { HeaderCheck, SlotCrypto } from '../../../../crypto/worker/slot-crypto.ts'
import type { BabeConfiguration } from './runtime-api.ts'
import { encodeHeader, splitSeal, type Header } from '../../../scale/header.ts'
import type { BlockStateReader } from '../../../state/types.ts'
import type { VerifiedHeader, Verifier } from '../engine.ts'
import { announcementsOf, BABE_ENGINE, preDigestOf, slotOf, type Announcements, type Authority, type PreDigest } from './digest.ts'
import type { Epoch } from './epoch.ts'
import type { BabeEpochs, EpochForChild } from './epochs.ts'
import { EquivocationDetector, type SlotEquivocation } from '../slots/equivocation.ts'
import { retryAt, slotAt } from '../slots/slot-time.ts'
import { BabeError } from './errors.ts'
import { primaryThreshold, secondaryAuthor } from './lottery.ts'

export interface BabeVerifierDependencies {
  readonly headers: Pick<BlockStateReader, 'header'>
  readonly epochs: BabeEpochs
  readonly crypto: Pick<SlotCrypto, 'checkHeader'>
  /** Told once a header that equivocates has passed. */
  readonly onEquivocation?: (equivocation: SlotEquivocation) => void
}

const SEAL_SIZE = 64

export class BabeVerifier implements Verifier {
  readonly #dependencies: BabeVerifierDependencies
  readonly #slotDuration: number
  readonly #equivocations = new EquivocationDetector()

  constructor(dependencies: BabeVerifierDependencies, configuration: Pick<BabeConfiguration, 'slotDuration'>) {
    this.#dependencies = dependencies
    this.#slotDuration = configuration.slotDuration
  }

  async verify(header: Header, nowMs: number, placed?: () => void): Promise<VerifiedHeader> {
    const { headers, epochs } = this.#dependencies
    const { unsealed, seal } = sealOf(header)
    const preDigest = preDigestOf(unsealed)
    const { slot } = preDigest

    const parent = headers.header(header.parentHash)
    if (parent === undefined) throw new BabeError('BABE_UNKNOWN_PARENT', 'The parent of this header is unknown.')
    // Slots rise along a chain; genesis has none.
    if (parent.number > 0 && slot <= slotOf(parent)) {
      throw new BabeError('BABE_SLOT_NOT_AFTER_PARENT', `Slot ${slot} is not after the parent's slot ${slotOf(parent)}.`)
    }
    this.#checkNotInFuture(slot, nowMs)

    const place = await epochs.forChild(parent, header.parentHash, slot)
    const announcements = announcementsOf(unsealed)
    checkAnnouncements(place, announcements)

    const authority = place.epoch.authorities[preDigest.authorityIndex]
    if (authority === undefined) {
      throw new BabeError('BABE_UNKNOWN_AUTHORITY', `Epoch ${place.epoch.index} has no authority ${preDigest.authorityIndex}.`)
    }
    checkRight(preDigest, place.epoch)
    const hash = blake2Hash(encodeHeader(header))
    const weight = preDigest.kind === 'primary' ? 1 : 0
    // From here on children find their epoch: what the proofs say does not move it.
    const aux = epochs.auxOf(hash, header, slot, weight, place, announcements)
    const proven = this.#checkProofs(preDigest, place.epoch, authority, unsealed, seal)
    placed?.()
    try {
      await proven
    } catch (error) {
      epochs.forget(hash)
      throw error
    }
    this.#observe(slot, authority.key, hash, header)
    return { hash, unsealed, author: authority.key, weight, aux }
  }

  #checkNotInFuture(slot: number, nowMs: number): void {
    const early = retryAt(slot, nowMs, this.#slotDuration)
    if (early === undefined) return
    const now = slotAt(nowMs, this.#slotDuration)
    throw new BabeError('BABE_SLOT_IN_FUTURE', `Slot ${slot} is in the future: the current slot is ${now}.`, {
      data: { temporary: true, slot, now, retryAt: early },
      hint: 'If every block is refused for this reason, check the clock of this computer.',
    })
  }

  /** The seal over the whole header, and the VRF with what it draws. */
  async #checkProofs(preDigest: PreDigest, epoch: Epoch, authority: Authority, unsealed: Header, seal: Uint8Array): Promise<void> {
    const check: HeaderCheck = { publicKey: fromHex(authority.key), sealedHash: blake2b256(encodeHeader(unsealed)), seal }
    const input = { slot: preDigest.slot, epochIndex: epoch.index, randomness: fromHex(epoch.randomness) }
    const withVrf = preDigest.kind === 'secondaryPlain' ? check : { ...check, vrf: { input, signature: preDigest.vrf } }
    const { sealValid, score } = await this.#dependencies.crypto.checkHeader(withVrf)
    if (!sealValid) throw new BabeError('BABE_BAD_SEAL', 'The seal is not a valid signature of the author over this header.')
    if (preDigest.kind === 'secondaryPlain') return
    if (score === undefined) throw new BabeError('BABE_BAD_VRF', 'The VRF proof of this header is invalid.')
    if (preDigest.kind === 'primary' && score >= primaryThreshold(epoch, preDigest.authorityIndex)) {
      throw new BabeError('BABE_THRESHOLD', 'The author did not win this slot: the VRF output is not below the threshold.')
    }
  }

  #observe(slot: number, author: Hash, hash: Hash, header: Header): void {
    const equivocation = this.#equivocations.observe(slot, author, hash, header)
    if (equivocation !== undefined) this.#dependencies.onEquivocation?.(equivocation)
  }
}

function sealOf(header: Header): { unsealed: Header; seal: Uint8Array } {
  const parts = splitSeal(header, BABE_ENGINE)
  const more = parts?.unsealed.digest.some((item) => item.type === 'seal' && item.engine === BABE_ENGINE) ?? false
  if (parts === undefined || parts.seal.length !== SEAL_SIZE || more) {
    throw new BabeError('BABE_NO_SEAL', 'A header must end with exactly one BABE seal of 64 bytes.')
  }
  return parts
}

/** The first block of an epoch announces the next one, and no other block does. */
function checkAnnouncements({ isFirst, epoch }: EpochForChild, { nextEpoch, nextConfiguration }: Announcements): void {
  if (isFirst && nextEpoch === undefined) {
    throw new BabeError('BABE_MISSING_EPOCH_ANNOUNCEMENT', `The first block of epoch ${epoch.index} does not announce the next epoch.`)
  }
  if (!isFirst && nextEpoch !== undefined) {
    throw new BabeError('BABE_UNEXPECTED_EPOCH_ANNOUNCEMENT', `A block inside epoch ${epoch.index} announces another epoch.`)
  }
  if (nextEpoch === undefined && nextConfiguration !== undefined) {
    throw new BabeError('BABE_UNEXPECTED_CONFIG_CHANGE', 'A block changes the configuration without announcing an epoch.')
  }
  if (nextEpoch !== undefined && nextEpoch.authorities.length === 0) {
    throw new BabeError('BABE_BAD_CONSENSUS_LOG', 'The header announces an epoch without authorities.')
  }
}

/** Secondary slots: allowed in this epoch, and this authority's turn. Primary ones are a matter of the VRF. */
function checkRight(preDigest: PreDigest, epoch: Epoch): void {
  if (preDigest.kind === 'primary') return
  const allowed = preDigest.kind === 'secondaryPlain' ? 'plain' : 'vrf'
  if (epoch.configuration.secondarySlots !== allowed) {
    throw new BabeError('BABE_SECONDARY_NOT_ALLOWED', `Epoch ${epoch.index} does not allow blocks of this kind (${preDigest.kind}).`)
  }
  const expected = secondaryAuthor(preDigest.slot, epoch.authorities.length, epoch.randomness)
  if (expected !== preDigest.authorityIndex) {
    const message = `Slot ${preDigest.slot} is authority ${expected}'s, not ${preDigest.authorityIndex}'s.`
    throw new BabeError('BABE_WRONG_SECONDARY_AUTHOR', message)
  }
}

