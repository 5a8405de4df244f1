/**
 * Checking a header: the slot is after the parent's and not in the future, and the seal is a signature of the authority whose turn it is.
 *
 * The keys of a chain are of sr25519 or of ed25519; which, no runtime says, and the bytes of a key do not tell. So a seal is good that
 * is a signature of either kind: who has no secret for a key can make neither.
 */
import { fromHex, type Hash } from '../../../../base/bytes.ts'
import { blake2b256, blake2Hash } from '../../../../crypto/hashes/hashing.ts'
import type { BatchVerifier } from '../../../../crypto/ed25519/ed25519-batch.ts'
import type { SlotCrypto } from '../../../../crypto/worker/slot-crypto.ts'
import { encodeHeader, splitSeal, type Header } from '../../../scale/header.ts'
import type { BlockStateReader } from '../../../state/types.ts'
import type { VerifiedHeader, Verifier } from '../engine.ts'
import { EquivocationDetector, type SlotEquivocation } from '../slots/equivocation.ts'
import { BLOCK_WEIGHT } from '../slots/longest-chain.ts'
import { retryAt, slotAt } from '../slots/slot-time.ts'
import type { AuraAuthorities } from './authorities.ts'
import { AURA_ENGINE, slotOf } from './digest.ts'
import { AuraError } from './errors.ts'

export interface AuraVerifierDependencies {
  readonly headers: Pick<BlockStateReader, 'header'>
  readonly authorities: AuraAuthorities
  readonly crypto: Pick<SlotCrypto, 'checkHeader'> & BatchVerifier
  /** Told once a header that equivocates has passed. */
  readonly onEquivocation: (equivocation: SlotEquivocation) => void
}

const SEAL_SIZE = 64

/** Whose slot it is. */
export function authorOf(slot: number, authorities: readonly Hash[]): Hash | undefined {
  return authorities.length === 0 ? undefined : authorities[slot % authorities.length]
}

export class AuraVerifier implements Verifier {
  readonly #dependencies: AuraVerifierDependencies
  readonly #slotDuration: number
  readonly #equivocations = new EquivocationDetector()

  constructor(dependencies: AuraVerifierDependencies, options: { readonly slotDuration: number }) {
    this.#dependencies = dependencies
    this.#slotDuration = options.slotDuration
  }

  async verify(header: Header, nowMs: number): Promise<VerifiedHeader> {
    const { headers, authorities } = this.#dependencies
    const { unsealed, seal } = sealOf(header)
    const slot = slotOf(unsealed)
    const parent = headers.header(header.parentHash)
    if (parent === undefined) throw new AuraError('AURA_UNKNOWN_PARENT', 'The parent of this header is unknown.')
    // Slots rise along a chain; genesis has none.
    if (parent.number > 0 && slot <= slotOf(parent)) {
      throw new AuraError('AURA_SLOT_NOT_AFTER_PARENT', `Slot ${slot} is not after the parent's slot ${slotOf(parent)}.`)
    }
    this.#checkNotInFuture(slot, nowMs)

    const { author, list } = await this.#checkSeal(slot, parent, header.parentHash, unsealed, seal)
    const hash = blake2Hash(encodeHeader(header))
    authorities.note(header, hash, list)
    const equivocation = this.#equivocations.observe(slot, author, hash, header)
    if (equivocation !== undefined) this.#dependencies.onEquivocation(equivocation)
    return { hash, unsealed, author, weight: BLOCK_WEIGHT, aux: [] }
  }

  #checkNotInFuture(slot: number, nowMs: number): void {
    const early = retryAt(slot, nowMs, this.#slotDuration)
    if (early === undefined) return
    const now = slotAt(nowMs, this.#slotDuration)
    throw new AuraError('AURA_SLOT_IN_FUTURE', `Slot ${slot} is in the future: the current slot is ${now}.`, {
      data: { slot, now, retryAt: early },
      hint: 'If every block is refused for this reason, check the clock of this computer.',
    })
  }

  /** By the authorities that are known here, or else by those of the parent's runtime. */
  async #checkSeal(slot: number, parent: Header, parentHash: Hash, unsealed: Header, seal: Uint8Array): Promise<{ author: Hash; list: readonly Hash[] }> {
    const { authorities } = this.#dependencies
    const sealedHash = blake2b256(encodeHeader(unsealed))
    const known = await authorities.forChild(parent, parentHash)
    const author = authorOf(slot, known)
    if (author !== undefined && (await this.#isSignedBy(author, sealedHash, seal))) return { author, list: known }
    const current = await authorities.fromRuntime(parent, parentHash)
    const other = authorOf(slot, current)
    if (other !== undefined && other !== author && (await this.#isSignedBy(other, sealedHash, seal))) return { author: other, list: current }
    throw new AuraError('AURA_BAD_SEAL', `The seal is not a valid signature of the authority of slot ${slot}.`)
  }

  async #isSignedBy(author: Hash, sealedHash: Uint8Array, seal: Uint8Array): Promise<boolean> {
    const { crypto } = this.#dependencies
    const publicKey = fromHex(author)
    if ((await crypto.checkHeader({ publicKey, sealedHash, seal })).sealValid) return true
    const [isEd25519] = await crypto.verifyEd25519([{ publicKey, message: sealedHash, signature: seal }])
    return isEd25519 === true
  }
}

function sealOf(header: Header): { unsealed: Header; seal: Uint8Array } {
  const parts = splitSeal(header, AURA_ENGINE)
  const more = parts?.unsealed.digest.some((item) => item.type === 'seal' && item.engine === AURA_ENGINE) ?? false
  if (parts === undefined || parts.seal.length !== SEAL_SIZE || more) {
    throw new AuraError('AURA_NO_SEAL', 'A header must end with exactly one Aura seal of 64 bytes.')
  }
  return parts
}
