/**
 * Proofs of finality (Polkadot Host spec, section 6.4.1 "Justifications").
 *
 * Precommits of a supermajority, each for the target or a descendant, with the headers that show the descent. Whoever knows the
 * authorities needs nothing else. What is accepted here is what other implementations accept: every signature valid, the target exactly
 * the highest block with a supermajority, no header without use.
 */
import { fromHex, type Hash } from '../../base/bytes.ts'
import { ed25519Verify } from '../../crypto/ed25519.ts'
import { blake2Hash } from '../../crypto/hashing.ts'
import { encodeHeader, type Header } from '../../scale/header.ts'
import type { GrandpaJustification } from '../../scale/justification.ts'
import type { BlockRef } from '../../state/types.ts'
import { GrandpaError } from './errors.ts'
import { signingPayload, type SignedVote } from './messages.ts'
import { VoteTree } from './vote-tree.ts'
import type { VoterSet } from './voter-set.ts'

/** The signature of ed25519Verify, so that simulations can do with something cheaper. */
export type VerifySignature = (signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array) => boolean

/** Throws a GrandpaError. `block` is what the justification came with. */
export function verifyJustification(
  justification: GrandpaJustification, voters: VoterSet, block: BlockRef, verify: VerifySignature = ed25519Verify,
): void {
  const { targetHash, targetNumber, round, votesAncestries } = justification
  if (targetHash !== block.hash || targetNumber !== block.number) {
    const message = `The justification is for block ${targetNumber}, not for block ${block.number} that it came with.`
    throw new GrandpaError('GRANDPA_WRONG_TARGET', message)
  }
  const votes = justification.precommits.map(
    ({ targetHash: hash, targetNumber: number, signature, authorityId: authority }): SignedVote => {
      return { kind: 'precommit', target: { hash, number }, signature, authority }
    },
  )
  checkVotes(votes, block, voters, new Map(votesAncestries.map((header) => [blake2Hash(encodeHeader(header)), header])))
  for (const vote of votes) checkSignature(vote, round, voters.setId, verify)
}

function checkSignature({ kind, target, signature, authority }: SignedVote, round: number, setId: number, verify: VerifySignature): void {
  if (verify(signature, signingPayload(kind, target, { round, setId }), fromHex(authority))) return
  throw new GrandpaError('GRANDPA_BAD_SIGNATURE', `A ${kind} is not signed by the authority that it names.`, { data: { authority } })
}

/** Makes a justification of a proof from a round. `headerOf` must know every block on the way from the target to the votes. */
export function makeJustification(
  round: number, target: BlockRef, proof: readonly SignedVote[], headerOf: (hash: Hash) => Header | undefined,
): GrandpaJustification | undefined {
  const ancestries = new Map<Hash, Header>()
  for (const vote of proof) {
    for (let hash = vote.target.hash; hash !== target.hash && !ancestries.has(hash); ) {
      const header = headerOf(hash)
      if (header === undefined || header.number <= target.number) return undefined
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

/** Everything but the signatures. */
function checkVotes(votes: readonly SignedVote[], target: BlockRef, voters: VoterSet, ancestries: ReadonlyMap<Hash, Header>): void {
  const stranger = votes.find(({ authority }) => !voters.has(authority))
  if (stranger !== undefined) {
    const { authority } = stranger
    throw new GrandpaError('GRANDPA_UNKNOWN_AUTHORITY', 'A precommit is by somebody who is not in the set.', { data: { authority } })
  }
  const [lowest] = votes.map((vote) => vote.target).sort((a, b) => a.number - b.number)
  if (lowest === undefined) throw new GrandpaError('GRANDPA_NOT_ENOUGH_VOTES', 'The justification has no votes.')

  const used = new Set<Hash>()
  const route = (base: Hash, to: Hash): BlockRef[] | undefined => {
    const way: BlockRef[] = []
    for (let hash = to; hash !== base; ) {
      const header = ancestries.get(hash)
      if (header === undefined || header.number <= lowest.number) return undefined
      used.add(hash)
      way.unshift({ hash, number: header.number })
      hash = header.parentHash
    }
    return way
  }
  const tree = new VoteTree(voters, lowest, route)
  for (const vote of votes) {
    if (vote.target.hash !== lowest.hash && route(lowest.hash, vote.target.hash) === undefined) {
      throw new GrandpaError('GRANDPA_BAD_ANCESTRY', 'The justification does not show that a vote descends from the target.')
    }
    const { kind } = tree.add(vote)
    if (kind === 'duplicate') throw new GrandpaError('GRANDPA_DUPLICATE_VOTE', 'An authority votes more often than counts.')
    if (kind === 'off-chain') throw new GrandpaError('GRANDPA_BAD_ANCESTRY', 'A vote gives a block another number than its header does.')
  }
  const ghost = tree.ghost((weight) => weight >= voters.threshold)
  if (ghost?.hash !== target.hash || ghost.number !== target.number) {
    throw new GrandpaError('GRANDPA_NOT_ENOUGH_VOTES', 'The votes are not a supermajority for exactly this block.')
  }
  if (used.size !== ancestries.size) {
    throw new GrandpaError('GRANDPA_UNUSED_ANCESTRY', 'The justification carries headers that no vote needs.')
  }
}
