/**
 * BABE: blind assignment for blockchain extension (Polkadot Host spec, chapter 5).
 *
 * Time is cut into slots, and slots into epochs. Who may author is drawn in secret: each authority evaluates a VRF over the slot and the
 * epoch's randomness, and may author where its number lies below a threshold that follows from its weight (a *primary* block). Nobody
 * knows beforehand whom to attack, and everybody can check the proof afterwards. Slots may so have several authors, or none; for the
 * latter case one authority per slot is picked by a hash (a *secondary* block). The chain with more primary blocks is better: who
 * makes secondary blocks alone cannot outrun the others.
 *
 * It assumes that two thirds of the weight are honest, that clocks agree to within a slot, and that blocks spread within one. What
 * stands against whom: a slot from the future waits (a fast clock wins nothing), a second block for a slot is noticed
 * (slots/equivocation.ts), and the authorities of an epoch are announced an epoch ahead, so that nobody chooses keys to fit the
 * randomness. Long-range forks are finality's matter.
 *
 * lottery.ts draws, epochs.ts keeps account of which epoch a block is in on which fork, verifier.ts checks headers, author.ts claims slots.
 */
import type { Hash } from '../../../../base/bytes.ts'
import type { EngineOptions } from '../engine.ts'
import type { AuthoringPart, PartDependencies } from '../parts.ts'
import { GuardedKeystore } from '../../signing/guarded-keystore.ts'
import { slotAuthoring } from '../slots/authoring.ts'
import { heightCeiling } from '../slots/height-ceiling.ts'
import { SlotClaims } from '../slots/slot-claims.ts'
import { slotAt } from '../slots/slot-time.ts'
import { BabeAuthor, KEY_TYPE } from './author.ts'
import { epochAuthorship, type EpochAuthorship } from './authorship.ts'
import { babeSlotInherent, preDigestItem, preDigestOf } from './digest.ts'
import { assertConfiguration } from './epoch.ts'
import { BabeEpochs } from './epochs.ts'
import { encodeBabeEquivocation } from './equivocation.ts'
import { babeDigests } from './facts.ts'
import { secondaryAuthor } from './lottery.ts'
import { babeMethods } from './rpc.ts'
import { BABE_API, babeAuthorities, babeConfiguration, babeCurrentEpochStart } from './runtime-api.ts'
import { BabeVerifier } from './verifier.ts'

/** Throws BABE_BAD_CONFIGURATION, and what the call of the runtime throws. */
export async function createBabe(dependencies: PartDependencies, { validator, forceAuthoring }: EngineOptions): Promise<AuthoringPart> {
  const { blocks, writer, executor, crypto, keystore, signed, guard, clock, imports, onMisconduct, baseRoot } = dependencies
  const logger = dependencies.logger.child('babe')
  const configuration = await babeConfiguration(executor, baseRoot, { lane: 'import' })
  assertConfiguration(configuration)
  const { slotDuration } = configuration

  const epochs = new BabeEpochs(
    {
      aux: writer,
      runtime: {
        async currentStart({ stateRoot }, hash) {
          await imports.arrival(hash)
          return babeCurrentEpochStart(executor, stateRoot, { lane: 'import' })
        },
      },
    },
    configuration,
  )
  const verifier = new BabeVerifier(
    {
      headers: imports,
      epochs,
      crypto,
      onEquivocation(equivocation) {
        const { slot, author, second } = equivocation
        logger.warn('equivocation: an author signed two blocks in one slot', { slot, author })
        onMisconduct({ api: BABE_API.name, keyType: KEY_TYPE, offender: author, when: slot, at: second.parentHash, proof: encodeBabeEquivocation(equivocation) })
      },
    },
    configuration,
  )

  const author = validator ? new BabeAuthor({ epochs, keystore: new GuardedKeystore(keystore, guard), claims: new SlotClaims(signed, KEY_TYPE), crypto }, configuration) : undefined

  /** Calls at the same time share one answer: it is dear. */
  let authorship: Promise<ReadonlyMap<Hash, EpochAuthorship>> | undefined
  async function lookUpAuthorship(): Promise<ReadonlyMap<Hash, EpochAuthorship>> {
    const { hash } = blocks.best()
    const header = blocks.header(hash)
    if (header === undefined) throw new Error('the best block has no header')
    const slot = header.number === 0 ? slotAt(clock.now(), slotDuration) : preDigestOf(header).slot
    return epochAuthorship({ keystore, crypto }, (await epochs.forChild(header, hash, slot)).epoch)
  }

  return {
    name: 'BABE',
    slotDuration,
    followsClock: true,
    verifier,
    weights: epochs,
    authoring: author && slotAuthoring(author, logger, { force: forceAuthoring }),
    digests: babeDigests,
    lists: [{ keyType: KEY_TYPE, at: (stateRoot) => babeAuthorities(executor, stateRoot) }],
    rpc: babeMethods(() => (authorship ??= lookUpAuthorship().finally(() => (authorship = undefined)))),
    heightCeiling: (finalized, nowMs) => heightCeiling(finalized, babeDigests.slotOf(finalized), nowMs, slotDuration),
    async turnOf(parent, parentHash, slot) {
      const { epoch } = await epochs.forChild(parent, parentHash, slot)
      // A lot may fall to anybody; only a secondary slot has its one author.
      return epoch.configuration.secondarySlots === 'none' ? undefined : epoch.authorities[secondaryAuthor(slot, epoch.authorities.length, epoch.randomness)]?.key
    },
    drawnHere: async (parent, parentHash, slot) => author?.drawnBy(parent, parentHash, slot),
    async authorByState(header) {
      const { authorityIndex } = preDigestOf(header)
      return (await babeAuthorities(executor, header.stateRoot))[authorityIndex]
    },
    finalizing: (head) => epochs.prunableAux(blocks, head),
    // A secondary claim needs no VRF; runtimes of today and of 2020 take it from the first authority in any slot.
    stamp: async (_parent, slot) => ({ preDigest: preDigestItem({ kind: 'secondaryPlain', authorityIndex: 0, slot }), inherents: [babeSlotInherent(slot)] }),
  }
}
