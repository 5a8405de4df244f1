/**
 * Two headers of one author for one slot are an equivocation (Polkadot Host spec, section 5.7 "Block Validation"): both
 * may be valid and both are imported, but it is a fact that others will want to report.
 */
import type { Hash } from '../../../../base/bytes.ts'
import type { Header } from '../../../scale/header.ts'

export interface SlotEquivocation {
  readonly slot: number
  readonly author: Hash
  readonly first: Header
  readonly second: Header
}

/** Slots that are remembered behind the newest one. */
const SLOTS = 1000
/** Headers remembered per slot: more honest authors than this never share one. */
const PER_SLOT = 64

export class EquivocationDetector {
  readonly #slots = new Map<number, Map<Hash, { hash: Hash; header: Header }>>()
  #newest = 0

  /** Takes note of a verified header; tells of the first other one by the same author in the same slot. */
  observe(slot: number, author: Hash, hash: Hash, header: Header): SlotEquivocation | undefined {
    if (slot <= this.#newest - SLOTS) return undefined
    let authors = this.#slots.get(slot)
    if (authors === undefined) this.#slots.set(slot, (authors = new Map<Hash, { hash: Hash; header: Header }>()))
    const known = authors.get(author)
    if (known !== undefined) return known.hash === hash ? undefined : { slot, author, first: known.header, second: header }
    if (authors.size < PER_SLOT) authors.set(author, { hash, header })
    if (slot > this.#newest) this.#forget(slot)
    return undefined
  }

  #forget(newest: number): void {
    this.#newest = newest
    for (const slot of this.#slots.keys()) if (slot <= newest - SLOTS) this.#slots.delete(slot)
  }
}
