/**
 * Blocks of which somebody needs state and body for longer than they are kept, such as those that a client of `chainHead_v1` has pinned.
 *
 * A finalized block that is held stops the giving up of states at its height: records of its state are ended by any later block, so
 * nothing from there on may go. One that dies on a fork needs what it and its dead ancestors wrote, and the states from the finalized block on
 * from which the fork grew. Bodies: the deletion of old ones stops at the same height, and those of dead blocks stay in memory.
 *
 * Who is promised nothing does not hold, and is told that the state is given up: `archive_v1_*` and `state_*`, whose clients set the pace, and peers
 * that download a state; a stranger could keep a disk from ever being cleaned. Single runtime calls are shorter than a state is old.
 *
 * Nothing of it is on disk: pruning knows what it has not done yet (marks.ts), so after a restart it goes on as if nobody had held anything.
 */
import type { Hash } from '../../base/bytes.ts'
import type { Disposer } from '../../base/disposers.ts'
import type { BlockRef, Extrinsic } from '../scale/block.ts'
import type { Header } from '../scale/header.ts'
import type { BlockPins } from './types.ts'

export interface PinDependencies {
  readonly header: (hash: Hash) => Header | undefined
  /** Whether the state of this block is here, and not being given up just now. */
  readonly isKept: (header: Header) => boolean
  /** There may be something to give up. */
  readonly onReleased: () => void
}

interface Held {
  holders: number
  /** States of finalized blocks are needed from this height on. */
  from: number
  /** Dead blocks whose records are needed: the block and its dead ancestors. */
  needs: readonly Hash[]
  /** Of a dead block. */
  body: readonly Extrinsic[] | undefined
}

/** Bytes of extrinsics of dead blocks that are kept; a body beyond them is gone, as it is for everybody else. */
const MAX_BODY_BYTES = 64 * 1024 * 1024

const NOTHING: ReadonlySet<Hash> = new Set()

export class Pins implements BlockPins {
  readonly #dependencies: PinDependencies
  readonly #held = new Map<Hash, Held>()
  #bodyBytes = 0

  constructor(dependencies: PinDependencies) {
    this.#dependencies = dependencies
  }

  get size(): number {
    return this.#held.size
  }

  pin(hash: Hash): Disposer | undefined {
    let held = this.#held.get(hash)
    if (held === undefined) {
      const header = this.#dependencies.header(hash)
      if (header === undefined || !this.#dependencies.isKept(header)) return undefined
      held = { holders: 0, from: header.number, needs: [], body: undefined }
      this.#held.set(hash, held)
    }
    const own = held
    own.holders++
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      if (--own.holders === 0 && this.#held.get(hash) === own) this.#release(hash, own)
    }
  }

  /** The lowest height of which the finalized block must keep its state and body; Infinity where nothing is held. */
  get lowest(): number {
    let lowest = Infinity
    for (const { from } of this.#held.values()) lowest = Math.min(lowest, from)
    return lowest
  }

  /** Dead blocks whose states must stay. */
  get needed(): ReadonlySet<Hash> {
    let needed: Set<Hash> | undefined
    for (const { needs } of this.#held.values()) for (const hash of needs) (needed ??= new Set()).add(hash)
    return needed ?? NOTHING
  }

  /** The body of a dead block that is held. */
  body(hash: Hash): readonly Extrinsic[] | undefined {
    return this.#held.get(hash)?.body
  }

  /** These blocks are about to be deleted: reads the bodies of those that are held. One that does not read is no reason not to delete them. */
  async keepBodies(blocks: readonly BlockRef[], read: (hash: Hash) => Promise<readonly Extrinsic[] | undefined>): Promise<void> {
    for (const { hash } of blocks) {
      const held = this.#held.get(hash)
      if (held === undefined || held.body !== undefined) continue
      const body = await read(hash).catch(() => undefined)
      const bytes = bytesOf(body)
      if (body === undefined || this.#held.get(hash) !== held || this.#bodyBytes + bytes > MAX_BODY_BYTES) continue
      held.body = body
      this.#bodyBytes += bytes
    }
  }

  /** These blocks died, and are in nobody's tree from now on; `header` still knows them. */
  died(blocks: readonly BlockRef[], header: (hash: Hash) => Header | undefined): void {
    if (this.#held.size === 0) return
    const dead = new Set(blocks.map(({ hash }) => hash))
    for (const hash of dead) {
      const held = this.#held.get(hash)
      if (held === undefined) continue
      const needs: Hash[] = []
      for (let ancestor = hash, own = header(hash); own !== undefined && dead.has(ancestor); own = header(ancestor)) {
        needs.push(ancestor)
        held.from = own.number - 1
        ancestor = own.parentHash
      }
      held.needs = needs
    }
  }

  /** Nobody holds anything any more. */
  clear(): void {
    this.#held.clear()
    this.#bodyBytes = 0
  }

  #release(hash: Hash, { body }: Held): void {
    this.#held.delete(hash)
    this.#bodyBytes -= bytesOf(body)
    this.#dependencies.onReleased()
  }
}

function bytesOf(body: readonly Extrinsic[] | undefined): number {
  return body?.reduce((sum, extrinsic) => sum + extrinsic.length, 0) ?? 0
}
