/** Two blocks of one author in one slot, as the chain wants to be told of them. */
import { ScaleWriter } from '../../../../scale/writer.ts'
import { encodeHeader } from '../../../scale/header.ts'
import type { SlotEquivocation } from '../slots/equivocation.ts'

/** `EquivocationProof` as `BabeApi` takes it: offender, slot, and both headers with their seals. */
export function encodeBabeEquivocation({ slot, author, first, second }: SlotEquivocation): Uint8Array {
  return new ScaleWriter(512).hash(author).u64(slot).raw(encodeHeader(first)).raw(encodeHeader(second)).finish()
}
