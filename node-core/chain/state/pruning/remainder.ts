/** Records that are to be deleted and belong to no state any more: a range of numbers, or a list. */
import { concatBytes } from '../../../base/bytes.ts'
import { packIds, unpackIds } from '../../trie/nodes/id-list.ts'
import { corrupt } from '../errors.ts'

const KIND = { range: 0, list: 1 } as const

/** `[first, next)`. */
export function encodeIdRange(first: number, next: number): Uint8Array {
  return concatBytes(Uint8Array.of(KIND.range), packIds([first, next]))
}

export function encodeIdList(ids: number[]): Uint8Array {
  return concatBytes(Uint8Array.of(KIND.list), packIds(ids))
}

/** Works a remainder off. */
export class Remainder {
  readonly #ids: readonly number[] | undefined
  #at: number
  readonly #end: number

  constructor(encoded: Uint8Array) {
    const ids = unpackIds(encoded.subarray(1))
    const isRange = encoded[0] === KIND.range
    if (encoded[0] !== KIND.list && (!isRange || ids.length !== 2)) throw corrupt('a list of records to be deleted does not read')
    this.#ids = isRange ? undefined : ids
    this.#at = isRange ? (ids[0] as number) : 0
    this.#end = isRange ? (ids[1] as number) : ids.length
  }

  get isEmpty(): boolean {
    return this.#at === this.#end
  }

  /** The next numbers, `count` at the most. */
  take(count: number): number[] {
    const from = this.#at
    this.#at = Math.min(this.#end, from + count)
    return this.#ids?.slice(from, this.#at) ?? Array.from({ length: this.#at - from }, (_, i) => from + i)
  }
}
