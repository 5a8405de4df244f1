/**
 * Code that runs in the place of what a chain has at `:code`.
 *
 * A runtime can break in a way that keeps a chain from ever upgrading it: no block can be made any more. Its people then give all
 * nodes mended code in the chain specification, with the number of a block: from that block's state on it runs instead, as long
 * as the chain's own code has the same `spec_version`. The next upgrade changes that version, and thereby ends the substitute.
 *
 * So a state must say which block it belongs to. Every runtime of the FRAME family keeps the number at `System.Number`. The state
 * of the genesis block alone may hold another one there, where it was copied from a chain that had run before.
 */
import { EMPTY, toBinaryString, utf8, type Hash } from '../../../base/bytes.ts'
import { twox128 } from '../../../crypto/hashes/hashing.ts'

export interface CodeSubstitute {
  /** Number of the first block on whose state it runs. */
  readonly block: number
  /** Of the substitute, and of the code that it stands in for. */
  readonly specVersion: number
  /** As it would lie at `:code`. */
  readonly code: Uint8Array
}

export interface CodeSubstitution {
  readonly substitutes: readonly CodeSubstitute[]
  readonly genesisStateRoot: Hash
}

export const NO_SUBSTITUTES: CodeSubstitution = { substitutes: [], genesisStateRoot: '0x' }

const NUMBER_KEY = toBinaryString(twox128(utf8('System'))) + toBinaryString(twox128(utf8('Number')))

/** What stands in for code of `specVersion` at this state: of several, the one that begins last. */
export function substituteFor(
  { substitutes, genesisStateRoot }: CodeSubstitution,
  state: { readonly stateRoot: Hash; get(key: string): Uint8Array | undefined },
  specVersion: number,
): CodeSubstitute | undefined {
  const candidates = substitutes.filter((substitute) => substitute.specVersion === specVersion)
  if (candidates.length === 0) return undefined
  const number = state.stateRoot === genesisStateRoot ? 0 : readNumber(state.get(NUMBER_KEY))
  return candidates.filter(({ block }) => block <= number).sort((a, b) => b.block - a.block)[0]
}

/** A little-endian u32, or u64; 0 where there is none. */
function readNumber(value: Uint8Array | undefined): number {
  return (value ?? EMPTY).reduceRight((number, byte) => number * 256 + byte, 0)
}
