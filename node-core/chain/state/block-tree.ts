/**
 * The tree of blocks that are not final yet, in memory: its root is the finalized block, its leaves are the heads of the
 * forks. Pure: it is told what happened, and says what follows from it.
 */
import type { Hash } from '../../base/bytes.ts'
import type { Header } from '../scale/header.ts'
import { StateError, unknownBlock } from './errors.ts'
import type { BlockRef } from '../scale/block.ts'

class TreeBlock implements BlockRef {
  readonly hash: Hash
  readonly number: number
  readonly header: Header
  /** Undefined at the root. */
  parent: TreeBlock | undefined
  readonly children: TreeBlock[] = []

  constructor(hash: Hash, header: Header, parent: TreeBlock | undefined) {
    this.hash = hash
    this.number = header.number
    this.header = header
    this.parent = parent
  }
}

export interface Reorganization {
  /** From the old best block down to the common ancestor (excluded): newest first. */
  readonly retracted: readonly BlockRef[]
  /** From the common ancestor (excluded) up to the new best block: oldest first. */
  readonly enacted: readonly BlockRef[]
}

export interface Finalization {
  /** Oldest first. */
  readonly finalized: readonly BlockRef[]
  /** Every block that is on none of the remaining forks. */
  readonly dead: readonly BlockRef[]
  /** Those of the dead ones that had no children. */
  readonly deadLeaves: readonly Hash[]
  /** The best block afterwards: the same where it lives, else the highest one left. */
  readonly best: BlockRef
}

export class BlockTree {
  readonly #blocks = new Map<Hash, TreeBlock>()
  readonly #leaves = new Set<TreeBlock>()
  #root: TreeBlock
  #best: TreeBlock
  /** The way from the root to the best block, both included. */
  #bestChain: TreeBlock[]

  constructor(finalized: Hash, header: Header) {
    this.#root = new TreeBlock(finalized, header, undefined)
    this.#blocks.set(finalized, this.#root)
    this.#leaves.add(this.#root)
    this.#best = this.#root
    this.#bestChain = [this.#root]
  }

  get finalized(): BlockRef {
    return refOf(this.#root)
  }

  get best(): BlockRef {
    return refOf(this.#best)
  }

  has(hash: Hash): boolean {
    return this.#blocks.has(hash)
  }

  header(hash: Hash): Header | undefined {
    return this.#blocks.get(hash)?.header
  }

  /** In the order in which they became leaves. */
  leaves(): BlockRef[] {
    return Array.from(this.#leaves, refOf)
  }

  children(hash: Hash): BlockRef[] {
    return this.#get(hash).children.map(refOf)
  }

  /** The block at this height between the finalized and the best block. */
  bestAt(number: number): Hash | undefined {
    return this.#bestChain[number - this.#root.number]?.hash
  }

  /** The block's parent must be in the tree, and the block must not be. */
  add(hash: Hash, header: Header): void {
    const parent = this.#get(header.parentHash)
    const block = new TreeBlock(hash, header, parent)
    this.#blocks.set(hash, block)
    parent.children.push(block)
    this.#leaves.delete(parent)
    this.#leaves.add(block)
  }

  /** The leaves as they would be with another block. */
  leavesWith(hash: Hash, parentHash: Hash): Hash[] {
    const leaves = Array.from(this.#leaves, (leaf) => leaf.hash).filter((leaf) => leaf !== parentHash)
    leaves.push(hash)
    return leaves
  }

  setBest(hash: Hash): Reorganization {
    const best = this.#get(hash)
    const enacted: TreeBlock[] = []
    let ancestor = best
    while (!this.#isBest(ancestor)) {
      enacted.push(ancestor)
      ancestor = ancestor.parent as TreeBlock
    }
    enacted.reverse()
    const kept = ancestor.number - this.#root.number + 1
    const retracted = this.#bestChain.splice(kept).reverse()
    this.#bestChain.push(...enacted)
    this.#best = best
    return { retracted: retracted.map(refOf), enacted: enacted.map(refOf) }
  }

  /** Both in the tree. */
  isAncestor(ancestor: Hash, descendant: Hash): boolean {
    const from = this.#get(ancestor)
    let block: TreeBlock | undefined = this.#get(descendant)
    // On the best chain, where nearly every question is about, the answer needs no walk.
    if (this.#isBest(from) && this.#isBest(block)) return from.number <= block.number
    while (block !== undefined && block.number > from.number) block = block.parent
    return block === from
  }

  /** Both in the tree: the blocks after `from` up to `to`, oldest first. */
  route(from: Hash, to: Hash): BlockRef[] {
    const start = this.#get(from)
    const route: BlockRef[] = []
    let block: TreeBlock | undefined = this.#get(to)
    for (; block !== undefined && block.number > start.number; block = block.parent) route.push(refOf(block))
    if (block !== start) throw notAnAncestor(from, to)
    return route.reverse()
  }

  /** What finalizing a block of the tree would mean; changes nothing. */
  planFinalization(hash: Hash): Finalization {
    const target = this.#get(hash)
    const finalized = this.route(this.#root.hash, hash)
    const way = new Set<Hash>(finalized.map((block) => block.hash))
    const dead: TreeBlock[] = []
    const collect = [this.#root]
    for (let block = collect.pop(); block !== undefined; block = collect.pop()) {
      if (block !== this.#root && !way.has(block.hash)) dead.push(block)
      if (block !== target) collect.push(...block.children)
    }
    const gone = new Set<TreeBlock>(dead)
    let best = this.#best
    if (!this.isAncestor(hash, best.hash)) {
      best = target
      for (const leaf of this.#leaves) if (!gone.has(leaf) && leaf.number > best.number) best = leaf
    }
    return {
      finalized,
      dead: dead.map(refOf),
      deadLeaves: dead.filter((block) => this.#leaves.has(block)).map((block) => block.hash),
      best: refOf(best),
    }
  }

  /** Does what was planned; tells how the best chain changed. */
  finalize(hash: Hash, plan: Finalization): Reorganization {
    const target = this.#get(hash)
    const change = this.setBest(plan.best.hash)
    for (const { hash: dead } of plan.dead) this.#drop(dead)
    for (const { hash: final } of plan.finalized) if (final !== hash) this.#blocks.delete(final)
    if (target !== this.#root) this.#blocks.delete(this.#root.hash)
    this.#bestChain = this.#bestChain.slice(target.number - this.#root.number)
    target.parent = undefined
    this.#root = target
    return change
  }

  #drop(hash: Hash): void {
    this.#leaves.delete(this.#get(hash))
    this.#blocks.delete(hash)
  }

  #isBest(block: TreeBlock): boolean {
    return this.#bestChain[block.number - this.#root.number] === block
  }

  #get(hash: Hash): TreeBlock {
    const block = this.#blocks.get(hash)
    if (block === undefined) throw unknownBlock(hash)
    return block
  }
}

export function notAnAncestor(from: Hash, to: Hash): StateError {
  return new StateError('STATE_NOT_AN_ANCESTOR', `block ${from} is not an ancestor of block ${to}`, { data: { from, to } })
}

function refOf(block: BlockRef): BlockRef {
  return { hash: block.hash, number: block.number }
}
