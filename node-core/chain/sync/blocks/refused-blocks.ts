/**
 * Blocks that this node cannot execute although their headers are right: is their sender wrong, or this node?
 *
 * Nobody who follows the chain holds a block that it did not execute itself. So who else holds it is what decides. For a while the
 * node listens who announces the block, or something on top of it, and asks the others for its header. Where two who do not belong
 * together hold it, this node suspects itself: nobody is charged, and people are told. Where only one does, it made the block up,
 * and is charged. Many liars can thus spare themselves a charge; all they get is that this node waits, as it would have without
 * them. What they can make it do is bounded: blocks, holders and executions of each.
 *
 * A suspect block is kept and executed again now and then, from memory: the fault may pass, or go with an update. What is on top of
 * it is not fetched, and peers whose chain leads through it are not asked for more, until then.
 */
import type { Hash } from '../../../base/bytes.ts'
import { Lru } from '../../../base/lru.ts'
import type { PeerFault } from '../../../network/contracts.ts'
import type { SyncBlocks } from '../chain.ts'
import { SYNC_FAULTS } from '../faults.ts'
import type { ImportLine, InLine } from './import-line.ts'
import type { SyncKnowledge } from '../peers/knowledge.ts'
import { DISBELIEVE_MS } from '../options.ts'
import type { PeerTable, SyncPeer } from '../peers/peer-table.ts'
import type { Requests } from '../peers/requests.ts'
import type { RefusedBlock } from '../types.ts'

const MAX_CASES = 16
const MAX_HOLDERS = 64
/** So many blocks of one peer may be under suspicion; it is asked for no further ones. */
const MAX_CASES_PER_PEER = 3
const DESCENDANTS = 4096
const CLOSED = 256
/** Others may still be executing the block when this node has refused it: they are asked after this time, and judged after that. */
const ASK_AFTER_MS = 3_000
const JUDGE_AFTER_MS = 15_000
const MAX_WITNESSES = 8
/** When a suspect block is executed again; the last span repeats. */
const RETRY_MS = [5_000, 30_000, 120_000, 480_000, 1_800_000] as const
/** What passes sooner is not told. */
const TOLD_AFTER_MS = 15_000
/** A chain that has gone on by so many blocks does not depend on the suspect one. */
const PASSED_BY = 5

interface Case {
  readonly entry: InLine
  readonly since: number
  /** Who holds it, each with the group that it belongs to. */
  readonly holders: Map<string, string>
  readonly asked: Set<string>
  /** Questions that are out. */
  waiting: number
  code: string
  message: string
  /** This node is the one to be suspected. */
  isOurs: boolean
  retryAt: number
  tries: number
}

/** The parts of the syncer that it works with. */
export interface RefusedBlocksContext {
  readonly blocks: Pick<SyncBlocks, 'best' | 'finalized' | 'hasBlock'>
  readonly knowledge: Pick<SyncKnowledge, 'groupOf'>
  readonly peers: PeerTable
  readonly requests: Pick<Requests, 'send'>
  readonly line: Pick<ImportLine, 'has' | 'add'>
  readonly bad: Lru<Hash, true>
  report(peer: string, fault: PeerFault): void
}

export class RefusedBlocks {
  readonly #context: RefusedBlocksContext
  readonly #cases = new Map<Hash, Case>()
  /** Blocks on top of those, by the block that they lead through. */
  readonly #descendants = new Lru<Hash, Hash>(DESCENDANTS)
  /** Judged to be made up, and by whom: a later holder may prove that wrong. */
  readonly #closed = new Lru<Hash, ReadonlyMap<string, string>>(CLOSED)

  constructor(context: RefusedBlocksContext) {
    this.#context = context
  }

  /** The block was refused by its execution. `blameless`: whoever holds it, it is this node that failed. */
  refused(entry: InLine, code: string, message: string, blameless: boolean, now: number): void {
    const { hash } = entry.block.ref
    let found = this.#cases.get(hash)
    if (found === undefined) {
      const [oldest] = this.#cases.keys()
      if (this.#cases.size >= MAX_CASES && oldest !== undefined) this.#cases.delete(oldest)
      found = { entry, since: now, holders: new Map(this.#closed.get(hash)), asked: new Set(), waiting: 0, code, message, isOurs: false, retryAt: 0, tries: 0 }
      this.#cases.set(hash, found)
      for (const { id, best } of this.#context.peers.all()) if (best.hash === hash) this.#addHolder(found, id)
    }
    found.code = code
    found.message = message
    if (blameless) found.isOurs = true
    found.retryAt = now + (RETRY_MS[Math.min(found.tries, RETRY_MS.length - 1)] as number)
    found.tries++
    this.#addHolder(found, entry.block.peer)
  }

  /** Imported after all, or of no use any more. */
  settled(hash: Hash): void {
    this.#cases.delete(hash)
  }

  /** The suspect block that `hash` is or leads through. */
  through(hash: Hash): Hash | undefined {
    if (this.#cases.has(hash)) return hash
    const root = this.#descendants.get(hash)
    return root !== undefined && this.#cases.has(root) ? root : undefined
  }

  /** `peer` holds `hash`, which leads through the suspect block `root`. */
  heldBy(peer: string, hash: Hash, root: Hash): void {
    if (hash !== root) this.#descendants.set(hash, root)
    const found = this.#cases.get(root)
    if (found !== undefined) this.#addHolder(found, peer)
  }

  /** Somebody else has a block that was judged to be made up by its only holder: it gets another hearing. */
  isHeardAgain(hash: Hash, peer: string): boolean {
    const holders = this.#closed.get(hash)
    return holders !== undefined && groupsOf(new Map([...holders, [peer, this.#context.knowledge.groupOf(peer)]])) > 1
  }

  /** So many of its blocks are under suspicion that no more are taken. */
  isFull(peer: string): boolean {
    let count = 0
    for (const { holders } of this.#cases.values()) if (holders.has(peer)) count++
    return count >= MAX_CASES_PER_PEER
  }

  tick(now: number): void {
    const { blocks, line } = this.#context
    for (const [hash, found] of [...this.#cases]) {
      const { ref, block } = found.entry.block
      if (blocks.hasBlock(hash) || ref.number <= blocks.finalized().number || !blocks.hasBlock(block.header.parentHash)) {
        this.#cases.delete(hash)
        continue
      }
      if (!found.isOurs) this.#judge(hash, found, now)
      if (this.#cases.has(hash) && now >= found.retryAt && !line.has(hash)) line.add([found.entry.block], found.entry.origin)
    }
  }

  /** What people are to know: the suspect block that holds this node up. */
  shown(now: number): RefusedBlock | undefined {
    const { blocks, peers } = this.#context
    const best = blocks.best().number
    let shown: RefusedBlock | undefined
    for (const { entry, holders, code, message, since, isOurs } of this.#cases.values()) {
      const { ref } = entry.block
      if (!isOurs || now < since + TOLD_AFTER_MS || best > ref.number + PASSED_BY) continue
      const level = peers.believed(now).filter((peer) => peer.best.number >= ref.number)
      const held = level.filter(({ id }) => holders.has(id)).length
      // A few liars beside many honest peers are no reason to alarm anybody.
      if (held === 0 || held * 2 < level.length || held <= (shown?.peers ?? 0)) continue
      shown = { ...ref, code, message, peers: held, since }
    }
    return shown
  }

  #judge(hash: Hash, found: Case, now: number): void {
    if (groupsOf(found.holders) > 1) {
      found.isOurs = true
      return
    }
    if (now < found.since + ASK_AFTER_MS) return
    const witnesses = this.#witnesses(found, now)
    for (const peer of witnesses) this.#ask(hash, found, peer, now)
    const allDenied = witnesses.length === 0 && found.asked.size > 0 && found.waiting === 0
    if (allDenied || now >= found.since + JUDGE_AFTER_MS) this.#charge(hash, found, now)
  }

  /** Who should have the block if it is good, and has not said. */
  #witnesses({ entry, holders, asked }: Case, now: number): SyncPeer[] {
    const { peers } = this.#context
    const { number } = entry.block.ref
    return peers.believed(now).filter((peer) => peer.best.number >= number && !holders.has(peer.id) && !asked.has(peer.id)).slice(0, Math.max(0, MAX_WITNESSES - asked.size))
  }

  #ask(hash: Hash, found: Case, peer: SyncPeer, now: number): void {
    const { requests } = this.#context
    found.asked.add(peer.id)
    const question = { from: hash, direction: 'ascending', maxBlocks: 1, body: false, justifications: false } as const
    const use = (answer: readonly unknown[], by: SyncPeer): void => {
      found.waiting--
      if (answer.length > 0) this.#addHolder(found, by.id)
    }
    const drop = (): void => void found.waiting--
    if (requests.send(peer, question, { kind: 'witness', subject: found, mayBeEmpty: true, use, drop }, now)) found.waiting++
  }

  #charge(hash: Hash, found: Case, now: number): void {
    const { bad, peers } = this.#context
    this.#cases.delete(hash)
    this.#closed.set(hash, found.holders)
    bad.set(hash, true)
    for (const id of found.holders.keys()) {
      this.#context.report(id, SYNC_FAULTS.invalidBlock)
      const peer = peers.get(id)
      if (peer !== undefined) peers.disbelieve(peer, now, DISBELIEVE_MS.invalid)
    }
  }

  #addHolder({ holders, entry }: Case, id: string): void {
    if (holders.size < MAX_HOLDERS && !holders.has(id)) holders.set(id, this.#context.knowledge.groupOf(id))
    const peer = this.#context.peers.get(id)
    if (peer !== undefined) peer.behind = entry.block.ref.hash
  }
}

/** How many hold a block who do not belong together. */
function groupsOf(holders: ReadonlyMap<string, string>): number {
  return new Set(holders.values()).size
}
