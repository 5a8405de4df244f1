/**
 * Aura: authority round. Of the engines that networks use the simplest: time is cut into slots, and the authorities take turns, slot
 * modulo their number. Templates for chains of one's own begin with it.
 *
 * It assumes that clocks agree to within a slot and that most authorities are honest and there. Everybody knows whose turn is when, so
 * whoever wants to silence one author knows the moment; where an author is silent, its slot is empty and the chain goes on with the next.
 * The longest chain is best. Two blocks of one author in one slot are valid both and noticed (slots/equivocation.ts); what they divide,
 * finality joins. Fewer than half of the authorities cannot outrun the others, because each has its share of the slots and no more.
 *
 * authorities.ts keeps account of whose turns there are on which fork, verifier.ts checks headers, author.ts claims slots and seals.
 */
import type { EngineOptions } from '../engine.ts'
import type { AuthoringPart, PartDependencies } from '../parts.ts'
import { GuardedKeystore } from '../../signing/guarded-keystore.ts'
import { slotAuthoring } from '../slots/authoring.ts'
import { heightCeiling } from '../slots/height-ceiling.ts'
import { longestChain } from '../slots/longest-chain.ts'
import { SlotClaims } from '../slots/slot-claims.ts'
import { AuraAuthor, KEY_TYPE } from './author.ts'
import { AuraAuthorities } from './authorities.ts'
import { auraDigests, auraSlotInherent, preDigestItem, slotOf } from './digest.ts'
import { AuraError } from './errors.ts'
import { auraAuthorities, auraSlotDuration } from './runtime-api.ts'
import { AuraVerifier, authorOf } from './verifier.ts'

/** Throws AURA_BAD_CONFIGURATION, and what the calls of the runtime throw. */
export async function createAura(dependencies: PartDependencies, { validator, forceAuthoring }: EngineOptions): Promise<AuthoringPart> {
  const { blocks, writer, executor, crypto, keystore, signed, guard, imports, baseRoot } = dependencies
  const logger = dependencies.logger.child('aura')
  const slotDuration = await auraSlotDuration(executor, baseRoot)
  if (slotDuration === 0) throw new AuraError('AURA_BAD_CONFIGURATION', "The runtime's Aura configuration has a slot duration of zero.")

  const authorities = new AuraAuthorities({ blocks, aux: writer, imports, executor })
  const verifier = new AuraVerifier(
    { headers: imports, authorities, crypto, onEquivocation: ({ slot, author }) => logger.warn('equivocation: an author signed two blocks in one slot', { slot, author }) },
    { slotDuration },
  )
  const author = new AuraAuthor({ authorities, keystore: new GuardedKeystore(keystore, guard), claims: new SlotClaims(signed, KEY_TYPE), crypto }, { slotDuration })
  return {
    name: 'Aura',
    slotDuration,
    followsClock: true,
    verifier,
    weights: longestChain(blocks),
    authoring: validator ? slotAuthoring(author, logger, { force: forceAuthoring }) : undefined,
    digests: auraDigests,
    lists: [{ keyType: KEY_TYPE, at: (stateRoot) => auraAuthorities(executor, stateRoot) }],
    heightCeiling: (finalized, nowMs) => heightCeiling(finalized, auraDigests.slotOf(finalized), nowMs, slotDuration),
    turnOf: async (parent, parentHash, slot) => authorOf(slot, await authorities.forChild(parent, parentHash)),
    async authorByState({ parentHash, digest }) {
      const parent = blocks.header(parentHash)
      return parent === undefined ? undefined : authorOf(slotOf({ digest }), await auraAuthorities(executor, parent.stateRoot))
    },
    finalizing: (head) => authorities.entries(head),
    stamp: async (_parent, slot) => ({ preDigest: preDigestItem(slot), inherents: [auraSlotInherent(slot)] }),
  }
}
