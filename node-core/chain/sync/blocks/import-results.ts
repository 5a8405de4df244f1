/**
 * What becomes of a block that comes back from the importer: forgotten, put back in the line, kept until its time comes, or held
 * against the peer that sent it. Whose fault a refusal is, the importer says (chain.ts).
 */
import type { BulkDownload } from './bulk-download.ts'
import type { SyncContext } from '../context.ts'
import { SYNC_FAULTS } from '../faults.ts'
import type { InLine } from './import-line.ts'
import { DISBELIEVE_MS, PAUSE_MS } from '../options.ts'
import type { Pace } from './pace.ts'
import type { ImportResult } from '../types.ts'

export class ImportResults {
  readonly #context: SyncContext
  readonly #bulk: Pick<BulkDownload, 'plan' | 'reset' | 'letGo'>
  readonly #pace: Pace

  constructor(context: SyncContext, bulk: Pick<BulkDownload, 'plan' | 'reset' | 'letGo'>, pace: Pace) {
    this.#context = context
    this.#bulk = bulk
    this.#pace = pace
  }

  take(entry: InLine, result: ImportResult, now: number): void {
    const { line } = this.#context
    switch (result.kind) {
      case 'imported':
        this.#pace.imported(now)
        return this.#onImported(entry, now)
      case 'known':
        this.#pace.rested(now)
        return this.#context.refused.settled(entry.block.ref.hash)
      case 'unknown-parent':
        return this.#onOrphan(entry, now)
      case 'failed':
        this.#context.pausedUntil = now + PAUSE_MS
        if (!line.putBack(entry)) this.#giveUp(entry)
        return
      case 'invalid':
        return this.#onRefused(entry, result, now)
    }
  }

  #onImported({ block }: InLine, now: number): void {
    const { peers, refused } = this.#context
    const peer = peers.get(block.peer)
    if (peer !== undefined) peers.proved(peer, now)
    refused.settled(block.ref.hash)
  }

  /** Its parent was refused, put back or kept; or everybody went to another fork. */
  #onOrphan(entry: InLine, now: number): void {
    const { line, early, refused } = this.#context
    const { block, ref, peer } = entry.block
    if (line.has(block.header.parentHash) && line.putBack(entry)) return
    if (early.addChild(entry, now)) return this.#isBehind(peer, ref.hash)
    const root = refused.through(block.header.parentHash)
    if (root === undefined) return this.#giveUp(entry)
    refused.heldBy(peer, ref.hash, root)
  }

  #onRefused(entry: InLine, { refusal, code, message, retryAt }: ImportResult & { kind: 'invalid' }, now: number): void {
    const { bad, early, refused } = this.#context
    const { ref, peer } = entry.block
    // The block itself is here.
    if (code === 'IMPORT_BAD_JUSTIFICATION') {
      this.#pace.imported(now)
      return this.#context.accuse(peer, ref.hash, now)
    }
    switch (refusal) {
      case 'early':
        early.add(entry, retryAt, now)
        this.#isBehind(peer, ref.hash)
        // What is above comes even later.
        if (this.#isCurrent(entry)) this.#bulk.letGo()
        return
      case 'execution':
      case 'host':
        this.#bulk.reset()
        return refused.refused(entry, code, message, refusal === 'host', now)
      case 'proven':
        bad.set(ref.hash, true)
        return this.#charge(entry, now)
      case 'delivery':
        return this.#charge(entry, now, this.#context.accusations.body(peer, ref.hash, entry.block.block.body))
      case 'obsolete':
        this.#bulk.reset()
        early.postpone(ref.hash, now)
        return this.#isBehind(peer, ref.hash)
    }
  }

  #charge({ block }: InLine, now: number, isToldOn = true): void {
    const { peers } = this.#context
    this.#bulk.reset()
    if (isToldOn) this.#context.report(block.peer, SYNC_FAULTS.invalidBlock)
    const peer = peers.get(block.peer)
    if (peer !== undefined) peers.disbelieve(peer, now, DISBELIEVE_MS.invalid)
  }

  #giveUp(entry: InLine): void {
    if (this.#isCurrent(entry)) this.#bulk.reset()
  }

  #isCurrent({ plan }: InLine): boolean {
    return plan !== undefined && plan === this.#bulk.plan
  }

  #isBehind(id: string, hash: `0x${string}`): void {
    const peer = this.#context.peers.get(id)
    if (peer !== undefined) peer.behind = hash
  }
}
