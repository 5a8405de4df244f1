/** The trie of a list: what a header says about its extrinsics (Polkadot Host spec, section 3.3.2 "Block Header"). */
import { ScaleWriter } from '../scale/writer.ts'
import { trieRoot } from './build.ts'
import type { StateVersion } from './types.ts'

/** Root of `values` under the keys 0, 1, … as compact integers. */
export function orderedTrieRoot(values: readonly Uint8Array[], version: StateVersion): Uint8Array {
  return trieRoot(values.map((value, index) => [new ScaleWriter(4).compact(index).finish(), value]), version)
}
