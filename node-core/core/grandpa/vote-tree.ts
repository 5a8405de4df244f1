/**
 * The votes of one kind in one round, laid over the block tree (Polkadot Host spec, section 6.2 "Vote Aggregation").
 *
 * A vote for a block is a vote for all its ancestors down to the round's base. Whoever voted twice differently is an equivocator
 * and counts for every block. So the weight behind a block is that of the voters for it or its descendants, plus all equivocators.
 */
import type { Hash } from '../../base/bytes.ts'
import type { BlockRef } from '../../state/types.ts'
import type { SignedVote } from './messages.ts'
import type { VoterSet } from './voter-set.ts'

interface Node {
  readonly ref: BlockRef
  readonly parent: Node | undefined
  readonly children: Node[]
  weight: number
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
    this.#root = { ref: base, parent: undefined, children: [], weight: 0 }
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
      if (cast.first.target.hash === vote.target.hash || cast.second !== undefined) return { kind: 'duplicate' }
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

  voteOf(authority: Hash): SignedVote | undefined {
    return this.#cast.get(authority)?.first
  }

  #insert(target: BlockRef): Node | undefined {
    const known = this.#nodes.get(target.hash)
    if (known !== undefined) return known.ref.number === target.number ? known : undefined
    const route = this.#route(this.#root.ref.hash, target.hash)
    if (route === undefined || route.at(-1)?.number !== target.number) return undefined
    let node = this.#root
    for (const ref of route) {
      let child = this.#nodes.get(ref.hash)
      if (child === undefined) {
        child = { ref, parent: node, children: [], weight: 0 }
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
