/** What headers and justifications say beyond their bytes. Engines read it, each what it wrote itself; the explorer tells it to people. */
import type { Hash } from '../../base/bytes.ts'
import type { BlockRef, Justification } from './block.ts'
import type { DigestItem, Header } from './header.ts'

/** What a digest item says, in words that no engine owns; keys are `0x…`. An engine that needs another word has its items shown as bytes. */
export type DigestFact =
  /** A claim to a slot: by which right, and by the how manyth authority, where the item says so. */
  | { readonly kind: 'slot'; readonly slot: number; readonly claim: 'primary' | 'secondaryPlain' | 'secondaryVrf' | undefined; readonly authorityIndex: number | undefined }
  | { readonly kind: 'nextEpoch'; readonly authorities: number; readonly randomness: Hash }
  | { readonly kind: 'epochConfiguration'; readonly c: readonly [number, number]; readonly secondarySlots: string }
  /** `forced` also where nobody needs to finalize it. `delay` in blocks. */
  | { readonly kind: 'authoritiesChange'; readonly forced: boolean; readonly authorities: readonly string[]; readonly delay: number }
  | { readonly kind: 'disabled'; readonly engine: string; readonly index: number }
  | { readonly kind: 'pause' | 'resume'; readonly delay: number }

/** What a justification says: whose votes prove which block. */
export interface JustificationFact {
  readonly kind: 'votes'
  /** For people. */
  readonly engine: string
  readonly round: number
  readonly target: BlockRef
  readonly votes: number
  readonly voters: readonly string[]
}

/** Reads what an engine wrote into headers. Never throws: what does not decode says nothing. */
export interface DigestDecoder {
  /** The slot that a header claims. */
  slotOf?(header: Header): number | undefined
  describe(item: DigestItem): DigestFact | undefined
  describeJustification?(justification: Justification): JustificationFact | undefined
}
