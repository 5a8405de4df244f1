/**
 * One block in a slot of ours (Polkadot Host spec, section 5.2 "Block Production").
 *
 * With a claim in hand it is made (production/block-maker.ts), sealed and imported. A block belongs to its slot: what is not sealed when
 * the slot ends is thrown away, because others would take it for late or for a fork, and the next author does not build on it.
 *
 * An authority makes no block while it does not know the chain: during a major sync, and where it shares the slots with others and none
 * of them is connected. It would build on an old block, on a fork that nobody else has. Nor before its keys have been listened for, and not at
 * all while another computer signs with them (signing/guard.ts). See {@link AuthoringHold}.
 */
import type { Hash } from '../../../../base/bytes.ts'
import type { Logger } from '../../../../base/logger.ts'
import { blake2Hash } from '../../../../crypto/hashes/hashing.ts'
import type { Block, BlockRef } from '../../../scale/block.ts'
import { encodeHeader, type Header } from '../../../scale/header.ts'
import type { StateChanges } from '../../../state/types.ts'
import { BlockMaker, type BlockMakerDependencies, type UnsealedBlock } from '../../production/block-maker.ts'
import type { AuthoringHold } from '../../types.ts'
import type { AuthoringTools } from '../engine.ts'
import type { Author, SlotClaim } from './author.ts'

export interface ProducerDependencies extends Pick<AuthoringTools, 'blocks' | 'executor' | 'importer' | 'sync' | 'clock' | 'guard' | 'made'> {
  readonly author: Author
  readonly pool: BlockMakerDependencies['pool']
  readonly logger: Logger
}

export interface ProducerOptions {
  /** Author also where no other node is connected. */
  readonly force: boolean
}

/** Share of a slot that a block may take to be made, and share of that for applying transactions; the rest is for finalizing it. */
const PROPOSAL_SHARE = 2 / 3
const FILLING_SHARE = 2 / 3

export class BlockProducer {
  readonly #dependencies: ProducerDependencies
  readonly #options: ProducerOptions
  readonly #maker: BlockMaker
  #hold: AuthoringHold | undefined
  #hasBegun = false

  constructor(dependencies: ProducerDependencies, options: ProducerOptions) {
    this.#dependencies = dependencies
    this.#options = options
    this.#maker = new BlockMaker(dependencies)
  }

  /** Why no block is made at present; undefined where nothing is in the way. Before the first slot only the guard can say. */
  get hold(): AuthoringHold | undefined {
    return this.#hasBegun ? this.#hold : this.#dependencies.guard.hold()
  }

  /** Authors in `slot` on the best block if a local key may; resolves with the new block's hash, or undefined. */
  async produce(slot: number): Promise<Hash | undefined> {
    const { author, blocks, importer, logger } = this.#dependencies
    await importer.idle()
    if (this.#isOver(slot)) {
      logger.info('skipped a slot: block import took until its end', { slot })
      return undefined
    }
    const best = blocks.best()
    const parent = blocks.header(best.hash)
    if (parent === undefined) return undefined
    this.#setHold(await this.#reasonToHold(parent, best.hash, slot), slot)
    if (this.#hold !== undefined) return undefined
    const claim = await author.claimSlot(parent, best.hash, slot)
    return claim === undefined ? undefined : this.#author(parent, best, claim)
  }

  async #author(parent: Header, best: BlockRef, claim: SlotClaim): Promise<Hash | undefined> {
    const { author, clock, guard } = this.#dependencies
    const started = clock.now()
    if (this.#isOver(claim.slot)) return this.#late(claim, started)
    const { header, body, changes } = await this.#build(parent, best, claim, started)
    if (this.#isOver(claim.slot)) return this.#late(claim, started)
    // Another's block may have come meanwhile.
    if (guard.stop !== undefined) return undefined
    const sealed = await author.seal(header, claim)
    guard.made(blake2Hash(encodeHeader(sealed)))
    if (this.#isOver(claim.slot)) return this.#late(claim, started)
    return this.#import({ header: sealed, body }, changes, claim, started)
  }

  async #reasonToHold(parent: Header, parentHash: Hash, slot: number): Promise<AuthoringHold | undefined> {
    const { author, sync, guard } = this.#dependencies
    if (guard.stop !== undefined) return guard.hold()
    if (sync.isMajorSyncing()) return { kind: 'syncing' }
    const { lastClaimed } = author
    if (lastClaimed !== undefined && slot <= lastClaimed) return { kind: 'clock-behind', untilSlot: lastClaimed + 1 }
    const offline = sync.isOffline()
    const mayBeAlone = offline && !this.#options.force
    if (!mayBeAlone && !guard.isListening) {
      guard.onSlot({ slot, offline, authorities: 1 })
      return undefined
    }
    const authorities = await author.authorityCount(parent, parentHash, slot)
    if (mayBeAlone && authorities > 1) return { kind: 'alone', authorities }
    guard.onSlot({ slot, offline, authorities })
    return guard.hold()
  }

  #setHold(hold: AuthoringHold | undefined, slot: number): void {
    const { logger } = this.#dependencies
    const isNew = hold?.kind !== this.#hold?.kind
    this.#hasBegun = true
    this.#hold = hold
    if (!isNew) return
    switch (hold?.kind) {
      case undefined:
        return logger.info('resumed block production', { slot })
      case 'syncing':
        return logger.info('paused block production: major sync', { slot })
      case 'alone':
        return logger.warn('paused block production: no other node is connected (override with --force-authoring)', { slot, authorities: hold.authorities })
      case 'listening':
        return logger.info('paused block production: listening for another computer that signs with the same keys', { slot, until: hold.untilSlot })
      case 'signed-elsewhere':
        return logger.warn('paused block production: another computer signs with the same keys', { slot })
      case 'clock-behind':
        return logger.warn('paused block production: the clock is behind the last claimed slot', { slot, until: hold.untilSlot })
    }
  }

  #build(parent: Header, parentRef: BlockRef, { slot, preDigest, inherents }: SlotClaim, started: number): Promise<UnsealedBlock> {
    return this.#maker.make({ parent, parentRef, digest: [preDigest], timestamp: this.#timestamp(slot), inherents, fillUntil: this.#fillUntil(slot, started) })
  }

  async #import(block: Block, changes: StateChanges, claim: SlotClaim, started: number): Promise<Hash | undefined> {
    const { importer, clock, logger } = this.#dependencies
    const { number } = block.header
    const outcome = await importer.importOwn(block, changes)
    if (outcome.kind === 'imported') {
      logger.info('authored a block', { number, slot: claim.slot, primary: claim.weight > 0, extrinsics: block.body.length, ms: clock.now() - started })
      return blake2Hash(encodeHeader(block.header))
    }
    const { code, message } = outcome.kind === 'invalid' ? outcome : { code: outcome.kind, message: 'the chain has moved on' }
    logger.error('own block was refused', { number, slot: claim.slot, code, reason: message })
    return undefined
  }

  /** The moment that the block bears must lie in its slot, also where we are a little early or late. */
  #timestamp(slot: number): number {
    const { author, clock } = this.#dependencies
    return Math.min(Math.max(clock.now(), slot * author.slotDuration), this.#endOf(slot) - 1)
  }

  #endOf(slot: number): number {
    return (slot + 1) * this.#dependencies.author.slotDuration
  }

  #isOver(slot: number): boolean {
    return this.#dependencies.clock.now() >= this.#endOf(slot)
  }

  /** A slot of ours stays empty: what was made of its block is thrown away. */
  #late({ slot }: SlotClaim, started: number): undefined {
    const { clock, logger } = this.#dependencies
    const end = this.#endOf(slot)
    logger.warn('missed an own slot: it ended before the block was built', { slot, begunMs: started - this.#endOf(slot - 1), lateMs: clock.now() - end })
    return undefined
  }

  /** A block that is begun late has less time, not the same time later. */
  #fillUntil(slot: number, started: number): number {
    const time = Math.min(this.#endOf(slot) - started, this.#dependencies.author.slotDuration * PROPOSAL_SHARE)
    return started + time * FILLING_SHARE
  }
}
