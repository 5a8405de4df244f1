/** GRANDPA for a node that joins in the middle of a chain: see engines/joining.ts. */
import type { Hash } from '../../../../../base/bytes.ts'
import { errorMessage, isNodeError } from '../../../../../base/errors.ts'
import type { RequestSender } from '../../../../../network/contracts.ts'
import type { ApiCaller } from '../../../../runtime/api/by-version.ts'
import type { BlockRef } from '../../../../scale/block.ts'
import type { Header } from '../../../../scale/header.ts'
import { decodeAll } from '../../../../../scale/reader.ts'
import type { AuxEntry } from '../../../../state/types.ts'
import type { AuthorityFork } from '../../engine.ts'
import type { AnchorBlock, AuthoritySet, FinalityProofs, ProofDependencies, ProofSource, ProvenBlock } from '../../joining.ts'
import { GRANDPA_ENGINE, grandpaLogs } from '../digest.ts'
import { grandpaAuthorities } from '../runtime-api.ts'
import { authorityEntries } from '../sets/authority-record.ts'
import { changeEntries, type RecordedChange } from '../sets/change-index.ts'
import type { AuthorityState } from '../sets/pending-changes.ts'
import { PENDING_CHANGE_KEY, SET_ID_KEY, changeAtAnchor, type ChangeAtAnchor } from '../sets/runtime-change.ts'
import { VoterSet } from '../sets/voter-set.ts'
import { encodeJustification } from './encoding.ts'
import { verifyJustificationIn } from './justification.ts'
import { requestWarpProof, verifyWarpProof, type JustificationVerifier } from './warp-proof.ts'

export const grandpaProofs: ProofSource = {
  proofs: (dependencies) => new GrandpaProofs(dependencies),
  async entriesByState(state, anchor) {
    const set = await setByState(state, anchor)
    return new GrandpaProofs({ ...state, crypto: NOTHING_TO_VERIFY, authorityForks: [] }).anchorEntries({ ...anchor, set, changesSet: false }, [], anchor.number)
  },
  genesisSet: async (caller: ApiCaller, genesisRoot: Hash) => ({ setId: 0, authorities: await grandpaAuthorities(caller, genesisRoot, { lane: 'import' }) }),
}

const NOTHING_TO_VERIFY: ProofDependencies['crypto'] = {
  verifyEd25519: () => Promise.reject(new Error('a state is not proven by signatures')),
}

/** The runtime counts a change with the block that announces it; who is in charge changes when it takes effect. */
async function setByState({ storage, caller }: Pick<ProofDependencies, 'storage' | 'caller'>, { hash, number, header }: AnchorBlock): Promise<AuthoritySet> {
  const stored = storage.get(header.stateRoot, SET_ID_KEY)
  const pending = storage.get(header.stateRoot, PENDING_CHANGE_KEY)
  const isPending = pending !== undefined && changeAtAnchor(pending, { hash, number }) !== undefined
  const setId = stored === undefined ? 0 : decodeAll(stored, 'the set id of GRANDPA', (reader) => reader.u64Number())
  return { setId: Math.max(0, isPending ? setId - 1 : setId), authorities: await grandpaAuthorities(caller, header.stateRoot, { lane: 'import' }) }
}

class GrandpaProofs implements FinalityProofs {
  readonly #forks: ReadonlyMap<Hash, AuthorityFork>
  readonly #verifier: JustificationVerifier
  readonly #state: Pick<ProofDependencies, 'storage' | 'caller' | 'logger'>

  constructor({ crypto, authorityForks, ...state }: ProofDependencies) {
    this.#state = state
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

  async anchorEntries(anchor: Omit<ProvenBlock, 'justification'>, changes: readonly BlockRef[], since: number): Promise<AuxEntry[]> {
    const { hash, number } = anchor
    const pending = this.#pending(anchor)
    const set = pending?.kind === 'scheduled' && pending.isOwn && anchor.changesSet ? await this.#before(anchor) : anchor.set
    const state: AuthorityState = {
      voters: new VoterSet(set.setId, set.authorities),
      base: undefined,
      scheduled: pending?.kind === 'scheduled' ? [pending.change] : [],
      forced: pending?.kind === 'forced' ? [pending.change] : [],
      enacted: [],
      recordedSince: number,
    }
    const provable = pending === undefined ? changes : changes.filter((change) => change.hash !== hash)
    const recorded = provable.map((change): RecordedChange => ({ ...change, kind: 'scheduled' }))
    // Whom it puts in charge no justification proves: a proof for others must not lead over it.
    if (pending !== undefined) recorded.push({ hash, number, kind: 'other' })
    return [...authorityEntries(state), ...changeEntries(recorded, { next: number + 1, since })]
  }

  /** What is announced and has yet to take effect. What the network agreed on instead has taken effect with the block. */
  #pending({ hash, number, header }: AnchorBlock): ChangeAtAnchor | undefined {
    const { storage, logger } = this.#state
    const value = this.#forks.has(hash) ? undefined : storage.get(header.stateRoot, PENDING_CHANGE_KEY)
    if (value === undefined) return undefined
    try {
      const pending = changeAtAnchor(value, { hash, number })
      if (pending !== undefined) logger.info('a change of the GRANDPA authorities is pending', { kind: pending.kind, number: number + pending.change.delay })
      return pending
    } catch (error) {
      if (!isNodeError(error)) throw error
      logger.warn('the pending change of the GRANDPA authorities cannot be read and is passed over: finality may stand still here', { number, reason: errorMessage(error) })
      return undefined
    }
  }

  /** Proofs take a change for one without a delay. Until it takes effect the runtime has those who are in charge. */
  async #before({ header, set }: Pick<ProvenBlock, 'header' | 'set'>): Promise<AuthoritySet> {
    return { setId: set.setId - 1, authorities: await grandpaAuthorities(this.#state.caller, header.stateRoot, { lane: 'import' }) }
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
