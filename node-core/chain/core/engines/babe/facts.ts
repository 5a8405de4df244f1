/** What BABE's digest items say, for those who know no engine. */
import type { DigestItem, Header } from '../../../scale/header.ts'
import type { DigestDecoder, DigestFact } from '../../../scale/digest-facts.ts'
import { announcementsOf, BABE_ENGINE, preDigestOf } from './digest.ts'

export const babeDigests = {
  slotOf(header: Header): number | undefined {
    try {
      return preDigestOf(header).slot
    } catch {
      return undefined
    }
  },

  describe(item: DigestItem): DigestFact | undefined {
    if (!('engine' in item) || item.engine !== BABE_ENGINE) return undefined
    return item.type === 'preRuntime' ? claim(item) : item.type === 'consensus' ? announcement(item) : undefined
  },
} satisfies DigestDecoder

function claim(item: DigestItem): DigestFact | undefined {
  try {
    const { kind, slot, authorityIndex } = preDigestOf({ digest: [item] })
    return { kind: 'slot', claim: kind, slot, authorityIndex }
  } catch {
    return undefined
  }
}

function announcement(item: DigestItem): DigestFact | undefined {
  const { nextEpoch, nextConfiguration, disabled } = announcementsOf({ digest: [item] })
  if (nextEpoch !== undefined) return { kind: 'nextEpoch', authorities: nextEpoch.authorities.length, randomness: nextEpoch.randomness }
  if (nextConfiguration !== undefined) return { kind: 'epochConfiguration', c: nextConfiguration.c, secondarySlots: nextConfiguration.secondarySlots }
  return disabled[0] === undefined ? undefined : { kind: 'disabled', engine: BABE_ENGINE, index: disabled[0] }
}
