/**
 * Who was found to offer which service, as long as that is worth something: until the peer answers that it does not have it, or no search has found it again in time.
 * Bounded; whoever is found beyond that takes the place of the one who was found longest ago.
 */
import type { Clock } from '../../base/clock.ts'
import type { Disposer } from '../../base/disposers.ts'
import { Emitter, type EventSource } from '../../base/events.ts'

/** Of all services together. */
const MAX_KNOWN = 4096

export interface ServiceEvents {
  /** A search found a peer that was not known to offer the service. */
  found: { readonly service: string; readonly peer: string; readonly addresses: readonly string[] }
  lost: { readonly service: string; readonly peer: string; readonly reason: 'refused' | 'expired' }
}

export class KnownServices {
  readonly events: EventSource<ServiceEvents>
  readonly #emitter = new Emitter<ServiceEvents>()
  readonly #clock: Clock
  readonly #ttlMs: number
  /** By service and peer, in the order in which they were found last. */
  readonly #known = new Map<string, { readonly service: string; readonly peer: string; readonly cancel: Disposer }>()

  /** `ttlMs`: from one search that finds it to the next. */
  constructor(clock: Clock, ttlMs: number) {
    this.events = this.#emitter
    this.#clock = clock
    this.#ttlMs = ttlMs
  }

  found(service: string, { peer, addresses }: { readonly peer: string; readonly addresses: readonly string[] }): void {
    const key = keyOf(service, peer)
    const known = this.#known.get(key)
    known?.cancel()
    this.#known.delete(key)
    this.#known.set(key, { service, peer, cancel: this.#clock.schedule(this.#ttlMs, () => this.#lose(key, 'expired')) })
    if (known !== undefined) return
    if (this.#known.size > MAX_KNOWN) this.#lose(this.#known.keys().next().value as string, 'expired')
    this.#emitter.emit('found', { service, peer, addresses })
  }

  /** The peer answered that it does not have the service. */
  refused(service: string, peer: string): void {
    this.#lose(keyOf(service, peer), 'refused')
  }

  /** Forgets all of it. */
  stop(): void {
    for (const { cancel } of this.#known.values()) cancel()
    this.#known.clear()
  }

  #lose(key: string, reason: ServiceEvents['lost']['reason']): void {
    const known = this.#known.get(key)
    if (known === undefined) return
    known.cancel()
    this.#known.delete(key)
    this.#emitter.emit('lost', { service: known.service, peer: known.peer, reason })
  }
}

/** Neither names nor peer ids hold a space. */
function keyOf(service: string, peer: string): string {
  return `${service} ${peer}`
}
