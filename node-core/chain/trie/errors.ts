/** What can go wrong in a trie. */
import { toHex } from '../../base/bytes.ts'
import { NodeError } from '../../base/errors.ts'

export type TrieErrorCode =
  /** Bytes that are no trie node. */
  | 'TRIE_BAD_NODE'
  /** The source does not have a node (or a value) that the trie refers to; `data.hash`, and `data.id` where it has a number. */
  | 'TRIE_MISSING_NODE'
  /** Bytes that are no {@link import('./types.ts').PackedNodes}. */
  | 'TRIE_BAD_PACK'
  /** A compact proof that is cut off, has more than belongs to it, or proves another root. */
  | 'TRIE_BAD_PROOF'
  /** A compact proof with more nodes, or more of them below each other, than anybody needs. */
  | 'TRIE_PROOF_LIMIT'

export class TrieError extends NodeError<TrieErrorCode> {}

export function badNode(reason: string): TrieError {
  return new TrieError('TRIE_BAD_NODE', `malformed trie node: ${reason}`)
}

export function missingNode(hash: Uint8Array, id = 0): TrieError {
  const hex = toHex(hash)
  return new TrieError('TRIE_MISSING_NODE', `trie node ${hex} is not stored`, { data: id === 0 ? { hash: hex } : { hash: hex, id } })
}

export function badProof(reason: string): TrieError {
  return new TrieError('TRIE_BAD_PROOF', `malformed compact proof: ${reason}`)
}
