/** Two votes of one voter in one round, as the chain wants to be told of them. */
import { ScaleWriter } from '../../../../../scale/writer.ts'
import type { SignedVote } from '../messages.ts'
import type { GrandpaEquivocation } from './voter-types.ts'

/** Variants of `Equivocation`. A primary's proposal is no vote: two of them are no fault that a chain knows. */
const VARIANTS = { prevote: 0, precommit: 1, propose: undefined } as const

/**
 * `EquivocationProof` as `GrandpaApi` takes it: the set, which kind of votes, the round, the voter, and each vote with its signature.
 * Undefined for what cannot be reported.
 */
export function encodeGrandpaEquivocation({ round, setId, first, second }: GrandpaEquivocation): Uint8Array | undefined {
  const variant = VARIANTS[first.kind]
  if (variant === undefined || second.kind !== first.kind) return undefined
  const writer = new ScaleWriter(320).u64(setId).u8(variant).u64(round).hash(first.authority)
  for (const vote of [first, second]) writeVote(writer, vote)
  return writer.finish()
}

function writeVote(writer: ScaleWriter, { target, signature }: SignedVote): void {
  writer.hash(target.hash).u32(target.number).raw(signature)
}
