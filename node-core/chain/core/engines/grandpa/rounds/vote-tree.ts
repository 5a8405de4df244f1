/**
 * The votes of one kind in one round, laid over the block tree (Polkadot Host spec, section 6.2 "Vote Aggregation").
 *
 * A vote for a block is a vote for all its ancestors down to the round's base. Whoever voted twice differently is an equivocator
 * and counts for every block. So the weight behind a block is that of the voters for it or its descendants, plus all equivocators.
 */
import { equalBytes, type Hash } from '../../../../../base/bytes.ts'
import type { BlockRef } from '../../../../scale/block.ts'
import type { SignedVote } from '../messages.ts'
import type { VoterSet } from '../sets/voter-set.ts'

interface Node {
  readonly ref: BlockRef
  readonly parent: Node | undefined
  readonly children: Node[]
  weight: number
  /** Voted for itself, not only through a descendant. */
  voted: boolean
}

interface Cast {
  readonly first: SignedVote
  second: SignedVote | undefined
}

/** The blocks after `base` (exclusive) down to `target` (inclusive), oldest first; undefined where there is no such way. */
export type Route = (base: Hash, target: Hash) => readonly BlockRef[] | undefined

export type AddOutcome =
  | { readonly kind: 'added' | 'duplicate' | 'stranger' | 'off-chain' }
  | { readonly kind: 'equivocation'; readonly first: SignedVote; readonly second: SignedVote }

export class VoteTree {
  readonly #voters: VoterSet
  readonly #route: Route
  readonly #root: Node
  readonly #nodes = new Map<Hash, Node>()
  readonly #cast = new Map<Hash, Cast>()
  #equivocators = 0
  #seen = 0

  constructor(voters: VoterSet, base: BlockRef, route: Route) {
    this.#voters = voters
    this.#route = route
    this.#root = { ref: base, parent: undefined, children: [], weight: 0, voted: true }
    this.#nodes.set(base.hash, this.#root)
  }

  /** Weight of everybody who voted, however often. */
  get seen(): number {
    return this.#seen
  }

  get equivocatorWeight(): number {
    return this.#equivocators
  }

  add(vote: SignedVote): AddOutcome {
    const weight = this.#voters.weightOf(vote.authority)
    if (weight === 0) return { kind: 'stranger' }
    const cast = this.#cast.get(vote.authority)
    if (cast !== undefined) {
      if (isSame(cast.first, vote) || cast.second !== undefined) return { kind: 'duplicate' }
      cast.second = vote
      this.#shift(this.#nodes.get(cast.first.target.hash), -weight)
      this.#equivocators += weight
      return { kind: 'equivocation', first: cast.first, second: vote }
    }
    const node = this.#insert(vote.target)
    if (node === undefined) return { kind: 'off-chain' }
    this.#cast.set(vote.authority, { first: vote, second: undefined })
    this.#seen += weight
    this.#shift(node, weight)
    return { kind: 'added' }
  }

  weightFor(hash: Hash): number {
    return (this.#nodes.get(hash)?.weight ?? 0) + this.#equivocators
  }

  /** The highest block below `from` (or the base) for which `holds`, going down only through blocks for which it holds. */
  ghost(holds: (weight: number) => boolean, from: Hash = this.#root.ref.hash): BlockRef | undefined {
    let node = this.#nodes.get(from)
    if (node === undefined || !holds(node.weight + this.#equivocators)) return undefined
    for (;;) {
      const next: Node | undefined = node.children.find((child) => holds(child.weight + this.#equivocators))
      if (next === undefined) return node.ref
      node = next
    }
  }

  /** Every vote, both of an equivocator's. */
  votes(): SignedVote[] {
    return [...this.#cast.values()].flatMap(({ first, second }) => (second === undefined ? [first] : [first, second]))
  }

  /** True where the block has been voted for, or lies on the way to one that has. */
  contains(hash: Hash): boolean {
    return this.#nodes.has(hash)
  }

  isEquivocator(authority: Hash): boolean {
    return this.#cast.get(authority)?.second !== undefined
  }

  /** None, one, or the two of an equivocator. */
  votesOf(authority: Hash): readonly SignedVote[] {
    const cast = this.#cast.get(authority)
    if (cast === undefined) return []
    return cast.second === undefined ? [cast.first] : [cast.first, cast.second]
  }

  /** The first vote for a block must give its number. */
  #insert(target: BlockRef): Node | undefined {
    const node = this.#nodes.get(target.hash) ?? this.#grow(target)
    if (node === undefined || (!node.voted && node.ref.number !== target.number)) return undefined
    node.voted = true
    return node
  }

  #grow(target: BlockRef): Node | undefined {
    const route = this.#route(this.#root.ref.hash, target.hash)
    if (route?.at(-1)?.number !== target.number) return undefined
    let node = this.#root
    for (const ref of route) {
      let child = this.#nodes.get(ref.hash)
      if (child === undefined) {
        child = { ref, parent: node, children: [], weight: 0, voted: false }
        node.children.push(child)
        this.#nodes.set(ref.hash, child)
      }
      node = child
    }
    return node
  }

  #shift(from: Node | undefined, weight: number): void {
    for (let node = from; node !== undefined; node = node.parent) node.weight += weight
  }
}

/** As other nodes see it, a vote with another number or signature is another vote. */
function isSame(a: SignedVote, b: SignedVote): boolean {
  return a.target.hash === b.target.hash && a.target.number === b.target.number && equalBytes(a.signature, b.signature)
}
