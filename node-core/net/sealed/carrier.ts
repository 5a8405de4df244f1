/**
 * Carries what waits here to its recipients, and copies of this node's own messages to relays. A peer is handed what is here for it by one at a time, the oldest
 * first; what was not answered for good stays.
 */
import type { Clock } from '../../base/clock.ts'
import { errorMessage } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { StreamDoor } from '../../network/streams.ts'
import type { NodeKey } from '../../network/node-key.ts'
import { Post } from './post.ts'
import type { ShelfEntry } from './shelf.ts'
import type { Store } from './store.ts'
import type { Outcome, RequestKind } from './wire.ts'

/** Relays that are given a copy of a message. */
const COPIES = 2
/** Within it a message counts as sent just now: half of what clocks may differ. */
const JUST_NOW_MS = 60_000

/** The message is off the shelf. */
export type FinalOutcome = Extract<Outcome, 'taken' | 'known' | 'late' | 'refused'>

export interface CarrierDependencies {
  readonly door: Pick<StreamDoor, 'open' | 'connections'>
  readonly key: Pick<NodeKey, 'peerId'>
  readonly clock: Clock
  readonly logger: Logger
  readonly outbox: Store
  readonly kept: Store
  /** Who may be asked to keep a message for a recipient, the best first. */
  readonly relays: (recipient: string) => readonly string[]
  /** Ends everything. */
  readonly signal: AbortSignal
  /** Of a message of the outbox. */
  readonly onSettled: (entry: ShelfEntry, outcome: FinalOutcome) => void
}

export class Carrier {
  readonly #deps: CarrierDependencies
  /** By peer: the handing over that runs. */
  readonly #running = new Map<string, Promise<void>>()
  /** Peers for whom something came while it ran. */
  readonly #again = new Set<string>()
  /** Relays that have a copy of a message of the outbox. */
  readonly #copies = new Map<string, readonly string[]>()

  constructor(dependencies: CarrierDependencies) {
    this.#deps = dependencies
  }

  /** Hands a connected peer all that is here for it. Never rejects: what was not handed over waits. */
  handOver(peer: string): Promise<void> {
    const running = this.#running.get(peer)
    if (running !== undefined) {
      this.#again.add(peer)
      return running
    }
    const handing = this.#handUntilDone(peer)
    this.#running.set(peer, handing)
    return handing
  }

  /** Gives copies of a message of the outbox to relays, until there are enough; who has one. */
  async entrust({ id, recipient }: ShelfEntry): Promise<readonly string[]> {
    const { relays, door, key, outbox, signal, logger } = this.#deps
    let copies = this.#copies.get(id) ?? []
    for (const relay of relays(recipient)) {
      if (copies.length >= COPIES || signal.aborted) break
      if (copies.includes(relay) || relay === recipient || relay === key.peerId || door.connections(relay).length === 0) continue
      const envelope = await outbox.read(id)
      if (envelope === undefined) break
      const outcome = await this.#with(relay, (post) => post.hand({ kind: 'keep', envelope })).catch((error: unknown) => {
        logger.debug('a relay did not keep a sealed message', { peer: relay, reason: errorMessage(error) })
      })
      if (outcome !== 'taken') continue
      copies = [...copies, relay]
      // It may have been delivered meanwhile.
      if (outbox.has(id)) this.#copies.set(id, copies)
    }
    return copies
  }

  /** The message is gone. */
  forget(id: string): void {
    this.#copies.delete(id)
  }

  async #handUntilDone(peer: string): Promise<void> {
    // Whoever asks while it runs finds it in the map.
    await Promise.resolve()
    do {
      this.#again.delete(peer)
      await this.#handAll(peer).catch((error: unknown) => this.#deps.logger.debug('sealed messages were not handed over', { peer, reason: errorMessage(error) }))
    } while (this.#again.has(peer) && !this.#deps.signal.aborted)
    this.#running.delete(peer)
  }

  async #handAll(peer: string): Promise<void> {
    const { outbox, kept, door } = this.#deps
    const waiting = [outbox, kept].flatMap((store) => store.of(peer).map((entry) => ({ store, entry })))
    if (waiting.length === 0 || door.connections(peer).length === 0) return
    await this.#with(peer, async (post) => {
      for (const { store, entry } of waiting) if ((await this.#hand(post, store, entry)) === 'full') return
    })
  }

  /** What the peer answered; undefined where the message was gone. */
  async #hand(post: Post, store: Store, entry: ShelfEntry): Promise<Outcome | undefined> {
    const { outbox, clock, onSettled } = this.#deps
    const envelope = await store.read(entry.id)
    if (envelope === undefined) return undefined
    const isNew = store === outbox && entry.since > clock.now() - JUST_NOW_MS
    const kind: RequestKind = isNew ? 'deliver' : 'deliver-kept'
    let outcome = await post.hand({ kind, envelope })
    // The clocks differ too much for a new message; as one that was kept it may do.
    if (isNew && outcome === 'late') outcome = await post.hand({ kind: 'deliver-kept', envelope })
    if (!isFinal(outcome)) return outcome
    await store.remove(entry.id)
    if (store !== outbox) return outcome
    this.forget(entry.id)
    onSettled(entry, outcome)
    return outcome
  }

  async #with<T>(peer: string, task: (post: Post) => Promise<T>): Promise<T> {
    const post = await Post.open(this.#deps, peer, this.#deps.signal)
    try {
      const result = await task(post)
      await post.close()
      return result
    } catch (error) {
      post.abort(error as Error)
      throw error
    }
  }
}

function isFinal(outcome: Outcome): outcome is FinalOutcome {
  return outcome === 'taken' || outcome === 'known' || outcome === 'late' || outcome === 'refused'
}
