/**
 * Blocks whose slot has not come by this computer's clock. They are as good as others: the clock is a few seconds slow, or
 * theirs is fast. So they are kept, with all that follows from them, and imported when their time has come, instead of being
 * downloaded again and again.
 *
 * Nothing of such a block has been checked but its slot, so anybody can make one up: what is kept is bounded in number, in bytes,
 * for each peer, and in time. What lies too far ahead, or finds no room, is only known by its hash, and not wanted for a while.
 */
import type { Hash } from '../../../base/bytes.ts'
import { Lru } from '../../../base/lru.ts'
import type { InLine } from './import-line.ts'

const LIMITS = { blocks: 512, bytes: 16 * 1024 * 1024, perPeer: 256 }
/** A clock that is further off than this is a matter of the person at the screen. */
const HORIZON_MS = 10 * 60_000
const POSTPONED = 1024
/** Where it is not known when a block's time comes. */
const UNKNOWN_WAIT_MS = 5_000

interface Early {
  readonly entry: InLine
  readonly at: number
}

export class EarlyBlocks {
  readonly #blocks = new Map<Hash, Early>()
  /** Until when those are not wanted that could not be kept. */
  readonly #postponed = new Lru<Hash, number>(POSTPONED)
  #bytes = 0
  /** Before this none is due. */
  #firstAt = Number.POSITIVE_INFINITY
  #lookedAt = Number.NEGATIVE_INFINITY

  get blocks(): number {
    return this.#blocks.size
  }

  get bytes(): number {
    return this.#bytes
  }

  has(hash: Hash): boolean {
    return this.#blocks.has(hash)
  }

  /** Kept, or known and not wanted yet. */
  holdsBack(hash: Hash, now: number): boolean {
    return this.#blocks.has(hash) || (this.#postponed.get(hash) ?? 0) > now
  }

  /** `retryAt`: when its time comes; its children's does not come before. */
  add(entry: InLine, retryAt: number | undefined, now: number): void {
    const { ref, bytes, peer } = entry.block
    const at = retryAt ?? now + UNKNOWN_WAIT_MS
    if (this.#blocks.has(ref.hash)) return
    let ofPeer = 0
    for (const { entry: kept } of this.#blocks.values()) if (kept.block.peer === peer) ofPeer++
    const hasRoom = this.#blocks.size < LIMITS.blocks && this.#bytes + bytes <= LIMITS.bytes && ofPeer < LIMITS.perPeer
    if (at > now + HORIZON_MS || !hasRoom) {
      this.#postponed.set(ref.hash, Math.min(at, now + HORIZON_MS))
      return
    }
    this.#blocks.set(ref.hash, { entry, at })
    this.#bytes += bytes
    this.#firstAt = Math.min(this.#firstAt, at)
  }

  /** Not wanted for a while, whoever has it: it is of no use here. */
  postpone(hash: Hash, now: number): void {
    this.#postponed.set(hash, now + HORIZON_MS)
  }

  /** A block that follows from one that is held back waits with it. True where that is so. */
  addChild(entry: InLine, now: number): boolean {
    const { parentHash } = entry.block.block.header
    const at = this.#blocks.get(parentHash)?.at ?? this.#postponed.get(parentHash)
    if (at === undefined || (at <= now && !this.#blocks.has(parentHash))) return false
    this.add(entry, at, now)
    return true
  }

  /** Takes those whose time has come, parents first; all of them where the clock was set back, as the importer judges anew. */
  takeDue(now: number): InLine[] {
    const wasSetBack = now < this.#lookedAt
    this.#lookedAt = now
    if (now < this.#firstAt && !wasSetBack) return []
    const due: InLine[] = []
    this.#firstAt = Number.POSITIVE_INFINITY
    for (const [hash, { entry, at }] of this.#blocks) {
      if (at > now && !wasSetBack) {
        this.#firstAt = Math.min(this.#firstAt, at)
        continue
      }
      this.#blocks.delete(hash)
      this.#bytes -= entry.block.bytes
      due.push(entry)
    }
    return due.sort((a, b) => a.block.ref.number - b.block.ref.number)
  }
}
