/**
 * Limits of what is served: leaves per second of all streams together and to one peer. Streams wait in line, in the order in which they came;
 * one whose peer has had its share lets the next go first. Nobody waits where nothing is limited.
 */
import type { Clock } from '../../../base/clock.ts'
import type { Disposer } from '../../../base/disposers.ts'
import { Lru } from '../../../base/lru.ts'
import { TokenBucket, type Rate } from '../../../network/token-bucket.ts'
import { LEAF_BYTES } from '../tree.ts'
import { MAX_DATA_LEAVES } from '../wire.ts'

/** Bytes per second; 0 is no limit. Others take a peer that sends no leaf in eight seconds for silent, so less than 4 KiB is of no use. */
export interface ServeRates {
  readonly bytesPerSecond: number
  readonly peerBytesPerSecond: number
}

/** Buckets outlive the streams, so that a new stream is no new share. */
const MAX_PEERS = 1024
/** What was not used is saved for so long. */
const SAVED_SECONDS = 0.5
const SLOW_BYTES_PER_SECOND = 512 * 1024
const WAIT_MS = { least: 5, most: 1000 }

interface Waiting {
  readonly peer: string
  readonly grant: (leaves: number) => void
}

export class Pace {
  readonly #clock: Clock
  readonly #rates: () => ServeRates
  readonly #all: TokenBucket
  readonly #peers = new Lru<string, TokenBucket>(MAX_PEERS)
  #waiting: Waiting[] = []
  #timer: Disposer | undefined

  /** `rates` may change over time. */
  constructor(clock: Clock, rates: () => ServeRates) {
    this.#clock = clock
    this.#rates = rates
    this.#all = new TokenBucket(clock, () => leavesPerSecond(rates().bytesPerSecond))
  }

  /** Resolves with how many leaves may go now: 1 to `max`; a frame is short where the line is slow. With 0 where `signal` ends the wait. */
  turn(peer: string, max: number, signal: AbortSignal): Promise<number> {
    if (signal.aborted) return Promise.resolve(0)
    if (this.#waiting.length === 0) {
      const leaves = this.#take(peer, max)
      if (leaves > 0) return Promise.resolve(leaves)
    }
    return new Promise((resolve) => {
      const waiting: Waiting = {
        peer,
        grant: (leaves) => {
          signal.removeEventListener('abort', onAbort)
          resolve(leaves)
        },
      }
      const onAbort = (): void => {
        this.#waiting = this.#waiting.filter((each) => each !== waiting)
        resolve(0)
      }
      signal.addEventListener('abort', onAbort, { once: true })
      this.#waiting.push(waiting)
      this.#schedule()
    })
  }

  /** Leaves of one frame: a slow line is to carry something often enough. */
  get frameLeaves(): number {
    return this.#slowest < SLOW_BYTES_PER_SECOND ? 1 : MAX_DATA_LEAVES
  }

  get #slowest(): number {
    const { bytesPerSecond, peerBytesPerSecond } = this.#rates()
    return Math.min(bytesPerSecond || Infinity, peerBytesPerSecond || Infinity)
  }

  #take(peer: string, max: number): number {
    const { bytesPerSecond, peerBytesPerSecond } = this.#rates()
    const own = peerBytesPerSecond > 0 ? this.#bucket(peer) : undefined
    let leaves = 0
    while (leaves < max && (bytesPerSecond === 0 || this.#all.hasOne) && (own === undefined || own.hasOne)) {
      if (bytesPerSecond > 0) this.#all.take()
      own?.take()
      leaves++
    }
    return leaves
  }

  #bucket(peer: string): TokenBucket {
    let bucket = this.#peers.get(peer)
    if (bucket === undefined) this.#peers.set(peer, (bucket = new TokenBucket(this.#clock, () => leavesPerSecond(this.#rates().peerBytesPerSecond))))
    return bucket
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#waiting.length === 0) return
    const ms = Math.min(WAIT_MS.most, Math.max(WAIT_MS.least, (LEAF_BYTES * 1000) / this.#slowest))
    this.#timer = this.#clock.schedule(ms, () => {
      this.#timer = undefined
      // One leaf each: whoever came first has no more than the others.
      this.#waiting = this.#waiting.filter(({ peer, grant }) => {
        const leaves = this.#take(peer, 1)
        if (leaves > 0) grant(leaves)
        return leaves === 0
      })
      this.#schedule()
    })
  }
}

function leavesPerSecond(bytesPerSecond: number): Rate {
  const perSecond = bytesPerSecond / LEAF_BYTES
  return { perSecond, burst: Math.max(1, perSecond * SAVED_SECONDS) }
}
