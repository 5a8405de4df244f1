/** What a fetch has: the length once it is known, which leaves are wanted, verified and written, and who gave them. */
import type { Clock } from '../../../base/clock.ts'
import { NodeError } from '../../../base/errors.ts'
import type { LeafSet } from '../leaf-set.ts'
import { SpeedMeter } from '../speed.ts'
import { LEAF_BYTES } from '../tree.ts'
import { Board } from './board.ts'
import type { FetchPeer } from './fetch-peer.ts'
import { progressOf } from './progress.ts'
import type { ByteRange, FetchProgress } from './types.ts'

/** Peers of former times that are known. */
export const MAX_REMEMBERED = 1024

export class Ledger {
  readonly #clock: Clock
  readonly #range: ByteRange | undefined
  readonly #speed = new SpeedMeter()
  /** What peers gave on streams that have ended. */
  readonly #gone = new Map<string, number>()
  #board: Board | undefined
  #unwritten = 0
  #wanted = 0
  #written = 0
  #wasted = 0

  constructor(clock: Clock, range: ByteRange | undefined) {
    this.#clock = clock
    this.#range = range
  }

  /** The length of the whole file, and what is had of it; undefined until the length is proven. */
  get board(): Board | undefined {
    return this.#board
  }

  /** Leaves that are verified and not yet written. */
  get unwritten(): number {
    return this.#unwritten
  }

  /** All that is wanted is written. */
  get isComplete(): boolean {
    return this.#board !== undefined && this.#written === this.#wanted
  }

  /** The length is known. Returns why nothing can be fetched, where the wanted part is behind the end. */
  settle(length: number, had?: LeafSet): NodeError | undefined {
    const range = this.#range
    const to = Math.min(range?.to ?? length, length)
    const from = range?.from ?? 0
    this.#board = new Board(length, { had, ...(range === undefined ? {} : { wanted: { from: Math.floor(from / LEAF_BYTES), to: Math.ceil(to / LEAF_BYTES) } }) })
    this.#wanted = this.#board.wanted.count
    this.#written = this.#board.written
    if (range === undefined || from < length) return undefined
    return new NodeError('NET_RESOURCE_RANGE', `The file ends at byte ${length}; nothing of it is behind byte ${from}.`, { data: { length, from }, hint: 'Ask for a part within the file.' })
  }

  /** The peer gave `useful` bytes; these pieces are verified, and to be written. */
  onVerified(peer: FetchPeer, pieces: readonly { readonly bytes: Uint8Array }[], useful: number): void {
    const now = this.#clock.now()
    for (const { bytes } of pieces) this.#unwritten += Math.ceil(bytes.length / LEAF_BYTES)
    if (useful === 0) return
    peer.gave += useful
    peer.onUseful(now, useful)
    this.#speed.add(now, useful)
  }

  /** Bytes came that were not needed any more. */
  onWasted(bytes: number): void {
    this.#wasted += bytes
  }

  /** Verified leaves are in the file. */
  onWritten(index: number, count: number): void {
    const board = this.#board
    if (board === undefined) return
    for (let leaf = index; leaf < index + count; leaf++) if (board.had.add(leaf) && board.wanted.has(leaf)) this.#written++
    this.#unwritten -= count
  }

  /** The peer's stream is gone; what it gave is remembered. */
  onGone({ id, gave }: FetchPeer): void {
    if (gave > 0 && this.#gone.size < MAX_REMEMBERED) this.#gone.set(id, (this.#gone.get(id) ?? 0) + gave)
  }

  progress(peers: ReadonlyMap<string, FetchPeer>): FetchProgress {
    return progressOf({ peers, gone: this.#gone, board: this.#board, speed: this.#speed }, { wanted: this.#wanted, written: this.#written, wasted: this.#wasted }, this.#clock.now())
  }
}
