/**
 * Proofs of finality (Polkadot Host spec, section 6.4.1 "Justifications").
 *
 * Precommits of a supermajority with the headers that connect them. Whoever knows the authorities needs nothing else. What is accepted
 * here is what other implementations accept: the votes prove exactly this block (see commit.ts), every signature is valid, also that of
 * a stranger, every vote is shown to descend from the lowest, and no header is without use. One thing is refused that they let pass: more
 * votes than can have a use, because each costs the check of a signature.
 */
import type { Hash } from '../../../../../base/bytes.ts'
import { ed25519Verify } from '../../../../../crypto/ed25519/ed25519.ts'
import { inThreadBatchVerifier, type BatchVerifier } from '../../../../../crypto/ed25519/ed25519-batch.ts'
import { blake2Hash } from '../../../../../crypto/hashes/hashing.ts'
import { encodeHeader, type Header } from '../../../../scale/header.ts'
import type { GrandpaJustification, SignedPrecommit } from './encoding.ts'
import type { BlockRef } from '../../../../scale/block.ts'
import { commitFault, hasTooManyVotes, lowestTarget } from './commit.ts'
import { GrandpaError } from '../errors.ts'
import type { SignedVote } from '../messages.ts'
import { MANY_SIGNATURES, checkOf, isSigned, type VerifySignature } from './signatures.ts'
import type { Route } from '../rounds/vote-tree.ts'
import type { VoterSet } from '../sets/voter-set.ts'

/** Throws a GrandpaError. `block` is what the justification came with. */
export function verifyJustification(
  justification: GrandpaJustification, voters: VoterSet, block: BlockRef, verify: VerifySignature = ed25519Verify,
): void {
  const votes = countedVotes(justification, voters, block)
  const position = { round: justification.round, setId: voters.setId }
  for (const vote of strangersLast(votes, voters)) if (!isSigned(vote, position, verify)) throw badSignature(vote)
  checkVotes(votes, block, voters, ancestriesOf(justification))
}

/**
 * {@link verifyJustification} with the signatures, where they are many, checked in another thread. Rejects with the same errors, with
 * CRYPTO_*, and with GRANDPA_OTHER_SET where the votes are not of this set but of the one before or after it.
 */
export async function verifyJustificationIn(
  verifier: BatchVerifier, justification: GrandpaJustification, voters: VoterSet, block: BlockRef,
): Promise<void> {
  try {
    const votes = countedVotes(justification, voters, block)
    const position = { round: justification.round, setId: voters.setId }
    const ordered = strangersLast(votes, voters)
    const few = votes.length < MANY_SIGNATURES
    const verdicts = await (few ? inThreadBatchVerifier : verifier).verifyEd25519(ordered.map((vote) => checkOf(vote, position)))
    for (const [i, vote] of ordered.entries()) if (verdicts[i] !== true) throw badSignature(vote)
    checkVotes(votes, block, voters, ancestriesOf(justification))
  } catch (error) {
    if (!isOfNeighbourSet(error, justification, voters.setId)) throw error
    throw new GrandpaError('GRANDPA_OTHER_SET', `The justification is from another authority set than ${voters.setId}.`, { cause: error })
  }
}

/**
 * Around a forced change the sets of honest nodes differ for a while, and what the one has made final the other cannot check. One
 * signature tells: the one that was found bad, or the first where the votes do not weigh enough.
 */
function isOfNeighbourSet(refusal: unknown, { round, precommits }: GrandpaJustification, setId: number): boolean {
  if (!(refusal instanceof GrandpaError) || !['GRANDPA_BAD_SIGNATURE', 'GRANDPA_NOT_ENOUGH_VOTES'].includes(refusal.code)) return false
  const authority = refusal.data['authority']
  const suspect = precommits.find(({ authorityId }) => authority === undefined || authorityId === authority)
  if (suspect === undefined) return false
  return [setId + 1, setId - 1].some((id) => id >= 0 && isSigned(voteOf(suspect), { round, setId: id }, ed25519Verify))
}

/** What costs nothing comes first, and signatures before the tree, whose size a forger chooses. */
function countedVotes({ targetHash, targetNumber, precommits }: GrandpaJustification, voters: VoterSet, block: BlockRef): SignedVote[] {
  if (targetHash !== block.hash || targetNumber !== block.number) {
    const message = `The justification is for block ${targetNumber}, not for block ${block.number} that it came with.`
    throw new GrandpaError('GRANDPA_WRONG_TARGET', message)
  }
  const votes = precommits.map(voteOf)
  checkWeight(votes, voters)
  return votes
}

function voteOf({ targetHash: hash, targetNumber: number, signature, authorityId: authority }: SignedPrecommit): SignedVote {
  return { kind: 'precommit', target: { hash, number }, signature, authority }
}

function strangersLast(votes: readonly SignedVote[], voters: VoterSet): SignedVote[] {
  return [...votes].sort((a, b) => Number(voters.has(b.authority)) - Number(voters.has(a.authority)))
}

function ancestriesOf({ votesAncestries }: GrandpaJustification): Map<Hash, Header> {
  return new Map(votesAncestries.map((header) => [blake2Hash(encodeHeader(header)), header]))
}

function badSignature({ authority }: SignedVote): GrandpaError {
  return new GrandpaError('GRANDPA_BAD_SIGNATURE', 'A precommit is not signed by the authority that it names.', { data: { authority } })
}

/**
 * Makes a justification of precommits that prove `target` final. `headerOf` must know every block on the way from the lowest of the votes
 * to the others; undefined where it does not.
 */
export function makeJustification(
  round: number, target: BlockRef, proof: readonly SignedVote[], headerOf: (hash: Hash) => Header | undefined,
): GrandpaJustification | undefined {
  const base = lowestTarget(proof)
  if (base === undefined) return undefined
  const ancestries = new Map<Hash, Header>()
  for (const vote of proof) {
    for (let hash = vote.target.hash; hash !== base.hash && !ancestries.has(hash); ) {
      const header = headerOf(hash)
      if (header === undefined || header.number <= base.number) return undefined
      ancestries.set(hash, header)
      hash = header.parentHash
    }
  }
  return {
    round,
    targetHash: target.hash,
    targetNumber: target.number,
    precommits: proof.map((vote) => ({
      targetHash: vote.target.hash, targetNumber: vote.target.number, signature: vote.signature, authorityId: vote.authority,
    })),
    votesAncestries: [...ancestries.values()],
  }
}

function checkWeight(votes: readonly SignedVote[], voters: VoterSet): void {
  if (hasTooManyVotes(votes, voters)) {
    throw new GrandpaError('GRANDPA_TOO_MANY_VOTES', `The justification has ${votes.length} votes of ${voters.authorities.length} authorities.`)
  }
  const authorities = new Set(votes.map(({ authority }) => authority))
  const weight = [...authorities].reduce((sum, authority) => sum + voters.weightOf(authority), 0)
  if (weight < voters.threshold) {
    throw new GrandpaError('GRANDPA_NOT_ENOUGH_VOTES', `The votes have a weight of ${weight}; a supermajority needs ${voters.threshold}.`)
  }
}

/** Everything but the signatures. */
function checkVotes(votes: readonly SignedVote[], target: BlockRef, voters: VoterSet, ancestries: ReadonlyMap<Hash, Header>): void {
  const fault = commitFault(votes, target, voters, routeThrough(ancestries))
  if (fault === 'GRANDPA_NOT_ENOUGH_VOTES') throw new GrandpaError(fault, 'The votes are no supermajority for this block.')
  if (fault !== undefined) throw badAncestry()

  // Strangers' votes need their headers too, and may be the lowest.
  const base = lowestTarget(votes) as BlockRef
  const used = new Set<Hash>()
  for (const vote of votes) {
    for (let hash = vote.target.hash; hash !== base.hash && !used.has(hash); ) {
      const header = ancestries.get(hash)
      if (header === undefined) throw badAncestry()
      used.add(hash)
      hash = header.parentHash
    }
  }
  if (used.size !== ancestries.size) {
    throw new GrandpaError('GRANDPA_UNUSED_ANCESTRY', 'The justification carries headers that no vote needs.')
  }
}

function routeThrough(ancestries: ReadonlyMap<Hash, Header>): Route {
  return (base, target) => {
    const way: BlockRef[] = []
    for (let hash = target; hash !== base; ) {
      const header = ancestries.get(hash)
      if (header === undefined) return undefined
      way.push({ hash, number: header.number })
      hash = header.parentHash
    }
    return way.reverse()
  }
}

function badAncestry(): GrandpaError {
  return new GrandpaError('GRANDPA_BAD_ANCESTRY', 'The justification does not prove that its votes descend from the lowest one.')
}
