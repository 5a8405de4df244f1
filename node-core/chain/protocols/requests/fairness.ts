/** What is under way at the same time, bounded for all peers together and for each: for work that only some requests make. */

export interface SlotLimits {
  /** Where all peers together have so many under way, a further one is refused. */
  readonly total: number
  /** Where one peer has so many under way, its next one waits for them. (How many may wait is bounded by its streams.) */
  readonly perPeer: number
}

interface Share {
  running: number
  readonly waiting: (() => void)[]
}

export class Slots {
  readonly #limits: SlotLimits
  readonly #shares = new Map<string, Share>()
  #taken = 0

  constructor(limits: SlotLimits) {
    this.#limits = limits
  }

  /** Runs a task in a slot. Undefined where there is none, or `signal` aborted while it waited. */
  async run<T>(peer: string, signal: AbortSignal, task: () => Promise<T>): Promise<T | undefined> {
    const share = this.#shares.get(peer) ?? { running: 0, waiting: [] }
    this.#shares.set(peer, share)
    while (share.running >= this.#limits.perPeer) await new Promise<void>((resolve) => share.waiting.push(resolve))
    if (signal.aborted || this.#taken >= this.#limits.total) {
      this.#release(peer, share)
      return undefined
    }
    this.#taken++
    share.running++
    try {
      return await task()
    } finally {
      this.#taken--
      share.running--
      this.#release(peer, share)
    }
  }

  /** The peer's next one may run. */
  #release(peer: string, share: Share): void {
    const next = share.waiting.shift()
    if (next !== undefined) next()
    else if (share.running === 0 && this.#shares.get(peer) === share) this.#shares.delete(peer)
  }
}
