/**
 * What one key voted last, in the form that lies beside the keys (key-memory.ts), and what it may still vote.
 *
 * Votes go from round to round and from set to set, so the last round says it all, as long as the node goes forward. With a fresh database it
 * goes through old rounds again, and there it would vote anew for what it has forgotten. Hence the highest set and the highest round of
 * all: what lies above one of them was certainly never voted in. The votes of the round before the last are kept because others may be
 * in that round still, and hear them from nobody else; who is further behind is caught up with.
 *
 *   set id, round, votes of it by kind, the same of the round before where there is one, highest set id, highest round
 */
import { decodeAll, type ScaleReader } from '../../../../../scale/reader.ts'
import { ScaleWriter } from '../../../../../scale/writer.ts'
import { readVotes, writeVotes, type RoundRef, type SignedVote, type VoteKind } from '../messages.ts'

interface RoundVotes {
  readonly round: number
  readonly votes: readonly SignedVote[]
}

export interface KeyVotes extends RoundVotes {
  readonly setId: number
  /** An earlier round of the same set. */
  readonly before: RoundVotes | undefined
  readonly highestSetId: number
  readonly highestRound: number
}

const KINDS: readonly VoteKind[] = ['propose', 'prevote', 'precommit']

/** Whether a key that voted so may vote in this round; what it has voted in it stands. */
export function mayVote(known: KeyVotes | undefined, { setId, round }: RoundRef): boolean {
  if (known === undefined || setId > known.highestSetId || round > known.highestRound) return true
  return setId === known.setId && round >= known.round
}

/** What the key voted in this round, as far as that is remembered. */
export function votesIn({ setId, before, ...last }: KeyVotes, position: RoundRef): readonly SignedVote[] {
  if (setId !== position.setId) return []
  return [last, before].find((of) => of?.round === position.round)?.votes ?? []
}

/** Whether a vote by the key was certainly cast elsewhere: another one than was cast here, or in a round that the key has not voted in here. */
export function isForeign(known: KeyVotes | undefined, position: RoundRef, { kind, target }: SignedVote): boolean {
  if (known === undefined) return true
  const { setId, round } = position
  const isRemembered = setId === known.setId && (round === known.round || round === known.before?.round)
  if (isRemembered) return !votesIn(known, position).some((vote) => vote.kind === kind && vote.target.hash === target.hash)
  return setId > known.highestSetId || (setId === known.setId && round > known.highestRound)
}

/** After a vote in a round that {@link mayVote} lets it vote in. */
export function withVote(known: KeyVotes | undefined, { setId, round }: RoundRef, vote: SignedVote): KeyVotes {
  const isSame = known?.setId === setId && known.round === round
  return {
    setId,
    round,
    votes: isSame ? [...known.votes, vote] : [vote],
    before: isSame ? known.before : known?.setId === setId ? { round: known.round, votes: known.votes } : undefined,
    highestSetId: Math.max(setId, known?.highestSetId ?? 0),
    highestRound: Math.max(round, known?.highestRound ?? 0),
  }
}

export function encodeKeyVotes({ setId, round, votes, before, highestSetId, highestRound }: KeyVotes): Uint8Array {
  const writer = new ScaleWriter(1024).u64(setId)
  writeRound(writer, { round, votes })
  writer.option(before, writeRound)
  return writer.u64(highestSetId).u64(highestRound).finish()
}

export function decodeKeyVotes(bytes: Uint8Array): KeyVotes {
  return decodeAll(bytes, 'what a key voted', (reader) => ({
    setId: reader.u64Number(),
    ...readRound(reader),
    before: reader.option(readRound),
    highestSetId: reader.u64Number(),
    highestRound: reader.u64Number(),
  }))
}

function writeRound(writer: ScaleWriter, { round, votes }: RoundVotes): void {
  writer.u64(round)
  for (const kind of KINDS) writeVotes(writer, votes.filter((vote) => vote.kind === kind))
}

function readRound(reader: ScaleReader): RoundVotes {
  return { round: reader.u64Number(), votes: KINDS.flatMap((kind) => readVotes(reader, kind)) }
}
