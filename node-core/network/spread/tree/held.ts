/**
 * Messages that came lately, kept for those who ask for them, and for each the peers who have it as far as is known.
 *
 * Bounded by number, bytes and time: the oldest goes first. A message that does not fit at all is not kept.
 */
import type { Hash } from '../../../base/bytes.ts'
import type { Clock } from '../../../base/clock.ts'
import { BOUNDS, type TreeOptions } from './options.ts'

interface Entry<Message> {
  readonly message: Message
  readonly bytes: number
  readonly at: number
  /** Open peers only. */
  readonly holders: Set<string>
  readonly served: Set<string>
}

export class Held<Message> {
  readonly #clock: Clock
  readonly #options: TreeOptions
  /** The oldest first. */
  readonly #entries = new Map<Hash, Entry<Message>>()
  #bytes = 0

  constructor(clock: Clock, options: TreeOptions) {
    this.#clock = clock
    this.#options = options
  }

  get bytes(): number {
    return this.#bytes
  }

  /** False where it is here already, or has more bytes than all may have. */
  add(id: Hash, message: Message, bytes: number): boolean {
    this.#forgetOld()
    if (this.#entries.has(id) || bytes > this.#options.holdBytes) return false
    this.#entries.set(id, { message, bytes, at: this.#clock.now(), holders: new Set(), served: new Set() })
    this.#bytes += bytes
    while (this.#bytes > this.#options.holdBytes || this.#entries.size > BOUNDS.held) this.#forgetFirst()
    return true
  }

  get(id: Hash): Message | undefined {
    this.#forgetOld()
    return this.#entries.get(id)?.message
  }

  /** Whether the message is here. */
  noteHolder(id: Hash, peer: string): boolean {
    const entry = this.#entries.get(id)
    entry?.holders.add(peer)
    return entry !== undefined
  }

  isHolder(id: Hash, peer: string): boolean {
    return this.#entries.get(id)?.holders.has(peer) === true
  }

  /** Notes that the peer gets it: true the first time, false from then on; undefined where the message is not here. */
  serve(id: Hash, peer: string): boolean | undefined {
    this.#forgetOld()
    const entry = this.#entries.get(id)
    if (entry === undefined) return undefined
    if (entry.served.has(peer)) return false
    entry.served.add(peer)
    entry.holders.add(peer)
    return true
  }

  closed(peer: string): void {
    for (const { holders, served } of this.#entries.values()) {
      holders.delete(peer)
      served.delete(peer)
    }
  }

  clear(): void {
    this.#entries.clear()
    this.#bytes = 0
  }

  #forgetOld(): void {
    const until = this.#clock.now() - this.#options.holdMs
    for (const { at } of this.#entries.values()) {
      if (at > until) break
      this.#forgetFirst()
    }
  }

  #forgetFirst(): void {
    const [id, { bytes }] = this.#entries.entries().next().value as [Hash, Entry<Message>]
    this.#entries.delete(id)
    this.#bytes -= bytes
  }
}
