/** What GRANDPA's digest items and justifications say, for those who know no engine. */
import { decodeJustification } from './proofs/encoding.ts'
import type { DigestItem } from '../../../scale/header.ts'
import type { Justification } from '../../../scale/block.ts'
import type { DigestDecoder, DigestFact, JustificationFact } from '../../../scale/digest-facts.ts'
import { GRANDPA_ENGINE, grandpaLogs } from './digest.ts'

export const grandpaDigests = {
  describe(item: DigestItem): DigestFact | undefined {
    const [log] = grandpaLogs({ digest: [item] })
    switch (log?.kind) {
      case 'scheduled':
      case 'forced':
        return { kind: 'authoritiesChange', forced: log.kind === 'forced', authorities: log.authorities.map(({ key }) => key), delay: log.delay }
      case 'disabled':
        return { kind: 'disabled', engine: GRANDPA_ENGINE, index: log.index }
      case 'pause':
      case 'resume':
        return { kind: log.kind, delay: log.delay }
      case undefined:
        return undefined
    }
  },

  describeJustification({ engine, data }: Justification): JustificationFact | undefined {
    if (engine !== GRANDPA_ENGINE) return undefined
    try {
      const { round, targetHash, targetNumber, precommits } = decodeJustification(data)
      const voters = [...new Set(precommits.map(({ authorityId }) => authorityId))]
      return { kind: 'votes', engine: 'GRANDPA', round, target: { hash: targetHash, number: targetNumber }, votes: precommits.length, voters }
    } catch {
      return undefined
    }
  },
} satisfies DigestDecoder
