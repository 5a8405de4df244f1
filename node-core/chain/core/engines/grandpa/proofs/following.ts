/** GRANDPA for a node that joins in the middle of a chain: see engines/joining.ts. */
import type { Hash } from '../../../../../base/bytes.ts'
import type { RequestSender } from '../../../../../network/contracts.ts'
import type { ApiCaller } from '../../../../runtime/api/by-version.ts'
import type { BlockRef } from '../../../../scale/block.ts'
import type { Header } from '../../../../scale/header.ts'
import type { AuxEntry } from '../../../../state/types.ts'
import type { AuthorityFork } from '../../engine.ts'
import type { AuthoritySet, FinalityProofs, ProofDependencies, ProofSource, ProvenBlock } from '../../joining.ts'
import { GRANDPA_ENGINE, grandpaLogs } from '../digest.ts'
import { grandpaAuthorities } from '../runtime-api.ts'
import { authorityEntries } from '../sets/authority-record.ts'
import { changeEntries } from '../sets/change-index.ts'
import { VoterSet } from '../sets/voter-set.ts'
import { encodeJustification } from './encoding.ts'
import { verifyJustificationIn } from './justification.ts'
import { requestWarpProof, verifyWarpProof, type JustificationVerifier } from './warp-proof.ts'

export const grandpaProofs: ProofSource = {
  proofs: (dependencies) => new GrandpaProofs(dependencies),
  genesisSet: async (caller: ApiCaller, genesisRoot: Hash) => ({ setId: 0, authorities: await grandpaAuthorities(caller, genesisRoot, { lane: 'import' }) }),
}

class GrandpaProofs implements FinalityProofs {
  readonly #forks: ReadonlyMap<Hash, AuthorityFork>
  readonly #verifier: JustificationVerifier

  constructor({ crypto, authorityForks }: ProofDependencies) {
    this.#forks = new Map(authorityForks.map((fork) => [fork.block, fork]))
    this.#verifier = {
      verify: (justification, { setId, authorities }, block) => verifyJustificationIn(crypto, justification, new VoterSet(setId, authorities), block),
      nextAuthorities,
      agreedSet: (block) => this.#agreed(block),
    }
  }

  async *follow(sender: RequestSender, peer: string, begin: Hash, trusted: AuthoritySet, signal: AbortSignal): AsyncGenerator<ProvenBlock, boolean> {
    const proof = await requestWarpProof(sender, peer, begin, signal)
    for await (const { block, fragment, set, changesSet } of verifyWarpProof(trusted, proof, this.#verifier)) {
      signal.throwIfAborted()
      const justification = { engine: GRANDPA_ENGINE, data: encodeJustification(fragment.justification) }
      yield { ...block, header: fragment.header, justification, set, changesSet }
    }
    return proof.isFinished
  }

  anchorEntries(anchor: ProvenBlock, changes: readonly BlockRef[], since: number): AuxEntry[] {
    const voters = new VoterSet(anchor.set.setId, anchor.set.authorities)
    const state = { voters, base: undefined, scheduled: [], forced: [], enacted: [], recordedSince: anchor.number }
    return [...authorityEntries(state), ...changeEntries(changes.map((change) => ({ ...change, kind: 'scheduled' as const })), { next: anchor.number + 1, since })]
  }

  #agreed(block: Hash): AuthoritySet | undefined {
    const fork = this.#forks.get(block)
    return fork && { setId: fork.setId, authorities: fork.authorities.map((key) => ({ key, weight: 1 })) }
  }
}

/** What other nodes go by here: the first scheduled change, whatever its delay. */
function nextAuthorities(header: Header): AuthoritySet['authorities'] | undefined {
  return grandpaLogs(header).flatMap((log) => (log.kind === 'scheduled' ? [log.authorities] : []))[0]
}
