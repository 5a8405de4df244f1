/** Whether a body is the one that a header names (spec 3.3.2). */
import { toHex } from '../../../base/bytes.ts'
import type { Extrinsic } from '../../scale/block.ts'
import type { Header } from '../../scale/header.ts'
import { orderedTrieRoot } from '../../trie/build.ts'

/** The root of the ordered trie of the extrinsics, in the layout of either state version (the runtime insists on its own). */
export function isBodyOf({ extrinsicsRoot }: Pick<Header, 'extrinsicsRoot'>, body: readonly Extrinsic[]): boolean {
  return ([0, 1] as const).some((version) => toHex(orderedTrieRoot(body, version)) === extrinsicsRoot)
}
