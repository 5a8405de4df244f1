/** How many connections there may be: with one peer, and with all together. */
import type { Disposer } from '../../base/disposers.ts'

export interface PlaceLimits {
  readonly perPeer: number
  readonly all: number
}

export class Places {
  readonly #limits: PlaceLimits
  readonly #taken = new Map<string, number>()
  #all = 0

  constructor(limits: PlaceLimits) {
    this.#limits = limits
  }

  /** Of all peers. */
  get taken(): number {
    return this.#all
  }

  /** A place until the disposer runs; undefined where there is none. */
  take(peer: string): Disposer | undefined {
    const mine = this.#taken.get(peer) ?? 0
    if (mine >= this.#limits.perPeer || this.#all >= this.#limits.all) return undefined
    this.#taken.set(peer, mine + 1)
    this.#all++
    let isTaken = true
    return () => {
      if (!isTaken) return
      isTaken = false
      this.#all--
      const left = (this.#taken.get(peer) ?? 1) - 1
      if (left === 0) this.#taken.delete(peer)
      else this.#taken.set(peer, left)
    }
  }
}
