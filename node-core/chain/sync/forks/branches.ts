/**
 * Announced blocks near the top, each with its unknown ancestors, fetched backwards (branch.ts) from those who told of
 * them. A branch that grows too long is a matter of the bulk download.
 */
import type { Hash } from '../../../base/bytes.ts'
import type { BlockRef } from '../../scale/block.ts'
import { Branch } from './branch.ts'
import type { SyncContext } from '../context.ts'
import { SYNC_FAULTS } from '../faults.ts'
import { DISBELIEVE_MS } from '../options.ts'
import type { SyncPeer } from '../peers/peer-table.ts'
import type { FetchedBlock, Question } from '../types.ts'

const MAX_BRANCHES = 16
/** Of blocks that only one peer has told of: it may have made them up, and must leave room for others. */
const MAX_BRANCHES_OF_ONE = 3
const BRANCH_LIMITS = { blocks: 1024, bytes: 32 * 1024 * 1024 }

export class Branches {
  readonly #context: SyncContext
  /** Hears of a branch that is too long to be fetched like this. */
  readonly #onTooLong: (tip: BlockRef, peer: SyncPeer) => void
  readonly #branches = new Map<Hash, Branch>()

  constructor(context: SyncContext, onTooLong: (tip: BlockRef, peer: SyncPeer) => void) {
    this.#context = context
    this.#onTooLong = onTooLong
  }

  get size(): number {
    return this.#branches.size
  }

  get heldBlocks(): number {
    let blocks = 0
    for (const branch of this.#branches.values()) blocks += branch.heldBlocks
    return blocks
  }

  get heldBytes(): number {
    let bytes = 0
    for (const branch of this.#branches.values()) bytes += branch.heldBytes
    return bytes
  }

  /** `peer` has `tip`. `parent`: the tip's, where its header is known already. */
  want(peer: SyncPeer, tip: BlockRef, parent: Hash | undefined, now: number): void {
    const { blocks, refused } = this.#context
    if (this.#context.isHere(tip.hash) || this.#context.obstacle(tip.hash, now) !== undefined || this.#context.isBad(tip.hash, peer.id)) return
    if (tip.number <= blocks.finalized().number || refused.isFull(peer.id)) return
    let branch = this.#branches.get(tip.hash)
    if (branch === undefined) {
      if (this.#branches.size >= MAX_BRANCHES || this.#ofOne(peer.id) >= MAX_BRANCHES_OF_ONE) return
      branch = new Branch(tip, parent, BRANCH_LIMITS)
      this.#branches.set(tip.hash, branch)
    }
    branch.peers.add(peer.id)
  }

  forgetPeer(peer: string): void {
    for (const branch of this.#branches.values()) branch.peers.delete(peer)
  }

  /** Asks for what no request is out for, and hands on what is complete. */
  fetch(now: number): void {
    const { blocks, peers, requests } = this.#context
    const finalized = blocks.finalized().number
    for (const branch of [...this.#branches.values()]) {
      // Who is not believed any more is not asked later either.
      for (const id of branch.peers) if ((peers.get(id)?.disbelievedUntil ?? 0) > now) branch.peers.delete(id)
      if (branch.isAsked) continue
      if (branch.peers.size === 0 || this.#context.isHere(branch.tip.hash) || branch.tip.number <= finalized) {
        this.#branches.delete(branch.tip.hash)
        continue
      }
      if (this.#context.isHere(branch.next.hash)) {
        this.#complete(branch)
        continue
      }
      // Another branch is about to bring it.
      if (branch.nextParent !== undefined && this.#branches.has(branch.nextParent)) continue
      const question = this.#question(branch, finalized)
      const owners = [...branch.peers].map((id) => peers.get(id)).filter((peer) => peer !== undefined && requests.mayAsk(peer.id, question, now))
      // Who was asked in vain a short while ago takes no place meanwhile.
      if (owners.length === 0 && branch.heldBlocks === 0) this.#branches.delete(branch.tip.hash)
      const peer = peers.fastestFree(owners as SyncPeer[], now)
      if (peer !== undefined) this.#ask(branch, question, peer, now)
    }
  }

  #ofOne(peer: string): number {
    let count = 0
    for (const { peers } of this.#branches.values()) if (peers.size === 1 && peers.has(peer)) count++
    return count
  }

  #question({ next, nextParent }: Branch, finalized: number): Question {
    const { blocks, options } = this.#context
    const wanted = nextParent !== undefined && this.#context.isHere(nextParent) ? 1 : Math.max(4, next.number - blocks.best().number + 4)
    const maxBlocks = Math.min(wanted, options.batch, next.number - finalized)
    return { from: next.hash, direction: 'descending', maxBlocks, body: true, justifications: true }
  }

  #ask(branch: Branch, question: Question, peer: SyncPeer, now: number): void {
    branch.isAsked = true
    const drop = (id: string): void => {
      branch.isAsked = false
      branch.peers.delete(id)
    }
    this.#context.requests.send(peer, question, { kind: 'branch', subject: branch, use: (answer, by, at) => this.#use(branch, answer, by, at), drop }, now)
  }

  #use(branch: Branch, answer: readonly FetchedBlock[], peer: SyncPeer, now: number): void {
    const { blocks, peers } = this.#context
    branch.isAsked = false
    if (this.#branches.get(branch.tip.hash) !== branch) return
    if (answer.some(({ ref }) => this.#context.isBad(ref.hash, peer.id))) {
      this.#branches.delete(branch.tip.hash)
      return peers.disbelieve(peer, now, DISBELIEVE_MS.invalid)
    }
    if (this.#leadsThroughRefused(branch, answer)) return
    switch (branch.deliver(answer, (hash) => this.#context.isHere(hash), blocks.finalized().number)) {
      case 'complete':
        return this.#complete(branch)
      case 'more':
        return
      case 'foreign':
        this.#branches.delete(branch.tip.hash)
        return this.#context.punish(peer, SYNC_FAULTS.foreign, DISBELIEVE_MS.foreign, now)
      case 'too-long':
        this.#branches.delete(branch.tip.hash)
        return this.#onTooLong(branch.tip, peer)
    }
  }

  /** What is on top of a block that does not execute here is of no use: those who hold it hold that block as well. */
  #leadsThroughRefused(branch: Branch, answer: readonly FetchedBlock[]): boolean {
    const { refused } = this.#context
    const root = answer.map(({ ref }) => refused.through(ref.hash)).find((hash) => hash !== undefined)
    if (root === undefined) return false
    this.#branches.delete(branch.tip.hash)
    for (const id of branch.peers) for (const hash of [branch.tip.hash, ...branch.ascending().map(({ ref }) => ref.hash)]) refused.heldBy(id, hash, root)
    return true
  }

  #complete(branch: Branch): void {
    this.#branches.delete(branch.tip.hash)
    this.#context.line.add(branch.ascending(), 'announced')
  }
}
