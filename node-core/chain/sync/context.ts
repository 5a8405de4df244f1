/**
 * What the parts of the syncer share: the chain that is here, the peers, the requests, the line before the importer, the
 * blocks that are kept from it, those known to be bad, and the actions that the event under way has led to so far.
 */
import type { Hash } from '../../base/bytes.ts'
import { Lru } from '../../base/lru.ts'
import type { PeerFault } from '../../network/contracts.ts'
import type { SyncBlocks } from './chain.ts'
import { Accusations } from './peers/accusations.ts'
import { EarlyBlocks } from './blocks/early-blocks.ts'
import { SYNC_FAULTS } from './faults.ts'
import { ImportLine } from './blocks/import-line.ts'
import type { SyncKnowledge } from './peers/knowledge.ts'
import type { SyncOptions } from './options.ts'
import { PeerTable, type SyncPeer } from './peers/peer-table.ts'
import { RefusedBlocks } from './blocks/refused-blocks.ts'
import { Requests } from './peers/requests.ts'
import type { SyncAction } from './types.ts'

const BAD_BLOCKS = 512

export class SyncContext {
  readonly blocks: SyncBlocks
  readonly options: SyncOptions
  readonly knowledge: SyncKnowledge
  readonly peers: PeerTable
  readonly requests: Requests
  readonly line: ImportLine
  readonly early = new EarlyBlocks()
  readonly refused: RefusedBlocks
  /** Wrong for anybody who looks. */
  readonly bad = new Lru<Hash, true>(BAD_BLOCKS)
  /** Nothing is asked or imported before: this node cannot do more at the moment. */
  pausedUntil = 0
  readonly accusations: Accusations
  #actions: SyncAction[] = []

  constructor(blocks: SyncBlocks, options: SyncOptions, knowledge: SyncKnowledge) {
    this.blocks = blocks
    this.options = options
    this.knowledge = knowledge
    this.peers = new PeerTable(options.perPeer)
    this.requests = new Requests(this.peers, (action) => this.act(action))
    this.line = new ImportLine(options.maxImporting)
    this.refused = new RefusedBlocks(this)
    this.accusations = new Accusations((peer) => knowledge.groupOf(peer))
  }

  act(action: SyncAction): void {
    this.#actions.push(action)
  }

  /** The actions so far, once. */
  takeActions(): SyncAction[] {
    const actions = this.#actions
    this.#actions = []
    return actions
  }

  /** Stored, on its way to the importer, or kept until its time comes. */
  isHere(hash: Hash): boolean {
    return this.blocks.hasBlock(hash) || this.line.has(hash) || this.early.has(hash)
  }

  /** Known to be bad, and by nobody who could be believed. */
  isBad(hash: Hash, peer: string): boolean {
    if (this.bad.get(hash) === undefined) return false
    if (!this.refused.isHeardAgain(hash, peer)) return true
    this.bad.delete(hash)
    return false
  }

  /** The block that keeps `hash` from being imported now: itself, or one that it leads through. */
  obstacle(hash: Hash, now: number): Hash | undefined {
    if (this.blocks.hasBlock(hash)) return undefined
    return this.early.holdsBack(hash, now) ? hash : this.refused.through(hash)
  }

  /** The peer's chain leads through a block that cannot be imported now: there is nothing to be had from it. */
  isBehindObstacle(peer: SyncPeer, now: number): boolean {
    if (peer.behind !== undefined && this.obstacle(peer.behind, now) === undefined) peer.behind = undefined
    return peer.behind !== undefined
  }

  report(peer: string, fault: PeerFault): void {
    this.act({ kind: 'report', peer, fault })
  }

  /** Tells on a peer and does not believe it for a while. */
  punish(peer: SyncPeer, fault: PeerFault, disbelieveMs: number, now: number): void {
    this.report(peer.id, fault)
    this.peers.disbelieve(peer, now, disbelieveMs)
  }

  /** Tells on a peer for a bad justification of `block`, unless it seems to be this node that is wrong. */
  accuse(peer: string, block: Hash, now: number): void {
    if (this.accusations.justification(peer, block, this.blocks.finalized().number, now)) this.report(peer, SYNC_FAULTS.badJustification)
  }
}
