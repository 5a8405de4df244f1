/**
 * The change of authorities that a runtime has announced and not made yet, as its state tells it: for a node that stands on a block whose
 * ancestors it has never seen, so not the header that announced it either (Polkadot Host spec, section 3.3.2.1 "Consensus Messages").
 *
 * `Grandpa.PendingChange` of FRAME's pallet holds it from the block that announces it up to the one before it takes effect: height of the
 * announcement (u32), delay (u32), the authorities, and, where it is forced, how far a majority had finalized (an optional u32). There is one at
 * the most. One without a delay is never there.
 *
 * What is left of such a change is announced by the anchor instead, with the rest of the delay: it takes effect at the same height, and on
 * whatever stands on the anchor. The real block is an ancestor of that, so the branches are the same ones.
 */
import { concatBytes, utf8 } from '../../../../../base/bytes.ts'
import { twox128 } from '../../../../../crypto/hashes/hashing.ts'
import { decodeAll } from '../../../../../scale/reader.ts'
import type { BlockRef } from '../../../../scale/block.ts'
import { readAuthorities } from '../digest.ts'
import { GrandpaError } from '../errors.ts'
import { assertAuthorities, type ForcedChange, type PendingChange } from './pending-changes.ts'

export const PENDING_CHANGE_KEY = concatBytes(twox128(utf8('Grandpa')), twox128(utf8('PendingChange')))

/** u64; nothing stands there before the first change. */
export const SET_ID_KEY = concatBytes(twox128(utf8('Grandpa')), twox128(utf8('CurrentSetId')))

/** What the anchor goes on with. */
export type ChangeAtAnchor =
  | { readonly kind: 'scheduled'; readonly change: PendingChange; readonly isOwn: boolean }
  | { readonly kind: 'forced'; readonly change: ForcedChange; readonly isOwn: boolean }

/**
 * `value` is what the state of `anchor` has under {@link PENDING_CHANGE_KEY}; `isOwn` says that the anchor announced it itself. Undefined where
 * it has taken effect. Throws a ScaleError, GRANDPA_BAD_AUTHORITIES where nobody could vote, and GRANDPA_BAD_MESSAGE where it was announced above
 * the anchor.
 */
export function changeAtAnchor(value: Uint8Array, anchor: BlockRef): ChangeAtAnchor | undefined {
  const { announced, delay, authorities, medianFinalized } = decodeAll(value, 'the pending change of authorities', (reader) => ({
    announced: reader.u32(), delay: reader.u32(), authorities: readAuthorities(reader), medianFinalized: reader.option((r) => r.u32()),
  }))
  if (announced > anchor.number) throw new GrandpaError('GRANDPA_BAD_MESSAGE', `Block ${announced} cannot have announced a change to block ${anchor.number}.`)
  const left = announced + delay - anchor.number
  if (left <= 0) return undefined
  assertAuthorities(authorities)
  const isOwn = announced === anchor.number
  const change = { at: { hash: anchor.hash, number: anchor.number }, delay: left, authorities }
  return medianFinalized === undefined ? { kind: 'scheduled', change, isOwn } : { kind: 'forced', change: { ...change, medianFinalized }, isOwn }
}
