/** What happened while syncing, for people: the newest events, from what the syncer does and what the chain announces. */
import type { Clock } from '../../base/clock.ts'
import { Disposers } from '../../base/disposers.ts'
import { Lru } from '../../base/lru.ts'
import { RingBuffer } from '../../base/ring-buffer.ts'
import type { PeerFault } from '../../network/contracts.ts'
import type { SyncChain } from './chain.ts'
import type { SyncEvent, SyncStatus } from './types.ts'

const KEPT_EVENTS = 100
/** A peer that leaves so soon after it was charged was dropped for that. */
const DROPPED_FOR_MS = 5_000
const CHARGED_PEERS = 64
/** The same fault of the same peer is told again no sooner. */
const REPEAT_MS = 10_000

/** An event without its time. */
type Happening = SyncEvent extends infer Event ? (Event extends SyncEvent ? Omit<Event, 'at'> : never) : never

export class SyncJournal {
  readonly #clock: Clock
  readonly #events = new RingBuffer<SyncEvent>(KEPT_EVENTS)
  readonly #charged = new Lru<string, { readonly fault: string; readonly at: number }>(CHARGED_PEERS)
  readonly #subscriptions = new Disposers()
  /** The major sync under way. */
  #sync: { readonly from: number; readonly since: number } | undefined
  #stalledSince: number | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  start({ events }: Pick<SyncChain, 'events'>): void {
    this.#subscriptions.add(
      events.on('bestChanged', ({ best, retracted }) => {
        const [from] = retracted
        if (from !== undefined) this.#note({ kind: 'reorganized', from, to: best, depth: retracted.length })
      }),
    )
    this.#subscriptions.add(
      events.on('finalized', ({ head, pruned }) => {
        if (pruned.length > 0) this.#note({ kind: 'forks-ended', head, forks: pruned.length })
      }),
    )
  }

  stop(): void {
    this.#subscriptions.dispose()
    this.#sync = undefined
    this.#stalledSince = undefined
  }

  /** Oldest first. */
  events(): readonly SyncEvent[] {
    return this.#events.toArray()
  }

  /** Looks at how things are, now and then. */
  look({ state, stalled, currentBlock, highestBlock, peers }: SyncStatus): void {
    const now = this.#clock.now()
    if (state === 'major-sync' && this.#sync === undefined) {
      this.#sync = { from: currentBlock, since: now }
      this.#note({ kind: 'began', from: currentBlock, to: highestBlock })
      // Without peers nothing is known to be missing, which is not to have it.
    } else if (state === 'idle' && peers > 0 && this.#sync !== undefined) {
      const { from, since } = this.#sync
      this.#sync = undefined
      this.#note({ kind: 'caught-up', number: currentBlock, blocks: currentBlock - from, tookMs: now - since })
    }
    if (stalled !== undefined && this.#stalledSince === undefined) {
      this.#stalledSince = now - stalled.forMs
      this.#note({ kind: 'stalled', reason: stalled.reason })
    } else if (stalled === undefined && this.#stalledSince !== undefined) {
      this.#note({ kind: 'moves-again', afterMs: now - this.#stalledSince })
      this.#stalledSince = undefined
    }
  }

  charged(peer: string, { code, cost }: PeerFault): void {
    const at = this.#clock.now()
    const before = this.#charged.get(peer)
    if (before?.fault === code && at < before.at + REPEAT_MS) return
    this.#charged.set(peer, { fault: code, at })
    this.#note({ kind: 'peer-charged', peer, fault: code, cost })
  }

  /** `delivered`: the blocks that came from it. Who gave nothing and did nothing wrong leaves unnoticed. */
  left(peer: string, delivered: number): void {
    const charge = this.#charged.get(peer)
    const fault = charge !== undefined && this.#clock.now() <= charge.at + DROPPED_FOR_MS ? charge.fault : undefined
    this.#charged.delete(peer)
    if (delivered > 0 || fault !== undefined) this.#note({ kind: 'peer-left', peer, delivered, fault })
  }

  #note(event: Happening): void {
    this.#events.push({ at: this.#clock.now(), ...event })
  }
}
