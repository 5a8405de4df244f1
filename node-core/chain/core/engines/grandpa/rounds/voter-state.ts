/**
 * What a voter must not forget: where it is, and what it has signed (so that it never signs something else for the same
 * round), and the votes of the round before, on which the present one builds. One value under `grandpa/voter`, written
 * before a vote goes out.
 */
import { ScaleReader } from '../../../../../scale/reader.ts'
import { ScaleWriter } from '../../../../../scale/writer.ts'
import type { BlockRef } from '../../../../scale/block.ts'
import type { AuxEntry, AuxStore } from '../../../../state/types.ts'
import { readTarget, readVotes, writeTarget, writeVotes, type SignedVote, type VoteKind } from '../messages.ts'

export interface StoredVoter {
  readonly setId: number
  readonly round: number
  /** The block that the present round builds on. */
  readonly base: BlockRef
  /** Own votes of the present round. */
  readonly own: readonly SignedVote[]
  readonly previous: StoredRound | undefined
}

export interface StoredRound {
  readonly base: BlockRef
  readonly prevotes: readonly SignedVote[]
  readonly precommits: readonly SignedVote[]
}

const KEY = 'grandpa/voter'
const KINDS: readonly VoteKind[] = ['propose', 'prevote', 'precommit']

export function voterEntry({ setId, round, base, own, previous }: StoredVoter): AuxEntry {
  const writer = new ScaleWriter(1024).u64(setId).u64(round)
  writeTarget(writer, base)
  for (const kind of KINDS) writeVotes(writer, own.filter((vote) => vote.kind === kind))
  writer.option(previous, (w, value) => {
    writeTarget(w, value.base)
    writeVotes(w, value.prevotes)
    writeVotes(w, value.precommits)
  })
  return [KEY, writer.finish()]
}

/** Undefined where nothing is stored for this set. */
export function storedVoter(aux: AuxStore, setId: number): StoredVoter | undefined {
  const bytes = aux.getAux(KEY)
  if (bytes === undefined) return undefined
  const reader = new ScaleReader(bytes)
  const stored: StoredVoter = {
    setId: reader.u64Number(),
    round: reader.u64Number(),
    base: readTarget(reader),
    own: KINDS.flatMap((kind) => readVotes(reader, kind)),
    previous: reader.option((r) => ({ base: readTarget(r), prevotes: readVotes(r, 'prevote'), precommits: readVotes(r, 'precommit') })),
  }
  return stored.setId === setId ? stored : undefined
}
