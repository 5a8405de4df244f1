/**
 * Finds out how long a file is of which only the root is known.
 *
 * A peer claims a length. It is asked for the hashes of the last group, whose proof shows how many leaves there are, and for the last leaf, whose
 * hash shows how long that is. Every peer that claims something may prove it, several at once: so a liar delays nobody.
 */
import type { PeerFault } from '../../../network/contracts.ts'
import { equalBytes } from '../../../base/bytes.ts'
import { covers } from '../leaf-set.ts'
import { AMBIGUOUS_LENGTH, GROUP_LEAVES, hashAt, hashLeaf, isEmptyRoot, leafCount, leafLength, verifyRun } from '../tree.ts'
import type { Question } from '../wire.ts'
import { FETCH_FAULTS } from './faults.ts'
import type { FetchPeer, OpenQuestion } from './fetch-peer.ts'

export interface ProvenLength {
  readonly length: number
  /** Of the last group, and what proves them. */
  readonly hashes: Uint8Array
  readonly uncles: Uint8Array
  /** Bytes of the last leaf. */
  readonly last: Uint8Array
}

export class LengthProofs {
  readonly #root: Uint8Array

  constructor(root: Uint8Array) {
    this.#root = root
  }

  /** Where the root says it by itself. */
  get known(): number | undefined {
    return isEmptyRoot(this.#root) ? 0 : undefined
  }

  /** Why a claim cannot even be looked at; undefined where it can. */
  judge(length: number): { readonly reason: string; readonly fault?: PeerFault } | undefined {
    if (length === AMBIGUOUS_LENGTH) return { reason: `a file of ${AMBIGUOUS_LENGTH} bytes cannot be told by its root alone: ask for it with its length` }
    return length === 0 ? { reason: 'what it says of the length is not true', fault: FETCH_FAULTS.length } : undefined
  }

  /** Whether it can prove anything. */
  isHelpful({ has, length }: FetchPeer): boolean {
    return has !== undefined && length !== undefined && covers(has, leafCount(length) - 1)
  }

  /** What to ask the peer for, where it is not being asked. */
  questions(peer: FetchPeer, now: number): readonly { readonly question: Question; readonly open: OpenQuestion }[] {
    const { length, open, proof } = peer
    if (length === undefined || !this.isHelpful(peer) || [...open.values()].some(({ lost }) => !lost)) return []
    if (proof.hashes !== undefined && proof.last !== undefined) return []
    const leaf = leafCount(length) - 1
    const group = Math.floor(leaf / GROUP_LEAVES)
    const [first, second] = [peer.nextId(), peer.nextId()]
    return [
      { question: { kind: 'hashes', id: first, group }, open: { kind: 'hashes', id: first, group, at: now, lost: false } },
      { question: { kind: 'leaves', id: second, index: leaf, count: 1 }, open: { kind: 'leaves', id: second, next: leaf, end: leaf + 1, at: now, lost: false, twice: false } },
    ]
  }

  onProof(peer: FetchPeer, proof: { readonly hashes: Uint8Array; readonly uncles: Uint8Array }): ProvenLength | 'false' | undefined {
    const leaves = leafCount(peer.length as number)
    const index = Math.floor((leaves - 1) / GROUP_LEAVES) * GROUP_LEAVES
    if (!verifyRun(this.#root, leaves, { index, size: GROUP_LEAVES, ...proof })) return 'false'
    peer.proof.hashes = proof.hashes.slice()
    peer.proof.uncles = proof.uncles.slice()
    return this.#both(peer)
  }

  onLast(peer: FetchPeer, bytes: Uint8Array): ProvenLength | 'false' | undefined {
    if (bytes.length !== leafLength(peer.length as number, leafCount(peer.length as number) - 1)) return 'false'
    peer.proof.last = bytes.slice()
    return this.#both(peer)
  }

  #both({ length, proof: { hashes, uncles, last } }: FetchPeer): ProvenLength | 'false' | undefined {
    if (length === undefined || hashes === undefined || uncles === undefined || last === undefined) return undefined
    const leaf = (leafCount(length) - 1) % GROUP_LEAVES
    return equalBytes(hashLeaf(last), hashAt(hashes, leaf)) ? { length, hashes, uncles, last } : 'false'
  }
}
