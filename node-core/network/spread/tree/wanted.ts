/**
 * Messages that peers offered and that did not come yet: whom to ask, when, and what to do where no answer comes.
 *
 * Each offer has a moment from which on it is worth asking: an offer in the tree is a spare for a copy that is under way to somebody else,
 * who will most likely pass it on to here; so it waits, the longer the larger the subtree. At the earliest of these moments the
 * message is asked for; where no answer comes in time the next one who offered it is asked at once, each once. When nobody
 * is left the message is forgotten, until it is offered again.
 *
 * Bounded: messages of all peers and of one, peers for one message. What is beyond a bound is not noted, and counted.
 */
import type { Hash } from '../../../base/bytes.ts'
import type { Clock } from '../../../base/clock.ts'
import type { Disposer } from '../../../base/disposers.ts'
import type { Offer } from './frames.ts'
import { BOUNDS, type TreeOptions } from './options.ts'

interface Offerer {
  readonly peer: string
  /** What is to be covered by whoever gets the message from it. */
  readonly height: number
  readonly due: number
}

interface Want {
  readonly length: number
  /** Who offered it and was not asked, in no order. */
  readonly offerers: Offerer[]
  readonly asked: Set<string>
  asking: Offerer | undefined
  timer: Disposer | undefined
}

export interface WantedDependencies {
  readonly clock: Clock
  /** Asks the peer for the message. False where the peer is gone. */
  pull(peer: string, id: Hash): boolean
  /** Buckets with peers up to this height. */
  levels(height: number): number
}

export class Wanted {
  readonly #deps: WantedDependencies
  readonly #options: TreeOptions
  readonly #wants = new Map<Hash, Want>()
  readonly #perPeer = new Map<string, number>()
  /** Offers beyond a bound. */
  unnoted = 0
  /** Times that somebody was asked and did not answer in time. */
  timeouts = 0

  constructor(dependencies: WantedDependencies, options: TreeOptions) {
    this.#deps = dependencies
    this.#options = options
  }

  get size(): number {
    return this.#wants.size
  }

  offered(peer: string, { id, length, height, rank }: Offer): void {
    let want = this.#wants.get(id)
    if (want?.asked.has(peer) === true || want?.offerers.some((each) => each.peer === peer) === true) return
    const ofPeer = this.#perPeer.get(peer) ?? 0
    if (ofPeer >= BOUNDS.wantedPerPeer || (want === undefined ? this.#wants.size >= BOUNDS.wanted : want.offerers.length >= BOUNDS.offerers)) {
      this.unnoted++
      return
    }
    if (want === undefined) this.#wants.set(id, (want = { length, offerers: [], asked: new Set(), asking: undefined, timer: undefined }))
    this.#perPeer.set(peer, ofPeer + 1)
    const waitMs = rank === 0 ? this.#options.announcedMs : rank * (this.#options.offerMs + this.#options.offerLevelMs * this.#deps.levels(height))
    want.offerers.push({ peer, height, due: this.#deps.clock.now() + waitMs })
    if (want.asking === undefined) this.#wait(id, want)
  }

  /** The message came. Returns what is to be covered where it is the answer that was asked for, and 0 otherwise. */
  came(peer: string, id: Hash): number {
    const asking = this.#wants.get(id)?.asking
    this.forget(id)
    return asking?.peer === peer ? asking.height : 0
  }

  /** The peer has it no more, or sent something else for it. */
  failed(peer: string, id: Hash): void {
    const want = this.#wants.get(id)
    if (want?.asking?.peer === peer) this.#askNext(id, want)
  }

  closed(peer: string): void {
    for (const [id, want] of this.#wants) {
      const index = want.offerers.findIndex((each) => each.peer === peer)
      if (index >= 0) this.#take(want, index)
      if (want.asking?.peer === peer) this.#askNext(id, want)
      else if (want.asking === undefined) this.#wait(id, want)
    }
  }

  forget(id: Hash): void {
    const want = this.#wants.get(id)
    if (want === undefined) return
    want.timer?.()
    while (want.offerers.length > 0) this.#take(want, 0)
    this.#wants.delete(id)
  }

  stop(): void {
    for (const id of [...this.#wants.keys()]) this.forget(id)
  }

  /** Until the earliest offer is due. */
  #wait(id: Hash, want: Want): void {
    want.timer?.()
    if (want.offerers.length === 0) return this.forget(id)
    const due = Math.min(...want.offerers.map((each) => each.due))
    want.timer = this.#deps.clock.schedule(due - this.#deps.clock.now(), () => this.#askNext(id, want))
  }

  #askNext(id: Hash, want: Want): void {
    want.timer?.()
    want.asking = undefined
    while (want.offerers.length > 0) {
      let earliest = 0
      for (const [i, { due }] of want.offerers.entries()) if (due < (want.offerers[earliest] as Offerer).due) earliest = i
      const offerer = this.#take(want, earliest)
      want.asked.add(offerer.peer)
      if (!this.#deps.pull(offerer.peer, id)) continue
      want.asking = offerer
      const waitMs = this.#options.pullMs + (1000 * want.length) / this.#options.pullBytesPerSecond
      want.timer = this.#deps.clock.schedule(waitMs, () => {
        this.timeouts++
        this.#askNext(id, want)
      })
      return
    }
    this.forget(id)
  }

  #take(want: Want, index: number): Offerer {
    const [offerer] = want.offerers.splice(index, 1) as [Offerer]
    const left = (this.#perPeer.get(offerer.peer) ?? 1) - 1
    if (left === 0) this.#perPeer.delete(offerer.peer)
    else this.#perPeer.set(offerer.peer, left)
    return offerer
  }
}
